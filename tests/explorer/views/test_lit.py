"""What a page of the lesson lights: panels, tiles with their fields, lanes, and the values of cells."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from explorer.session.session import Session
from explorer.views.lit import NOTHING, Lit, lit_by
from explorer.views.values import watched


def lit(session: Session, *cells: str, panels: tuple[str, ...] = ()) -> Lit:
    return lit_by(session.labels, panels, [watched(cell, session.names) for cell in cells])


@pytest.fixture
def taken(life: Session) -> Session:
    life.history.extend(24)
    assert life.vm.variable.value[0] != NULL
    return life


def test_a_field_lights_its_page_and_its_line(taken: Session) -> None:
    m = taken.page
    found = lit(taken, "app.m.busy_count", "page[app.m].queue", panels=("threads",))
    assert found.pages == {m: {"busy_count", "queue"}}
    assert found.panels == {"threads"}
    assert found.values == (("app.m.busy_count", "LOCKED"), ("page[app.m].queue", "NONE"))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1024 * app.m.wire_count + 4096", "4,096"),
        ("app.m.phys_addr", "12,595,200 (0xc03000)"),
    ],
)  # fmt: skip
def test_only_addresses_are_in_hexadecimal_too(taken: Session, cell: str, words: str) -> None:
    assert [value for _, value in lit(taken, cell).values] == [words]


def test_a_page_lights_its_tile(taken: Session) -> None:
    assert lit(taken, "app.m").pages == {taken.page: frozenset()}


@pytest.mark.parametrize(
    ("cell", "lanes"),
    [
        ("queue[FREE, 3].lcnt", {"FREE"}),
        ("queue[ACTIVE, 0].spin", {"ACTIVE"}),
        ("global.bl_free", {"RESERVE"}),
        ("vmstats.v_free_count", set()),
        ("thread[app].state", set()),
    ],
)
def test_a_cell_of_a_queue_lights_its_lane(taken: Session, cell: str, lanes: set[str]) -> None:
    found = lit(taken, cell)
    assert found.lanes == lanes
    assert [text for text, _ in found.values] == [cell]


def test_a_cell_without_a_value_is_left_out(life: Session) -> None:
    assert lit(life, "app.m.queue") == NOTHING


def test_only_an_open_lesson_lights_anything(taken: Session) -> None:
    assert taken.lit.pages == {taken.page: {"busy_count", "queue"}}
    taken.reading.open = False
    assert taken.lit == NOTHING
    taken.reading.open = True
    taken.history.seek(0)
    assert taken.lit == NOTHING
