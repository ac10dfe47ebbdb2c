"""Lock statistics computed from the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.kernel.locks import vm_page_spin_lock, vm_page_spin_trylock, vm_page_spin_unlock
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.reports.lock_stats import lock_uses

PAGE = 900


def nop(vm: Any) -> Any:
    """Do nothing for one step."""
    yield "do nothing"


LOCKED = [(vm_page_spin_lock, PAGE), (nop,), (nop,), (vm_page_spin_unlock, PAGE)]


def told(history: Any) -> dict[str, tuple[int, int, int]]:
    """Each lock's (acquisitions, contended ones, steps waited) by name."""
    return {use.name: (use.acquisitions, use.contended, use.waited) for use in lock_uses(history)}


def test_a_lock_of_one_thread_is_never_contended(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LOCKED, repeat=3)
    history = play.start()
    history.extend(100)
    assert told(history) == {f"page {PAGE:#x}": (3, 0, 0)}


def test_a_waiter_waits_through_the_steps_that_the_holder_takes(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LOCKED)
    play.thread("b", 1, *LOCKED)
    history = play.start()
    history.extend(100)
    assert [history.record(step).thread for step in range(1, 6)] == [0, 0, 0, 0, 1]
    assert told(history) == {f"page {PAGE:#x}": (2, 1, 3)}


def test_a_failed_trylock_is_not_an_acquisition(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LOCKED)
    play.thread("b", 1, (vm_page_spin_trylock, PAGE, ">got"))
    history = play.start()
    history.extend(100)
    assert told(history) == {f"page {PAGE:#x}": (1, 0, 0)}


def test_a_token_is_reported_like_a_lock(stage: Callable[..., Any]) -> None:
    play = stage()
    for name, cpu in (("a", 0), ("b", 1)):
        play.thread(name, cpu, (vm_object_hold, 0), (nop,), (vm_object_drop, 0))
    history = play.start()
    history.extend(100)
    acquisitions, contended, waited = told(history)["token of object 0"]
    assert (acquisitions, contended) == (2, 1)
    assert waited > 0


def test_at_an_earlier_step_only_the_past_counts(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LOCKED, repeat=3)
    history = play.start()
    history.extend(100)
    assert sum(use.acquisitions for use in lock_uses(history, 4)) == 1
