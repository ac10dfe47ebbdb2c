"""The why of a bad end opens by itself, once each time the end is reached, and leaves with it."""

from __future__ import annotations

import pytest

from engine.language.naming import name_of
from engine.scenario.loader import load, load_text
from explorer.lenses import why
from explorer.session import branches, stepping, stops
from explorer.session.ending import condition_asked, follow_end
from explorer.session.session import Session

PANIC = """
format = 1
title = "A wired page is freed"
[machine]
memory = "4 MiB"
[[thread]]
name = "app"
script = '''
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
vm_page_wire(m)
vm_page_free(m)
'''
"""


@pytest.fixture
def panicked() -> Session:
    scenario = load_text(PANIC)
    history = scenario.start()
    scenario.run(history)
    session = Session(history, scenario)
    session.look_through("stats")
    return session


def test_it_opens_once_at_the_end_about_the_condition(panicked: Session) -> None:
    assert follow_end(panicked)
    assert panicked.lens == "why"
    assert panicked.asked == panicked.vm.memory.address("page.wire_count", panicked.page)
    assert not follow_end(panicked)


def test_going_back_shows_the_lens_from_before_and_the_end_opens_it_again(panicked: Session) -> None:
    follow_end(panicked)
    stepping.back(panicked)
    assert not follow_end(panicked)
    assert (panicked.lens, panicked.asked) == ("stats", None)
    stepping.step(panicked)
    assert follow_end(panicked)
    assert panicked.lens == "why"


def test_it_closes_once_and_stays_closed_at_this_end(panicked: Session) -> None:
    follow_end(panicked)
    assert panicked.close_reason()
    assert (panicked.lens, panicked.asked) == ("stats", None)
    assert not panicked.close_reason()
    assert not follow_end(panicked)
    assert panicked.lens == "stats"


def test_a_lens_that_the_user_chose_at_the_end_stays(panicked: Session) -> None:
    follow_end(panicked)
    panicked.look_through("life")
    stepping.back(panicked)
    follow_end(panicked)
    assert panicked.lens == "life"


def test_another_branch_is_another_end(panicked: Session) -> None:
    follow_end(panicked)
    panicked.history.seek(3)
    branches.fork(panicked, "other")
    follow_end(panicked)
    assert panicked.lens == "stats"


@pytest.mark.parametrize(
    ("name", "cell", "bits", "step"),
    [
        ("usage-pattern-fault-race", "object[heap].page[0]", "", 2891),
        ("usage-pattern-pageout-scan", "page[0x55].busy_count", "without LOCKED", 21),
        ("lock-order-reversal", "queue[CACHE,0].spin", "", 9),
        ("lost-wakeup", "page[0x40].busy_count", "without WANTED", 8),
    ],
)
def test_why_without_a_cell_keeps_the_condition_until_a_field_is_chosen(
    name: str, cell: str, bits: str, step: int
) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    session = Session(history, scenario)
    assert follow_end(session)
    opened = why.look(session)
    for _ in range(2):
        stops.ask_why(session, "")
        assert session.asked is not None
        assert name_of(session.vm, session.asked, session.names) == cell
        assert why.look(session) == opened
    assert (opened.bits, opened.causes[0].step) == (bits, step)
    stops.ask_why(session, cell)
    assert why.look(session).bits == ""
    session.follow()
    assert why.look(session) == opened
    stops.turn_field(session, 1)
    assert condition_asked(session) is None
    stops.ask_why(session, "")
    assert name_of(session.vm, session.asked or 0) != cell


def test_another_page_that_is_pinned_is_asked_about_instead(panicked: Session) -> None:
    follow_end(panicked)
    panicked.pin(panicked.page)
    assert condition_asked(panicked) is not None
    panicked.pin(panicked.page + 1)
    assert condition_asked(panicked) is None
    stops.ask_why(panicked, "")
    assert panicked.asked == panicked.vm.memory.address("page.queue", panicked.page)


@pytest.mark.parametrize(
    ("name", "lens"),
    [("lost-wakeup", "why"), ("lock-order-reversal", "why"), ("life-of-a-page", "log")],
)
def test_the_library_opens_what_its_ends_are_about(name: str, lens: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    session = Session(history, scenario)
    assert follow_end(session) == (lens != "log")
    assert session.lens == lens


def test_a_wait_for_memory_opens_the_waits(monkeypatch: pytest.MonkeyPatch, panicked: Session) -> None:
    monkeypatch.setattr(panicked.history.branch, "outcome", "blocked")
    monkeypatch.setattr(panicked.history.branch, "finding", None)
    assert follow_end(panicked)
    assert panicked.lens == "waits"
