"""Sleeping and waking: the sleep queue, the interlock, and the run queue of each cpu.

The sleep queue is one FIFO over all cpus, linked through the threads. Joining it (the interlock) does not
stop a thread: it only ensures that no wakeup from then on is lost. A woken thread owns nothing and has to
test its condition again. This module decides which thread of a cpu runs next when one blocks or wakes; the
schedule decides in which order the cpus take their steps.
Source: spec 05, Sleep and wakeup semantics.
"""

from __future__ import annotations

from typing import Final

from engine.constants import EWOULDBLOCK, NULL, Cpu, Thread
from engine.errors import kkassert, kpanic
from engine.kernel.locks import holds_spinlock
from engine.kernel.tokens import held_tokens, lwkt_getalltokens, lwkt_relalltokens
from engine.machine.machine import Machine, Steps
from engine.machine.tables import READY, SLEEPING

Channel = int
"""A sleep channel: one of the small numbers below, or the index of a page or object plus an offset."""

CHAN_FREE_COUNT: Final = 1
CHAN_PAGES_NEEDED: Final = 2
CHAN_PAGEOUT_PAGES_NEEDED: Final = 3
CHAN_PAGEDAEMON_TIME: Final = 4
CHAN_DAEMON_NEEDED: Final = 5
CHAN_EMERG_PAGER: Final = 6
CHAN_BIO: Final = 7
CHAN_NSW: Final = 8
CHAN_PAGE: Final = 1 << 32
CHAN_PIP: Final = 2 << 32
CHAN_MAP: Final = 3 << 32
CHAN_BUF: Final = 4 << 32

CHANNEL_NAMES: Final = {
    CHAN_FREE_COUNT: "v_free_count",
    CHAN_PAGES_NEEDED: "vm_pages_needed",
    CHAN_PAGEOUT_PAGES_NEEDED: "vm_pageout_pages_needed",
    CHAN_PAGEDAEMON_TIME: "vm_pagedaemon_time",
    CHAN_DAEMON_NEEDED: "vm_daemon_needed",
    CHAN_EMERG_PAGER: "sequence_emerg_pager",
    CHAN_BIO: "finished I/O",
    CHAN_NSW: "nsw_wcount_async",
}

CHANNEL_MEANINGS: Final = {
    CHAN_FREE_COUNT: "free memory (v_free_count)",
    CHAN_PAGES_NEEDED: "memory demand (vm_pages_needed)",
    CHAN_PAGEOUT_PAGES_NEEDED: "free memory for a pageout daemon (vm_pageout_pages_needed)",
    CHAN_PAGEDAEMON_TIME: "the clock (vm_pagedaemon_time)",
    CHAN_DAEMON_NEEDED: "the vm daemon to be called (vm_daemon_needed)",
    CHAN_EMERG_PAGER: "the emergency pager to be called",
}
"""What a thread that sleeps on a channel waits for."""

_NUMBERED: Final = {CHAN_PAGE: "page", CHAN_PIP: "pip", CHAN_MAP: "map", CHAN_BUF: "buf"}


def describe_channel(vm: Machine, chan: Channel) -> tuple[str, int | None]:
    """A channel as (name, number): "page" and page number, "pip" and object index, a variable and None.

    "map" comes with the index of a process, "buf" with that of an I/O.
    """
    if chan < CHAN_PAGE:
        return CHANNEL_NAMES[chan], None
    row = chan & (1 << 32) - 1
    kind = chan - row
    return _NUMBERED[kind], vm.page_number(row) if kind == CHAN_PAGE else row


def meaning_of_channel(vm: Machine, chan: Channel) -> str:
    """What a thread that sleeps on a channel waits for, in words."""
    if chan in CHANNEL_MEANINGS:
        return CHANNEL_MEANINGS[chan]
    if CHAN_PAGE <= chan < CHAN_PIP:
        return f"page {vm.page_word(chan - CHAN_PAGE)} to be unbusied"
    name, number = describe_channel(vm, chan)
    return name if number is None else f"{name} {number}"


