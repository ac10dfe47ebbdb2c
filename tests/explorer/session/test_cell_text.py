"""A field of the page that a variable holds can be typed as a cell."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session import stops
from explorer.session.cell_text import cell_text
from explorer.session.session import Session


def test_a_field_of_a_variables_page_is_the_cell_of_that_page(life: Session) -> None:
    life.history.extend(41)
    assert cell_text(life.history, life.names, "app.m.queue") == "page[0xc03].queue"
    assert (
        cell_text(life.history, life.names, "app.m.queue if app.m.wire_count")
        == "page[0xc03].queue if app.m.wire_count"
    )
    for text in (
        "page[0xc03].queue",
        "thread[app].state",
        "app.x",
        "object[heap].flags",
        "vmstats.v_free_count",
    ):
        assert cell_text(life.history, life.names, text) == text


def test_a_variable_without_a_page_is_refused(life: Session) -> None:
    with pytest.raises(BadInput, match=r"app\.m is not a page at step 0"):
        cell_text(life.history, life.names, "app.m.queue")


def test_why_and_watch_take_it(life: Session) -> None:
    life.history.extend(41)
    stops.ask_why(life, "app.m.queue")
    assert life.note.text == "why page[0xc03].queue has its value"
    stops.add_watch(life, "app.m.busy_count")
    assert life.stops[0].text == "page[0xc03].busy_count"


@pytest.mark.parametrize("name", ["heap[0]", "heap.page[0]", "object[heap].page[0]"])
def test_a_page_by_its_object_and_index_is_named_as_on_its_tile(life: Session, name: str) -> None:
    life.history.extend(41)
    assert cell_text(life.history, life.names, f"{name}.queue all") == "page[0xc03].queue all"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("app.m", r"app\.m is a page; name a field of it, as in app\.m\.queue"),
        ("heap[0]", r"heap\[0\] is a page; name a field of it, as in heap\[0\]\.queue"),
        ("heap[0].nothing", "'nothing' is not a field of page; use one of queue"),
        ("heap[7].queue", r"heap\[7\] is not a page at step 41"),
    ],
)
def test_a_page_without_a_field_is_refused_with_an_example(life: Session, text: str, words: str) -> None:
    life.history.extend(41)
    with pytest.raises(BadInput, match=words):
        cell_text(life.history, life.names, text)
