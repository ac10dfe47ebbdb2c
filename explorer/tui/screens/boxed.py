"""A screen that opens boxes over its panels: long messages, the help page, the lesson, questions."""

from __future__ import annotations

from engine.inputs.dumps.moment import DumpMoment
from engine.questions.generated import Prediction
from explorer.commands.config import Settings
from explorer.commands.glossary import CHOOSERS
from explorer.commands.table import COMMANDS, Command
from explorer.session import predictions, saved_moment
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.tui.clipboard import copy
from explorer.tui.screens.arranged import Arranged
from explorer.tui.screens.help import HelpScreen, LessonScreen
from explorer.tui.screens.question import PredictScreen
from explorer.tui.screens.text_box import TextBox
from explorer.tui.widgets.message import fits
from explorer.views.rows import Note


class Boxed(Arranged):
    """A screen with boxes."""

    def __init__(self, session: Session, settings: Settings, log: ProgressLog | None = None) -> None:
        super().__init__(session, settings)
        self.progress_log = log or ProgressLog()

    def do(self, command: Command, argument: str) -> None:
        """Execute a command."""
        raise NotImplementedError

    def open_long_note(self) -> None:
        """Open a box for the last message, if it is an answer or an error that the message line would cut."""
        note = self.session.note
        asked = bool(note.lines) or note.kind == "error"
        if asked and self.is_current and not (note.text and fits(note, self.size.width)):
            title = note.title or _TITLES[note.kind]
            self.app.push_screen(TextBox(title, _text(note), session=self.session))

    def browse(self) -> None:
        """Show the library; a chosen scenario is opened as by `:open`."""
        # Imported here because it adds to the start of the program, and few runs need it.
        from explorer.tui.screens.browser import Browser  # noqa: PLC0415

        def chosen(name: str | None) -> None:
            if name is not None:
                self.do(COMMANDS["open"], name)

        course, problem = self.progress_log.course(self.session.library)
        if problem:
            self.session.say(problem)
        self.app.push_screen(Browser(self.session.name, course), chosen)

    def show_dumps(self, moments: tuple[DumpMoment, ...]) -> None:
        """Show dumps of real machines on a screen over this one; it takes its appearance along, and back."""
        # Imported here because few runs need it.
        from explorer.tui.screens.dump import DumpScreen  # noqa: PLC0415

        theme, ascii, projector = self.look
        looks = Settings(theme, ascii, projector, keys=self.keys)
        screen = DumpScreen(moments, looks, over_a_run=True)
        self.app.push_screen(screen, lambda _: self.look_like(screen))

    def show_help(self) -> None:
        """Show help on the panel in focus, or on the lens that it shows, and all commands."""
        field, colors = self.session.field or "", self.session.vm.colors
        panel, lens = self.panel_in_focus, self.session.lens
        shown = lens if panel == "log" and lens in CHOOSERS else panel
        guest = self.session.guest
        self.app.push_screen(HelpScreen(self.keys, shown, field, colors, guest=guest))

    def show_whole_lesson(self) -> None:
        """Show all pages of the lesson in a box."""
        self.app.push_screen(LessonScreen(self.session.title, self.session.lesson))

    def ask(self, question: Prediction) -> None:
        """Ask a question and settle the user's answer."""

        def answered(given: int | None) -> None:
            predictions.settle(self.session, question, given)
            self.show()

        self.app.push_screen(PredictScreen(question), answered)

    def copy_token(self) -> None:
        """Copy the state string, show it, and say where the copy is."""
        text = saved_moment.tell_token(self.session)
        opening = saved_moment.opening(text)
        share = getattr(self.app._driver, "share_state", None) if self.session.guest else None
        if share is not None:
            share(text)
            where = "the address of this page opens this moment now"
        else:
            where = copy(self.app, text, self.session)
        self.session.tell(f"{where}: {opening}", [opening, "", _sentence(where)], "state string")


_TITLES = {"error": "error", "say": "message", "hint": "message", "echo": "message"}


def _text(note: Note) -> str:
    return "\n".join(note.lines) if note.lines else note.text


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