def join(vm: Machine, t: Thread, chan: Channel) -> None:
    if vm.thread.chan[t] == chan:
        return
    if vm.thread.chan[t]:
        leave(vm, t)
    tail = vm.glob.sleepq_tail[0]
    vm.thread.chan[t] = chan
    vm.thread.sleep_prev[t] = tail
    if tail == NULL:
        vm.glob.sleepq_head[0] = t
    else:
        vm.thread.sleep_next[tail] = t
    vm.glob.sleepq_tail[0] = t


def leave(vm: Machine, t: Thread) -> None:
    prev, following = vm.thread.sleep_prev[t], vm.thread.sleep_next[t]
    if prev == NULL:
        vm.glob.sleepq_head[0] = following
    else:
        vm.thread.sleep_next[prev] = following
    if following == NULL:
        vm.glob.sleepq_tail[0] = prev
    else:
        vm.thread.sleep_prev[following] = prev
    vm.thread.chan[t] = 0
    vm.thread.sleep_prev[t] = NULL
    vm.thread.sleep_next[t] = NULL


def sleepers(vm: Machine) -> list[Thread]:
    """Every thread on the sleep queue, longest first; it may be interlocked and not yet asleep."""
    found = []
    t = vm.glob.sleepq_head[0]
    while t != NULL:
        found.append(t)
        t = vm.thread.sleep_next[t]
    return found


def setrunqueue(vm: Machine, t: Thread) -> None:
    """Make thread `t` runnable: it runs at once on an idle cpu, else after the threads that already wait."""
    cpu = vm.thread.cpu[t]
    vm.thread.state[t] = READY
    vm.runnable_changed = True
    if vm.cpu.current[cpu] == NULL:
        vm.cpu.current[cpu] = t
        return
    tail = vm.cpu.runq_tail[cpu]
    if tail == NULL:
        vm.cpu.runq_head[cpu] = t
    else:
        vm.thread.run_next[tail] = t
    vm.cpu.runq_tail[cpu] = t


def interrupt(vm: Machine, t: Thread) -> None:
    """Let the interrupt thread `t` run before any other thread of its cpu except the current one."""
    cpu = vm.thread.cpu[t]
    vm.thread.state[t] = READY
    vm.runnable_changed = True
    if vm.cpu.current[cpu] == NULL:
        vm.cpu.current[cpu] = t
        return
    vm.thread.run_next[t] = vm.cpu.runq_head[cpu]
    if vm.cpu.runq_head[cpu] == NULL:
        vm.cpu.runq_tail[cpu] = t
    vm.cpu.runq_head[cpu] = t


def switch(vm: Machine, cpu: Cpu) -> None:
    """Give the cpu to the first thread of its run queue; to no thread when that is empty."""
    t = vm.cpu.runq_head[cpu]
    vm.cpu.current[cpu] = t
    vm.runnable_changed = True
    if t == NULL:
        return
    vm.cpu.runq_head[cpu] = vm.thread.run_next[t]
    if vm.thread.run_next[t] == NULL:
        vm.cpu.runq_tail[cpu] = NULL
    vm.thread.run_next[t] = NULL


def tsleep_interlock(vm: Machine, chan: Channel) -> Steps[None]:
    """Join the sleep queue for `chan` without stopping, so that no later wakeup is lost.

    Joining again for the same channel keeps the place; another channel replaces it.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/kern/kern_synch.c tsleep_interlock
    """
    if vm.switches.interlock:
        yield "join the sleep queue (interlock)"
        join(vm, vm.curthread, chan)


def fall_asleep(vm: Machine, t: Thread, chan: Channel, wmesg: str, timo: int) -> None:
    """Put the running thread to sleep: part of a step, the last one before it wakes."""
    join(vm, t, chan)
    vm.thread.slept_at[t] = vm.glob.ticks[0]
    vm.thread.timo[t] = timo
    vm.thread.wake[t] = 0
    vm.thread.state[t] = SLEEPING
    if vm.switches.token_release:
        lwkt_relalltokens(vm, t)
    vm.effects.append(("sleep", chan, wmesg, timo))
    switch(vm, vm.thread.cpu[t])


