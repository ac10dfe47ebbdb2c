"""What a failed check of the kernel had read: its operation is repeated while the reads of cells are noted.

Each read is noted with the active calls and their lines: these say to which condition of the source it
belongs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import engine
from engine.constants import NULL
from engine.debug.call_stack import in_place, operation_begin, primed
from engine.debug.check_source import Lines, deciding_lines
from engine.debug.journal_search import steps_of_thread
from engine.errors import KernelPanic
from engine.run.history import History

NOTED: Final = 256
"""Number of an operation's last steps whose reads are noted."""

_MODEL: Final = str(Path(engine.__file__).parent)
_KERNEL: Final = str(Path(_MODEL) / "kernel")

Active = tuple[tuple[FrameType, int], ...]
"""The active calls of the model, innermost first, each with its line."""


@dataclass(frozen=True)
class CheckRead:
    """A read of a cell: the step in which it happened, and its value, with the column's bias."""

    step: int
    address: int
    value: int


class _Noted(list[tuple[int, int, bool]]):
    """A list of accesses that also notes each read with the active calls."""

    def __init__(self) -> None:
        super().__init__()
        self.step = 0
        self.noting = False
        self.reads: list[tuple[CheckRead, Active]] = []

    def append(self, access: tuple[int, int, bool], /) -> None:
        """Note an access; the list itself stays empty."""
        address, value, written = access
        if self.noting and not written:
            self.reads.append((CheckRead(self.step, address, value), _active(sys._getframe(2))))


def _active(frame: FrameType | None) -> Active:
    found = []
    while frame is not None and frame.f_code.co_filename.startswith(_MODEL):
        found.append((frame, frame.f_lineno))
        frame = frame.f_back
    return tuple(found)


def check_reads(history: History, last: int) -> Iterator[CheckRead]:
    """Yield what decided that step `last` panicked, the reads of the nearest condition first.

    Of the reads of one condition, the last one is first. Those of the call's arguments come after all others;
    their step is the one after which the call began.
    """
    with in_place(history), history.vm.memory.observed() as log:
        noted = _Noted()
        log.cells = noted
        panic = _performed(history, last, noted)
        if panic is None:
            return
        found = dict.fromkeys(_of_conditions(history, panic, noted.reads))
    yield from found


def _performed(history: History, last: int, noted: _Noted) -> KernelPanic | None:
    """Perform the operation of step `last` up to that step; return the panic of that step."""
    t = history.journal.thread(last)
    noted.step = operation_begin(history, t, last)
    own = list(map(int, steps_of_thread(history, t, noted.step, last)))
    noted.noting = len(own) <= NOTED
    live = primed(history, t, last)
    panic = None
    for n, step in enumerate(own):
        noted.step, noted.noting = step, len(own) - n <= NOTED
        _, panic = history.perform_again(step, live)
    return panic


def _of_conditions(
    history: History, panic: KernelPanic, reads: list[tuple[CheckRead, Active]]
) -> Iterator[CheckRead]:
    for frame, line in _raised_in(panic):
        for condition, *origins in deciding_lines(frame.f_code, line):
            found = [*_in_lines(reads, frame, [condition]), *_in_lines(reads, frame, origins)]
            yield from found
            yield from _token(history, found, frame)
    arguments = operation_begin(history, history.journal.thread(history.total), history.total)
    place_of = history.vm.memory.place_of
    own = [read for read, _ in reversed(reads) if read.step == arguments]
    yield from (read for read in own if place_of(read.address)[0].table == "variable")


def _raised_in(panic: KernelPanic) -> list[tuple[FrameType, int]]:
    """Return the calls of kernel code that the panic ended, innermost first, each with its line."""
    found, traceback = [], panic.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.startswith(_KERNEL):
            found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found[::-1]


def _token(history: History, reads: list[CheckRead], frame: FrameType) -> Iterator[CheckRead]:
    """Yield the owner of the token that a condition looked for among the tokens of its thread."""
    memory, obj = history.vm.memory, frame.f_locals.get("obj", NULL)
    if obj != NULL and any(memory.place_of(read.address)[0].table == "token" for read in reads):
        yield CheckRead(
            history.total, memory.address("object.token_owner", obj), history.vm.object.token_owner[obj]
        )


def _in_lines(
    reads: list[tuple[CheckRead, Active]], frame: FrameType, lines: list[Lines]
) -> Iterator[CheckRead]:
    """Yield the reads that a call made while it was in one of the lines, the last one first."""
    for read, active in reversed(reads):
        at = next((line for call, line in active if call is frame), 0)
        if any(first <= at <= last for first, last in lines):
            yield read
