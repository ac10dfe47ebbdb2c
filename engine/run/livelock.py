"""The finding of a livelock: which threads repeat which steps, and what each thread waits for meanwhile.

A thread that waits for memory waits for the pageout daemon, which frees it. A daemon that waits for a lock of
such a thread therefore closes a cycle, although no lock is requested in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.constants import NULL, V_CACHE_COUNT, V_FREE_COUNT, VMSTATS_SIZE, Thread
from engine.errors import Finding
from engine.kernel.locks import lock_name
from engine.kernel.memory_wait import is_pager
from engine.kernel.pressure_limits import Limits, paging_limits
from engine.kernel.sleep import CHAN_FREE_COUNT, meaning_of_channel
from engine.machine.machine import Machine
from engine.machine.tables import ENDED, SLEEPING
from engine.memory.block import EVENT
from engine.memory.distinct import distinct
from engine.memory.journal import Journal
from engine.run.idle_counters import idle_counters
from engine.run.memory_limits import compared, limits_text
from engine.run.threads import Threads, cycles
from engine.words import listed, plural


@dataclass(frozen=True)
class Wait:
    """What a thread waits for, again and again or all the time, while the run repeats itself.

    holder: the thread that holds it, or the pageout daemon that frees memory; NULL if there is none.
    step:   the last step at which the wait began; 0 if it began before the repeated steps.
    limits: what memory is compared with, and is below; only of a thread that sleeps for memory.
    """

    thread: int
    what: str
    holder: int
    step: int
    memory: bool = False
    limits: Limits = ()


class Livelock(Finding):
    """The run repeats itself, or a call takes very many steps without returning or sleeping.

    waits: what the threads wait for; circle: the threads of a cycle of waits, () if there is none.
    """

    def __init__(self, text: str, waits: Sequence[Wait] = (), circle: Sequence[int] = ()) -> None:
        super().__init__(text)
        self.waits = tuple(waits)
        self.circle = tuple(circle)


def livelock_of(threads: Threads, journal: Journal, first: int, last: int) -> Livelock:
    """Return the finding about a run that repeats its steps first + 1 .. last for ever."""
    names = [program.name for program in threads.programs]
    waits = memory_and_lock_waits(threads, journal, first, last)
    circle = next(iter(cycles({wait.thread: wait.holder for wait in waits})), [])
    ran = [t for t in distinct(journal.threads(first, last)).tolist() if t != EVENT]
    repeat = f"{listed([names[t] for t in ran])} repeat{'' if len(ran) > 1 else 's'}"
    texts = [f"{repeat} the same {plural(last - first, 'step')} without end"]
    texts += _counting(threads, journal, first, last)
    texts += [sentence(wait, names) for wait in waits]
    texts += _working(threads, ran)
    if circle:
        around = " > ".join(names[t] for t in [*circle, circle[0]])
        texts.append(f"a cycle, which no thread can end: {around}")
    elif any(wait.memory for wait in waits) and not _time_passes(threads.vm, journal, first, last):
        sees = what_cpus_see(threads.vm, [(program.cpu, program.name) for program in threads.programs])
        texts.append(f"no time passes: {sees}; let time pass with steps_per_tick or tick()")
    return Livelock("; ".join(texts), waits, circle)


def _counting(threads: Threads, journal: Journal, first: int, last: int) -> list[str]:
    """The variables that change meanwhile, although nothing depends on them."""
    written, _, _ = journal.written(first, last)
    cell, names = threads.vm.memory.address, threads.programs
    counted = [
        f"{names[one.thread].name}.{one.name}"
        for one in idle_counters(names)
        if (written == cell("variable.value", one.slot)).any()
    ]
    return [f"only {listed(counted)} count{'' if len(counted) > 1 else 's'}"] if counted else []


def _working(threads: Threads, ran: Sequence[int]) -> list[str]:
    """What keeps each daemon that ran at work although it frees nothing, by its cpu's view."""
    vm, found = threads.vm, []
    for t in ran:
        text = limits_text(paging_limits(vm, threads.live[t].cpu), "works")
        if text and is_pager(vm, Thread(t)):
            found.append(f"{threads.programs[t].name} works and frees no page ({text})")
    return found


