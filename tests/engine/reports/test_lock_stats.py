"""Lock statistics computed from the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import NULL
from engine.kernel.locks import (
    can_take,
    vm_page_spin_lock,
    vm_page_spin_trylock,
    vm_page_spin_unlock,
)
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.tokens import SHARED, lwkt_gettoken, lwkt_reltoken, token_of_lock
from engine.machine.tables import READY
from engine.memory.block import EVENT
from engine.reports.lock_stats import LOCK_CLASSES, LockTotal, lock_total, lock_uses
from engine.run.history import History
from engine.scenario.loader import load
from tests.tiers import only_fast

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


def test_a_trylock_that_finds_the_lock_free_again_has_not_waited(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, *LOCKED)
    play.thread("b", 1, (nop,), (vm_page_spin_trylock, PAGE, ">got"))
    history = play.start("b,a:4,b")
    history.extend(100)
    assert told(history) == {f"page {PAGE:#x}": (2, 0, 0)}


def test_readers_of_a_token_do_not_wait_and_its_writer_waits_for_them(stage: Callable[..., Any]) -> None:
    play = stage("4MiB:1x3x1")
    for name, cpu in (("a", 0), ("b", 1)):
        play.thread(name, cpu, (lwkt_gettoken, 0, SHARED), (nop,), (nop,), (lwkt_reltoken, 0))
    play.thread(
        "c", 2, (nop,), (lwkt_gettoken, 0), (lwkt_gettoken, 0), (lwkt_reltoken, 0), (lwkt_reltoken, 0)
    )
    history = play.start("a,b,c,a:2,b:2,a,b,c")
    history.extend(100)
    assert told(history) == {"token of object 0": (3, 1, 6)}


def counted_by_steps(history: History) -> dict[str, LockTotal]:
    """The totals by taking each step again, and asking before it which threads could not take their lock."""
    vm, waits = history.vm, Counter[int]()
    found: dict[str, list[int]] = {name: [] for name in LOCK_CLASSES}
    history.seek(0)
    while history.step < history.total:
        history.go_live()
        t = history.journal.thread(history.step + 1)
        for live in history.runner.live:
            if live.lock is not None and vm.thread.state[live.thread] == READY:
                waits[live.thread] += not can_take(vm, live.thread, live.lock)
        lock, page = (None, 0) if t == EVENT else (history.runner.live[t].lock, vm.thread.page_spin[t])
        recursive = lock is not None and lock < 0 and vm.object.token_owner[token_of_lock(lock)[0]] == t + 1
        history.forward()
        if lock is not None and not recursive:
            table = "token" if lock < 0 else vm.memory.place_of(lock)[0].table
            found["contig" if table == "global" else table].append(waits[t])
        elif t != EVENT and page == NULL != vm.thread.page_spin[t]:  # a trylock
            found["page"].append(0)
        waits[t] = 0
    return {
        name: LockTotal(len(waited), sum(steps > 0 for steps in waited), sum(waited))
        for name, waited in found.items()
    }


RUNS = [
    (name, rules, schedule)
    for name in ("one-queue-or-1024", "usage-pattern-fault-race", "low-high-and-boundary", "finding-a-page")
    for rules in ("document", "source")
    for schedule in ("random:3", "rr")
]


@pytest.mark.parametrize(
    "run",
    only_fast(RUNS, ("one-queue-or-1024", "source", "random:3"), ("one-queue-or-1024", "document", "rr")),
    ids="-".join,
)
def test_the_totals_of_the_classes_are_those_of_a_run_that_is_watched(run: tuple[str, str, str]) -> None:
    name, rules, schedule = run
    scenario = load(name, rules=rules, schedule=schedule)
    history = scenario.start()
    scenario.run(history)
    totals = {one: lock_total(history, one) for one in LOCK_CLASSES}
    uses = lock_uses(history)
    assert totals == counted_by_steps(history)
    assert sum(one.acquisitions for one in totals.values()) == sum(use.acquisitions for use in uses)
    assert sum(one.waited for one in totals.values()) == sum(use.waited for use in uses)
