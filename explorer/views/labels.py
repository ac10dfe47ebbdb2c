"""The names shown on the screen: queues as `FREE[5]`, pages by physical number."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PBUSY_MASK,
    PBUSY_NAMES,
    PG_NAMES,
    PTE_A,
    PTE_M,
    PTE_RW,
    PTE_V,
    PTE_W,
    type_and_color,
)
from engine.kernel.locks import lock_name
from engine.kernel.sleep import describe_channel
from engine.kernel.tokens import EXCLUSIVE, SHARED, token_of_lock
from engine.language.naming import held_pages, page_name
from engine.language.symbols import NOTHING_NAMED, Kind, Names
from engine.machine.machine import Machine
from engine.run.program import Program

FLAGS: Final = {
    value: name.removeprefix("PG_") for name, value in sorted(PG_NAMES.items(), key=lambda pair: pair[1])
}
"""Flag value -> name without its prefix, lowest bit first."""

SHORT_FLAGS: Final = {
    "WIN": "WINATCFLS", "FIC": "FICTITIOUS", "WRT": "WRITEABLE", "MAP": "MAPPED", "MUL": "MAPPEDMULTI",
    "REF": "REFERENCED", "CLN": "CLEANCHK", "NOS": "NOSYNC", "UNQ": "UNQUEUED", "MRK": "MARKER",
    "RAM": "RAM", "SWP": "SWAPPED", "NOT": "NOTMETA", "COM": "NEED_COMMIT",
}  # fmt: skip
"""The three letters of each flag in the inspector."""

BUSY: Final = {value: name.removeprefix("PBUSY_") for name, value in PBUSY_NAMES.items()}
"""Bit of busy_count -> name without its prefix, highest bit first."""


TOKEN_MODES: Final = {0: "free", EXCLUSIVE: "exclusive", SHARED: "shared"}
"""How a thread has a token."""

_PTE_BITS: Final = {"V": PTE_V, "RW": PTE_RW, "A": PTE_A, "M": PTE_M, "W": PTE_W}


def queue_type(q: int) -> str:
    """The name of the type that queue index `q` belongs to."""
    return type_and_color(q)[0]


def flag_names(flags: int) -> list[str]:
    """The set PG_ flags by name; unknown bits as one hexadecimal number."""
    names = [name for value, name in FLAGS.items() if flags & value]
    rest = flags & ~sum(FLAGS)
    return [*names, f"{rest:#x}"] if rest else names


def busy_words(busy: int) -> str:
    """busy_count in words: `LOCKED|WANTED`, `soft 2`, or 0."""
    words = [name for bit, name in BUSY.items() if busy & bit]
    soft = busy & PBUSY_MASK
    if soft:
        words.append(f"soft {soft}")
    return "|".join(words) or "0"


def pte_words(pte: int) -> str:
    """A page table entry in words: the physical page number and the set bits, `page 0x5b, V|RW|A`."""
    bits = "|".join(name for name, bit in _PTE_BITS.items() if pte & bit)
    return f"page {pte >> PAGE_SHIFT:#x}, {bits}" if bits else "none"


@dataclass(frozen=True)
class Labels:
    """The names of a run: its threads, and its objects as the scenario names them.

    freed: the pages that the run has freed, which a variable of the setup does not name any more.
    """

    vm: Machine
    programs: Sequence[Program]
    given: Names = NOTHING_NAMED
    freed: Container[int] = ()

    def thread(self, t: int) -> str:
        """A thread's name; `no thread` for NULL."""
        return self.programs[t].name if 0 <= t < len(self.programs) else "no thread"

    def owner(self, cell: int) -> str:
        """The value of a spinlock's cell: the name of the holder, or `free`; the setup is not a thread."""
        if not cell:
            return "free"
        return self.thread(cell - 1) if cell <= len(self.programs) else "setup"

    def object(self, obj: int) -> str:
        """An object's name in the scenario, or its number; `vm_token` for the token of memory waits."""
        if obj == NULL:
            return "none"
        if obj == self.vm.vm_token:
            return "vm_token"
        return self.given.objects[obj] if obj < len(self.given.objects) else f"object {obj}"

    def page(self, m: int) -> str:
        """A page as its physical page number, a fake page as its index, a scan marker as its thread."""
        if m == NULL:
            return "none"
        if m >= self.vm.marker_base:
            return f"marker of {self.thread(m - self.vm.marker_base)}"
        return self.vm.page_word(m)

    def page_called(self, m: int) -> str:
        """A page as sentences call it: `page 0xc03`, `fake page 1`, `marker of pager`, `no page`."""
        if m == NULL:
            return "no page"
        if not 0 <= m < self.vm.marker_base:
            return self.page(m)
        number = self.vm.page_number(m)
        return f"page {number:#x}" if number >= 0 else f"fake page {-number}"

    def process(self, p: int) -> str:
        """A process's name in the scenario, or its number: `process A`; `no process` for NULL."""
        if p == NULL:
            return "no process"
        return f"process {self.given.processes[p] if p < len(self.given.processes) else p}"

    def page_name(self, m: int) -> str:
        """A page as people name it: `app.m`, else `heap[3]`, else its number; NULL and markers as `page`."""
        if not 0 <= m < self.vm.marker_base:
            return self.page(m)
        return page_name(self.vm, m, self.given, self.held_pages())

    def held_pages(self) -> dict[int, str]:
        """The pages that are named by a variable, and that variable."""
        return held_pages(self.vm, self.given, self.freed)

    def variable(self, slot: int) -> tuple[str, str]:
        """The thread and the name of the variable in a cell."""
        if slot in self.given.variable_at:
            return self.given.variable_at[slot][:2]
        for program in self.programs:
            for name, known in program.names.items():
                if known == slot:
                    return program.name, name
        return "script", f"variable {slot}"

    def is_hidden(self, slot: int) -> bool:
        """Whether a variable has no name in the script: it keeps a value between two parts of a line."""
        return self.variable(slot)[1].startswith("$")

    def variable_value(self, slot: int, value: int) -> str:
        """A variable's value by its kind: a page as its number, an object as its name."""
        kind = self.given.variable_at[slot][2] if slot in self.given.variable_at else Kind.NUMBER
        if kind is Kind.PAGE:
            return self.page(value)
        if kind is Kind.OBJECT:
            return self.object(value)
        return "NULL" if kind.nullable and value == NULL else f"{value:,}"

    def lock(self, lock: int) -> str:
        """An announced lock: its lock_name, and whether it is shared."""
        shared = lock < 0 and token_of_lock(lock)[1] != EXCLUSIVE
        return lock_name(self.vm, lock) + (" (shared)" if shared else "")

    def channel(self, chan: int) -> str:
        """The name of a sleep channel."""
        name, number = describe_channel(self.vm, chan)
        if name == "page" and number is not None:
            return f"page {number:#x}" if number >= 0 else f"fake page {-number}"
        return f"I/O of {self.object(number)}" if number is not None else name
