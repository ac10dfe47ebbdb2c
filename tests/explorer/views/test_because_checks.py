"""A check says its answer, and the answer is what the run then does."""

from __future__ import annotations

import pytest

from engine.debug.decisions import decision_after
from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import Action, source_of_function
from engine.scenario.loader import load
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.because_checks import YES_IF
from explorer.views.sentence import REASONS, step_sentence
from tests.explorer.views.steps_walked import Claim, all_walked, goes_to, is_said_exactly_if


def checks() -> dict[str, Action]:
    """The actions of the kernel that announce a check whether something is so."""
    return {
        f"{name}#{action.number}": action
        for name, function in kernel_functions().items()
        if name == function.__name__ and (source := source_of_function(function)) is not None
        for action in source.actions
        if action.text.startswith(("check whether", "check that"))
    }


WITHOUT = {"vm_pageout_page_stats#2"}
"""Checks that say no answer: the quota that is chosen is not known before the next step."""


def test_every_check_has_a_reason() -> None:
    assert len(checks()) > 80
    assert checks().keys() - REASONS.keys() == WITHOUT


def test_every_answer_by_the_source_has_a_condition() -> None:
    for key in YES_IF:
        name, number = key.split("#")
        function = kernel_functions()[name]
        source = source_of_function(function)
        assert source is not None
        assert decision_after(function.__code__, source.actions[int(number) - 1].line) is not None, key


def test_the_checks_of_a_run_say_yes_or_no() -> None:
    loaded = load("swap-in-race")
    session = Session(loaded.start(), loaded)
    while session.history.total < 150 and stepping.step(session):
        pass
    said = {
        step_sentence(session.history, session.labels, session.calls, step)
        for step in range(1, session.history.total + 1)
    }
    assert {text.removeprefix("first ") for text in said if text.startswith("first checks")} == {
        "checks that the object is not dead: it is not",
        "checks whether page 0x40 belongs in the hash: no",
        "checks whether page 0x40 is valid already: no, valid is 00",
        "checks whether the layer is marked for the exclusive token: yes",
        "checks whether the object has a pager: yes",
        "checks whether the read succeeded: yes",
        "checks whether to read the next block too: no, one read takes at most 1 page",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "phrase", "claim"),
    [
        ("_relieve_shortage#1", ": yes", goes_to("_relieve_shortage#2")),
        ("_relieve_shortage#2", ": yes", goes_to("vm_req_vmdaemon#1")),
        ("_ask_pager#1", ": yes", goes_to("vm_pager_get_page#1")),
        ("_look_again#1", ": no", goes_to("_look_again#2")),
        ("_write_succeeded#3", ": no", goes_to("vm_page_io_finish#1")),
        ("vm_page_hash_enter#1", ": yes", goes_to("vm_page_hash_enter#2")),
        ("vm_page_hash_get#2", "they match", goes_to("vm_page_hash_get#3")),
        ("vm_page_test_dirty#1", ": yes", goes_to("vm_page_dirty#1")),
        ("vm_page_try_to_cache#1", ": no", goes_to("vm_page_wakeup#1")),
        ("vm_page_try_to_free#1", ": no", goes_to("vm_page_wakeup#1")),
        ("_idle#2", "starts a pass", goes_to("_idle#3")),
        ("biodone#1", "there is one", goes_to("swap_read_done#1", "swap_write_done#1")),
        ("biodone#1", "so it sleeps", lambda step: step.asleep),
    ],
)
def test_an_answer_says_what_the_thread_then_does(key: str, phrase: str, claim: Claim) -> None:
    is_said_exactly_if(key, phrase, claim)


@pytest.mark.slow
def test_no_check_of_the_walks_is_left_without_an_answer() -> None:
    asked = [step for step in all_walked() if step.key in checks() and step.key not in WITHOUT]
    assert len(asked) > 200
    assert [
        step.said for step in asked if ":" not in step.said and not step.said.startswith(("finds", "may"))
    ] == []
