"""The code panel: the function that took the last step, with what it has done and what is to come."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import engine
from engine.debug.action_stop import OnAction
from engine.debug.active_calls import Stack
from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import (
    Action,
    Branch,
    Call,
    Entry,
    FunctionSource,
    source_of,
    source_of_function,
)
from engine.debug.stops import Stop
from engine.memory.block import EVENT
from engine.run.events import Event
from engine.run.history import LIVE_STEPS, History
from engine.run.program import Assign, Program
from engine.run.program import Call as ScriptCall
from engine.run.suspended import Frame
from explorer.views.calls import Calls
from explorer.views.labels import Labels
from explorer.views.sentence import start_sentence, step_sentence
from explorer.views.threads import next_choice

NOW, DONE, CALLS, COMING = "now", "done", "calls", ""
"""The marks of an action or a call: performed by this step, performed before, active now, to come."""

_SHOWN: Final = tuple(str(Path(engine.__file__).parent / part) + os.sep for part in ("kernel", "script"))
"""The folders whose functions are shown; a script's own instructions are shown as its line."""

_WRAPPER: Final = "call"
"""The name of functions that only prepare a call for a script."""


@dataclass(frozen=True)
class CodeLine:
    """A line of the source or of the outline.

    kind:   action, call, branch, comment, head (of the function), or "" for other source.
    number: the line in the file; action: the number of the action in its function, or 0.
    depth:  the branches around it, in the outline.
    stop:   whether a breakpoint is on its action; cursor: whether the cursor is on it.
    """

    text: str
    kind: str = ""
    mark: str = COMING
    number: int = 0
    action: int = 0
    depth: int = 0
    stop: bool = False
    cursor: bool = False


@dataclass(frozen=True)
class CodeRow:
    """The function of a frame at the step at the cursor.

    step:     the step at the cursor.
    thread, number: the thread of the step; "" and -1 at step 0 and at an event.
    place:    the script's line, `app:6`, and its text; `app` for what a thread does after its script.
    crumbs:   the functions of the stack, outermost first; kernel: which are the kernel's.
    frame:    the index of the frame that is shown; -1 if there is none.
    function, summary, locks: its heading.
    lines:    its source; outline: its branches, actions and calls; both empty if `words` say what there is.
    folded:   whether the outline is shown instead of the source.
    sentence: what the step did and because of what.
    returned: whether the script's call ended with this step.
    """

    step: int = 0
    thread: str = ""
    number: int = -1
    place: str = ""
    script: str = ""
    crumbs: tuple[str, ...] = ()
    kernel: tuple[bool, ...] = ()
    frame: int = -1
    function: str = ""
    summary: str = ""
    locks: str = ""
    lines: tuple[CodeLine, ...] = ()
    outline: tuple[CodeLine, ...] = ()
    folded: bool = False
    sentence: str = ""
    words: tuple[str, ...] = ()
    returned: bool = False


class CodeState(Protocol):
    """What the panel shows of a session; a Session has these."""

    history: History
    calls: Calls
    outline: bool
    stops: list[Stop]

    @property
    def labels(self) -> Labels:
        """The names to show."""

    @property
    def frame(self) -> int | None:
        """The chosen frame, or None for the innermost."""

    @property
    def pointed(self) -> tuple[str, int] | None:
        """The function and the action under the cursor."""


def shown_frames(stack: Stack) -> Stack:
    """The frames of a stack that the code panel shows, outermost first."""
    return tuple(
        frame
        for frame in stack
        if frame.code is not None and frame.code.co_filename.startswith(_SHOWN) and frame.function != _WRAPPER
    )


def frames_at(history: History, calls: Calls) -> Stack:
    """The frames that the panel shows at the cursor: at step 0, those of the step that comes first."""
    if history.step:
        return shown_frames(calls.stack_with_values(history, history.step))
    if history.total:
        return shown_frames(calls.stack_with_values(history, 1))
    choice = next_choice(history)
    ahead = calls.ahead(history).get(choice) if isinstance(choice, int) else None
    return shown_frames(ahead.stack) if ahead else ()


