"""Spinlocks and their order.

A spinlock is one cell: owner + 1, or 0. Each acquisition announces the lock's address, so a thread that finds
the lock held is not runnable until it is free. A thread records the one page lock, the one queue lock and the
vm_contig_spin that it may hold. From that record each acquisition is checked against the lock order: page
before queue, one of each at a time, vm_contig_spin never with another. Searches take the locks in reverse
order and therefore only try the page's lock.
Source: spec 09.
"""

from __future__ import annotations

from itertools import count
from typing import Final

from engine.constants import NULL, PQ_NONE, Obj, Page, Queue, Thread, queue_name
from engine.errors import LockOrderViolation, kkassert
from engine.kernel.arguments import MaybeThread
from engine.kernel.tokens import EXCLUSIVE, taken_tokens, token_free, token_lock, token_of_lock
from engine.machine.machine import TOKENS_PER_THREAD, Machine, Steps
from engine.machine.tables import NO_THREAD

TRY_SPINLOCK: Final = "try the page's spinlock"
"""The announcement of a trylock, which never waits."""


def can_take(vm: Machine, t: Thread, lock: int) -> bool:
    """Whether thread `t` would get the announced lock at once: a spinlock's address, or a token."""
    if lock >= 0:
        return vm.memory.cells[lock] == 0
    return token_free(vm, t, *token_of_lock(lock))


def lock_owner(vm: Machine, lock: int) -> MaybeThread:
    """The thread that holds the announced lock exclusively, or NULL (free, shared, or held elsewhere)."""
    if lock >= 0:
        owner = Thread(vm.memory.cells[lock] - 1)
        return owner if owner < vm.thread.length else NO_THREAD
    return Thread(vm.object.token_owner[token_of_lock(lock)[0]] - 1)


def lock_name(vm: Machine, lock: int) -> str:
    """The name of an announced lock: `page 0x3f21`, `queue FREE[5]`, `vm_contig_spin`, `token of heap`."""
    if lock < 0:
        obj, _ = token_of_lock(lock)
        return "vm_token" if obj == vm.vm_token else f"token of {_object_name(vm, obj)}"
    place, index = vm.memory.place_of(lock)
    if place.table == "page":
        return f"page {vm.page_word(index)}"
    return f"queue {queue_name(index)}" if place.table == "queue" else "vm_contig_spin"


def lock_at(vm: Machine, address: int) -> int:
    """The lock that the cell at `address` belongs to, as it is announced: a token, or a spinlock."""
    place, index = vm.memory.place_of(address)
    return token_lock(Obj(index), EXCLUSIVE) if place.table == "object" else address


def _object_name(vm: Machine, obj: Obj) -> str:
    return vm.object_names[obj] if obj < len(vm.object_names) else f"object {obj}"


def held_locks(vm: Machine, t: Thread) -> list[int]:
    """The locks that thread `t` holds now: its spinlocks, the last one first, then its tokens in order.

    A sleeping thread has released its tokens and holds none of them.
    """
    tokens = [token_lock(obj, mode) for obj, mode in taken_tokens(vm, t)]
    return [*reversed(held_spinlocks(vm, t)), *tokens]


def held_lock_cells(vm: Machine, t: Thread) -> list[tuple[int, int]]:
    """Each of `held_locks`, with the address of the cell that records it.

    A spinlock is its own cell; a token is recorded in a slot of the thread.
    """
    slots = count(vm.memory.address("token.object", t * TOKENS_PER_THREAD))
    return [(lock, lock if lock >= 0 else next(slots)) for lock in held_locks(vm, t)]


def holds_spinlock(vm: Machine, t: Thread) -> bool:
    """Whether thread `t` holds any spinlock."""
    return vm.thread.page_spin[t] != NULL or vm.thread.queue_spin[t] > 0 or vm.thread.contig_spin[t] > 0


def held_spinlocks(vm: Machine, t: Thread) -> list[int]:
    """The addresses of the spinlocks that thread `t` holds: its queue's before its page's."""
    held = []
    if vm.thread.contig_spin[t]:
        held.append(vm.contig_spin_at)
    if vm.thread.queue_spin[t]:
        held.append(vm.queue_spin_at + vm.thread.queue_spin[t])
    if vm.thread.page_spin[t] != NULL:
        held.append(vm.page_spin_at + vm.thread.page_spin[t])
    return held


def _refuse_order(vm: Machine, function: str, wanted: int) -> None:
    held = held_spinlocks(vm, vm.curthread)[0]
    text = f"waits for {lock_name(vm, wanted)} while it holds {lock_name(vm, held)}"
    who = vm.thread_names[vm.curthread] if vm.thread_names else f"thread {vm.curthread}"
    raise LockOrderViolation(function, f"lock order: {who} {text}", held, wanted)


def vm_page_spin_lock(vm: Machine, m: Page) -> Steps[None]:
    """Take a page's spinlock, waiting while another cpu holds it.

    Locks:   no spinlock on entry; the page's on return.
    Blocks:  spins.
    Returns: nothing.
    Errors:  LockOrderViolation when the thread holds any spinlock.
    Source:  sys/vm/vm_page.h vm_page_spin_lock
    """
    yield "take the page's spinlock", vm.page_spin_at + m
    t = vm.curthread
    if holds_spinlock(vm, t):
        _refuse_order(vm, "vm_page_spin_lock", vm.page_spin_at + m)
    vm.page.spin[m] = t + 1
    vm.thread.page_spin[t] = m


