"""What a run has not given back when its threads have ended: the outcomes `unlock_order` and `leak`.

Everything is read from the memory at the end and from the journal, so that a fork, a reopened run and a
replay come to the same findings. A busy bit and a hold have no owner in the kernel; the journal shows which
thread set them. The pages that the setup left busy or held are not findings about the run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import NULL, PBUSY_LOCKED, PBUSY_MASK, Obj, Thread
from engine.errors import Finding
from engine.kernel.locks import held_lock_cells, lock_name
from engine.kernel.tokens import EXCLUSIVE, token_lock
from engine.machine.machine import TOKENS_PER_THREAD, Machine
from engine.machine.tables import BUF_UNUSED, ENDED
from engine.memory.block import EVENT, Numbers
from engine.memory.journal import Journal
from engine.run.program import Call, Instruction, Program

LEAK: Final = "leak"
UNLOCK_ORDER: Final = "unlock_order"

_NAMED: Final = 4
"""How many things the text of a finding names; it counts the rest."""

_QUEUE_FIRST: Final = "release the queue's spinlock before the page's"
_LAST_FIRST: Final = "release the token that was taken last first"

RELEASES: Final = frozenset({"vm_page_spin_unlock", "lwkt_reltoken", "vm_object_drop"})
"""The calls with which a script itself releases a page's spinlock or a token."""


@dataclass(frozen=True)
class Kept:
    """Something that a thread took and that was not given back.

    what:   a lock's name, or `page 0x203`.
    how:    `taken`, `busied`, `soft-busied`, `held` or `wired`.
    place:  the thread and the line of its script that took it: `app:3`; the thread alone outside a line.
    step:   the step that took it. page: the page's index; NULL for a lock.
    """

    what: str
    how: str
    thread: int
    place: str
    step: int
    page: int = NULL

    def __str__(self) -> str:
        return f"{self.what}, {self.how} by {self.place} at step {self.step:,}"


@dataclass(frozen=True)
class Early:
    """A release out of order: which lock, while which one was held, and where.

    place: as in Kept. step: the step of the release. right: what the script has to do instead.
    """

    what: str
    held: str
    thread: int
    place: str
    step: int
    right: str

    def __str__(self) -> str:
        return f"{self.place} releases {self.what} before {self.held} at step {self.step:,}"


class Leak(Finding):
    """Threads have ended and left locks taken, or pages busy or held."""

    kind = LEAK

    def __init__(self, kept: Sequence[Kept]) -> None:
        super().__init__(f"not given back: {_listed(kept)}")
        self.kept = tuple(kept)


class UnlockOrder(Finding):
    """A line of a script released a page's spinlock before a queue's, or a token before a later one."""

    kind = UNLOCK_ORDER

    def __init__(self, early: Sequence[Early]) -> None:
        super().__init__("; ".join([_listed(early), *dict.fromkeys(one.right for one in early)]))
        self.early = tuple(early)


def _listed(found: Sequence[Kept | Early]) -> str:
    texts = [str(one) for one in found[:_NAMED]]
    if len(found) > _NAMED:
        texts.append(f"and {len(found) - _NAMED:,} more")
    return "; ".join(texts)


