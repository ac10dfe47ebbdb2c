"""The kernel's own verdict on a page: its function is called at a moment of a run, and everything undone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, Final

from engine.constants import (
    NULL,
    OBJ_DEAD,
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_UNQUEUED,
    PG_WINATCFLS,
    PG_WRITEABLE,
    PQ_CACHE,
    PQ_FREE,
    PQ_HOLD,
    PQ_INACTIVE,
    VM_ALLOC_NORMAL,
    Cpu,
    Page,
    Thread,
)
from engine.errors import KernelPanic
from engine.kernel.age import vm_page_try_to_cache
from engine.kernel.alloc import _prepare, _select_page
from engine.kernel.busy import vm_page_busy_try
from engine.kernel.free import vm_page_free_toq
from engine.kernel.pageout.page import vm_pageout_page
from engine.kernel.queues import base_queue
from engine.kernel.wire import vm_page_wire
from engine.machine.machine import Machine
from engine.machine.tables import READY
from engine.run.history import History
from engine.run.suspended import calls_of

LONGEST: Final = 40_000
"""Number of actions after which a call is taken for one that does not return."""

_MARKS: Final = (PG_MAPPED, PG_WRITEABLE, PG_NEED_COMMIT, PG_REFERENCED, PG_UNQUEUED, PG_WINATCFLS)


@contextmanager
def undone(history: History) -> Iterator[None]:
    """Context manager that takes back what was written to the memory inside it."""
    vm, books = history.vm, [(book, len(book.slots)) for book, _ in history.vm.memory.books]
    kept = vm.curthread, vm.mycpu, vm.runnable_changed, len(vm.effects)
    try:
        yield
    finally:
        history.journal.undo_unmarked(vm.memory.cells)
        vm.curthread, vm.mycpu, vm.runnable_changed = kept[:3]
        del vm.effects[kept[3] :]
        for book, length in books:
            while len(book.slots) > length:
                book.slots.popitem()


def changes(vm: Machine, m: Page) -> list[Callable[[], None]]:
    """Return what gives a field of the page, or of its object, each of the values that matter."""
    page, obj = vm.page, vm.page.object[m]

    def put(column: Any, value: int, row: int = m) -> Callable[[], None]:
        return lambda: column.__setitem__(row, value)

    def mapped(flags: int) -> None:
        page.flags[m] |= flags
        page.pmap_modified[m] = 1

    found = [put(page.busy_count, page.busy_count[m] ^ bit) for bit in (PBUSY_LOCKED, 1)]
    found += [put(page.wire_count, value) for value in (0, 1, 2, 0xFFFFFFFF)]
    found += [put(page.flags, page.flags[m] ^ mark) for mark in _MARKS]
    found += [put(column, value) for column in (page.dirty, page.valid) for value in (0, 1, 0xFF)]
    found += [put(column, value) for column in (page.hold_count, page.pmap_modified) for value in (0, 1)]
    found += [put(page.pmap_referenced, value) for value in (0, 1)]
    found += [partial(mapped, flags) for flags in (PG_MAPPED, PG_WRITEABLE, PG_MAPPED | PG_WRITEABLE)]
    if obj != NULL:
        found += [put(vm.object.ref_count, value, obj) for value in (0, 1)]
        found += [put(vm.object.vget_fails, value, obj) for value in (0, 1)]
        found += [put(vm.object.flags, vm.object.flags[obj] ^ OBJ_DEAD, obj)]
    return found


def changed(vm: Machine, m: Page, chance: random.Random) -> None:
    """Make up to three of the changes."""
    for change in chance.sample(changes(vm, m), chance.randrange(4)):
        change()


def kernel_allows(history: History, what: str, m: Page) -> bool:
    """Whether the kernel's function does what it is for; a panic is a no. The caller undoes its writes."""
    vm = history.vm
    t = history.journal.thread(history.step) if history.step else -1
    cpu = Cpu(history.programs[t].cpu if 0 <= t < len(history.programs) else 0)
    _release_locks(vm, queues_only=what == "alloc")
    # A thread of no program, which holds no lock.
    t = vm.thread.length - 1
    vm.curthread, vm.mycpu = Thread(t), cpu
    vm.thread.state[t], vm.thread.cpu[t], vm.cpu.current[cpu] = READY, cpu, Thread(t)
    try:
        return _ANSWERS[what](vm, m)
    except KernelPanic as panic:
        if panic.kind not in ("KKASSERT", "panic", "fault"):
            raise
        # A neighbour in the cluster that is written may be the one that panics.
        return panic.page not in (m, NULL)


