"""The help page, made from the table of commands, and the scenario's lesson."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from explorer.commands.glossary import FIELDS, PANELS
from explorer.commands.keys import Keys
from explorer.commands.table import GROUPS
from explorer.views.spans import padded

LEGEND = """\
The map: a cell is one colour, or the fullest of several; its glyph is how full the list is,
from · (no page) over ▁ to █. Reversed: the last step changed the count. Underlined: it
locked or relinked that queue. ▲ is the cursor: the page's colour until the arrows move it.
NONE holds pages in use on no queue: b busy, w wired, B both. DMA is the contiguous reserve.
● is a page on its way between queues, ? the colour that an allocation asks for; while two
moments are compared, ≠ is where they differ.
Shift is the same motion backwards. Every step can be taken back; stepping another thread
in the middle of a recorded run starts a branch, and the old future is kept."""


def help_text(width: int, keys: Keys | None = None, panel: str = "", field: str = "") -> str:
    """The panel and field in focus, then every command with the person's keys; two lines each if narrow."""
    keys = keys or Keys()
    legend = LEGEND.replace("·", "' '") if keys.ascii else LEGEND
    lines = [textwrap.fill(PANELS[panel], width), ""] if panel in PANELS else []
    if panel == "page" and field in FIELDS:
        lines += [textwrap.fill(f"{field}: {FIELDS[field]}", width), ""]
    lines.append(" ".join(legend.split("\n")) if width < 92 else legend)
    for name, commands in GROUPS.items():
        lines += ["", name]
        for command in commands:
            words = " ".join(keys.words(command))
            verb = f":{command.word} {command.argument}".strip()
            if width >= 70:
                lines.append(f"  {padded(words, 16)} {verb:<18} {command.help}")
            else:
                lines += [f" {padded(words, 14)} {verb}", f"   {command.help}"]
    return "\n".join(lines)


class Page(ModalScreen[None]):
    """Something to read, scrolled with the arrows, closed with Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,L", "dismiss", "close", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def action_scroll(self, by: int) -> None:
        """Scroll a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


class HelpScreen(Page):
    """The panel in focus, and all commands, with the person's keys."""

    def __init__(self, keys: Keys, panel: str = "", field: str = "") -> None:
        super().__init__()
        self.keys = keys
        self.panel = panel
        self.field = field

    def compose(self) -> ComposeResult:
        """The page, scrollable."""
        with VerticalScroll() as page:
            page.border_title = "pageq: keys and commands (Esc closes)"
            width = min(self.app.size.width - 6, 92)
            yield Static(help_text(width, self.keys, self.panel, self.field), markup=False)


class LessonScreen(Page):
    """What the scenario teaches."""

    def __init__(self, title: str, lesson: str) -> None:
        super().__init__()
        self.lesson_title = title
        self.lesson = lesson

    def compose(self) -> ComposeResult:
        """The lesson, scrollable."""
        with VerticalScroll() as page:
            page.border_title = f"{self.lesson_title} (Esc closes)"
            # Here and not at the top: parsing Markdown costs the program's start 40 ms that few runs need.
            from textual.widgets import Markdown  # noqa: PLC0415

            yield Markdown(self.lesson or "This scenario has no lesson.")
