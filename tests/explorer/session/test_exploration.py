"""The exploration of a session: its search, and the branches in which an outcome is opened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import BadInput, InvariantViolation
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import Settings, parse_setting
from explorer.session import branches, exploration
from explorer.session.schedule_search import Explored
from explorer.session.session import Session
from tests.explorer.explored_by_hand import FOUND, PANICS, PICTURE, explored


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("trylock-skips")


@pytest.fixture
def trylock(scenario: Scenario) -> Session:
    session = Session(scenario.start(), scenario)
    session.explored = explored()
    return session


def opened(session: Session, text: str) -> Session:
    for _ in exploration.open_outcome(session, text):
        pass
    return session


def test_an_outcome_opens_at_its_point_of_no_return_beside_the_branch_that_passes(trylock: Session) -> None:
    history = opened(trylock, "panic").history
    assert [(one.name, one.outcome, one.fork_step) for one in history.branches[1:]] == [
        ("panic", "panic", 0),
        ("completed-instead", "completed", 64),
    ]
    assert history.branches[1].schedule.text == "taker:57,mover:8,taker:1"
    assert (history.branch.name, history.step) == ("panic", 65)
    assert history.journal.label(65) == "join the queue"
    assert trylock.lens == "explore"
    assert trylock.note.text == (
        "step 65 is the point of no return; compare compares it with completed-instead"
    )


def test_the_two_branches_differ_in_that_one_step(trylock: Session) -> None:
    history = opened(trylock, "panic").history
    assert history.shared_steps(1, 2) == 64
    assert history.journal.thread(65) == 0
    history.switch(2)
    history.seek(65)
    assert history.journal.thread(65) == 1


def test_compare_puts_the_two_branches_beside_each_other(trylock: Session) -> None:
    opened(trylock, "panic")
    branches.compare(trylock, "")
    assert trylock.note.text.startswith(
        "panic:65 and completed-instead:65 differ in 5 cells, first page 0x55"
    )
    trylock.history.switch(2)
    trylock.history.seek(66)
    branches.compare(trylock, "")
    assert trylock.note.text.startswith("completed-instead:66 and panic:66 differ in ")


@pytest.mark.parametrize("text", ["2", "panic", "panic:vm_page_alloc"])
def test_an_outcome_is_named_by_its_number_or_the_beginning_of_its_name(trylock: Session, text: str) -> None:
    assert opened(trylock, text).history.branch.name == "panic"


def test_an_outcome_that_is_open_is_shown_again(trylock: Session) -> None:
    opened(trylock, "panic").history.seek(3)
    trylock.history.switch(0)
    opened(trylock, "panic")
    assert len(trylock.history.branches) == 3
    assert (trylock.history.current, trylock.history.step) == (1, 65)


def test_an_outcome_whose_branch_was_dropped_is_opened_again(trylock: Session) -> None:
    opened(trylock, "panic")
    branches.drop(trylock, "completed-instead")
    assert trylock.beside == {}
    assert exploration.opened_here(trylock) is None
    assert opened(trylock, "panic").history.branch.name == "panic-2"


def test_without_a_point_of_no_return_only_the_schedule_is_opened(trylock: Session) -> None:
    found = replace(FOUND, outcomes=(replace(PANICS, inevitable=None),), complete=False, bound="3 states")
    trylock.explored = Explored(found, PICTURE)
    history = opened(trylock, "1").history
    assert len(history.branches) == 2
    assert (history.step, history.outcome) == (66, "panic")
    assert "at its end" in trylock.note.text


def test_a_depth_is_a_step_of_the_opened_schedule(trylock: Session) -> None:
    opened(trylock, "panic").history.switch(0)
    exploration.go_to_depth(trylock, "12")
    assert (trylock.history.current, trylock.history.step) == (1, 12)
    trylock.history.switch(2)
    exploration.go_to_depth(trylock, "9999")
    assert (trylock.history.current, trylock.history.step) == (2, 79)


def test_a_scenario_with_clock_ticks_is_run_without_them(scenario: Scenario) -> None:
    ticking = load("trylock-skips", settings=_every_tenth_step())
    session = Session(ticking.start(), ticking)
    session.explored = explored()
    history = opened(session, "panic").history
    assert (history.branch.outcome, history.total, history.step) == ("panic", 66, 65)
    assert history.branch.schedule.text == "tick:0,taker:57,mover:8,taker:1"


def _every_tenth_step() -> Settings:
    return (parse_setting("machine.steps_per_tick=10"),)


def test_a_schedule_that_ends_otherwise_than_the_search_said_is_a_bug(trylock: Session) -> None:
    wrong = replace(PANICS, outcome="deadlock")
    trylock.explored = Explored(replace(FOUND, outcomes=(wrong,)), PICTURE)
    with pytest.raises(InvariantViolation, match="ends as panic; the search said deadlock"):
        opened(trylock, "1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "3", "'3' is not an outcome that was found; there are 1 completed, 2 panic:", id="number"
        ),
        pytest.param("livelock", "'livelock' is not an outcome", id="not found"),
        pytest.param("", "'' is not an outcome", id="nothing"),
    ],
)
def test_another_word_is_not_an_outcome(trylock: Session, text: str, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        opened(trylock, text)
    assert words in str(refusal.value)


def test_there_is_nothing_to_open_before_a_search(trylock: Session) -> None:
    trylock.explored = None
    with pytest.raises(BadInput, match="nothing is explored yet"):
        opened(trylock, "1")
    with pytest.raises(BadInput, match="no outcome is open"):
        exploration.go_to_depth(trylock, "1")


def test_what_was_found_is_shown_again_without_another_search(trylock: Session) -> None:
    assert not exploration.begin(trylock, "")
    assert trylock.search is None
    assert "again searches again" in trylock.note.text


def test_a_run_without_a_scenario_cannot_be_searched(trylock: Session) -> None:
    with pytest.raises(BadInput, match="no scenario"):
        exploration.begin(Session(trylock.history), "")


# --- the search itself ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def searched(scenario: Scenario) -> Explored:
    """What a search of trylock-skips finds."""
    session = Session(scenario.start(), scenario)
    assert exploration.begin(session, "")
    assert session.search is not None
    assert session.search.wait(60)
    exploration.take(session)
    assert session.search is None
    assert session.explored is not None
    return session.explored


def test_a_search_of_a_scenario_finds_its_outcomes_and_its_picture(searched: Explored) -> None:
    found = searched.exploration
    assert (found.complete, found.states) == (True, 1508)
    assert [one.outcome for one in found.outcomes] == ["completed", "panic:vm_page_alloc"]
    counts = [states for column in searched.picture.funnel for _, states in column.counts]
    assert sum(counts) == 1508
    assert searched.picture.decisions


@pytest.mark.parametrize("number", [1, 2])
def test_each_outcome_that_was_found_opens_and_its_race_is_in_its_branch(
    scenario: Scenario, searched: Explored, number: int
) -> None:
    session = Session(scenario.start(), scenario)
    session.explored = Explored(searched.exploration, searched.picture)
    found = searched.exploration.outcomes[number - 1]
    history = opened(session, str(number)).history
    at, race = found.inevitable, found.race
    assert at is not None
    assert race is not None
    assert (history.step, history.journal.label(at.step)) == (at.step, at.action)
    assert history.programs[history.journal.thread(at.step)].name == at.thread
    for access in (race.first, race.second):
        assert history.programs[history.journal.thread(access.step)].name == access.thread
        assert history.journal.label(access.step) == access.action
    beside = session.beside[history.current]
    ends = {history.branches[n].outcome for n in (history.current, beside)}
    assert ends == {"completed", "panic"}
    assert history.shared_steps(history.current, beside) == at.step - 1


def test_a_decision_of_the_picture_is_a_step_at_which_the_threads_lead_to_different_ends(
    scenario: Scenario, searched: Explored
) -> None:
    """Of each outcome's point of no return: the step is in the tree of decisions."""
    steps = {one.step for one in searched.picture.decisions}
    at = searched.exploration.outcomes[1].inevitable
    assert at is not None
    assert at.step in steps


