"""The help page, made from the table of commands, and the page with the scenario's lesson."""

from __future__ import annotations

import textwrap
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from explorer.commands.glossary import CHOOSERS, FIELDS, MAP, MARKS, PANELS, REFERENCE, STAGE, field_text
from explorer.commands.keys import Keys
from explorer.commands.table import GROUPS, offered
from explorer.tui.screens.steady import Steady
from explorer.views.spans import columns, padded

LEGEND: Final = (
    STAGE,
    MAP,
    MARKS,
    "With Shift, a motion key goes backwards. Every step can be undone. Stepping another thread in the "
    "middle of a recorded run starts a branch; the recorded future is kept.",
    "Shift+drag (macOS: Option+drag) selects text. pageq tui --no-mouse leaves the mouse to the terminal.",
)
"""What the screen shows, a paragraph each."""

GUEST_LEGEND: Final = (
    *LEGEND[:-1],
    "Shift+drag (macOS: Option+drag) selects text.",
    "This screen runs on a server. No file is read there: :open takes a scenario of the library or a state "
    "string. Your browser downloads what is written to FILE. Progress and answers last as long as this "
    "visit; :answers FILE downloads the answers. A machine has at most 256 MiB, a branch 1,000,000 steps, "
    "the history of all branches 64 MiB, and a search or an experiment 5 min.",
)
"""The same for the guest of a server."""

CENTRES: Final = 2
"""The first paragraphs, about the centre of the screen."""


def lesson_text(keys: Keys) -> str:
    """How to read the lesson and to answer its questions, with the user's keys."""
    key = keys.call
    return (
        f"The lesson: {key('lesson-next')} reads on and {key('lesson-previous')} turns back, in time too; "
        f"{key('lesson')} closes it and opens it, {key('panel-9')} goes to it. A motion forwards stops where "
        "the scenario asks a question: a digit or a click answers, and the run goes to what decides it; "
        f"{key('interrupt')} leaves it, {key('predict')} asks it again, {key('continue-past')} continues "
        "past questions."
    )


def help_text(
    width: int,
    keys: Keys | None = None,
    panel: str = "",
    field: str = "",
    colors: int = 1024,
    *,
    guest: bool = False,
) -> str:
    """Return the text on the panel and field in focus, the legend, and every command with its keys.

    The legend explains the centre too. A command takes two lines on a page narrower than 70 columns.
    colors: the machine's colours. guest: whether it is for the guest of a server.
    """
    keys = keys or Keys()
    panels = PANELS | CHOOSERS
    lines = [textwrap.fill(panels[panel], width), ""] if panel in panels and panel != "centre" else []
    if panel == "page" and field in FIELDS:
        lines += [textwrap.fill(f"{field}: {field_text(field, colors)}", width), ""]
    legend = GUEST_LEGEND if guest else LEGEND
    for paragraph in (*legend[:CENTRES], lesson_text(keys), *legend[CENTRES:]):
        text = paragraph.replace("·", "' '") if keys.ascii else paragraph
        lines += [textwrap.fill(text, width), ""]
    lines.pop()
    for name, commands in GROUPS.items():
        lines += ["", name]
        for command in (one for one in commands if offered(one, guest=guest)):
            words = " ".join(keys.words(command))
            verb = f":{command.word} {command.argument}".strip()
            if width >= 70:
                lines += _row(f"  {padded(words, 12)} {verb:<21} ", command.help, width)
            else:
                lines += [f" {padded(words, 14)} {verb}", f"   {command.help}"]
    return "\n".join([*lines, "", *textwrap.wrap(REFERENCE, width)])


def _row(head: str, text: str, width: int) -> list[str]:
    """Return `head` and `text` on one line, or on two with the text aligned if they do not fit."""
    first, *rest = textwrap.wrap(text, max(width - columns(head), 20))
    return [f"{head}{first}", *(" " * columns(head) + line for line in rest)]


class Page(Steady, ModalScreen[None]):
    """A page of text, scrolled with the arrows, closed with Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,L", "dismiss", "close", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def action_scroll(self, by: int) -> None:
        """Scroll a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


class HelpScreen(Page):
    """Help on the panel in focus, and all commands with the user's keys."""

    def __init__(
        self, keys: Keys, panel: str = "", field: str = "", colors: int = 1024, *, guest: bool = False
    ) -> None:
        super().__init__()
        self.guest = guest
        self.keys = keys
        self.panel = panel
        self.field = field
        self.of_machine = colors

    def compose(self) -> ComposeResult:
        """The page, scrollable."""
        with VerticalScroll() as page:
            page.border_title = "pageq: keys and commands (Esc closes)"
            width = max(min(self.app.size.width - 6, 92), 1)
            of = (self.keys, self.panel, self.field, self.of_machine)
            yield Static(help_text(width, *of, guest=self.guest), markup=False)


class LessonScreen(Page):
    """The scenario's lesson."""

    def __init__(self, title: str, lesson: str) -> None:
        super().__init__()
        self.lesson_title = title
        self.lesson = lesson

    def compose(self) -> ComposeResult:
        """The lesson, scrollable."""
        with VerticalScroll() as page:
            # Not a string, in which Textual would look for its markup.
            page.border_title = Text(f"{self.lesson_title} (Esc closes)")
            # Imported here because it adds 40 ms to the start of the program, and few runs need it.
            from textual.widgets import Markdown  # noqa: PLC0415

            yield Markdown(self.lesson or "This scenario has no lesson.", open_links=False)