def _release_locks(vm: Machine, *, queues_only: bool) -> None:
    """Release every lock, as if the call had waited for it: a search waits for queues only."""
    for q in range(vm.queue.length):
        if vm.queue.spin[q]:
            vm.queue.spin[q] = 0
    if queues_only:
        return
    for m in range(vm.marker_base):
        if vm.page.spin[m]:
            vm.page.spin[m] = 0
    for obj in range(vm.object.length):
        if vm.object.token_owner[obj] or vm.object.token_shared[obj]:
            vm.object.token_owner[obj] = vm.object.token_depth[obj] = vm.object.token_shared[obj] = 0


def _finish(steps: Any, until: Callable[[], bool] = lambda: False) -> Any:
    """Run a call to its end, or until a claim is true; return its result."""
    for _ in range(LONGEST):
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        if until():
            return None
    return None


def _frees(vm: Machine, m: Page) -> bool:
    fictitious = vm.page.flags[m] & PG_FICTITIOUS
    _finish(vm_page_free_toq(vm, m))
    return bool(fictitious) or base_queue(vm, m) in (PQ_FREE, PQ_HOLD)


def _caches(vm: Machine, m: Page) -> bool:
    return bool(_finish(vm_page_try_to_cache(vm, m))) and base_queue(vm, m) == PQ_CACHE


def _wires(vm: Machine, m: Page) -> bool:
    before = vm.page.wire_count[m]
    _finish(vm_page_wire(vm, m))
    return vm.page.wire_count[m] == before + 1


def _allocates(vm: Machine, m: Page) -> bool:
    """Whether the first page that a request for the page's colour takes is this one."""
    taken: list[int] = []
    steps = _select_page(vm, vm.page.pc[m], VM_ALLOC_NORMAL)

    def chosen() -> bool:
        calls = calls_of(steps)
        taken.extend(
            call.gi_frame.f_locals["m"]
            for call in islice(calls, 1, None)
            if call.__name__ == "vm_page_free_toq" and call.gi_frame is not None
        )
        return bool(taken)

    result = _finish(steps, chosen)
    if taken or result != m:
        return m in taken[:1]
    _finish(_prepare(vm, m, VM_ALLOC_NORMAL))
    return True


def _pages_out(vm: Machine, m: Page) -> bool:
    """Whether a visit of the scan frees the page, caches it, or hands it to its pager."""
    if base_queue(vm, m) != PQ_INACTIVE or _finish(vm_page_busy_try(vm, m, 1)):
        return False
    if vm.glob.vm_pageout_memuse_mode[0] >= 3:
        vm.page.flags[m] |= PG_WINATCFLS
    written: list[bool] = []
    level = vm.daemon.passes[0] // 10
    steps = vm_pageout_page(vm, m, 1, NULL, level, 0)  # type: ignore[arg-type]

    def writes() -> bool:
        # The flush has checked the page once its pager is called.
        names = {call.__name__ for call in calls_of(steps)}
        written.extend(
            [True] * bool(names & {"vm_pager_put_pages", "swap_pager_putpages", "putpages_as_told"})
        )
        return bool(written)

    _finish(steps, writes)
    return bool(written) or base_queue(vm, m) in (PQ_FREE, PQ_CACHE)


_ANSWERS: Final[dict[str, Callable[[Machine, Page], bool]]] = {
    "free": _frees,
    "cache": _caches,
    "pageout": _pages_out,
    "alloc": _allocates,
    "wire": _wires,
}
