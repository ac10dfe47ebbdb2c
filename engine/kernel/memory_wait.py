"""Waiting for memory: which threads sleep, for how long, and which of them never return.

None of these sleeps is interlocked: a wakeup between the test and the sleep is lost, and the timeout of one
second makes up for it. The predicate of each wait depends on the machine's rules: the 2020 kernel's, or the
later one's, which includes a process's nice value.
Source: spec 08, Waiting; spec 20, sections 3 and 6; DESIGN, decision 4.
"""

from __future__ import annotations

from engine.constants import HZ, NULL, P_LOWMEMKILL, Thread
from engine.kernel.arguments import Count, InsteadProcess, Int, MaybeThread
from engine.kernel.memory_pressure import vm_page_count_min, vm_page_count_severe, vm_page_count_target
from engine.kernel.remarks import NICE_LIMIT, remark
from engine.kernel.sleep import (
    CHAN_FREE_COUNT,
    CHAN_PAGEOUT_PAGES_NEEDED,
    CHAN_PAGES_NEEDED,
    tsleep,
    wakeup,
)
from engine.kernel.thresholds import available, nice_limit, vm_paging_min_nice
from engine.kernel.tokens import lwkt_gettoken, lwkt_reltoken
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_THREAD


def is_pager(vm: Machine, t: Thread) -> bool:
    """Whether thread `t` is one of the two pageout daemons."""
    return t != NULL and t in (vm.pagethread, vm.emergpager)


def _sleep_for_memory(vm: Machine, wmesg: str, timo: int) -> Steps[None]:
    """Ask the daemon for memory, register as waiting, and sleep until some is free."""
    yield "check whether the daemon is already working"
    if vm.glob.vm_pages_needed[0] <= 1:
        vm.glob.vm_pages_needed[0] += 1
        yield from wakeup(vm, CHAN_PAGES_NEEDED)
    yield "register as waiting for memory"
    vm.glob.vm_pages_waiting[0] += 1
    yield from tsleep(vm, CHAN_FREE_COUNT, False, wmesg, timo)


def vm_wait(vm: Machine, timo: Count = 0) -> Steps[None]:
    """Wait for memory: one sleep of at most `timo` ticks (0 = one second), or none when there is enough.

    Locks:   takes vm_token; released while asleep and on return.
    Blocks:  yes.
    Returns: nothing; the caller tests again.
    Errors:  none.
    Differs: under thresholds newer or nice_rule formula it sleeps by the later kernel's predicate, for a
             nice value one above the process's own.
    Source:  sys/vm/vm_page.c vm_wait
    """
    timo = timo or HZ
    yield from lwkt_gettoken(vm, vm.vm_token)
    yield "check whether memory is available"
    if is_pager(vm, vm.curthread):
        if vm_page_count_min(vm, 0):
            vm.glob.vm_pageout_pages_needed[0] = 1
            yield from tsleep(vm, CHAN_PAGEOUT_PAGES_NEEDED, False, "VMWait", timo)
    elif _wait_for_target(vm):
        yield from _sleep_for_memory(vm, "vmwait", timo)
    yield from lwkt_reltoken(vm, vm.vm_token)


def sleeps_by_nice(vm: Machine) -> bool:
    """Whether the limit of vm_wait depends on the nice value, under this machine's rules."""
    return vm.rules.thresholds == "newer" or vm.rules.nice_rule == "formula"


def _wait_for_target(vm: Machine) -> bool:
    """Whether vm_wait sleeps."""
    if sleeps_by_nice(vm):
        return _below_limit(vm, vm.thread.nice[vm.curthread] + 1)
    return vm_page_count_target(vm)


def vm_wait_pfault(
    vm: Machine, process: MaybeThread = NO_THREAD, flags: Int = 0, p: InsteadProcess = NULL
) -> Steps[None]:
    """Delay a page fault while memory is short, unless its process is being killed.

    process: the thread whose process's nice value and P_LOWMEMKILL count; NULL is the caller. The 2020 kernel
             has no such argument.
    flags:   the flags of the fault, which decide nothing here; not in the 2020 kernel either.
    p:       the process itself, instead of one of its threads; it may have none.

    Locks:   takes vm_token; released while asleep and on return.
    Blocks:  yes, in sleeps of one second, until there is memory.
    Returns: nothing; the caller tests again.
    Errors:  none; with a free target below the threshold of the wait it neither sleeps nor returns.
    Differs: under thresholds newer, and under any nice_rule other than none, it waits while free and cached
             pages are below v_free_min plus what the nice value adds; the source ignores nice and waits while
             memory is severely short.
    Source:  sys/vm/vm_page.c vm_wait_pfault
    """
    yield "check whether memory is short"
    t = vm.curthread if process == NULL else process
    if not _pfault_enters(vm, _nice(vm, t, p)):
        return
    yield from lwkt_gettoken(vm, vm.vm_token)
    while True:
        yield "check whether the fault has to wait"
        if not _waits(vm, _nice(vm, t, p)):
            break
        yield "check whether free memory is below its target"
        if not vm_page_count_target(vm):
            continue
        yield from _sleep_for_memory(vm, "pfault", HZ)
        yield "check whether the process is to be killed"
        if (vm.thread.p_flags[t] if p == NULL else vm.process.p_flags[p]) & P_LOWMEMKILL:
            break
    yield from lwkt_reltoken(vm, vm.vm_token)


def _nice(vm: Machine, t: Thread, p: int) -> int:
    return vm.thread.nice[t] if p == NULL else vm.process.nice[p]


def waits_by_nice(vm: Machine) -> bool:
    """Whether the limit of vm_wait_pfault depends on the nice value, under this machine's rules."""
    return vm.rules.thresholds == "newer" or vm.rules.nice_rule != "none"


def _below_limit(vm: Machine, nice: int) -> bool:
    """Whether memory is short for a nice value; the step remarks what was compared."""
    remark(vm, NICE_LIMIT, nice, nice_limit(vm, nice), available(vm))
    return vm_paging_min_nice(vm, nice)


def _pfault_enters(vm: Machine, nice: int) -> bool:
    """Whether a fault of a process with this nice value considers waiting at all."""
    return _below_limit(vm, nice) if waits_by_nice(vm) else vm_page_count_min(vm, 0)


def _waits(vm: Machine, nice: int) -> bool:
    return _below_limit(vm, nice) if waits_by_nice(vm) else vm_page_count_severe(vm)


def pfault_waits(vm: Machine, t: Thread) -> bool:
    """Whether a fault of thread `t` has to wait, or to continue waiting: it gets no page until then."""
    return _waits(vm, vm.thread.nice[t])


def vm_test_nominal(vm: Machine) -> bool:
    """Whether vm_wait_nominal would wait: free and cached pages are below v_free_min.

    Returns: whether they are.
    """
    return vm_page_count_min(vm, 0)


def vm_wait_nominal(vm: Machine) -> Steps[None]:
    """Wait until free and cached pages have reached v_free_min.

    Locks:   as vm_wait.
    Blocks:  yes.
    Returns: nothing.
    Errors:  none; with a free target below v_free_min it neither sleeps nor returns.
    Source:  sys/vm/vm_page.c vm_wait_nominal
    """
    while True:
        yield "check whether memory is available"
        if not vm_page_count_min(vm, 0):
            return
        yield from vm_wait(vm, 0)
