"""The widgets that draw `explorer.tui.widgets.dump`, and the line in which a command is typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.reactive import reactive

from explorer.tui.widgets.dump import (
    dump_status_line,
    figure_lines,
    findings_lines,
    fitting,
    moments_line,
)
from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.message import MessageLine
from explorer.tui.widgets.scrolled_lines import MORE, ScrolledLines
from explorer.tui.widgets.timeline_panel import Timeline
from explorer.views.dump import DumpStatus, Figures, FindingsRow
from explorer.views.spans import Line, line, rule


class DumpStatusLine(LinesPanel):
    """The top line: the moment, its file and line, what it is compared with, free memory."""

    DEFAULT_CSS = """
    DumpStatusLine { height: 1; background: $panel; }
    """

    row: reactive[DumpStatus | None] = reactive(None, layout=False, repaint=False)

    def watch_row(self) -> None:
        """Show the new moment."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line."""
        return [] if self.row is None else [dump_status_line(self.row, self.size.width)]


class ColorLine(LinesPanel):
    """What is known of the colour under the cursor."""

    words: reactive[tuple[str, ...]] = reactive((), layout=False, repaint=False)
    """The longest form first."""

    def watch_words(self) -> None:
        """Show the new colour."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the longest form that fits."""
        return [line((fitting(self.words, self.size.width), "bold"))] if self.words else []


class TitledLines(ScrolledLines, can_focus=True):
    """Lines under a title, scrolled if they do not fit."""

    title = ""

    def heading(self, width: int, part: str) -> Line:
        """Return the title, and the part of the lines that is visible."""
        right = line((part, "dim")) if part else ()
        return rule(line((self.heading_words, "title")), width, focused=self.has_focus, right=right)

    @property
    def heading_words(self) -> str:
        """The words of the title."""
        return self.title


class FigurePanel(TitledLines):
    """The totals, the limits and the other numbers of a moment."""

    title = "memory, in pages"

    row: reactive[tuple[Figures, ...]] = reactive((), layout=False, repaint=False)

    def watch_row(self) -> None:
        """Show the new numbers; the panel stays scrolled, so that a number can be watched over time."""
        self.update_lines()

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return every line."""
        return figure_lines(self.row, width)


class FindingsPanel(TitledLines):
    """The findings at a moment, and what could not be read of it."""

    row: reactive[FindingsRow] = reactive(FindingsRow(None), layout=False, repaint=False)

    def watch_row(self, old: FindingsRow, row: FindingsRow) -> None:
        """Show the sentences; those of another moment from the top."""
        if old.findings != row.findings:
            self.go_to_top()
        self.update_lines()

    @property
    def heading_words(self) -> str:
        """The title, with the number of findings."""
        found = self.row.findings
        return f"findings ({len(found)})" if found else "findings"

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return every line."""
        return findings_lines(self.row, width)

    def only_line(self, width: int) -> Line:
        """Return the heading: a panel of one line says that there is more."""
        return self.heading(width, MORE)


class Moments(Timeline):
    """The timeline of the moments."""

    def format_lines(self) -> list[Line]:
        """Return the line."""
        return [] if self.row is None else [moments_line(self.row, focused=self.has_focus)]


class PromptLine(MessageLine):
    """The last message, or a number or command that is being typed after a colon."""

    MORE = "…"

    typed: reactive[str | None] = reactive(None, layout=False, repaint=False)
    """What was typed; None while nothing is being typed."""

    def watch_typed(self) -> None:
        """Show what was typed."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line."""
        if self.typed is None:
            return super().format_lines()
        return [line((":", "key"), self.typed, (" ", "new"))]

    def take_key(self, event: events.Key) -> str | None:
        """Use a key while something is being typed; return the line if it was entered, else None."""
        typed = self.typed or ""
        if event.key == "enter":
            self.typed = None
            return typed
        if event.key == "backspace":
            self.typed = typed[:-1] if typed else None
        elif event.key == "escape":
            self.typed = None
        elif event.is_printable and event.character:
            self.typed = typed + event.character
        return None
