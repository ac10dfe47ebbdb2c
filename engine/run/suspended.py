"""A suspended instruction: the generator of a thread's atomic actions, and its last announcement.

The generator is the only state of a run that is not a cell. It can be rebuilt, because everything it depends
on is in cells and plain integers (DESIGN, decision 2).
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, GeneratorType, TracebackType
from typing import Any, Final

import engine
from engine.constants import Cpu, Thread
from engine.machine.machine import Announcement, Steps
from engine.memory.block import key

_KERNEL: Final = str(Path(engine.__file__).parent / "kernel") + os.sep

HELPERS: Final = frozenset({
    "contig_spin_lock", "contig_spin_unlock", "find_page", "leave_object", "no_pager_getpage",
    "pmap_enter_at", "pmap_modify", "pmap_protect_range", "pmap_reference", "pmap_remove_range",
    "putpages_as_told", "settle_views", "swap_read_done", "swap_write_done", "vm_pageout_oom",
    "vm_pageout_setup", "vmspace_exit",
})  # fmt: skip
"""Functions of `engine.kernel` that several modules use and that the kernel does not have under that name."""


@dataclass(frozen=True)
class Frame:
    """One frame of a call stack: a function's name and its current line in its file.

    kernel:  whether it is a kernel function, not a helper of the model.
    entered: the first step of the call; 0 if unknown.
    code:    the function's code, which leads to its source; None in a frame made by hand.
    done:    the lines of this call that have been performed: its own actions, and calls that returned.
    values:  the integers in its local variables, by name; None if they were not noted.
    """

    function: str
    line: int
    kernel: bool
    entered: int = 0
    code: CodeType | None = field(default=None, compare=False, repr=False)
    done: frozenset[int] = field(default=frozenset(), compare=False, repr=False)
    values: Mapping[str, int] | None = field(default=None, compare=False, repr=False)


def frame_of(code: CodeType, line: int) -> Frame:
    """Return the frame of a function that is at `line`.

    A kernel function has its name in the kernel. Helpers of the model start with `_`, but not with `_vm_`, or
    are listed in HELPERS.
    """
    return Frame(code.co_name, line, is_kernel(code), code=code)


@cache
def is_kernel(code: CodeType) -> bool:
    """Whether a code object is a kernel function's, not that of a helper of the model."""
    name = code.co_name
    named = name not in HELPERS and (name[0] != "_" or name.startswith("_vm_"))
    return code.co_filename.startswith(_KERNEL) and named


def kernel_calls(frames: Sequence[Frame]) -> tuple[str, ...]:
    """Return the kernel functions of a stack, outermost first; () if there are none."""
    return tuple(frame.function for frame in frames if frame.kernel)


def kernel_function(frames: Sequence[Frame]) -> str:
    """Return the innermost kernel function of a stack; "" if there is none."""
    return next((frame.function for frame in reversed(frames) if frame.kernel), "")


class Live:
    """A thread's unfinished instruction: its generator, and the generator's last announcement."""

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
        """Set the instruction and run it to its first announcement; touches no cell."""
        self.steps = steps
        self.advance = steps.send  # the fastest way to resume a generator
        self.announcement = next(steps)
        self.count = 0

    def clear(self, announcement: str = "") -> None:
        """Remove the instruction: the program has ended; a thread of a process may still have to exit."""
        self.steps, self.advance, self.announcement = None, _nothing, announcement

    @property
    def action(self) -> str:
        """The announced action as text."""
        return self.announcement if isinstance(self.announcement, str) else self.announcement[0]

    @property
    def lock(self) -> int | None:
        """The lock that the announced action takes, or None."""
        return None if isinstance(self.announcement, str) else self.announcement[1]

    def stack(self) -> tuple[Frame, ...]:
        """Return the frames of the active calls, outermost first."""
        return tuple(frame_of(call.gi_code, _line_of(call)) for call in self.calls())

    def calls(self) -> list[GeneratorType[Any, Any, Any]]:
        """Return the suspended generators of the active calls, outermost first."""
        return calls_of(self.steps)


def calls_of(steps: object) -> list[GeneratorType[Any, Any, Any]]:
    """Return a suspended generator and those that it delegates to, outermost first."""
    found = []
    while isinstance(steps, GeneratorType) and steps.gi_frame is not None:
        found.append(steps)
        steps = steps.gi_yieldfrom
    return found


def _line_of(call: GeneratorType[Any, Any, Any]) -> int:
    return call.gi_frame.f_lineno if call.gi_frame is not None else 0


def _nothing(_: None) -> Announcement:
    raise StopIteration


def stack_of_traceback(traceback: TracebackType | None) -> tuple[Frame, ...]:
    """Return the frames of the generators that an exception passed through, outermost first."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_flags & inspect.CO_GENERATOR:
            frames.append(frame_of(code, traceback.tb_lineno))
        traceback = traceback.tb_next
    return tuple(frames)
