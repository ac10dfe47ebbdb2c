"""Why steps of locks, tokens, sleeps and wakeups do what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PBUSY_SWAPINPROG,
    PBUSY_WANTED,
    queue_name,
)
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP, meaning_of_channel
from engine.kernel.tokens import SHARED, token_free
from engine.machine.tables import SLEEPING
from engine.words import plural
from explorer.views.doing import Doing, Reason
from explorer.views.labels import busy_words

# --- locks and tokens -------------------------------------------------------------------------------------


def _lock_page(doing: Doing) -> str:
    return f"takes the spinlock of {doing.page()}: it is free"


def _try_page(doing: Doing) -> str:
    m = doing.m
    owner = doing.vm.page.spin[m]
    if owner and doing.vm.switches.trylock:
        holder = doing.labels.owner(owner)
        return f"skips {doing.page()}: {holder} holds its spinlock, and a search does not wait for one"
    return f"takes the spinlock of {doing.page()} without waiting: it is free"


def _unlock_page(doing: Doing) -> str:
    return f"releases the spinlock of {doing.page()}"


def _lock_queue(doing: Doing) -> str:
    held = doing.vm.thread.page_spin[doing.t]
    order = f": after that of {doing.page_called(held)}, as the lock order requires" if held != NULL else ""
    return f"takes the spinlock of {queue_name(doing.q)}{order}"


def _unlock_queue(doing: Doing) -> str:
    return f"releases the spinlock of {queue_name(doing.q)}"


def _read_queue(doing: Doing) -> str:
    return f"reads the queue of {doing.page()}: it is on {doing.queue(doing.m)}"


def _take_token(doing: Doing) -> str:
    shared = doing.values.get("mode") == SHARED
    return f"{'shares' if shared else 'takes'} the token of {doing.labels.object(doing.obj)}"


def _try_token(doing: Doing) -> str:
    obj, vm = doing.obj, doing.vm
    name = doing.labels.object(obj)
    if token_free(vm, vm.curthread, obj, 1):
        return f"takes the token of {name} without waiting: it is free"
    owner = vm.object.token_owner[obj]
    holder = f"{doing.labels.owner(owner)} holds it" if owner else "others share it"
    return f"does not get the token of {name}: {holder}"


def _release_token(doing: Doing) -> str:
    return f"releases the token of {doing.labels.object(doing.obj)}"


# --- sleep and wakeup -------------------------------------------------------------------------------------


def _interlock(doing: Doing) -> str:
    return f"joins the sleep queue for {_channel(doing)}: no later wakeup is lost"


def _channel(doing: Doing) -> str:
    chan = doing["chan"]
    if CHAN_PAGE <= chan < CHAN_PIP:
        return doing.page_called(chan - CHAN_PAGE)
    return meaning_of_channel(doing.vm, chan)


def _sleep(doing: Doing) -> str:
    vm, chan = doing.vm, doing["chan"]
    if doing["interlocked"] and vm.switches.interlock and vm.thread.chan[doing.t] != chan:
        return f"does not sleep: a wakeup for {_channel(doing)} came after it had joined the sleep queue"
    timo = doing["timo"]
    limit = f", for at most {plural(timo, 'tick')}" if timo else ""
    if not CHAN_PAGE <= chan < CHAN_PIP:
        return f"sleeps{limit}: it waits for {_channel(doing)}"
    m = chan - CHAN_PAGE
    # Of the sleeps on a page, only that of a read has a limit: the reader itself hard-busied the page.
    return f"sleeps{limit}: {_read_goes_on(doing, m) if timo else _page_is_busy(doing, m)}"


def _read_goes_on(doing: Doing, m: int) -> str:
    """Why a thread sleeps until its own read of a page is completed."""
    if doing.vm.page.busy_count[m] & PBUSY_SWAPINPROG:
        return f"it waits for its read of {doing.page_called(m)} from swap"
    read = f"its read of {doing.page_called(m)} from swap is completed"
    step = doing.since_busy(m, lambda old, new: bool(old & PBUSY_SWAPINPROG and not new & PBUSY_SWAPINPROG))
    return f"{read}: {_wakeup_after(doing, step)}"


def _page_is_busy(doing: Doing, m: int) -> str:
    """Why a thread sleeps until a page is released; it may have been released too early."""
    busy, page = doing.vm.page.busy_count[m], doing.page_called(m)
    if not _is_busy(busy):
        step = doing.since_busy(m, lambda old, new: _is_busy(old) and not _is_busy(new))
        who = "" if step is None else f" ({doing.who(step)} released it in step {step:,})"
        return f"{page} is no longer busy{who}: {_wakeup_after(doing, step)}"
    lost = "" if busy & PBUSY_WANTED else "; WANTED is clear, so no release wakes it"
    how = doing.locked_since(m) if busy & PBUSY_LOCKED else busy_words(busy & ~PBUSY_WANTED)
    return f"{page} is busy, {how}{lost}"


def _is_busy(busy: int) -> bool:
    return bool(busy & (PBUSY_LOCKED | PBUSY_MASK))


def _wakeup_after(doing: Doing, step: int | None) -> str:
    """Whether the wakeup, which a thread performs after `step`, comes before this sleep."""
    if step is None or doing.acted_since(step):
        return "the wakeup is lost"
    return f"the wakeup of {doing.who(step)} is still to come"


def _awake(doing: Doing) -> str:
    timed_out = bool(doing.vm.thread.wake[doing.t])
    how = "its timeout ran out" if timed_out else "it was woken"
    since = doing.since("thread.state", doing.t)
    return f"runs again: {how}{_in_step(since) if timed_out else since}"


def _in_step(since: str) -> str:
    """`, by app in step 10` without the thread: a timeout runs out by the clock."""
    return since[since.rindex(" in step") :] if since else ""


def _wake(doing: Doing) -> str:
    vm, chan = doing.vm, doing["chan"]
    woken = [
        doing.labels.thread(t)
        for t in range(len(doing.history.programs))
        if vm.thread.chan[t] == chan and vm.thread.state[t] == SLEEPING
    ]
    if not woken:
        return f"wakes no thread: none sleeps for {_channel(doing)}"
    waits = "it waits" if len(woken) == 1 else "they wait"
    return f"wakes {', '.join(woken)}: {waits} for {_channel(doing)}"


REASONS: Final[Mapping[str, Reason]] = {
    "vm_page_spin_lock#1": _lock_page,
    "vm_page_spin_trylock#1": _try_page,
    "vm_page_spin_trylock#2": _try_page,
    "vm_page_spin_unlock#1": _unlock_page,
    "vm_page_queues_spin_lock#1": _lock_queue,
    "vm_page_queues_spin_unlock#1": _unlock_queue,
    "_vm_page_queue_spin_lock#1": _read_queue,
    "_vm_page_queue_spin_unlock#1": _read_queue,
    "lwkt_gettoken#1": _take_token,
    "lwkt_trytoken#1": _try_token,
    "lwkt_reltoken#1": _release_token,
    "tsleep_interlock#1": _interlock,
    "tsleep#1": _sleep,
    "tsleep#2": _awake,
    "wakeup#1": _wake,
}
"""The reason of each deciding action, by function and number of the action."""
