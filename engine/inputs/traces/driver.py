"""Execution of a trace's operations on the model, as the recording harness ran them on the kernel.

One operation runs at a time, until it returns, sleeps or panics; nothing runs concurrently. So an operation
that waits for a held spinlock waits forever. The harness holds object tokens around the calls that need them,
so no thread ever waits for a token. A sleeping thread keeps its generator until a `resume`.
Source: golden/FORMAT.md sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from engine.constants import NULL, Cpu, Obj, Page, Thread
from engine.errors import BadInput, InvariantViolation, KernelPanic
from engine.inputs.traces.file import Line
from engine.inputs.traces.machine import EMERGPAGER, OBJECT_STRIDE, PAGETHREAD
from engine.inputs.traces.ops import (
    DRIVER_MESSAGE,
    NUMBER,
    NUMBERS,
    OPERATIONS,
    PAGE,
    PAGE_AND_ERROR,
    TUNABLES,
    Operation,
)
from engine.inputs.traces.state import StateChanges
from engine.inputs.traces.values import INT, LONG, Impossible, ObjectNumbers, page, whole, word
from engine.kernel.locks import can_take, holds_spinlock, lock_name, vm_page_spin_unlock
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.machine.machine import Announcement, Machine, Steps
from engine.machine.tables import READY, SLEEPING
from engine.run.recurrence import LOOK_EVERY, LoneCall

LIVELOCK: Final = 1_000_000
"""Steps of a call without return or sleep after which it is reported as a livelock."""

DAEMON_LIVELOCK: Final = 100 * LIVELOCK
"""The same for a daemon, which may scan all queues a hundred times before it first sleeps."""

Outcome = dict[str, Any]
"""The RESULT of a line: one of `ret`, `blocked` and `panic`, and `of` after a resume."""


class NotCovered(Exception):
    """The model does not implement this operation; the argument is its name."""


@dataclass
class Suspended:
    """A call whose thread sleeps, or was woken and waits for its `resume`.

    number: the number of the operation in its segment, from 1.
    """

    number: int
    operation: Operation
    steps: Generator[Announcement, None, Any]


class TraceDriver:
    """The threads of a segment and their suspended calls."""

    def __init__(self, vm: Machine, object_base: int) -> None:
        self.vm = vm
        self.object_base = object_base
        self.objects = ObjectNumbers(vm.vm_token)
        self.suspended: dict[int, Suspended] = {}
        self.state = StateChanges(vm, self.objects.id_of)
        vm.pagethread = PAGETHREAD
        vm.emergpager = EMERGPAGER
        vm.pager_as_recorded = True

    def perform(self, line: Line, number: int) -> Outcome:
        """Run the operation of an op line, number `number` of the segment; its effects are in `vm.effects`.

        Errors: NotCovered, Impossible; BadInput (without a place) for a malformed line.
        """
        self.vm.effects.clear()
        name = word(line.get("op"), "op")
        t, c = self._place(line)
        if name == "resume":
            return self._resume(line, t, c)
        operation = OPERATIONS.get(name)
        if operation is None:
            return self._special(name, line)
        values = self._read(operation, line)
        if name == "object_create":
            self._check_address(line["args"])
        if not operation.in_steps:
            return self._call(operation, values, c)
        return self._launch(number, operation, values, t, c)

    def _place(self, line: Line) -> tuple[Thread, Cpu]:
        """Return the line's thread and cpu."""
        t, c = whole(line.get("thread"), "thread"), whole(line.get("cpu"), "cpu")
        if not 0 <= t < self.vm.thread.length:
            raise Impossible("thread", t, f"{self.vm.thread.length} threads")
        if not 0 <= c < self.vm.ncpus:
            raise Impossible("cpu", c, f"{self.vm.ncpus} cpus")
        return Thread(t), Cpu(c)

    def _read(self, operation: Operation, line: Line) -> list[int]:
        arguments = _arguments(line, [name for name, _ in operation.parameters])
        return [read(self.vm, self.objects, arguments[name], name) for name, read in operation.parameters]

    def _check_address(self, arguments: Line) -> None:
        address = self.object_base + arguments["object"] * OBJECT_STRIDE
        if arguments["addr"] != address:
            raise Impossible("args", {"addr": arguments["addr"]}, str(address))

    def _special(self, name: str, line: Line) -> Outcome:
        if name != "set_tunable":
            raise NotCovered(name)
        arguments = _arguments(line, ["name", "value"])
        variable = word(arguments["name"], "name")
        if variable not in TUNABLES:
            raise NotCovered(name)
        read = LONG if self.vm.glob.specs()[variable].bits == 64 else INT
        getattr(self.vm.glob, variable)[0] = read(self.vm, self.objects, arguments["value"], "value")
        return {"ret": None}

    def _call(self, operation: Operation, values: list[int], c: Cpu) -> Outcome:
        self.vm.mycpu = c
        try:
            value = operation.function(self.vm, *values)
        except KernelPanic as panic:
            return describe_panic(panic)
        return {"ret": self._result(operation, value)}

    def _launch(self, number: int, operation: Operation, values: list[int], t: Thread, c: Cpu) -> Outcome:
        if t in self.suspended:
            raise Impossible("thread", t, f"the thread is still in operation {self.suspended[t].number}")
        steps = operation.function(self.vm, *values)
        held = self._objects_to_hold(operation, values)
        if held:
            steps = _with_tokens(self.vm, held, steps)
        if operation.name == "vm_page_list_find":
            steps = _release_page(self.vm, steps)
        return self._run(Suspended(number, operation, steps), t, c)

    def _objects_to_hold(self, operation: Operation, values: list[int]) -> list[Obj]:
        objects = (
            self.vm.page.object[values[k]] if operation.parameters[k][1] is page else Obj(values[k])
            for k in operation.tokens
        )
        return [obj for obj in objects if obj != NULL]

    def _resume(self, line: Line, t: Thread, c: Cpu) -> Outcome:
        _arguments(line, [])
        call = self.suspended.get(t)
        if call is None or self.vm.thread.state[t] != READY:
            raise Impossible("thread", t, "the thread sleeps" if call else "the thread has no call to resume")
        if self.vm.thread.cpu[t] != c:
            raise Impossible("cpu", c, str(self.vm.thread.cpu[t]))
        return {"of": call.number} | self._run(call, t, c)

    def _run(self, call: Suspended, t: Thread, c: Cpu) -> Outcome:
        """Run `call` in thread `t` on cpu `c` until it returns, sleeps or panics."""
        vm = self.vm
        self._occupy(t, c)
        self.suspended.pop(t, None)
        advance = call.steps.__next__
        limit = DAEMON_LIVELOCK if call.operation.name == "vm_pageout_thread" else LIVELOCK
        taken, start, known = 0, None, None
        try:
            while taken < limit:
                for _ in range(LOOK_EVERY):
                    action = advance()
                    if action.__class__ is tuple:
                        self._see_lock_free(t, action[1])
                    elif vm.runnable_changed:
                        vm.runnable_changed = False
                        if vm.thread.state[t] == SLEEPING:
                            self.suspended[t] = call
                            return self._blocked()
                    if start is not None and action == known and start.repeats():
                        return livelock(call, "the same steps again and again")
                taken += LOOK_EVERY
                looks = taken // LOOK_EVERY
                start, known = None if looks & looks - 1 else LoneCall(vm, call.steps), action
        except StopIteration as end:
            self._see_no_spinlock_held(t)
            return {"ret": self._result(call.operation, end.value)}
        except KernelPanic as panic:
            return describe_panic(panic)
        return livelock(call, f"{limit} steps")

    def _occupy(self, t: Thread, c: Cpu) -> None:
        """Make `t` the running thread of `c`; the trace decides what runs next, so its run queue is empty."""
        vm = self.vm
        vm.curthread = t
        vm.mycpu = c
        vm.thread.state[t] = READY
        vm.thread.cpu[t] = c
        vm.thread.run_next[t] = NULL
        vm.cpu.current[c] = t
        vm.cpu.runq_head[c] = NULL
        vm.cpu.runq_tail[c] = NULL
        vm.runnable_changed = False

    def _see_lock_free(self, t: Thread, lock: int) -> None:
        if lock >= 0 and not can_take(self.vm, t, lock):
            text = f"waits for {lock_name(self.vm, lock)}, which no thread can release"
            raise KernelPanic("spin_deadlock", "spin_lock", text)

    def _see_no_spinlock_held(self, t: Thread) -> None:
        if holds_spinlock(self.vm, t):
            raise InvariantViolation(f"thread {t} returned with a spinlock held")

    def _blocked(self) -> Outcome:
        _, chan, wmesg, timo = next(effect for effect in self.vm.effects if effect[0] == "sleep")
        return {"blocked": {"chan": self.state.channel(_number(chan)), "wmesg": wmesg, "timo": timo}}

    def message_is_its_own(self, t: int) -> bool:
        """Whether thread `t` sleeps with a message of the recording driver, which is not compared."""
        return t in self.suspended and self.suspended[t].operation.name in DRIVER_MESSAGE

    def _result(self, operation: Operation, value: Any) -> Any:
        if operation.result == PAGE:
            return self._page(value)
        if operation.result == NUMBER:
            return int(value)
        if operation.result == PAGE_AND_ERROR:
            return [self._page(value[0]), int(value[1])]
        if operation.result == NUMBERS:
            return list(map(int, value))
        return None

    def _page(self, m: int) -> int | None:
        return None if m == NULL else self.vm.page_number(m)


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def livelock(call: Suspended, message: str) -> Outcome:
    """Return the result of a call that never returns."""
    return {"panic": {"kind": "livelock", "msg": message, "func": call.operation.name}}


