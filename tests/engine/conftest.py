"""Machines and threads for tests, built by hand: a thread is a list of calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import BASE_NAMES, NULL, PQ_NONE, Page
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Capacity, Machine, MachineConfig, Switches
from engine.machine.rules import Rules
from engine.machine.topology import parse_spec
from engine.memory.journal import HISTORY_LIMIT
from engine.run.history import History
from engine.run.program import Assign, Branch, Call, Instruction, KernelFunction, Program
from engine.run.schedule import parse_schedule

Line = tuple[Any, ...]
"""(function, argument, ...); an argument "x" is the thread's variable x, and ">x" stores the result."""


class Builder:
    """Compiles lists of calls; each thread has its own variables."""

    def __init__(self) -> None:
        self.used = 0

    def program(self, name: str, cpu: int, lines: list[Line], repeat: int = 1) -> Program:
        """A thread that makes the calls in `lines`, `repeat` times."""
        names: dict[str, int] = {}
        if repeat == 1:
            code: list[Instruction] = [self._call(at, line, names) for at, line in enumerate(lines)]
            return Program(name, cpu, tuple(map(str, lines)), tuple(code), names)
        counter = self._slot(names, "#")
        code = [self._call(at + 1, line, names) for at, line in enumerate(lines)]
        end = len(code) + 2
        head = Branch(1, "while", lambda vm: vm.variable.value[counter] < repeat, 1, end)
        more = Assign(1, "+= 1", counter, lambda vm: vm.variable.value[counter] + 1, 0)
        return Program(name, cpu, tuple(map(str, lines)), (head, *code, more), names)

    def _slot(self, names: dict[str, int], name: str) -> int:
        if name not in names:
            names[name] = self.used
            self.used += 1
        return names[name]

    def _call(self, at: int, line: Line, names: dict[str, int]) -> Call:
        function: KernelFunction = line[0]
        stored = tuple(self._slot(names, arg[1:]) for arg in line[1:] if str(arg).startswith(">"))
        given = tuple(self._argument(arg, names) for arg in line[1:] if not str(arg).startswith(">"))
        return Call(at + 1, str(line), function.__name__, function, given, stored, at + 1)

    def _argument(self, argument: Any, names: dict[str, int]) -> Callable[[Machine], int]:
        if isinstance(argument, str):
            slot = self._slot(names, argument)
            return lambda vm: vm.variable.value[slot]
        return lambda _: int(argument)


class Stage:
    """A booted machine and its threads, ready to run."""

    def __init__(self, spec: str = "4MiB:1x2x1", rules: str = "document", **switches: bool) -> None:
        hardware = parse_spec(spec)
        assert hardware is not None
        config = MachineConfig(
            hardware, Rules.named(rules), switches=Switches(**switches), capacity=Capacity(objects=8)
        )
        self.vm = boot(config)
        self.builder = Builder()
        self.programs: list[Program] = []

    def thread(self, name: str, cpu: int, *lines: Line, repeat: int = 1) -> None:
        """Add a thread."""
        self.programs.append(self.builder.program(name, cpu, list(lines), repeat))

    def start(
        self, schedule: str = "rr", limit: int = HISTORY_LIMIT, max_steps: int | None = None
    ) -> History:
        """The history of these threads, at step 0."""
        return History(self.vm, self.programs, parse_schedule(schedule), limit, max_steps)

    def variable(self, thread: str, name: str) -> int:
        """The current value of a thread's variable."""
        program = next(program for program in self.programs if program.name == thread)
        return self.vm.variable.value[program.names[name]]


def queue_of(vm: Machine, m: int) -> str:
    """The short name of the queue type that page `m` is on."""
    queue = vm.page.queue[m]
    bases = BASE_NAMES
    return "NONE" if queue == PQ_NONE else bases[queue - vm.page.pc[m]]


def pages_of(vm: Machine, queue: int) -> list[Page]:
    """The pages of a queue from head to tail."""
    found, m = [], vm.queue.head[queue]
    while m != NULL:
        found.append(m)
        m = vm.page.next[m]
    return found


@pytest.fixture
def stage() -> Callable[..., Stage]:
    """Make a stage: stage("4MiB:1x2x1", rules="source", interlock=False)."""
    return Stage