def code_row(session: CodeState) -> CodeRow:
    """The code at the cursor; at step 0 that of the step that comes first."""
    history, step = session.history, session.history.step
    if step == 0:
        return _at_the_start(session)
    sentence = step_sentence(history, session.labels, session.calls, step)
    t = history.journal.thread(step)
    if t == EVENT:
        words = (f"{history.journal.label(step)}: an event. No thread runs code in this step.",)
        return CodeRow(step, words=words, sentence=sentence)
    program = history.programs[t]
    pc = _position(history, t)
    line, text = program.line_at(pc), _instruction_text(program, pc)
    stack = frames_at(history, session.calls)
    place = f"{program.name}:{line}" if line else program.name
    row = CodeRow(step, program.name, t, place, text, sentence=sentence, folded=session.outline)
    if not stack:
        known = session.calls.knows(history, step)
        return replace(row, words=_without_function(row, program, pc, history.action(step), known))
    return _with_function(session, row, stack, history.journal.label(step))


HIDDEN: Final = "What comes next is hidden while a question is open."


def without_coming(row: CodeRow) -> CodeRow:
    """The same without the code that is still to run."""
    if row.step == 0 or not row.lines:
        return CodeRow(row.step, sentence=row.sentence, words=(HIDDEN,))
    return replace(row, lines=_until_now(row.lines), outline=_until_now(row.outline))


def _until_now(lines: tuple[CodeLine, ...]) -> tuple[CodeLine, ...]:
    last = max((n for n, line in enumerate(lines) if line.mark != COMING), default=-1)
    return (*lines[: last + 1], CodeLine("...", "comment"))


def _at_the_start(session: CodeState) -> CodeRow:
    history = session.history
    choice = next_choice(history)
    sentence, first = start_sentence(history), "No thread has taken a step yet."
    if not isinstance(choice, int):
        words = (first, "Next: an event.") if isinstance(choice, Event) else (first,)
        return CodeRow(words=words, sentence=sentence)
    program = history.programs[choice]
    line, text = program.line_at(pc := history.vm.thread.pc[choice]), _instruction_text(program, pc)
    place = f"{program.name}:{line}" if line else program.name
    stack = frames_at(history, session.calls)
    if not stack:
        return CodeRow(words=(first, f"Next: {place} {text}".rstrip()), sentence=sentence)
    sentence = f"{sentence}; {program.name} takes the first step"
    row = CodeRow(0, program.name, choice, place, text, sentence=sentence, folded=session.outline)
    return _with_function(session, row, stack, "")


def _instruction_text(program: Program, pc: int) -> str:
    """The instruction; of a part that has no name, such as an argument, the script's whole line."""
    if pc >= len(program.instructions):
        return ""
    instruction = program.instructions[pc]
    hidden = {slot for name, slot in program.names.items() if name.startswith("$")}
    if isinstance(instruction, Assign) and instruction.slot in hidden:
        return program.lines[instruction.line - 1].strip()
    return instruction.text


def _position(history: History, t: int) -> int:
    """The position of the instruction that the thread ran in the step at the cursor."""
    place, pc = history.vm.memory.places["thread.pc"], history.vm.thread.pc[t]
    for written, old, _ in reversed(history.journal.writes_of(history.step)):
        if written == place.base + t:
            pc = old + place.spec.bias
    return pc


def _without_function(row: CodeRow, program: Program, pc: int, action: str, known: bool) -> tuple[str, ...]:
    """What is said of a step without a function to show: a line of the script, or a call that is too long.

    known: whether the calls are known; the kernel has no function among them.
    """
    ended = pc >= len(program.instructions)
    if not known:
        what = "The thread's exit" if ended else "This call"
        how = f"It has taken more than {LIVE_STEPS:,} steps; its code is shown as you step with s."
        return row.script, f"{what} is at: {action}.", how
    if ended or not isinstance(program.instructions[pc], ScriptCall):
        return row.script, "This part of the script calls no kernel function."
    return row.script, "This call has no function of the kernel to show."


