"""The program of a thread that takes a reference string: one load or store a reference, and the clock.

The string never changes, so it is not in cells; the position in it is a variable of the thread, `position`.
A reference is one instruction: an access as the processor makes it, and the page fault that it may cause. A
hit that changes no cell is taken together with those after it that are like it, in one step, since they are
no actions on cells: there is nothing to merge. That is done only while no other thread can run, and only up
to the next clock tick, so the run comes to the same cells as one that takes each hit in a step of its own.

The clock of such a run is its references: after every `tick` of them the thread lets one tick pass, and then
the other threads of its cpu that are ready, as a clock interrupt does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PTE_A,
    PTE_M,
    PTE_RW,
    PTE_V,
    VM_FAULT_BURST,
    VM_FAULT_DIRTY,
    VM_FAULT_USERMODE,
    VM_PROT_READ,
    VM_PROT_WRITE,
)
from engine.errors import BadInput
from engine.kernel.process.fault import vm_fault
from engine.kernel.process.page_table import translate
from engine.kernel.process.process import signal_of
from engine.kernel.sleep import setrunqueue, switch
from engine.machine.machine import Machine, Steps
from engine.machine.tables import READY
from engine.memory.distinct import distinct
from engine.run.clock import tick
from engine.words import plural

REFERENCES_PER_TICK: Final = 1000
"""How many references make a tick of the clock, if nothing else is said."""

POSITION: Final = "position"
"""The variable that counts the references a thread has taken."""

LOAD: Final = "load from the string's next address"
STORE: Final = "store to the string's next address"
CLOCK: Final = "advance the clock"
"""What a thread that takes a string announces. The address is not in a label, of which a run has few."""

TAKE, ADVANCE = range(2)
"""The positions of the program: the next reference, a tick of the clock."""

_FIRST_LOOK: Final = 64
_LARGEST_LOOK: Final = 1 << 16
"""How many references are looked at together: at first, and at most."""

_NEEDS: Final = np.array([PTE_V | PTE_A, PTE_V | PTE_RW | PTE_A | PTE_M], np.int64)
"""The bits that a page table entry has when a load, and when a store, changes none of it."""


@dataclass(frozen=True, eq=False)
class ReferenceString:
    """A reference string, and where its pages are in the address space of the thread that takes it.

    name:    the file, or the name of a made string.
    indices: the page of each reference, as an index into `places`.
    writes:  whether each reference writes.
    places:  the page of the address space at which each page of the string is, (pages,).
    slot:    the cell of the variable `position`.
    tick:    how many references make a tick of the clock; 0: the thread leaves the clock alone.
    skips:   whether hits that change no cell are taken in one step.
    """

    name: str
    indices: npt.NDArray[np.uint32]
    writes: npt.NDArray[np.bool_]
    places: npt.NDArray[np.int64]
    slot: int
    tick: int = 0
    skips: bool = True
    _entries: WeakKeyDictionary[Machine, npt.NDArray[np.int64]] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )

    def __len__(self) -> int:
        return len(self.indices)

    def address(self, at: int) -> int:
        """The address of reference `at`, from 0: that of its page."""
        return int(self.places[self.indices[at]]) << PAGE_SHIFT

    def announcement(self, at: int) -> str:
        """What the thread announces before reference `at`."""
        return STORE if self.writes[at] else LOAD

    def words(self, at: int, taken: int = 1) -> str:
        """Say what a step did, or will do, that took `taken` references from reference `at` on."""
        verb = "store to" if self.writes[at] else "load from"
        more = f", and {plural(taken - 1, 'more hit')}" if taken > 1 else ""
        return f"{verb} {self.address(at):#x}{more}"

    def position(self, vm: Machine) -> int:
        """How many references have been taken."""
        return vm.variable.value[self.slot]

    def is_over(self, vm: Machine) -> bool:
        """Whether all references have been taken."""
        return self.position(vm) == len(self)

    def after(self, vm: Machine) -> int:
        """The position in the program after a reference that makes no tick, or after the tick."""
        return (ADVANCE + bool(self.tick)) if self.is_over(vm) else TAKE

    def next_tick(self, at: int) -> int:
        """The position of the next tick of the clock after position `at`, or the end of the string."""
        end = len(self)
        return min(end, at + self.tick - at % self.tick) if self.tick else end

    def hits(self, vm: Machine, p: int, at: int) -> int:
        """How many references from `at` on, up to the next tick, change no cell and need no fault.

        p: the process whose page table decides.
        """
        beyond, found, size = self.next_tick(at), at, _FIRST_LOOK
        while found < beyond:
            last = min(found + (1 if vm.memory.is_observed else size), beyond)
            kept = self._unchanged(vm, p, found, last)
            if not kept.all():
                return found - at + int(kept.argmin())
            found, size = last, min(4 * size, _LARGEST_LOOK)
        return found - at

    def _unchanged(self, vm: Machine, p: int, first: int, last: int) -> npt.NDArray[np.bool_]:
        """Whether each reference first .. last - 1 finds in its page table entry all that it would set."""
        rows = self._rows(vm, p, self.indices[first:last])
        needs = _NEEDS[self.writes[first:last].view(np.uint8)]
        if vm.memory.is_observed:
            entries = np.array([0 if row == NULL else vm.pte.entry[row] for row in rows.tolist()])
        else:
            entries = vm.memory.vector("pte.entry")[rows]
        kept: npt.NDArray[np.bool_] = ((entries & needs) == needs) & (rows != NULL)
        return kept

    def _rows(self, vm: Machine, p: int, pages: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """The row of the page table of each page, NULL where it has none yet; a row never changes."""
        known = self._entries.get(vm)
        if known is None:
            known = self._entries[vm] = np.full(len(self.places), NULL, np.int64)
        rows = known[pages]
        if (new := pages[rows == NULL]).size:
            given = vm.pte_slots.slots
            for page in distinct(new).tolist():
                known[page] = given.get((p, int(self.places[page])), NULL)
            rows = known[pages]
        return rows


@dataclass(frozen=True, slots=True)
class TakeReference:
    """Take the next reference of a string, with its page fault, or a run of hits.

    Takes one step, or as many as the fault.
    """

    line: int
    text: str
    string: ReferenceString
    next: int = TAKE

    def begin(self, vm: Machine) -> Steps[int]:
        """Return the atomic steps; their result is how many references they took."""
        return _take(vm, self.string, self.string.position(vm))

    def end(self, vm: Machine, value: Any) -> int:
        """Advance the position, as part of the last step; return the position of the next instruction."""
        string = self.string
        at = vm.variable.value[string.slot] = string.position(vm) + int(value)
        if string.tick and at % string.tick == 0:
            return ADVANCE
        return string.after(vm)


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    """Let a clock tick pass, and the other threads of the cpu that are ready run; one step."""

    line: int
    text: str
    string: ReferenceString
    next: int = TAKE

    def begin(self, vm: Machine) -> Steps[None]:
        """Return the atomic steps."""
        yield CLOCK
        t, cpu = vm.curthread, vm.mycpu
        tick(vm, 1)
        if not self.string.is_over(vm) and vm.cpu.runq_head[cpu] != NULL:
            setrunqueue(vm, t)
            switch(vm, cpu)

    def end(self, vm: Machine, value: Any) -> int:  # noqa: ARG002  # as of every instruction
        """Return the position of the next instruction."""
        return self.string.after(vm)


def _take(vm: Machine, string: ReferenceString, at: int) -> Steps[int]:
    write, addr, announcement = bool(string.writes[at]), string.address(at), string.announcement(at)
    prot = VM_PROT_WRITE if write else VM_PROT_READ
    flags = VM_FAULT_BURST | VM_FAULT_USERMODE | (VM_FAULT_DIRTY if write else 0)
    yield announcement
    p = vm.thread.process[vm.curthread]
    if string.skips and _runs_alone(vm) and (hits := string.hits(vm, p, at)):
        return hits
    while not translate(vm, p, addr, write):
        if signal_of((yield from vm_fault(vm, p, addr, prot, flags))):
            if vm.thread.signal[vm.curthread]:
                return 0
            verb = "stores to" if write else "loads from"
            wrong = f"reference {at + 1:,} {verb} {addr:#x}, which is not possible; map it in the process"
            raise BadInput(f"{string.name}: {wrong}")
        yield announcement
    return 1


def _runs_alone(vm: Machine) -> bool:
    """Whether no other thread can run; without a tick, none will until this one has slept or woken one."""
    state, own = vm.thread.state, vm.curthread
    return not any(state[t] == READY for t in range(len(vm.thread_names)) if t != own)
