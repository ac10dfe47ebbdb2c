"""The arguments of kernel functions: which may be NULL, the ranges of numbers, and who takes tokens.

A kernel function states this in its annotations, and a script's verbs are made from them. A page, object,
thread, cpu or queue has its type in `engine.constants`; the names here add a mark to one of these or to int.
To the type checker they are the type that they mark.

Source: the C types in sys/vm; narrower where a larger number has no meaning or exceeds the model's capacity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final

from engine import constants
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
    """A property that an annotation adds to a pointer's type.

    NULL_OK: the function handles NULL itself; without this mark, it dereferences the pointer.
    HELD:    the caller holds the token of the object, or of the object that the page is in.
    TAKES:   the call takes or releases the object's token, so it may be held when the next call begins.
    MODEL:   an argument of the model, which scripts do not give.
    """

    NULL_OK = "NULL is possible"
    HELD = "its token is held"
    TAKES = "its token is taken or released"
    MODEL = "scripts do not give it"


@dataclass(frozen=True)
class Range:
    """The numbers that an argument may have: `low` to `high`, except those that `fits` rejects.

    low, high: both inclusive; a function of the machine where they depend on it.
    words:     the message for a rejected number, where the two limits are not enough.
    fits:      whether a machine accepts a number within the limits; the same at every step.
    transient: whether the argument may have the number only for a time: the function checks it in a step.
    style:     the format of the number: "d" or "#x".
    last:      what `high` is, in words, where it depends on the machine.
    constants: the names of the kernel's constants of which the number is one, or is made.
    """

    low: Limit
    high: Limit
    words: str = ""
    fits: Callable[[Machine, int], bool] | None = None
    transient: bool = False
    style: str = "d"
    last: str = ""
    constants: tuple[str, ...] = ()

    def limits(self, vm: Machine) -> tuple[int, int]:
        """The smallest and the largest number on this machine."""
        low, high = (limit if isinstance(limit, int) else limit(vm) for limit in (self.low, self.high))
        return low, high

    def problem(self, vm: Machine, value: int) -> str | None:
        """The problem with the number, in words that follow `NAME = VALUE`; None when it is acceptable."""
        low, high = self.limits(vm)
        if not low <= value <= high:
            return self.words or f"is not possible; it is from {low} to {high}"
        return None if self.fits is None or self.fits(vm, value) else self.words


def _named(prefix: str, *without: str) -> tuple[str, ...]:
    """Return the names of the kernel's constants that start with a prefix, in the order of their file."""
    found = (name for name, value in vars(constants).items() if type(value) is int)
    return tuple(name for name in found if name.startswith(prefix) and name not in without)


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
"""A long whose sum with another one is still a long."""
Quad = Annotated[int, Range(-(1 << 63), (1 << 63) - 1)]
"""The 64 bits of an unsigned long, kept signed: a vm_pindex_t or vm_paddr_t."""
Bool = Annotated[int, Range(0, 1)]
Color = Annotated[int, Range(0, (1 << 16) - 1)]
"""A u_short; the bits above the machine's colours are ignored."""
Amount = Annotated[int, Range(0, 1 << 40)]
"""A number of bytes or pages, of something far smaller."""
Memattr = Annotated[int, Range(0, 0xFF, constants=_named("VM_MEMATTR_"))]
Nice = Annotated[int, Range(-20, 20)]
_PROTECTIONS: Final = "is not possible; it is made of VM_PROT_READ, _WRITE and _EXECUTE"
_PROTECTION: Final = _named("VM_PROT_")
Protection = Annotated[int, Range(VM_PROT_NONE, VM_PROT_ALL, _PROTECTIONS, constants=_PROTECTION)]
AnyProtection = Annotated[int, Range(-(1 << 31), (1 << 31) - 1, constants=_PROTECTION)]
"""A protection of which the function looks at single bits only."""
Advice = Annotated[int, Range(-(1 << 31), (1 << 31) - 1, constants=_named("MADV_"))]
PageFlags = Annotated[int, Range(-(1 << 31), (1 << 32) - 1, constants=_named("PG_"))]
"""The 32 bits of a page's flags, written with or without a sign."""


def _names_a_cpu(vm: Machine, flags: int) -> bool:
    return not flags & VM_ALLOC_CPU_SPEC or flags >> VM_ALLOC_CPU_SHIFT < vm.ncpus


_NO_CPU: Final = "names no cpu of this machine; write VM_ALLOC_CPU(N)"
_CLASSES: Final = _named("VM_ALLOC_", "VM_ALLOC_CPU_SPEC", "VM_ALLOC_CPU_SHIFT")
PageReq = Annotated[int, Range(0, (1 << 32) - 1, _NO_CPU, _names_a_cpu, style="#x", constants=_CLASSES)]
"""VM_ALLOC_ flags."""


def _is_a_base(_: Machine, base: int) -> bool:
    return base in QUEUE_BASES.values()


_NO_BASE: Final = "is not a queue type; use PQ_FREE, PQ_ACTIVE and so on"
_BASES: Final = tuple(f"PQ_{name}" for name, base in QUEUE_BASES.items() if base >= PQ_FREE)
BaseQueue = Annotated[Queue, Range(PQ_FREE, PQ_COUNT - 1, _NO_BASE, _is_a_base, constants=_BASES)]
"""A queue type: its queue of colour 0."""

# --- address spaces ---------------------------------------------------------------------------------------

LAST_ADDRESS: Final = (1 << 47) - 1
"""The last byte of a process's address space."""

LAST_PID: Final = 99999

Address = Annotated[int, Range(0, LAST_ADDRESS)]
PageNumber = Annotated[int, Range(0, LAST_ADDRESS >> PAGE_SHIFT)]
PageCount = Annotated[int, Range(1, LAST_ADDRESS >> PAGE_SHIFT)]
_LAST_PROCESS: Final = "the last process"
Process = Annotated[int, Range(0, lambda vm: vm.processes - 1, last=_LAST_PROCESS)]
OwnOrProcess = Annotated[int, Range(NULL, lambda vm: vm.processes - 1, transient=True, last=_LAST_PROCESS)]
"""A process, or NULL for that of the running thread, which may have none."""
InsteadProcess = Annotated[int, Mark.MODEL]
"""A process instead of the thread in another argument, or NULL."""
Pid = Annotated[int, Range(0, LAST_PID)]
MapEntry = Annotated[
    int, Range(0, lambda vm: vm.map_entry.length - 1, transient=True, last="the last map entry")
]

_NAMED: Final = "use a name of the file or what a call returned"

RANGES: Final[dict[object, Range]] = {
    Page: Range(NULL, lambda vm: vm.page.length - 1, f"is not a page; {_NAMED}", last="the last page"),
    Obj: Range(NULL, lambda vm: vm.object.length - 1, f"is not an object; {_NAMED}", last="the last object"),
    Thread: Range(0, lambda vm: vm.thread.length - 1, last="the last thread"),
    Cpu: Range(0, lambda vm: vm.ncpus - 1, last="the last cpu"),
    Queue: Range(PQ_FREE, PQ_COUNT - 1),
}
"""The range of each kind of row; a page or object may be NULL, which its function then dereferences."""
