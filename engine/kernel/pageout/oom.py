"""The out-of-memory killer: it kills the largest process when memory and swap are both exhausted.

The pageout daemon decides when that is the case. The victim gets no extra memory: it only leaves its wait for
memory, and finds SIGKILL pending when its fault has failed.
Source: spec 24.
"""

from __future__ import annotations

from typing import Final

from engine.constants import NULL, OBJT_SWAP, P_LOWMEMKILL, SWAP_META_PAGES
from engine.kernel.object_life import ANONYMOUS
from engine.kernel.process.map_entries import entries_of, top_object
from engine.kernel.process.process import post_sigkill, threads_of
from engine.kernel.remarks import kprintf
from engine.kernel.sleep import CHAN_FREE_COUNT, wakeup
from engine.machine.machine import Machine, Steps
from engine.machine.tables import SACTIVE, SCORE, SSTOP

INIT: Final = 1
LOW_PIDS: Final = 48
"""Processes with a lower pid are spared while any swap is free."""

VICTIMS_NICE: Final = -20


def vmspace_anonymous_count(vm: Machine, p: int) -> int:
    """Resident pages of the top objects that a process maps, if anonymous, counted once for each entry."""
    tops = (top_object(vm, entry) for entry in entries_of(vm, p))
    return sum(vm.object.resident_page_count[obj] for obj in tops if vm.object.type[obj] in ANONYMOUS)


def vmspace_swap_count(vm: Machine, p: int) -> int:
    """Approximate number of swap pages of a process's entries, from the metadata of their top objects."""
    count = 0
    for entry in entries_of(vm, p):
        obj = top_object(vm, entry)
        nodes = vm.object.swblock_count[obj]
        if vm.object.type[obj] == OBJT_SWAP and nodes:
            count += nodes * SWAP_META_PAGES * vm.map_entry.pages[entry] // vm.object.size[obj] + 1
    return count


def _spared(vm: Machine, p: int) -> bool:
    pid = vm.process.pid[p]
    if vm.process.system[p] or pid == INIT or (pid < LOW_PIDS and vm.glob.vm_swap_size[0]):
        return True
    return vm.process.state[p] not in (SACTIVE, SSTOP, SCORE)


def vm_pageout_oom(vm: Machine) -> Steps[None]:
    """Look for the process with the most anonymous memory and swap, and kill it.

    Nice values, age and file pages do not count; of equal processes the first one is chosen.

    Locks:   none.
    Blocks:  no.
    Returns: nothing; there may be no victim.
    Errors:  none.
    Source:  sys/vm/vm_pageout.c vm_pageout_scan_cache, its last part; vm_pageout_oom_scan_callback
    """
    yield "start with the first process"
    victim, largest = NULL, 0
    for p in range(vm.processes):
        yield "compare the size of the next process"
        if _spared(vm, p):
            continue
        size = vmspace_anonymous_count(vm, p) + vmspace_swap_count(vm, p)
        if size > largest:
            victim, largest = p, size
    if victim != NULL:
        yield from _kill(vm, victim)


def _kill(vm: Machine, p: int) -> Steps[None]:
    yield "report the process to kill"
    fmt = "pid %d (%s), uid %d, was killed: %s\n"
    name = vm.process_names[p] if p < len(vm.process_names) else ""
    text = f"pid {vm.process.pid[p]} ({name}), uid 0, was killed: out of swap space\n"
    kprintf(vm, text, fmt)
    yield "give the victim the highest priority"
    vm.process.nice[p] = VICTIMS_NICE
    for t in threads_of(vm, p):
        vm.thread.nice[t] = VICTIMS_NICE
    yield "set P_LOWMEMKILL"
    vm.process.p_flags[p] |= P_LOWMEMKILL
    for t in threads_of(vm, p):
        vm.thread.p_flags[t] |= P_LOWMEMKILL
    yield "send SIGKILL"
    post_sigkill(vm, p)
    yield from wakeup(vm, CHAN_FREE_COUNT)
