"""The widget that draws `explorer.tui.widgets.inspector`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.reactive import reactive

from explorer.tui.widgets.inspector import page_lines
from explorer.tui.widgets.scrolled_lines import FittedLines
from explorer.views.rows import PageRow
from explorer.views.spans import Line

WHOLE: Final = 99
"""More lines than a page has."""


class Inspector(FittedLines, can_focus=True):
    """One page, chosen by the screen."""

    row: reactive[PageRow | None] = reactive(None, always_update=True, layout=False, repaint=False)

    def watch_row(self) -> None:
        """Show the new page or state."""
        self.update_lines()

    def fitted_lines(self, more: str) -> list[Line]:
        """Return the full form, or the short form if there is little room."""
        return page_lines(self.row, *self.size, focused=self.has_focus, part=more)

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return the full form."""
        return page_lines(self.row, width, WHOLE, focused=self.has_focus)[1:]

    def heading(self, width: int, part: str) -> Line:
        """Return the title."""
        return page_lines(self.row, width, 1, focused=self.has_focus, part=part)[0]
