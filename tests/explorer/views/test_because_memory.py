"""What a sentence says of an allocation or a wait is what the run does, under both rule sets."""

from __future__ import annotations

import re

import pytest

from engine.scenario.loader import load_text
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.because_memory import REASONS
from explorer.views.sentence import step_sentence
from tests.explorer.views.steps_walked import (
    RULES,
    Claim,
    all_walked,
    enters,
    goes_to,
    is_said_exactly_if,
    key_of,
    with_key,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "phrase", "claim"),
    [
        (
            "_select_page#1",
            "may take",
            lambda step: bool({"_vm_page_list_find", "_vm_page_list_find2"} & {*step.stack}),
        ),
        (
            "_select_page#1",
            "may not take",
            goes_to("_select_page#2", "_select_cache_unless_preempting#1"),
        ),
        ("_vm_page_list_find2#1", "it is empty", goes_to("_vm_page_list_find2#3")),
        ("_vm_page_list_find#1", "it is empty", goes_to("_vm_page_list_find_wide#1")),
        ("_search_window#1", "it is empty", lambda step: step.coming != "vm_page_queues_spin_lock#1"),
        ("_free_cache_page#2", "has to unmap", enters("vm_page_protect")),
        ("vm_page_select_cache#1", "reuses", enters("_accept_cache_page")),
        ("vm_page_select_cache#1", "rejects", enters("_reject")),
        ("pagedaemon_wakeup#1", "has to wake", goes_to("wakeup#1")),
        (
            "vm_page_free_wakeup#1",
            "has to wake",
            lambda step: step.coming == "wakeup#1" and "vm_page_free_wakeup" in step.stack,
        ),
        (
            "vm_page_free_wakeup#2",
            "has to wake",
            lambda step: step.coming == "wakeup#1" and "vm_page_free_wakeup" in step.stack,
        ),
        ("_sleep_for_memory#1", "asks", goes_to("wakeup#1")),
        ("vm_wait#1", "has to wait", goes_to("_sleep_for_memory#1", "tsleep#1")),
        ("vm_wait_pfault#1", "may have to wait", goes_to("lwkt_gettoken#1")),
        ("vm_wait_pfault#2", "has to wait", goes_to("vm_wait_pfault#3")),
        ("vm_wait_pfault#3", "sleeps next", goes_to("_sleep_for_memory#1")),
        ("vm_wait_pfault#4", "tries again", goes_to("vm_wait_pfault#2")),
        ("vm_wait_nominal#1", "has to wait", enters("vm_wait")),
    ],
)
def test_a_sentence_says_what_the_thread_then_does(key: str, phrase: str, claim: Claim) -> None:
    is_said_exactly_if(key, phrase, claim)


@pytest.mark.slow
def test_the_colour_that_was_said_is_the_one_that_is_searched() -> None:
    colors = set()
    for step in with_key("vm_page_alloc#1"):
        color = int(step.said.split(":")[0].removeprefix("takes colour "))
        assert step.coming == "_select_page#1"
        assert step.inner["index"] == color
        colors.add(color)
    assert len(colors) > 5


@pytest.mark.slow
def test_the_offset_is_the_distance_from_the_cpus_first_colour_to_the_chosen_one() -> None:
    added = 0
    for step in with_key("vm_page_alloc#1"):
        parts = re.match(
            r"takes colour (\d+): cpu \d+'s colours start at (\d+), and .* adds (\d+)$", step.said
        )
        if parts is not None:
            color, first, offset = map(int, parts.groups())
            assert color == first + offset
            added += 1
    assert added > 5


@pytest.mark.slow
def test_every_reason_is_walked_or_listed() -> None:
    taken = {step.key for step in all_walked()}
    assert REASONS.keys() - taken == {"vm_page_select_free_or_cache#1"}


# --- the class of a request, and limits, at the numbers themselves ----------------------------------------

_SHORT = """
format = 1
title = "An allocation below the reserve"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[machine.thresholds]
v_free_reserved = 100_000
v_interrupt_free_min = {interrupt}
v_free_min = {minimum}
v_free_target = 0
v_cache_min = 0
v_free_severe = {severe}
[[thread]]
name = "app"
script = '''
{line}
'''
"""


def first_said(key: str, line: str, rules: str, interrupt: int = 3, minimum: int = 0, severe: int = 0) -> str:
    """The sentence of the first step that takes an action, in a run of one line."""
    text = _SHORT.format(line=line, interrupt=interrupt, minimum=minimum, severe=severe)
    scenario = load_text(text, rules=rules)
    session = Session(scenario.start(), scenario)
    while stepping.step(session):
        step = session.history.step
        stack = session.calls.stack_with_values(session.history, step)
        if stack and key_of(stack) == key:
            said = step_sentence(session.history, session.labels, session.calls, step)
            return re.sub(r"(?<![\d,])\d{3}(?![\d,])", "FREE", said)
    raise AssertionError(f"{key} is not taken")


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(
    ("request_", "interrupt", "said"),
    [
        (
            "VM_ALLOC_NORMAL",
            3,
            "app may not take a free page: HAVE",
        ),
        (
            "VM_ALLOC_SYSTEM",
            3,
            "app may take a free page, though few are left, as a system request while none is cached "
            "and more than 3 are free: HAVE",
        ),
        (
            "VM_ALLOC_SYSTEM",
            5_000,
            "app may not take a free page: HAVE, and its limit is 5,000",
        ),
        (
            "VM_ALLOC_INTERRUPT",
            3,
            "app may take a free page, though few are left, as an interrupt's request: HAVE",
        ),
    ],
)
def test_the_class_of_a_request_decides_over_the_reserve(
    rules: str, request_: str, interrupt: int, said: str
) -> None:
    line = f"m = vm_page_alloc(NULL, 0, {request_})"
    have = "cpu 0 counts FREE free pages, v_free_reserved is 100,000"
    assert first_said("_select_page#1", line, rules, interrupt) == said.replace("HAVE", have)


@pytest.mark.parametrize("rules", RULES)
def test_a_failed_allocation_says_that_no_cached_page_was_usable(rules: str) -> None:
    said = first_said("_select_page#2", "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)", rules)
    assert said == "app gives up: no cached page can be reused either; vm_pageout_deficit 0 to 1"
    said = first_said("_select_page#2", "m = vm_page_alloc(NULL, 0, VM_ALLOC_SYSTEM)", rules, 5_000)
    assert said == (
        "app gives up: a request of its class may not take a cached page; vm_pageout_deficit 0 to 1"
    )


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("source", "app has to wait: cpu 0 counts FREE free pages, below v_free_reserved 100,000"),
        ("document", "app has to wait: cpu 0 counts FREE free pages, below v_free_reserved 100,000"),
    ],
)
def test_below_the_reserve_free_pages_alone_decide(rules: str, said: str) -> None:
    assert first_said("vm_wait#1", "vm_wait(0)", rules) == said


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("source", "app has to wait: cpu 0 counts FREE free pages, below v_free_severe (6,000)"),
        ("document", "app has to wait: cpu 0 counts FREE free pages, below nice 0's limit (5,000)"),
    ],
)
def test_a_fault_waits_by_the_limit_of_the_rules(rules: str, said: str) -> None:
    found = first_said("vm_wait_pfault#2", "vm_wait_pfault()", rules, minimum=5_000, severe=6_000)
    assert found == said