def vm_page_spin_trylock(vm: Machine, m: Page) -> Steps[bool]:
    """Take a page's spinlock if it is free; may be called with a queue's spinlock held.

    Locks:   the page's on success.
    Blocks:  no.
    Returns: whether it was taken.
    Errors:  none.
    Differs: with the switch `trylock` off it waits, and the deadlock that the kernel avoids can occur.
    Source:  sys/vm/vm_page.c vm_page_spin_trylock
    """
    if vm.switches.trylock:
        yield TRY_SPINLOCK
        if vm.page.spin[m]:
            return False
    else:
        yield "take the page's spinlock without trying", vm.page_spin_at + m
    vm.page.spin[m] = vm.curthread + 1
    vm.thread.page_spin[vm.curthread] = m
    return True


def vm_page_spin_unlock(vm: Machine, m: Page) -> Steps[None]:
    """Release a page's spinlock.

    Locks:   the page's on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when this thread does not hold it.
    Source:  sys/vm/vm_page.h vm_page_spin_unlock
    """
    yield "release the page's spinlock"
    if vm.page.spin[m] != vm.curthread + 1:
        kkassert(False, "vm_page_spin_unlock", "the lock is held by this thread", m)
    vm.page.spin[m] = 0
    vm.thread.page_spin[vm.curthread] = NULL


def vm_page_queues_spin_lock(vm: Machine, q: Queue) -> Steps[None]:
    """Take queue `q`'s spinlock, waiting while another cpu holds it.

    Locks:   at most a page's spinlock on entry; the queue's on return.
    Blocks:  spins.
    Returns: nothing.
    Errors:  LockOrderViolation when the thread holds a queue's spinlock or vm_contig_spin.
    Source:  sys/vm/vm_page.c vm_page_queues_spin_lock
    """
    yield "take the queue's spinlock", vm.queue_spin_at + q
    t = vm.curthread
    if vm.thread.queue_spin[t] or vm.thread.contig_spin[t]:
        _refuse_order(vm, "vm_page_queues_spin_lock", vm.queue_spin_at + q)
    vm.queue.spin[q] = t + 1
    vm.thread.queue_spin[t] = q


def vm_page_queues_spin_unlock(vm: Machine, q: Queue) -> Steps[None]:
    """Release queue `q`'s spinlock.

    Locks:   the queue's on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when this thread does not hold it.
    Source:  sys/vm/vm_page.c vm_page_queues_spin_unlock
    """
    yield "release the queue's spinlock"
    if vm.queue.spin[q] != vm.curthread + 1:
        kkassert(False, "vm_page_queues_spin_unlock", "the lock is held by this thread")
    vm.queue.spin[q] = 0
    vm.thread.queue_spin[vm.curthread] = 0


def _vm_page_queue_spin_lock(vm: Machine, m: Page) -> Steps[None]:
    """Take the spinlock of the queue that page `m` is on; nothing when it is on none.

    Locks:   the page's spinlock on entry and return; the queue's on return.
    Blocks:  spins.
    Returns: nothing.
    Errors:  KKASSERT when the page changed queues in the meantime, which the page's spinlock prevents.
    Source:  sys/vm/vm_page.c _vm_page_queue_spin_lock
    """
    yield "read the page's queue"
    q = vm.page.queue[m]
    if q != PQ_NONE:
        yield from vm_page_queues_spin_lock(vm, q)
        kkassert(vm.page.queue[m] == q, "vm_page_queue_lock", "m.queue unchanged after taking its lock", m)


def _vm_page_queue_spin_unlock(vm: Machine, m: Page) -> Steps[None]:
    """Release the spinlock of the queue that page `m` is on; nothing when it is on none.

    Locks:   the page's spinlock on entry and return; the queue's on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when this thread does not hold it.
    Source:  the design document, Queue Operations; spec 09
    """
    yield "read the page's queue"
    q = vm.page.queue[m]
    if q != PQ_NONE:
        yield from vm_page_queues_spin_unlock(vm, q)


def contig_spin_lock(vm: Machine) -> Steps[None]:
    """Take vm_contig_spin, which guards the contiguous reserve.

    Locks:   no spinlock on entry; vm_contig_spin on return.
    Blocks:  spins.
    Returns: nothing.
    Errors:  LockOrderViolation when the thread holds any spinlock.
    Source:  sys/vm/vm_page.c, around vm_contig_alist
    """
    yield "take vm_contig_spin", vm.contig_spin_at
    t = vm.curthread
    if holds_spinlock(vm, t):
        _refuse_order(vm, "contig_spin_lock", vm.contig_spin_at)
    vm.glob.contig_spin[0] = t + 1
    vm.thread.contig_spin[t] = 1


def contig_spin_unlock(vm: Machine) -> Steps[None]:
    """Release vm_contig_spin.

    Locks:   vm_contig_spin on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c, around vm_contig_alist
    """
    yield "release vm_contig_spin"
    vm.glob.contig_spin[0] = 0
    vm.thread.contig_spin[vm.curthread] = 0
