"""The program of a thread: a flat list of instructions, compiled once, with all state in cells.

The position is the cell `thread.pc` and the variables are cells, so a program can be suspended and resumed at
any step. A call takes as many steps as the function it calls; every other instruction takes one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.constants import NULL
from engine.errors import BadInput
from engine.machine.machine import Machine, Steps
from engine.run.reference_string import AdvanceClock, ReferenceString, TakeReference

Evaluate = Callable[[Machine], int]
"""Evaluates an expression in the machine's current state; errors are BadInput with a place in the script."""

KernelFunction = Callable[..., Steps[Any]]
"""A kernel function or a verb: takes the machine and integers; returns None, an integer or several."""


def _store(vm: Machine, stores: tuple[tuple[int, Evaluate], ...]) -> None:
    values = [value(vm) for _, value in stores]
    for (slot, _), value in zip(stores, values, strict=True):
        vm.variable.value[slot] = value


@dataclass(frozen=True, slots=True)
class Assign:
    """Store the value of an expression in the variable cell `slot`; one step.

    more: further (slot, value) pairs of the same step; all values are evaluated before any is stored.
    """

    line: int
    text: str
    slot: int
    value: Evaluate
    next: int
    more: tuple[tuple[int, Evaluate], ...] = ()

    def begin(self, vm: Machine) -> Steps[None]:
        """Return the atomic steps."""
        yield "assign"
        if self.more:
            _store(vm, ((self.slot, self.value), *self.more))
        else:
            vm.variable.value[self.slot] = self.value(vm)

    def end(self, vm: Machine, value: Any) -> int:
        """Return the position of the next instruction."""
        return self.next


@dataclass(frozen=True, slots=True)
class Branch:
    """Go to `next` if the condition holds, else to `otherwise`; one step.

    stores: (slot, value) pairs that the same step stores if the condition holds: a loop's counter.
    """

    line: int
    text: str
    condition: Evaluate
    next: int
    otherwise: int
    stores: tuple[tuple[int, Evaluate], ...] = ()

    def begin(self, vm: Machine) -> Steps[bool]:
        """Return the atomic steps; their result is whether the condition holds."""
        yield "test the condition"
        holds = bool(self.condition(vm))
        if holds and self.stores:
            _store(vm, self.stores)
        return holds

    def end(self, vm: Machine, value: Any) -> int:
        """Return the position of the next instruction."""
        return self.next if value else self.otherwise


@dataclass(frozen=True, slots=True)
class Pass:
    """Continue at `next` and do nothing else: `pass`, `break`, `continue`; one step."""

    line: int
    text: str
    next: int

    def begin(self, vm: Machine) -> Steps[None]:
        """Return the atomic steps."""
        yield "continue"

    def end(self, vm: Machine, value: Any) -> int:
        """Return the position of the next instruction."""
        return self.next


def _refuse(error: BadInput) -> Steps[None]:
    yield "evaluate the arguments"
    raise error


@dataclass(frozen=True, slots=True)
class Call:
    """Call a function and store its results in `slots`; takes as many steps as the function.

    The arguments read only constants and the thread's own variables, so they have the same values whenever
    they are evaluated between two steps.
    """

    line: int
    text: str
    name: str
    function: KernelFunction
    arguments: tuple[Evaluate, ...]
    slots: tuple[int, ...]
    next: int

    def begin(self, vm: Machine) -> Steps[Any]:
        """Return the function's atomic steps; if the arguments cannot be evaluated, the first step fails."""
        try:
            arguments = [argument(vm) for argument in self.arguments]
        except BadInput as error:
            return _refuse(error)
        return self.function(vm, *arguments)

    def end(self, vm: Machine, value: Any) -> int:
        """Store what the function returned, as part of its last step; return the next position."""
        if self.slots:
            values = value if isinstance(value, tuple) else (value,)
            for slot, number in zip(self.slots, values, strict=True):
                vm.variable.value[slot] = int(number or 0)
        return self.next


Instruction = Assign | Branch | Call | Pass | TakeReference | AdvanceClock


@dataclass(frozen=True)
class Program:
    """A compiled script: `instructions` start at 0; a position equal to their number is the end.

    name, cpu, nice: of the thread that runs it.
    lines:     the script's source lines; LINE 1 is lines[0].
    names:     variable name -> cell index in the variable table.
    daemon:    the pageout daemon that the thread is, `pagedaemon` or `emergpager`; "" for neither.
    process:   the process that the thread belongs to, NULL for a kernel thread.
    interrupt: whether it is the interrupt thread; it never ends, and the run ends without it.
    zeroed:    the cells of variables that start as 0; the others start as NULL.
    pages:     the cells of the script's own variables that hold a page, hidden ones left out.
    boot:      whether it is the thread that boots the machine; its row is cleared when it ends.
    anchors:   name of an anchor -> its line.
    string:    the reference string that the thread takes instead of a script, or None.
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
    pages: frozenset[int] = frozenset()
    boot: bool = False
    anchors: Mapping[str, int] = field(default_factory=dict)
    string: ReferenceString | None = None

    def line_at(self, pc: int) -> int:
        """Return the line of the instruction at `pc`; 0 at the end."""
        return self.instructions[pc].line if pc < len(self.instructions) else 0

    def repeats(self, pc: int) -> bool:
        """Whether the instruction at `pc` is in a loop: the script may come to it again."""
        seen: set[int] = set()
        ahead = [pc]
        while ahead:
            at = ahead.pop()
            for following in self._following(at) - seen:
                seen.add(following)
                ahead.append(following)
        return pc in seen

    def _following(self, pc: int) -> set[int]:
        """The positions to which the instruction at `pc` may lead."""
        if pc >= len(self.instructions):
            return set()
        instruction = self.instructions[pc]
        more = {instruction.otherwise} if isinstance(instruction, Branch) else set()
        return {instruction.next, *more}
