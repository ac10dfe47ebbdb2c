"""What a sentence says of a page is what the run does: each reason against the thread's next step."""

from __future__ import annotations

import re

import pytest

from explorer.views import because_busy, because_locks, because_pages
from tests.explorer.views.steps_walked import Claim, all_walked, enters, goes_to, is_said_exactly_if


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "phrase", "claim"),
    [
        (
            "vm_page_unwire#2",
            "activated",
            lambda step: bool({"vm_page_activate", "vm_page_deactivate"} & {*step.stack}),
        ),
        ("vm_page_unwire#2", "so it is activated", enters("vm_page_activate")),
        ("vm_page_unwire#2", "so it is deactivated", enters("vm_page_deactivate")),
        ("vm_page_unhold#3", "it has to become free", goes_to("vm_page_spin_lock#1")),
        ("vm_page_unhold#4", "moves", goes_to("_vm_page_queue_spin_lock#1")),
        (
            "vm_page_spin_trylock#1",
            "skips",
            goes_to("vm_page_spin_trylock#1", "vm_page_queues_spin_unlock#1"),
        ),
        (
            "_vm_page_queue_spin_lock#1",
            "on no queue",
            lambda step: "_vm_page_queue_spin_lock" not in step.stack,
        ),
        (
            "_vm_page_rem_queue_spinlocked#1",
            "on no queue",
            lambda step: "_vm_page_rem_queue_spinlocked" not in step.stack,
        ),
        ("vm_page_activate#1", "where it is", lambda step: step.coming != "vm_page_spin_lock#1"),
        ("_activate_locked#1", "where it is", lambda step: "_activate_locked" not in step.stack),
        ("vm_page_deactivate#1", "where it is", lambda step: step.coming != "vm_page_spin_lock#1"),
        (
            "_vm_page_deactivate_locked#1",
            "where it is",
            lambda step: "_vm_page_deactivate_locked" not in step.stack,
        ),
        ("vm_page_free_toq#2", "perhaps still mapped", enters("pmap_mapped_sync")),
        ("vm_page_free_toq#2", "may free", enters("vm_page_remove")),
        ("vm_page_free_toq#4", "has to put", enters("vm_page_spin_lock")),
        (
            "vm_page_cache#1",
            "may cache",
            lambda step: step.coming == "vm_page_cache#2" or "vm_page_protect" in step.stack,
        ),
        ("vm_page_cache#2", "caches", enters("_cache_clean")),
        ("vm_page_cache#2", "instead", enters("vm_page_deactivate")),
        ("vm_page_cache#2", "does not cache", enters("vm_page_wakeup")),
        ("vm_page_remove#1", "in no object", lambda step: "vm_page_remove" not in step.stack),
        ("lwkt_trytoken#1", "does not get", goes_to("vm_object_hold_try#2")),
        ("tsleep#1", "sleeps", lambda step: step.asleep),
    ],
)
def test_a_sentence_says_what_the_thread_then_does(key: str, phrase: str, claim: Claim) -> None:
    is_said_exactly_if(key, phrase, claim)


@pytest.mark.slow
def test_a_page_joins_the_kind_of_queue_that_was_said() -> None:
    last = ""
    seen = set()
    for step in reversed([*all_walked()]):
        if step.key == "vm_page_free_toq#6":
            last = "HOLD" if "to HOLD" in step.said else "FREE"
            seen.add(last)
        elif step.key == "_vm_page_add_queue_spinlocked#1" and last:
            assert f" of {last}[" in step.said, step
            last = ""
    assert seen == {"HOLD", "FREE"}


@pytest.mark.slow
def test_a_wakeup_names_the_threads_that_it_wakes() -> None:
    some = 0
    for step in all_walked():
        if step.key != "wakeup#1":
            continue
        named = re.match(r"wakes ([\w, ]+): ", step.said)
        assert named is not None, step.said
        names = set() if named[1] == "no thread" else set(named[1].split(", "))
        assert names == step.woken
        some += bool(names)
    assert some > 3


@pytest.mark.slow
def test_a_page_is_found_if_it_is_then_busied() -> None:
    found = [
        step.said
        for step in all_walked()
        if step.key == "_find#1" and step.coming.startswith("vm_page_lookup_")
    ]
    assert found
    assert not any("no page" in said for said in found)
    assert any(step.said.startswith("finds no page") for step in all_walked() if step.key == "_find#1")


@pytest.mark.slow
def test_a_page_is_wired_or_held_once_more_and_a_queue_is_one_page_longer() -> None:
    keys = {"vm_page_wire#2", "vm_page_hold#1", "_vm_page_add_queue_spinlocked#1"}
    counted = [re.search(r"(\d+) to (\d+)", step.said) for step in all_walked() if step.key in keys]
    assert len(counted) > 20
    assert all(found and int(found[2]) == int(found[1]) + 1 for found in counted)


@pytest.mark.slow
def test_every_reason_is_walked_or_listed() -> None:
    taken = {step.key for step in all_walked()}
    reasons = {**because_busy.REASONS, **because_pages.REASONS, **because_locks.REASONS}.keys()
    assert reasons - taken == {"_vm_page_queue_spin_unlock#1", "vm_page_spin_trylock#2"}
