"""Pages found by number, by address, by object and pindex, and by a condition."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from engine.errors import BadInput
from explorer.session.find_page import find, show_match, turn_match
from explorer.session.session import Session

PAGE = 0xC03
"""The page in life-of-a-page: page 0 of heap from step 19, on ACTIVE from step 41."""


@pytest.fixture
def active(life: Session) -> Session:
    """Step 41: the page has joined the active queue."""
    life.history.extend(41)
    return life


@pytest.mark.parametrize(
    "text",
    [
        "0xc03",
        "3,075",
        " 3075 ",
        "pa 0xc03000",
        "pa 0xc03fff",
        "heap 0",
        "heap[0]",
        "app.m",
        "queue_of(p) == PQ_ACTIVE",
    ],
)
def test_one_page_has_many_names(active: Session, text: str) -> None:
    find(active, text)
    assert active.pinned is not None
    assert active.vm.page_number(active.pinned) == PAGE


def test_a_match_is_reported_with_its_number(active: Session) -> None:
    find(active, "heap 0")
    assert active.note.text == "page 0xc03 is at pindex 0 of heap; Esc follows the steps again"
    find(active, "p.act_count == ACT_INIT")
    assert active.note.text == "page 0xc03, 1 of 1 with p.act_count == ACT_INIT; , . show others"


def test_several_matches_are_in_order_and_wrap_at_both_ends(life: Session) -> None:
    find(life, "queue_of(p) == PQ_FREE and p.pc == 0")
    page = life.vm.page
    there = [m for m in range(life.vm.vm_page_array_size) if page.queue[m] == 1 and page.pc[m] == 0]
    assert life.matches == tuple(there)
    assert len(there) == 3
    seen = []
    for by in (1, 1, 1, -1):
        turn_match(life, by)
        seen.append(life.pinned)
    assert seen == [there[1], there[2], there[0], there[2]]
    assert ", 3 of 3 with " in life.note.text
    show_match(life, -3)
    assert life.pinned == there[0]


def test_a_page_for_which_the_condition_fails_to_evaluate_is_skipped(active: Session) -> None:
    find(active, "100 // p.act_count == 20")  # every other page's act_count is 0
    assert [active.vm.page_number(m) for m in active.matches] == [PAGE]
    with pytest.raises(BadInput, match="division by zero"):
        find(active, "100 // p.act_count == 21")


def test_a_search_does_not_change_the_memory(active: Session) -> None:
    before = active.vm.memory.digest()
    find(active, "p.wire_count > 0")
    with pytest.raises(BadInput):
        find(active, "p.next.flags == 1234")
    assert active.vm.memory.digest() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("heap 5", "heap has no page at pindex 5 at step 41"),
        ("heap x", "'x' is not a pindex"),
        ("pa nine", "'nine' is not an address"),
        ("0xffffff", "there is no page 0xffffff"),
        ("p.act_count == 99", "no page matches p.act_count == 99 at step 41"),
        ("count(ACTIVE) == 1", "does not name a page; use a page number"),
        ("nothing 3", "cannot read this"),
        ("", "cannot read this"),
    ],
)
def test_a_failed_search_is_refused_and_the_inspector_keeps_its_page(
    active: Session, text: str, message: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        find(active, text)
    assert message in refusal.value.message
    assert active.pinned is None
    assert active.page == active.vm.page_index(PAGE) != NULL


def test_before_a_search_there_is_no_next_match(life: Session) -> None:
    with pytest.raises(BadInput, match="no search yet"):
        turn_match(life, 1)
