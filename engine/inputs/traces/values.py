"""Conversion of the values in a trace's `args` to the model's: page numbers, object ids, integers.

A value of the wrong type (text for a number) means that the file is not a trace: BadInput. A number that no
machine, or not this machine, can have is an `Impossible`: the operation is not run and the line diverges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.constants import (
    NULL,
    OBJECT_TYPES,
    QUEUE_BASES,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    VMSTATS_FIELDS,
)
from engine.errors import BadInput
from engine.inputs.traces.report import as_text
from engine.machine.machine import Machine


class Impossible(Exception):
    """The operation cannot be run on this machine.

    key:   the key of the line at fault.
    value: its value in the trace.
    model: the model's answer.
    """

    def __init__(self, key: str, value: Any, model: str) -> None:
        super().__init__(f"{key}: {model}")
        self.key = key
        self.value = value
        self.model = model


class ObjectNumbers:
    """Maps the trace's object ids to the model's object indices and back; id 0 is NULL."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.index_of: dict[int, int] = {0: NULL}
        self.id_of: dict[int, int] = {}

    def add(self, number: int) -> int:
        """Add an object; return its index."""
        index = len(self.id_of)
        if index >= self.capacity:
            raise Impossible("args", {"object": number}, f"only {self.capacity} objects fit")
        self.index_of[number] = index
        self.id_of[index] = number
        return index


Reader = Callable[[Machine, ObjectNumbers, Any, str], Any]
"""Converts an argument to the model's value: (machine, objects, value, argument's name). `pages` returns a
tuple of integers, all others return an integer."""


def whole(value: Any, name: str) -> int:
    """Return `value` if it is an integer.

    Errors: BadInput.
    """
    if type(value) is not int:
        raise BadInput(f"`{name}` is {as_text(value)}; it must be an integer")
    return value


def word(value: Any, name: str) -> str:
    """Return `value` if it is a string.

    Errors: BadInput.
    """
    if type(value) is not str:
        raise BadInput(f"`{name}` is {as_text(value)}; it must be a string")
    return value


def between(low: int, high: int) -> Reader:
    """Return a reader of integers from `low` to `high`."""

    def read(_vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
        if type(value) is not int:
            whole(value, name)
        if not low <= value <= high:
            raise Impossible("args", {name: value}, f"from {low} to {high}")
        return int(value)

    return read


FLAG: Final = between(0, 1)
COUNT: Final = between(0, (1 << 31) - 1)
INT: Final = between(-(1 << 31), (1 << 31) - 1)
UNSIGNED: Final = between(0, (1 << 32) - 1)
LONG: Final = between(-(1 << 62), (1 << 62) - 1)


def page(vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read an existing page."""
    m = vm.page_index(whole(value, name))
    if m == NULL:
        raise Impossible("args", {name: value}, "no such page")
    return m


def pages(vm: Machine, objects: ObjectNumbers, value: Any, name: str) -> tuple[int, ...]:
    """Read a list of existing pages, at least one."""
    if not isinstance(value, list) or not value:
        raise BadInput(f"`{name}` is {as_text(value)}; it must be a list of pages")
    return tuple(page(vm, objects, number, name) for number in value)


def known_object(vm: Machine, objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read an object that was created."""
    obj = object_or_null(vm, objects, value, name)
    if obj == NULL:
        raise Impossible("args", {name: value}, "no object")
    return obj


def object_or_null(_vm: Machine, objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read an object that was created, or NULL."""
    obj = objects.index_of.get(whole(value, name))
    if obj is None:
        raise Impossible("args", {name: value}, "no such object")
    return obj


def new_object(_vm: Machine, objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read the id of a new object; return the model's object for it."""
    if whole(value, name) < 1 or value in objects.index_of:
        raise Impossible("args", {name: value}, "not a new object's number")
    return objects.add(value)


def pindex(_vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read a 64-bit number, signed or unsigned; return it signed, as in cells."""
    if not -(1 << 63) <= whole(value, name) < 1 << 64:
        raise Impossible("args", {name: value}, "64 bits")
    return int(value) if value < 1 << 63 else value - (1 << 64)


def cpu(vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read a cpu of this machine."""
    if not 0 <= whole(value, name) < vm.ncpus:
        raise Impossible("args", {name: value}, f"{vm.ncpus} cpus")
    return int(value)


def thread(vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read a thread's number."""
    if not 0 <= whole(value, name) < vm.thread.length:
        raise Impossible("args", {name: value}, f"{vm.thread.length} threads")
    return int(value)


def request(vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read VM_ALLOC_ flags; a cpu in them must exist."""
    if not 0 <= whole(value, name) < 1 << 32:
        raise Impossible("args", {name: value}, "32 bits")
    if value & VM_ALLOC_CPU_SPEC and value >> VM_ALLOC_CPU_SHIFT >= vm.ncpus:
        raise Impossible("args", {name: value}, f"{vm.ncpus} cpus")
    return int(value)


def base_queue(_vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read a queue type's name; return the index of its first queue."""
    if value == "NONE" or word(value, name) not in QUEUE_BASES:
        raise Impossible("args", {name: value}, "no such queue type")
    return QUEUE_BASES[value]


def object_type(_vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read an object type's name; return its number."""
    if word(value, name) not in OBJECT_TYPES:
        raise Impossible("args", {name: value}, "no such object type")
    return OBJECT_TYPES[value]


def threshold(_vm: Machine, _objects: ObjectNumbers, value: Any, name: str) -> int:
    """Read the name of a vmstats field; return its number."""
    if word(value, name) not in VMSTATS_FIELDS:
        raise Impossible("args", {name: value}, "no such threshold")
    return VMSTATS_FIELDS.index(value)
