"""Two moments on the map: the marked colours are exactly those whose queues or pages differ."""

from __future__ import annotations

import pytest

from engine.constants import BASE_NAMES, PQ_NONE
from engine.run.schedule import parse_schedule
from engine.scenario.loader import load
from explorer.commands.table import parse
from explorer.session import branches, running
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.map_cells import cell_codes, glyph
from explorer.tui.widgets.queue_map import QueueMap


@pytest.fixture
def session() -> Session:
    """The life of a page, and a branch from step 30."""
    scenario = load("life-of-a-page")
    session = Session(scenario.start(), scenario)
    for _ in running.run(session):
        pass
    session.history.seek(30)
    session.history.fork(parse_schedule("random:5"), "other")
    session.history.extend(25)
    return session


def places(session: Session, branch: int, step: int) -> dict[tuple[str, int], list[int]]:
    """The pages at a moment, by type and colour."""
    history, vm = session.history, session.vm
    here = history.current, history.step
    history.switch(branch)
    history.seek(step)
    found: dict[tuple[str, int], list[int]] = {}
    names = BASE_NAMES
    for m in range(vm.vm_page_array_size):
        q, color = vm.page.queue[m], vm.page.pc[m]
        name = "NONE" if q == PQ_NONE else names[q - color]
        found.setdefault((name, color), []).append(m)
    history.switch(here[0])
    history.seek(here[1])
    return found


def test_every_queue_with_other_pages_is_marked(session: Session) -> None:
    branches.compare(session, "1:50 0:100")
    left, right = places(session, 1, 50), places(session, 0, 100)
    moved = {place for place in {*left, *right} if left.get(place) != right.get(place)}
    marked = {(name, color) for name, colors in session.differing.items() for color in colors}
    assert len(moved) >= 2
    assert moved <= marked
    assert len(marked) < 12


def test_a_moment_differs_from_itself_nowhere(session: Session) -> None:
    branches.compare(session, "1:40 1:40")
    assert session.differing == {}


async def test_the_map_marks_them_while_they_are_compared(session: Session) -> None:
    session.centre = "map"
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        assert isinstance(pilot.app.screen, MainScreen)
        pilot.app.screen.do(*parse("compare 1:50 0:100"))
        await pilot.pause()
        panel = next(part for part in pilot.app.screen.query(QueueMap) if part.row and part.row.differs)
        row = panel.row
        assert row is not None
        assert row.differs == session.differing[row.name]
        codes = cell_codes(row, row.counts.size)
        assert {glyph(int(codes[color])) for color in row.differs} == {"≠"}
        await pilot.press("v")
        await pilot.pause()
        assert all(part.row is None or not part.row.differs for part in pilot.app.screen.query(QueueMap))


def test_pages_that_differ_in_more_than_a_link_are_known(session: Session) -> None:
    before = session.history.step
    branches.compare(session, "main:30")
    found = session.pages_that_differ
    assert session.compared is not None
    names: dict[int, set[str]] = {}
    for difference in session.compared[2]:
        place, m = session.vm.memory.place_of(difference.address)
        if place.table == "page":
            names.setdefault(m, set()).add(place.name)
    assert before == session.history.step
    assert found == {m for m, fields in names.items() if fields - {"next", "prev", "spin"}}
    assert found
    session.lens = "log"
    assert session.pages_that_differ == frozenset()
