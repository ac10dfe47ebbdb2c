"""The row of statistics against the machine: views, pending amounts, and the kernel's predicates."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import V_FREE_COUNT, VMSTATS_SIZE
from engine.kernel.memory_pressure import (
    vm_page_count_min,
    vm_page_count_severe,
    vm_page_count_target,
    vm_paging_needed,
)
from explorer.lenses.kit.stats_row import as_cpu, last_cpu, look
from explorer.session.session import Session
from tests.explorer.lenses.kit.two_cpus import TWO

OpenRun = Callable[..., Session]


@pytest.mark.parametrize("run", ["empty-colour", TWO])
def test_the_predicates_are_the_kernels_for_the_cpu_that_ran_last(run: str, open_run: OpenRun) -> None:
    session = open_run(run)
    history, vm = session.history, session.vm
    answers = set()
    for step in range(0, history.total + 1, 5):
        history.seek(step)
        before = vm.mycpu
        shown = look(session)
        assert vm.mycpu == before
        assert shown.cpu == last_cpu(history)
        with as_cpu(vm, shown.cpu):
            wanted = [
                vm_page_count_severe(vm), vm_page_count_min(vm, 0), vm_page_count_target(vm),
                vm_paging_needed(vm, 0),
            ]  # fmt: skip
        assert [test.holds for test in shown.tests] == wanted
        assert shown.free == vm.gd_vmstats.view[shown.cpu * VMSTATS_SIZE + V_FREE_COUNT]
        answers.add(tuple(wanted))
    assert answers


def test_at_each_step_global_plus_pending_equals_the_queue_lengths(open_run: OpenRun) -> None:
    session = open_run(TWO)
    lcnt = session.vm.memory.vector("queue.lcnt")
    for step in range(session.history.total + 1):
        session.history.seek(step)
        shown = look(session)
        assert {count.name: count.true for count in shown.counts}["v_free_count"] == lcnt[1:1025].sum()


def test_an_amount_inside_a_rollup_is_still_pending(open_run: OpenRun) -> None:
    rolled = TWO.replace("p = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)\nvm_page_wire(p)", "vmstats_rollup()")
    session = open_run(rolled.replace("a:end, b:end", "b:end, a:end"), "take a pending adjustment")
    vm = session.vm
    assert vm.gd_vmstats.taken[2 * VMSTATS_SIZE + V_FREE_COUNT] == -1
    shown = look(session)
    free = next(count for count in shown.counts if count.name == "v_free_count")
    assert free.pending[2] == -1
    assert free.true == vm.memory.vector("queue.lcnt")[1:1025].sum()


def test_before_the_first_step_the_cpu_is_0_and_an_event_has_no_cpu(open_run: OpenRun) -> None:
    session = open_run(TWO, "tick")
    assert last_cpu(session.history) == 2
    session.history.seek(0)
    assert last_cpu(session.history) == 0


def test_who_sees_is_by_cpu(open_run: OpenRun) -> None:
    session = open_run(TWO)
    session.history.seek(0)
    (seen,) = look(session).views
    assert seen.cpus == (0, 1, 2, 3, 4, 5, 6, 7)
