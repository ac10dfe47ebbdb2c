"""Threads: the sleep queue, linked both ways, and each cpu's run queue.

A thread is on the sleep queue exactly while it has a channel; it may be on it before it is asleep (the
interlock). A ready thread is either its cpu's current thread or on its cpu's run queue. A thread that
panicked stays where it was.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.constants import NULL
from engine.invariants.violation import Violation
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP
from engine.language.naming import page_text, thread_text
from engine.machine.machine import Machine
from engine.machine.tables import NO_THREAD, PANICKED, READY, SLEEPING, THREAD_STATES
from engine.memory.columns import Column


def _walk(vm: Machine, head: int, following: Column) -> list[int]:
    """Return the threads of a list from `head` up to the first link that repeats or is out of range."""
    found: list[int] = []
    t = head
    while 0 <= t < vm.thread.length and t not in found:
        found.append(t)
        t = following[t]
    return found


def _name(vm: Machine, t: int) -> str:
    if t == NULL:
        return "NULL"
    return thread_text(vm, t) if 0 <= t < vm.thread.length else f"not a thread (index {t})"


def _rows(vm: Machine, *columns: str) -> list[int]:
    """Return the threads for which any of these columns differs from its value at boot."""
    cells = np.bitwise_or.reduce([vm.memory.vector(f"thread.{name}") for name in columns])
    found: list[int] = np.flatnonzero(cells).tolist()
    return found


# --- the sleep queue --------------------------------------------------------------------------------------


def sleep_violations(vm: Machine) -> Iterator[Violation]:
    """Find disagreements between threads and the sleep queue, and invalid channels of sleeping threads."""
    listed = _walk(vm, vm.glob.sleepq_head[0], vm.thread.sleep_next)
    yield from _sleep_links(vm, listed)
    for t in _rows(vm, "chan", "sleep_next", "sleep_prev"):
        if t in listed:
            continue
        name = thread_text(vm, t)
        if vm.thread.chan[t]:
            says = f"{name}.chan is {vm.thread.chan[t]}"
            yield Violation("the sleep queue", NULL, says, "a walk from its head does not reach the thread")
        else:
            links = f"sleep_next {_name(vm, vm.thread.sleep_next[t])}"
            says = f"{name} has {links}, sleep_prev {_name(vm, vm.thread.sleep_prev[t])}"
            yield Violation("the sleep queue", NULL, f"{name}.chan is 0", says)
    yield from _channels(vm, listed)


def _sleep_links(vm: Machine, listed: list[int]) -> Iterator[Violation]:
    before = NULL
    for t in listed:
        prev = vm.thread.sleep_prev[t]
        if prev != before:
            there = "global.sleepq_head" if before == NULL else f"{_name(vm, before)}.sleep_next"
            says = f"{_name(vm, t)}.sleep_prev is {_name(vm, prev)}"
            yield Violation("the sleep queue", NULL, f"{there} is {_name(vm, t)}", says)
        before = t
    end = vm.thread.sleep_next[before] if listed else vm.glob.sleepq_head[0]
    if end != NULL:
        last = f"{_name(vm, before)}.sleep_next" if listed else "global.sleepq_head"
        yield Violation("the sleep queue", NULL, f"{last} is {_name(vm, end)}", "the queue ends there")
    tail = vm.glob.sleepq_tail[0]
    if tail != before:
        says = f"global.sleepq_tail is {_name(vm, tail)}"
        yield Violation("the sleep queue", NULL, says, f"the last thread on it is {_name(vm, before)}")


def _channels(vm: Machine, listed: list[int]) -> Iterator[Violation]:
    for t in listed:
        chan = vm.thread.chan[t]
        if not chan:
            says = f"{thread_text(vm, t)} is on the sleep queue"
            yield Violation("the sleep queue", NULL, says, "its chan is 0")
        elif CHAN_PAGE <= chan < CHAN_PIP and chan - CHAN_PAGE >= vm.page.length:
            says = f"{thread_text(vm, t)}.chan is {page_text(vm, chan - CHAN_PAGE)}"
            yield Violation("the sleep queue", NULL, says, f"the last page is {vm.page.length - 1}")
    for t in _rows(vm, "state"):
        if vm.thread.state[t] == SLEEPING and not vm.thread.chan[t]:
            name = thread_text(vm, t)
            yield Violation("the sleep queue", NULL, f"{name}.state is sleeping", f"{name}.chan is 0")


# --- run queues -------------------------------------------------------------------------------------------


def run_queue_violations(vm: Machine) -> Iterator[Violation]:
    """Find ready threads that are not in exactly one place, other threads that are, and bad run queues."""
    places: dict[int, list[str]] = {}
    queued: set[int] = set()
    for cpu in range(vm.ncpus):
        yield from _run_queue(vm, cpu, places, queued)
    for t in _rows(vm, "state", "run_next"):
        state, found = vm.thread.state[t], places.pop(t, [])
        if len(found) != (state == READY) and not (state == PANICKED and len(found) == 1):
            says = f"{thread_text(vm, t)}.state is {THREAD_STATES[state]}"
            yield Violation("run queues", NULL, says, f"it is {' and '.join(found) or 'nowhere'}")
        elif vm.thread.run_next[t] != NULL and t not in queued:
            says = f"{thread_text(vm, t)}.run_next is {_name(vm, vm.thread.run_next[t])}"
            yield Violation("run queues", NULL, says, "it is on no run queue")
    for t, found in places.items():
        yield Violation("run queues", NULL, f"{thread_text(vm, t)}.state is empty", f"it is {found[0]}")


def _run_queue(vm: Machine, cpu: int, places: dict[int, list[str]], queued: set[int]) -> Iterator[Violation]:
    """Check a cpu's run queue; record the place of each thread on the cpu, and the queued threads."""
    current, head, tail = vm.cpu.current[cpu], vm.cpu.runq_head[cpu], vm.cpu.runq_tail[cpu]
    if not NULL <= current < vm.thread.length:
        says = f"cpu[{cpu}].current is {_name(vm, current)}"
        yield Violation("run queues", NULL, says, f"the last thread is {vm.thread.length - 1}")
        current = NO_THREAD
    waiting = _walk(vm, head, vm.thread.run_next)
    if current != NULL:
        places.setdefault(current, []).append(f"current on cpu {cpu}")
    queued.update(waiting)
    for t in waiting:
        places.setdefault(t, []).append(f"on the run queue of cpu {cpu}")
    last = waiting[-1] if waiting else NULL
    end = vm.thread.run_next[last] if waiting else head
    if end != NULL:
        what = f"{_name(vm, last)}.run_next" if waiting else f"cpu[{cpu}].runq_head"
        yield Violation("run queues", NULL, f"{what} is {_name(vm, end)}", "the queue ends there")
    if tail != last:
        says = f"cpu[{cpu}].runq_tail is {_name(vm, tail)}"
        yield Violation("run queues", NULL, says, f"the last thread on it is {_name(vm, last)}")
    if current == NULL and waiting:
        says = f"cpu[{cpu}].current is NULL"
        yield Violation("run queues", NULL, says, f"{_name(vm, waiting[0])} is on its run queue")
    for t in (*waiting, current):
        if t != NULL and vm.thread.cpu[t] != cpu:
            says = f"{_name(vm, t)} is on cpu {cpu}"
            yield Violation("run queues", NULL, says, f"its cpu is {vm.thread.cpu[t]}")
