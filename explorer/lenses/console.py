"""The kernel's console: what the kernel has printed so far, each message with the step that printed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.memory.block import EVENT
from engine.run.history import History
from explorer.lenses.kit.drawing import MARK, Piece, Row, drawing, newest, row
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.remarks import console_lines
from explorer.views.spans import columns, wrapped

MOST: Final = 200
"""Maximum number of messages shown; more than the highest screen has lines."""


@dataclass(frozen=True)
class Message:
    """A line on the console: the step that printed it, its thread ("" for boot and setup), and the text."""

    step: int
    thread: str
    text: str


@dataclass(frozen=True)
class ConsoleRow:
    """The newest messages up to step `step`, oldest first; earlier: the number of those before them."""

    messages: tuple[Message, ...]
    earlier: int
    step: int


def look(session: Session) -> ConsoleRow:
    """What the kernel has printed up to the cursor."""
    history = session.history
    printed = history.branch.remarks.messages(0, history.step)
    shown = [
        Message(step, _thread(history, step), text)
        for step, effect in printed[-MOST:]
        for text in console_lines([effect])
    ]
    return ConsoleRow(tuple(shown), max(len(printed) - MOST, 0), history.step)


def _thread(history: History, step: int) -> str:
    t = history.journal.thread(step) if step else EVENT
    return "" if t == EVENT else history.programs[t].name


# --- drawing ------------------------------------------------------------------------------------------------


def draw(shown: ConsoleRow, width: int, height: int) -> Drawing:
    """Draw a line for each message, the newest last; a long text continues in the lines below it."""
    if not shown.messages:
        return drawing([row(("the kernel has printed nothing yet", "dim"))], width, height)
    lines = [line for message in shown.messages for line in _message_lines(message, shown.step, width)]
    kept, left = newest(lines, height)
    left += shown.earlier
    note = [row((f"… {left:,} earlier lines", "dim"))] if left else []
    return drawing([*note, *kept][:height], width, height)


def _message_lines(message: Message, step: int, width: int) -> list[Row]:
    verb = f"goto {message.step}"
    mark = Piece(f"{MARK} " if message.step == step else "  ", "now")
    who = f"{message.step:>5,} {message.thread or ('boot' if not message.step else 'event')}  "
    room = max(width - 2 - columns(who), 12)
    first, *more = wrapped(message.text, room)
    style = "new" if message.step == step and step else ""
    head = row(mark, Piece(who, "dim", verb), Piece(first, style, verb))
    return [head, *(row(" " * (2 + columns(who)), Piece(text, style, verb)) for text in more)]


PLACE = 165
LENS = Lens("console", "the kernel's console", "what the kernel has printed so far", look, draw)
