"""What a check finds, and how it calls the cells that disagree: by the names a person can look them up by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import NULL, type_and_color
from engine.machine.machine import Machine
from engine.memory.cells import Array

Mask = npt.NDArray[np.bool_]

MOST: Final = 8
"""How many breaches of one kind a check names: where one list is broken, a thousand pages may complain."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Two ends that should agree and do not.

    check:     which rule is broken, in words.
    page:      array index of the page concerned, or NULL.
    one, other: what each end says.
    """

    check: str
    page: int
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.check}: {self.one}, but {self.other}"


def some(rows: Array) -> list[int]:
    """The first MOST of the rows found."""
    found: list[int] = rows[:MOST].tolist()
    return found


def page_name(vm: Machine, m: int) -> str:
    """A page as a cell's name begins: `page[0x3f21]`, by its physical number; or NULL."""
    if not 0 <= m < vm.page.length:
        return "NULL" if m == NULL else f"no page (index {m})"
    number = vm.page_number(m)
    return f"page[{number}]" if number < 0 else f"page[{number:#x}]"


def queue_cell(q: int) -> str:
    """A queue as a cell's name begins: `queue[FREE,5]`."""
    name, color = type_and_color(q)
    return f"queue[{name},{color}]"


def object_name(vm: Machine, obj: int) -> str:
    """An object as a cell's name begins: `object[heap]`."""
    if obj == vm.vm_token:
        return "object[vm_token]"
    return f"object[{vm.object_names[obj] if 0 <= obj < len(vm.object_names) else obj}]"


def thread_name(vm: Machine, t: int) -> str:
    """A thread as a cell's name begins: `thread[app]`."""
    return f"thread[{vm.thread_names[t] if 0 <= t < len(vm.thread_names) else t}]"