class Run:
    """A recorded run at its end: the machine's memory, the journal from step 0, and the programs.

    since: the step after which the threads run; what boot and the setup took is not the run's.
    """

    def __init__(self, vm: Machine, journal: Journal, programs: Sequence[Program], since: int = 0) -> None:
        self.vm = vm
        self.first_write = journal.end(since)
        self.journal = journal
        self.programs = programs
        self._cells: dict[tuple[str, int], Numbers] = {}

    # --- where ----------------------------------------------------------------------------------------------

    def _writes(self, column: str) -> Numbers:
        written = self.journal.writes_to(*self.vm.memory.places[column].stretch)
        return written[np.searchsorted(written, self.first_write) :]

    def _value_before(self, column: str, t: int, write: int) -> int:
        """The value of a thread's cell, in a column without bias, just before write number `write`."""
        if (column, t) not in self._cells:
            address = self.vm.memory.address(column, t)
            self._cells[column, t] = self.journal.writes_to(address, address + 1)
        found = self._cells[column, t]
        at = int(np.searchsorted(found, write))
        # A thread starts at line 1 without locks, so these cells are 0 at step 0.
        return self.journal.new[int(found[at - 1])] if at else 0

    def _place(self, t: int, write: int) -> str:
        program = self.programs[t]
        line = program.line_at(self._value_before("thread.pc", t, write))
        return f"{program.name}:{line}" if line and not program.interrupt else program.name

    def _taken(self, write: int, what: str, how: str, page: int = NULL) -> Kept:
        step = self.journal.step_of(write)
        t = self.journal.thread(step)
        return Kept(what, how, t, self._place(t, write), step, page)

    # --- leak -----------------------------------------------------------------------------------------------

    def kept(self) -> list[Kept]:
        """What was not given back: the locks of ended threads, then pages that are busy, then held ones."""
        return [
            *self._locks(),
            *self._pages("page.busy_count", "busied", lambda busy: int(bool(busy & PBUSY_LOCKED))),
            *self._pages("page.busy_count", "soft-busied", lambda busy: busy & PBUSY_MASK),
            *self._pages("page.hold_count", "held", int),
        ]

    def wired(self) -> list[Kept]:
        """The wirings of pages that threads of the run left: ordinary, and no finding."""
        return list(self._pages("page.wire_count", "wired", int))

    def _locks(self) -> Iterator[Kept]:
        vm = self.vm
        for t in range(len(self.programs)):
            if vm.thread.state[t] != ENDED:
                continue
            for lock, address in held_lock_cells(vm, Thread(t)):
                taken = self.journal.writes_to(address, address + 1)
                yield self._taken(int(taken[-1]), lock_name(vm, lock), "taken")

    def _pages(self, column: str, how: str, amount: Callable[[int], int]) -> Iterator[Kept]:
        """Each raise of a page's `amount`, a count in a column, that no thread of the run has undone."""
        vm = self.vm
        base, waiting = vm.memory.places[column].base, pages_of_ios(vm)
        left = np.flatnonzero(vm.memory.vector(column)[: vm.marker_base])
        left = left[~np.isin(left, waiting)] + base
        if not left.size:
            return
        written = self._writes(column)
        written = written[np.isin(self.journal.address.at(written), left)]
        for address, writes in self._by_address(written).items():
            for write in self._not_undone(writes, amount):
                m = address - base
                yield self._taken(write, f"page {vm.page_word(m)}", how, m)

    def _by_address(self, written: Numbers) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for write in written.tolist():
            found.setdefault(self.journal.address[write], []).append(write)
        return dict(sorted(found.items()))

    def _not_undone(self, writes: Sequence[int], amount: Callable[[int], int]) -> list[int]:
        """The writes by threads that raised a cell's amount and were not undone.

        A thread that lowers the amount undoes its own last raise; without one, the last raise of any thread;
        without any, one from before the run.
        """
        journal = self.journal
        raises: list[_Raise] = []
        for write in writes:
            change = amount(journal.new[write]) - amount(journal.old[write])
            t = journal.thread(journal.step_of(write)) if change else EVENT
            if change > 0:
                raises.append(_Raise(t, write, change))
            else:
                _undo(raises, t, -change)
        return [one.write for one in raises if one.thread != EVENT]

    # --- unlock order ---------------------------------------------------------------------------------------

    def early(self) -> list[Early]:
        """The releases by lines of scripts that are out of order, by step."""
        releasing = {
            t for t, program in enumerate(self.programs) if any(map(_releases, program.instructions))
        }
        if not releasing:
            return []
        found = [*self._early_pages(releasing), *self._early_tokens(releasing)]
        return sorted(found, key=lambda early: early.step)

    def _early_pages(self, threads: Collection[int]) -> Iterator[Early]:
        """The releases of a page's spinlock by a thread that holds a queue's."""
        vm, journal = self.vm, self.journal
        for write in self._writes("page.spin").tolist():
            t = journal.old[write] - 1
            if t not in threads or journal.new[write] or not self._in_release(t, write):
                continue
            q = self._value_before("thread.queue_spin", t, write)
            if q:
                held = lock_name(vm, vm.queue_spin_at + q)
                yield self._released(t, write, lock_name(vm, journal.address[write]), held, _QUEUE_FIRST)

    def _early_tokens(self, threads: Collection[int]) -> Iterator[Early]:
        """The releases of a token that is not the last one; the tokens after it move up by one slot."""
        vm, journal = self.vm, self.journal
        base, bias = vm.memory.places["token.object"].base, vm.memory.places["token.object"].spec.bias
        last_step = 0
        for write in self._writes("token.object").tolist():
            old, new, step = journal.old[write], journal.new[write], journal.step_of(write)
            t = (journal.address[write] - base) // TOKENS_PER_THREAD
            moved = old and new and step != last_step
            if moved and t in threads and self._in_release(t, write):
                last_step = step
                what, held = (lock_name(vm, token_lock(Obj(raw + bias), EXCLUSIVE)) for raw in (old, new))
                yield self._released(t, write, what, held, _LAST_FIRST)

    def _in_release(self, t: int, write: int) -> bool:
        """Whether thread `t` is, at a write, in a line of its script that releases a lock itself."""
        pc, instructions = self._value_before("thread.pc", t, write), self.programs[t].instructions
        return pc < len(instructions) and _releases(instructions[pc])

    def _released(self, t: int, write: int, what: str, held: str, right: str) -> Early:
        return Early(what, held, t, self._place(t, write), self.journal.step_of(write), right)


@dataclass
class _Raise:
    """A write that raised an amount, and how much of it is left."""

    thread: int
    write: int
    left: int


def _undo(raises: list[_Raise], t: int, lowered: int) -> None:
    """Take what a write of thread `t` lowered from its own raises, the last one first, then from any."""
    while lowered and raises:
        last = next((one for one in reversed(raises) if one.thread == t), raises[-1])
        part = min(lowered, last.left)
        last.left -= part
        lowered -= part
        if not last.left:
            raises.remove(last)


def pages_of_ios(vm: Machine) -> list[int]:
    """The pages of unfinished I/O: its completion gives them back."""
    pages: list[int] = [vm.io.page[row] for row in range(vm.io.length)]
    for row in range(vm.buf.length):
        if vm.buf.kind[row] != BUF_UNUSED:
            first = vm.buf.pindex[row]
            pages += [vm.find_page(vm.buf.object[row], first + n) for n in range(vm.buf.count[row])]
    return pages


def _releases(instruction: Instruction) -> bool:
    return isinstance(instruction, Call) and instruction.name in RELEASES


def refined(run: Run) -> tuple[str, Finding] | None:
    """Return the outcome and finding of a run that would be completed, if it is unlock_order or leak."""
    if early := run.early():
        return UNLOCK_ORDER, UnlockOrder(early)
    if kept := run.kept():
        return LEAK, Leak(kept)
    return None