def _with_function(session: CodeState, row: CodeRow, stack: Stack, action: str) -> CodeRow:
    """Fill the row with a function of the stack; action: what the innermost one performed, "" at step 0."""
    history = session.history
    chosen = session.frame
    at = len(stack) - 1 if chosen is None else min(chosen, len(stack) - 1)
    frame, source = stack[at], _source(stack[at])
    crumbs = tuple(each.function for each in stack)
    op_start = history.vm.thread.op_start[row.number]
    row = replace(
        row,
        crumbs=crumbs,
        kernel=tuple(each.kernel for each in stack),
        frame=at,
        function=frame.function,
        returned=op_start == history.step > 0,
    )
    if source is None:
        return replace(row, words=(f"The source of {frame.function} is not available here.",))
    marker = _Marker(frame, action if at == len(stack) - 1 else "", session.pointed, session.stops)
    return replace(
        row,
        summary=source.summary,
        locks=source.locks,
        lines=tuple(marker.source_lines(source)),
        outline=tuple(marker.outline_lines(source.outline)),
    )


def _source(frame: Frame) -> FunctionSource | None:
    return None if frame.code is None else source_of(frame.code)


class _Marker:
    """Marks the lines of a function by a frame: what is done, what is now, cursor and breakpoints."""

    def __init__(
        self, frame: Frame, performed: str, cursor: tuple[str, int] | None, stops: Sequence[Stop]
    ) -> None:
        """Mark a frame; performed: what the step announced, "" if an inner call performed it."""
        self.frame = frame
        self.performed = performed
        self.cursor = cursor[1] if cursor is not None and cursor[0] == frame.function else 0
        kinds = [stop.kind for stop in stops if stop.enabled and isinstance(stop.kind, OnAction)]
        self.stops = {kind.number for kind in kinds if kind.function == frame.function}

    def source_lines(self, source: FunctionSource) -> Iterable[CodeLine]:
        branches = {entry.item.line for entry in source.outline if isinstance(entry.item, Branch)}
        head = True
        for number, text in source.lines:
            item = source.at(number)
            if item is not None:
                line = self.line(text, item, number)
                yield replace(line, text=f"{text}{self.named(item, line.mark, text)}")
            else:
                comment = text.lstrip().startswith("#")
                kind = "head" if head else "comment" if comment else "branch" if number in branches else ""
                yield CodeLine(text, kind, number=number)
            head = head and not text.endswith(":")

    def named(self, item: Action | Call, mark: str, text: str) -> str:
        """A comment that says what an action announces if its source has only a name for it."""
        if not isinstance(item, Action) or any(known in text for known in item.texts or ()):
            return ""
        return f"  # {self.performed if mark == NOW else item.text}"

    def outline_lines(self, outline: Sequence[Entry]) -> Iterable[CodeLine]:
        for entry in outline:
            item = entry.item
            if isinstance(item, Branch):
                yield CodeLine(item.text, "branch", number=item.line, depth=entry.depth)
            else:
                text = item.text if isinstance(item, Action) else _call_text(item.function)
                line = self.line(text, item, item.line, entry.depth)
                yield replace(line, text=self.performed) if line.mark == NOW else line

    def line(self, text: str, item: Action | Call, number: int, depth: int = 0) -> CodeLine:
        mark = COMING
        if item.line <= self.frame.line <= item.last:
            mark = NOW if self.performed else CALLS
        elif any(item.line <= line <= item.last for line in self.frame.done):
            mark = DONE
        if not isinstance(item, Action):
            return CodeLine(text, "call", mark, number, depth=depth)
        here = item.number
        stop, cursor = here in self.stops, here == self.cursor
        return CodeLine(text, "action", mark, number, here, depth, stop, cursor)


@cache
def _call_text(function: str) -> str:
    """What the outline says of a call: the announcement of a function of one action, else its name."""
    called = kernel_functions().get(function)
    source = None if called is None else source_of_function(called)
    entries = () if source is None else source.outline
    if len(entries) == 1 and isinstance(entries[0].item, Action):
        return entries[0].item.text
    return f"{function}()"


def action_under_cursor(row: CodeRow) -> tuple[str, int] | None:
    """The function and action under the cursor, else that of the step, or at step 0 the first; else None."""
    chosen = [line for line in row.outline if line.action and line.cursor]
    now = NOW if row.step else CALLS
    chosen += [line for line in row.outline if line.action and line.mark == now]
    return (row.function, chosen[0].action) if chosen else None