def bound_text(threads: Threads, journal: Journal, most: int) -> str:
    """Return the finding about a run at its limit of `most` steps, with what its threads wait for."""
    names = [program.name for program in threads.programs]
    waits = memory_and_lock_waits(threads, journal, journal.steps, journal.steps)
    return "; ".join(
        [f"the run has reached its bound of {most} steps", *(sentence(one, names) for one in waits)]
    )


def blocked_text(threads: Threads, journal: Journal) -> str:
    """Return what the threads of a blocked run wait for; no thread is left to end one of the waits."""
    names = [program.name for program in threads.programs]
    waits = memory_and_lock_waits(threads, journal, journal.steps, journal.steps)
    which = "this wait" if len(waits) == 1 else "these waits"
    return "; ".join([*(sentence(one, names) for one in waits), f"no thread can end {which}"])


def _time_passes(vm: Machine, journal: Journal, first: int, last: int) -> bool:
    written, _, _ = journal.written(first, last)
    return bool((written == vm.memory.address("global.ticks", 0)).any())


def what_cpus_see(vm: Machine, running: Sequence[tuple[int, str]]) -> str:
    """Say how many free and cached pages each cpu sees; running: the cpu and the name of each thread."""
    view, texts = vm.gd_vmstats.view, []
    for cpu in sorted({cpu for cpu, _ in running}):
        names = ", ".join(name for own, name in running if own == cpu)
        free, cached = (view[cpu * VMSTATS_SIZE + field] for field in (V_FREE_COUNT, V_CACHE_COUNT))
        texts.append(f"cpu {cpu} ({names}) sees {free:,} free and {cached:,} cached pages")
    return ", ".join(texts)


def sentence(wait: Wait, names: Sequence[str]) -> str:
    """Return a wait as a sentence; names: those of the threads."""
    text = f"{names[wait.thread]} waits for {wait.what}"
    compared = f" ({said})" if (said := limits_text(wait.limits)) else ""
    if wait.memory:
        freeing = "no thread" if wait.holder == NULL else names[wait.holder]
        return f"{text}, which {freeing} frees{compared}"
    return f"{text}{compared}" if wait.holder == NULL else f"{text}, held by {names[wait.holder]}"


def memory_and_lock_waits(threads: Threads, journal: Journal, first: int, last: int) -> list[Wait]:
    """List what each unfinished thread waited for in steps first + 1 .. last, by thread."""
    vm, found = threads.vm, []
    for t, program in enumerate(threads.programs):
        if program.interrupt or vm.thread.state[t] == ENDED:
            continue
        lock = threads.live[t].lock
        if lock is not None and not threads.ready(t) and vm.thread.state[t] != SLEEPING:
            found.append(Wait(t, lock_name(vm, lock), threads.waits_for(t), 0))
            continue
        chan, step = _slept_on(vm, journal, t, first, last)
        if chan:
            memory = chan == CHAN_FREE_COUNT
            holder = vm.pagethread if memory and vm.pagethread != t else NULL
            limits = compared(vm, threads.live[t])
            found.append(Wait(t, meaning_of_channel(vm, chan), holder, step, memory, limits))
    return found


def only_naps(threads: Threads, journal: Journal, first: int, last: int) -> bool:
    """Whether all threads that took steps first + 1 .. last slept for memory meanwhile; none is a daemon."""
    ran = {t for t in distinct(journal.threads(first, last)).tolist() if t != EVENT}
    waits = memory_and_lock_waits(threads, journal, first, last)
    napped = {wait.thread for wait in waits if wait.memory and wait.step}
    return bool(ran) and ran <= napped and not any(is_pager(threads.vm, Thread(t)) for t in ran)


def _slept_on(vm: Machine, journal: Journal, t: int, first: int, last: int) -> tuple[int, int]:
    """The channel that thread `t` sleeps on, or was the last that it slept on, and the step; 0 for none."""
    address = vm.memory.address("thread.chan", t)
    written, _, new = journal.written(first, last)
    hits = np.flatnonzero((written == address) & (new != 0))
    if hits.size:
        return int(new[hits[-1]]), journal.step_of(journal.end(first) + int(hits[-1]))
    return (vm.thread.chan[t], 0) if vm.thread.state[t] == SLEEPING else (0, 0)