def tsleep(vm: Machine, chan: Channel, interlocked: bool, wmesg: str, timo: int) -> Steps[int]:
    """Sleep on `chan` until a wakeup, or for `timo` ticks (0 = forever).

    An interlocked thread that a wakeup has already taken off the queue does not sleep at all.

    Locks:   no spinlock may be held; tokens are released while asleep and taken again before the return.
    Blocks:  yes.
    Returns: 0 after a wakeup, EWOULDBLOCK after a timeout.
    Errors:  panic when a spinlock is held.
    Source:  sys/kern/kern_synch.c tsleep
    """
    yield "go to sleep"
    t = vm.curthread
    kkassert(chan != 0, "tsleep", "a channel to sleep on")
    if interlocked and vm.switches.interlock and vm.thread.chan[t] != chan:
        return 0
    if holds_spinlock(vm, t):
        raise kpanic("tsleep", "tsleep: spinlocks held", "a thread that holds a spinlock must not sleep")
    fall_asleep(vm, t, chan, wmesg, timo)
    yield "run again after the sleep"
    if vm.switches.token_release:
        yield from lwkt_getalltokens(vm, t, tuple(held_tokens(vm, t)))
    return vm.thread.wake[t]


def wakeup(vm: Machine, chan: Channel) -> Steps[None]:
    """Wake every thread on `chan`: sleepers become runnable, in the order in which they went to sleep.

    Locks:   none.
    Blocks:  no.
    Returns: nothing; a wakeup without sleepers is lost.
    Errors:  none.
    Source:  sys/kern/kern_synch.c wakeup
    """
    yield "wake all sleepers of the channel"
    wake_all(vm, chan)


def wake_all(vm: Machine, chan: Channel) -> None:
    """Wake every thread on `chan`: part of a step, or of an event."""
    woken = []
    for t in sleepers(vm):
        if vm.thread.chan[t] != chan:
            continue
        leave(vm, t)
        if vm.thread.state[t] == SLEEPING:
            setrunqueue(vm, t)
            woken.append(t)
    vm.effects.append(("wakeup", chan, tuple(woken)))


def expire(vm: Machine, t: Thread) -> None:
    """End the sleep of thread `t` as its timeout would: its tsleep returns EWOULDBLOCK."""
    chan = vm.thread.chan[t]
    leave(vm, t)
    vm.thread.wake[t] = EWOULDBLOCK
    setrunqueue(vm, t)
    vm.effects.append(("wakeup", chan, (t,), "timeout"))


def due(vm: Machine) -> list[Thread]:
    """The sleepers whose timeout has expired, longest asleep first."""
    now = vm.glob.ticks[0]
    return [t for t in sleepers(vm) if vm.thread.state[t] == SLEEPING and _overdue(vm, t, now)]


def _overdue(vm: Machine, t: Thread, now: int) -> bool:
    timo = vm.thread.timo[t]
    return timo != 0 and ((now - vm.thread.slept_at[t]) & 0xFFFFFFFF) >= timo


def ticks_to_deadline(vm: Machine, left_out: tuple[int, ...] = ()) -> int | None:
    """Ticks until the next timeout of a thread not in `left_out`; None when there is none."""
    now = vm.glob.ticks[0]
    left = [
        vm.thread.timo[t] - ((now - vm.thread.slept_at[t]) & 0xFFFFFFFF)
        for t in sleepers(vm)
        if vm.thread.state[t] == SLEEPING and vm.thread.timo[t] and t not in left_out
    ]
    return max(min(left), 1) if left else None


def lwkt_yield(vm: Machine) -> Steps[None]:
    """Let other threads of this cpu run if the schedule says so: a preemption point.

    Locks:   no spinlock.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/kern/lwkt_thread.c lwkt_yield
    """
    yield "let other threads run"
