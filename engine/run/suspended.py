"""A suspended instruction: the generator of a thread's next atomic actions, and what it announced.

The generator is the one thing in a run that is no cell. It can be made again: whatever it knows lies in
cells and plain integers (DESIGN, decision 2).
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, GeneratorType, TracebackType
from typing import Any, Final

import engine
from engine.constants import Cpu, Thread
from engine.machine.machine import Announcement, Steps
from engine.memory.journal import key

_KERNEL: Final = str(Path(engine.__file__).parent / "kernel") + os.sep


@dataclass(frozen=True)
class Frame:
    """One level of a call stack: a function's name and the line it stands at in its file.

    kernel:  whether it is a function of the kernel, and not one of this program's own in between.
    entered: the step that was its first, where that is known.
    """

    function: str
    line: int
    kernel: bool
    entered: int = 0


def frame_of(code: CodeType, line: int) -> Frame:
    """The frame of a function that stands at `line`.

    A kernel function has the kernel's own name; the model's helpers beside it start with `_`, but not `_vm_`.
    """
    name = code.co_name
    kernel = code.co_filename.startswith(_KERNEL) and (name[0] != "_" or name.startswith("_vm_"))
    return Frame(name, line, kernel)


def kernel_calls(frames: Sequence[Frame]) -> tuple[str, ...]:
    """The kernel functions of a stack, outermost first; () while a script line calls none."""
    return tuple(frame.function for frame in frames if frame.kernel)


def kernel_function(frames: Sequence[Frame]) -> str:
    """The innermost kernel function of a stack; "" when there is none."""
    return next((frame.function for frame in reversed(frames) if frame.kernel), "")


class Live:
    """A thread's unfinished instruction: its generator, and what that announced last."""

    __slots__ = ("advance", "announcement", "count", "cpu", "key", "steps", "thread")

    def __init__(self, thread: int, cpu: int) -> None:
        self.thread = Thread(thread)
        self.cpu = Cpu(cpu)
        self.key = key(thread)
        self.announcement: Announcement = ""
        self.count = 0
        self.steps: Steps[Any] | None = None
        self.advance: Callable[[None], Announcement] = _nothing

    def prime(self, steps: Steps[Any]) -> None:
        """Take up a new instruction and learn its first announcement; no cell is touched."""
        self.steps = steps
        self.advance = steps.send  # of all ways to resume a generator the quickest to call
        self.announcement = next(steps)
        self.count = 0

    def clear(self, announcement: str = "") -> None:
        """There is nothing left to run; a process's thread may still come back to exit."""
        self.steps, self.advance, self.announcement = None, _nothing, announcement

    @property
    def action(self) -> str:
        """The announced action in words."""
        return self.announcement if isinstance(self.announcement, str) else self.announcement[0]

    @property
    def lock(self) -> int | None:
        """The lock that the announced action takes, if it takes one."""
        return None if isinstance(self.announcement, str) else self.announcement[1]

    def stack(self) -> tuple[Frame, ...]:
        """The calls that are under way, outermost first."""
        return tuple(frame_of(call.gi_code, _line_of(call)) for call in self.calls())

    def calls(self) -> list[GeneratorType[Any, Any, Any]]:
        """The suspended generators of the calls that are under way, outermost first."""
        found = []
        steps: object = self.steps
        while isinstance(steps, GeneratorType) and steps.gi_frame is not None:
            found.append(steps)
            steps = steps.gi_yieldfrom
        return found


def _line_of(call: GeneratorType[Any, Any, Any]) -> int:
    return call.gi_frame.f_lineno if call.gi_frame is not None else 0


def _nothing(_: None) -> Announcement:
    raise StopIteration


def stack_of_traceback(traceback: TracebackType | None) -> tuple[Frame, ...]:
    """The kernel functions that an exception left, outermost first."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_flags & inspect.CO_GENERATOR:
            frames.append(frame_of(code, traceback.tb_lineno))
        traceback = traceback.tb_next
    return tuple(frames)
