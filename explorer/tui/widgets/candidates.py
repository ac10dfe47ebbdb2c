"""The candidates of a completion, above the console: the usage of the command, and its choices in columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from explorer.tui.widgets.lines import LinesPanel
from explorer.views.spans import Line, columns, line, padded, shortened

MOST: Final = 8
"""Maximum number of lines; fewer on a low screen."""

GAP: Final = 2


def candidate_lines(usage: str, words: Sequence[str], width: int, height: int) -> list[Line]:
    """Format the usage, and under it the words in columns; the last line says how many do not fit."""
    head = [line((f" {shortened(usage, width - 1)}", "dim"))] if usage else []
    room = max(height - len(head), 0)
    shown = [shortened(word, max(width - 1, 1)) for word in words]
    each = max(map(columns, shown), default=0) + GAP
    across = max((width - 1) // each, 1)
    down = min(-(-len(shown) // across), room)
    rows = [shown[y * across : (y + 1) * across] for y in range(down)]
    left = len(shown) - sum(map(len, rows))
    if left and rows:
        left += len(rows.pop())
    lines = [line((" " + "".join(padded(word, each) for word in row).rstrip(), "")) for row in rows]
    return [*head, *lines, *([line((f" and {left:,} more", "dim"))] if left and room else [])]


class Candidates(LinesPanel):
    """Lines above the console, as many as are needed; none while there is nothing to choose."""

    DEFAULT_CSS = """
    Candidates { height: 0; background: $panel; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.usage = ""
        self.words: Sequence[str] = ()

    def offer(self, usage: str, words: Sequence[str]) -> None:
        """Show a usage and words; without both, the panel disappears."""
        if (self.usage, self.words) == (usage, words):
            return
        self.usage, self.words = usage, words
        self.styles.height = len(self._lines())
        self.update_lines()

    def _lines(self) -> list[Line]:
        room = min(MOST, max(self.screen.size.height // 4, 2))
        return candidate_lines(self.usage, self.words, max(self.screen.size.width, 1), room)

    def format_lines(self) -> list[Line]:
        """Return the lines."""
        return self._lines()
