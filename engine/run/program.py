"""What a thread runs: a flat list of instructions, compiled once, with every bit of state in cells.

The position is the cell `thread.pc`, the variables are cells, so a program can be left and taken up at any
step. An instruction that calls something takes as many steps as the call; any other takes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.constants import NULL
from engine.errors import BadInput
from engine.machine.machine import Machine, Steps

Evaluate = Callable[[Machine], int]
"""The value of an expression in the machine as it stands; errors are BadInput with the script's place."""

KernelFunction = Callable[..., Steps[Any]]
"""A kernel function or a verb: takes the machine and integers, returns None, an integer, or several."""


def _store(vm: Machine, stores: tuple[tuple[int, Evaluate], ...]) -> None:
    values = [value(vm) for _, value in stores]
    for (slot, _), value in zip(stores, values, strict=True):
        vm.variable.value[slot] = value


@dataclass(frozen=True, slots=True)
class Assign:
    """Store the value of an expression in the variable cell `slot`; one step.

    more: further (slot, value) pairs of the same step; every value is worked out before any is stored.
    """

    line: int
    text: str
    slot: int
    value: Evaluate
    next: int
    more: tuple[tuple[int, Evaluate], ...] = ()

    def begin(self, vm: Machine) -> Steps[None]:
        """The atomic steps."""
        yield "assign"
        if self.more:
            _store(vm, ((self.slot, self.value), *self.more))
        else:
            vm.variable.value[self.slot] = self.value(vm)

    def end(self, vm: Machine, value: Any) -> int:
        """Where the thread goes on."""
        return self.next


@dataclass(frozen=True, slots=True)
class Branch:
    """Go to `next` if the condition holds, else to `otherwise`; one step.

    stores: (slot, value) pairs that the step stores as well if the condition holds: a loop's counter.
    """

    line: int
    text: str
    condition: Evaluate
    next: int
    otherwise: int
    stores: tuple[tuple[int, Evaluate], ...] = ()

    def begin(self, vm: Machine) -> Steps[bool]:
        """The atomic steps; returns whether the condition holds."""
        yield "test the condition"
        holds = bool(self.condition(vm))
        if holds and self.stores:
            _store(vm, self.stores)
        return holds

    def end(self, vm: Machine, value: Any) -> int:
        """Where the thread goes on."""
        return self.next if value else self.otherwise


@dataclass(frozen=True, slots=True)
class Pass:
    """Do nothing but go on at `next`: `pass`, `break`, `continue`; one step."""

    line: int
    text: str
    next: int

    def begin(self, vm: Machine) -> Steps[None]:
        """The atomic steps."""
        yield "go on"

    def end(self, vm: Machine, value: Any) -> int:
        """Where the thread goes on."""
        return self.next


def _refuse(error: BadInput) -> Steps[None]:
    yield "work out the arguments"
    raise error


@dataclass(frozen=True, slots=True)
class Call:
    """Call a function and store its results in `slots`; as many steps as the function takes.

    The arguments read nothing but the thread's own variables and constants, so that they are the same
    whenever they are evaluated between two steps.
    """

    line: int
    text: str
    name: str
    function: KernelFunction
    arguments: tuple[Evaluate, ...]
    slots: tuple[int, ...]
    next: int

    def begin(self, vm: Machine) -> Steps[Any]:
        """The function's atomic steps; arguments that cannot be evaluated are an error of the first."""
        try:
            arguments = [argument(vm) for argument in self.arguments]
        except BadInput as error:
            return _refuse(error)
        return self.function(vm, *arguments)

    def end(self, vm: Machine, value: Any) -> int:
        """Store what the function returned, part of its last step, and say where the thread goes on."""
        if self.slots:
            values = value if isinstance(value, tuple) else (value,)
            for slot, number in zip(self.slots, values, strict=True):
                vm.variable.value[slot] = int(number or 0)
        return self.next


Instruction = Assign | Branch | Call | Pass


@dataclass(frozen=True)
class Program:
    """A compiled script: `instructions`, entered at 0; a position equal to their number is the end.

    lines:  the script's source lines; LINE 1 is lines[0].
    names:  variable name -> cell index in the variable table.
    zeroed: the cells of variables that begin with 0; the others begin with NULL.
    thread: name, cpu and attributes of the thread that runs it.
    daemon: which of the pageout daemons the thread is, `pagedaemon` or `emergpager`; "" for neither.
    process: the process it belongs to, NULL for a kernel thread.
    interrupt: whether it is the interrupt thread, which never ends and which nobody waits for to end.
    """

    name: str
    cpu: int
    lines: tuple[str, ...]
    instructions: tuple[Instruction, ...]
    names: dict[str, int] = field(default_factory=dict)
    nice: int = 0
    daemon: str = ""
    process: int = NULL
    interrupt: bool = False
    zeroed: frozenset[int] = frozenset()

    def line_at(self, pc: int) -> int:
        """The line of the instruction at `pc`; 0 at the end."""
        return self.instructions[pc].line if pc < len(self.instructions) else 0