def test_a_bounded_search_opens_its_outcomes_without_a_point_of_no_return(scenario: Scenario) -> None:
    session = Session(scenario.start(), scenario)
    exploration.begin(session, "--states 1000")
    assert session.search is not None
    assert session.search.wait(60)
    exploration.take(session)
    assert session.note.text == "bounded (by 1,000 states): 1 outcome"
    history = opened(session, "1").history
    assert (history.outcome, session.beside) == ("completed", {})


def test_a_search_of_a_stepped_boot_opens_after_its_boot() -> None:
    """The steps of the boot are not in the graph; the branches have them."""
    booting = load("trylock-skips", settings=(parse_setting("machine.boot=stepped"),))
    session = Session(booting.start(), booting)
    exploration.begin(session, "")
    assert session.search is not None
    assert session.search.wait(60)
    exploration.take(session)
    history = opened(session, "panic").history
    assert session.explored is not None
    found = session.explored.exploration.outcomes[1]
    assert history.branch.outcome == "panic"
    assert found.inevitable is not None
    assert history.step == found.inevitable.step > 100
    assert history.journal.label(history.step) == found.inevitable.action
    assert session.explored.picture.funnel[0].depth == found.steps - 66


def test_a_schedule_that_is_longer_than_a_run_may_be_is_not_opened(scenario: Scenario) -> None:
    session = Session(scenario.start(), scenario)
    session.history.max_steps = 66
    session.explored = explored()
    with pytest.raises(BadInput, match=r"its 66 steps are more than limits.steps allows; .*limits.steps=67"):
        opened(session, "panic")
    assert len(session.history.branches) == 1


def test_a_way_beside_that_is_longer_than_a_run_may_be_is_left_out(scenario: Scenario) -> None:
    session = Session(scenario.start(), scenario)
    session.history.max_steps = 70
    session.explored = explored()
    history = opened(session, "panic").history
    assert [branch.name for branch in history.branches[1:]] == ["panic"]


SOMETIMES_WRONG = """
format = 1
title = "b's script fails unless a puts the page on a queue first"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 4
[setup]
script = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\\nvm_page_wakeup(m)"
[[object]]
name = "heap"
type = "default"
[[thread]]
name = "a"
cpu = 0
script = "x = 1\\nvm_page_deactivate(setup.m)"
[[thread]]
name = "b"
cpu = 1
script = "q = setup.m.queue\\nvm_page_queues_spin_lock(q)\\nvm_page_queues_spin_unlock(q)"
"""


@pytest.mark.parametrize(
    ("outcome", "beside", "ending"),
    [("completed", "script-error-instead", None), ("script error", "completed-instead", "completed")],
)
def test_a_script_error_is_opened_just_before_its_step(outcome: str, beside: str, ending: str | None) -> None:
    scenario = load_text(SOMETIMES_WRONG)
    session = Session(scenario.start(), scenario)
    exploration.begin(session, "")
    assert session.search is not None
    session.search.wait(60)
    exploration.take(session)
    there = exploration.opened_here(opened(session, outcome))
    assert there is not None
    assert there.beside is not None
    branch = session.history.branches[there.beside]
    assert (branch.name, branch.outcome) == (beside, ending)
    session.history.switch(there.beside)
    assert session.history.total >= there.step