def _arguments(line: Line, names: list[str]) -> Line:
    """Return the line's `args`, which must be exactly `names`."""
    arguments = line.get("args")
    if not isinstance(arguments, dict):
        raise BadInput("the line has no `args`; add an object with the arguments")
    for name in names:
        if name not in arguments:
            raise BadInput(f"`args` of {line['op']} has no `{name}`; give {', '.join(names)}")
    if len(arguments) > len(names):
        _refuse_unknown(arguments, names)
    return arguments


def _refuse_unknown(arguments: Line, names: list[str]) -> NoReturn:
    unknown = {name: value for name, value in arguments.items() if name not in names}
    raise Impossible("args", unknown, "no such argument")


def _with_tokens(vm: Machine, held: list[Obj], steps: Steps[Any]) -> Steps[Any]:
    for obj in held:
        yield from vm_object_hold(vm, obj)
    value = yield from steps
    for obj in reversed(held):
        yield from vm_object_drop(vm, obj)
    return value


def _release_page(vm: Machine, steps: Steps[Page]) -> Steps[Page]:
    m = yield from steps
    if m != NULL:
        yield from vm_page_spin_unlock(vm, m)
    return m


def describe_panic(panic: KernelPanic) -> Outcome:
    """Return a panic as a RESULT."""
    return {"panic": {"kind": panic.kind, "msg": panic.message, "func": panic.function}}
