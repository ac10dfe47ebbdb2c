"""What the arguments of kernel functions may be: which are NULL, in what range numbers are, who takes tokens.

A kernel function says it in its annotations, and a script's verbs are made from those. A page, object,
thread, cpu or queue has its type in `engine.constants`; the names here add a mark to one of these or to int.
To the type checker they are the type that they mark.

Source: the C types in sys/vm; narrower where a greater number means nothing, or more than the model holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PQ_COUNT,
    PQ_FREE,
    QUEUE_BASES,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    VM_PROT_ALL,
    VM_PROT_NONE,
    Cpu,
    Obj,
    Page,
    Queue,
    Thread,
)
from engine.machine.machine import Machine

Limit = int | Callable[[Machine], int]


class Mark(Enum):
    """What an annotation adds to a pointer's type.

    NULL_OK: the function says itself what NULL means; without it, the function dereferences the pointer.
    HELD:    the caller holds the token of the object, or of the page's object if it is in one.
    TAKES:   the call takes or gives back the object's token, so that it may be held when the next begins.
    """

    NULL_OK = "NULL is possible"
    HELD = "its token is held"
    TAKES = "its token is taken or released"


@dataclass(frozen=True)
class Range:
    """The numbers that an argument may be: `low` to `high`, of which `fits` may refuse some.

    low, high: both included; a function of the machine where it depends on that.
    words:     what to say of one that is refused, when the two limits do not say enough.
    fits:      whether a machine has a number that lies within the limits; the same at every step.
    transient: whether it may have the number only for a time: the function looks, in a step of its own.
    style:     how the number is shown: "d", or "#x".
    """

    low: Limit
    high: Limit
    words: str = ""
    fits: Callable[[Machine, int], bool] | None = None
    transient: bool = False
    style: str = "d"

    def limits(self, vm: Machine) -> tuple[int, int]:
        """The least and the greatest number on this machine."""
        low, high = (limit if isinstance(limit, int) else limit(vm) for limit in (self.low, self.high))
        return low, high

    def problem(self, vm: Machine, value: int) -> str | None:
        """What is wrong with the number, in words that follow `NAME = VALUE`; None when it is possible."""
        low, high = self.limits(vm)
        if not low <= value <= high:
            return self.words or f"is not possible; it is from {low} to {high}"
        return None if self.fits is None or self.fits(vm, value) else self.words


# --- pointers ---------------------------------------------------------------------------------------------

MaybePage = Annotated[Page, Mark.NULL_OK]
MaybeObj = Annotated[Obj, Mark.NULL_OK]
MaybeThread = Annotated[Thread, Mark.NULL_OK]
HeldObj = Annotated[Obj, Mark.HELD]
MaybeHeldObj = Annotated[Obj, Mark.HELD, Mark.NULL_OK]
HeldPage = Annotated[Page, Mark.HELD]
TokenObj = Annotated[Obj, Mark.TAKES]
MaybeTokenObj = Annotated[Obj, Mark.TAKES, Mark.NULL_OK]

# --- numbers ----------------------------------------------------------------------------------------------

Int = Annotated[int, Range(-(1 << 31), (1 << 31) - 1)]
Count = Annotated[int, Range(0, (1 << 31) - 1)]
Long = Annotated[int, Range(-(1 << 62), (1 << 62) - 1)]
"""A long, whose sum with another one is still a long."""
Word = Annotated[int, Range(-(1 << 31), (1 << 32) - 1)]
"""The 32 bits of an unsigned int, written signed or not."""
Quad = Annotated[int, Range(-(1 << 63), (1 << 63) - 1)]
"""The 64 bits of an unsigned long, kept signed: a vm_pindex_t or vm_paddr_t."""
Bool = Annotated[int, Range(0, 1)]
Color = Annotated[int, Range(0, (1 << 16) - 1)]
"""A u_short; the bits above the machine's colours do not count."""
Amount = Annotated[int, Range(0, 1 << 40)]
"""Bytes or pages, of something that is far smaller."""
Memattr = Annotated[int, Range(0, 0xFF)]
Nice = Annotated[int, Range(-20, 20)]
_PROTECTIONS: Final = "is not possible; it is made of VM_PROT_READ, _WRITE and _EXECUTE"
Protection = Annotated[int, Range(VM_PROT_NONE, VM_PROT_ALL, _PROTECTIONS)]


def _names_a_cpu(vm: Machine, flags: int) -> bool:
    return not flags & VM_ALLOC_CPU_SPEC or flags >> VM_ALLOC_CPU_SHIFT < vm.ncpus


_NO_CPU: Final = "names no cpu of this machine; write VM_ALLOC_CPU(N)"
PageReq = Annotated[int, Range(0, (1 << 32) - 1, _NO_CPU, _names_a_cpu, style="#x")]
"""VM_ALLOC_ flags."""


def _is_a_base(_: Machine, base: int) -> bool:
    return base in QUEUE_BASES.values()


_NO_BASE: Final = "is no queue type; write PQ_FREE, PQ_ACTIVE and so on"
BaseQueue = Annotated[Queue, Range(PQ_FREE, PQ_COUNT - 1, _NO_BASE, _is_a_base)]
"""A queue type: its queue of colour 0."""

# --- address spaces ---------------------------------------------------------------------------------------

LAST_ADDRESS: Final = (1 << 47) - 1
"""The last byte of a process's address space."""

LAST_PID: Final = 99999

Address = Annotated[int, Range(0, LAST_ADDRESS)]
PageNumber = Annotated[int, Range(0, LAST_ADDRESS >> PAGE_SHIFT)]
PageCount = Annotated[int, Range(1, LAST_ADDRESS >> PAGE_SHIFT)]
Process = Annotated[int, Range(0, lambda vm: vm.processes - 1)]
Pid = Annotated[int, Range(0, LAST_PID)]
MapEntry = Annotated[int, Range(0, lambda vm: vm.map_entry.length - 1, transient=True)]

_NAMED: Final = "use a name of the file or what a call returned"

RANGES: Final[dict[object, Range]] = {
    Page: Range(NULL, lambda vm: vm.page.length - 1, f"is not a page; {_NAMED}"),
    Obj: Range(NULL, lambda vm: vm.object.length - 1, f"is not an object; {_NAMED}"),
    Thread: Range(0, lambda vm: vm.thread.length - 1),
    Cpu: Range(0, lambda vm: vm.ncpus - 1),
    Queue: Range(PQ_FREE, PQ_COUNT - 1),
}
"""The rows that there are of each kind; a page or object may be NULL, which its function then looks into."""
