"""The message line."""

from __future__ import annotations

from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.views.rows import Note
from explorer.views.spans import Line, columns, cut, line

_STYLES = {"say": "", "echo": "dim", "error": "bad", "hint": "next"}


MORE = " … :messages"
"""The end of a message that does not fit."""


def fits(note: Note, width: int) -> bool:
    """Whether a message fits into the message line."""
    return columns(_said(note)) <= width


def message_line(note: Note, width: int, more: str = MORE) -> Line:
    """Format a message; one that does not fit ends with where the whole of it is, or with `…`."""
    style = _STYLES[note.kind]
    if fits(note, width):
        return line((_said(note), style))
    end = more if width >= 60 else "…"
    return line((cut(_said(note), width - columns(end)), style), (end, "dim"))


def _said(note: Note) -> str:
    return {"error": "✗ ", "echo": ":", "hint": "» "}.get(note.kind, "  ") + note.text


class MessageLine(LinesPanel):
    """The last message; a click shows all of them."""

    MORE = MORE

    class Opened(Message):
        """The user clicked the line."""

    DEFAULT_CSS = """
    MessageLine { height: 1; }
    """

    note: reactive[Note | None] = reactive(None, layout=False, repaint=False)

    def watch_note(self) -> None:
        """Show the new message."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line."""
        if self.note is None:
            return []
        return [message_line(self.note, self.size.width, self.MORE)]

    def on_click(self) -> None:
        """Request the messages."""
        self.post_message(self.Opened())
