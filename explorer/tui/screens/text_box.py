"""A box with a text that is too long for the message line: it scrolls, and y copies it.

A key that means nothing in the box closes it and does on the main screen what it does there.
"""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from explorer.session.session import Session
from explorer.tui.clipboard import copy
from explorer.tui.screens.help import Page


class TextBox(Page):
    """A text in a box; y copies `copied`, by default the text, and the border says what became of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", show=False),
        Binding("enter", "dismiss", show=False),
    ]

    def __init__(self, title: str, text: str, copied: str = "", session: Session | None = None) -> None:
        super().__init__()
        self.session = session
        self.box_title = title
        self.text = text
        self.copied = copied or text

    def compose(self) -> ComposeResult:
        """Create the text, scrollable."""
        with VerticalScroll() as page:
            page.border_title = Text(self.box_title)
            page.border_subtitle = "y copies, Esc closes"
            yield Static(self.text, markup=False)

    def action_copy(self) -> None:
        """Copy the text."""
        self.query_one(VerticalScroll).border_subtitle = copy(self.app, self.copied, self.session)
