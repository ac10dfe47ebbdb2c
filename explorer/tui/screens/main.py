"""The main screen: it takes requests from widgets, calls the engine, and shows one step in all panels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.message import Message

from engine.errors import InvariantViolation
from explorer.commands.completion import complete
from explorer.commands.config import Settings
from explorer.commands.keys import Keys
from explorer.commands.lesson import carry_out
from explorer.commands.table import COMMANDS, VERBS, Command, offered, usage_of
from explorer.lenses.kit.registry import LENSES
from explorer.session import experiment, exploration, questions
from explorer.session.course_progress import words_to_continue
from explorer.session.ending import follow_end
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.session.undo import Undo
from explorer.tui import export
from explorer.tui.layouts import NARROW, STANDING, first_panels
from explorer.tui.screens.panels import show_all, show_slow
from explorer.tui.screens.panels_area import PanelsArea
from explorer.tui.screens.searching import Searching
from explorer.tui.widgets.banner_panel import Banner
from explorer.tui.widgets.candidates import Candidates
from explorer.tui.widgets.code_panel import Code
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.footer import Footer
from explorer.tui.widgets.inspector_panel import Inspector
from explorer.tui.widgets.lens import FixedLens, LensPanel
from explorer.tui.widgets.lesson_panel import LessonPanel
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.message import fits
from explorer.tui.widgets.question_panel import QuestionPanel
from explorer.tui.widgets.source_panel import Source
from explorer.tui.widgets.stage_panel import Stage
from explorer.tui.widgets.status_panel import StatusLine
from explorer.tui.widgets.threads_panel import Threads
from explorer.tui.widgets.timeline_panel import Timeline
from explorer.views.rows import Note


def bindings(keys: Keys) -> list[Binding]:
    """Return bindings for the user's keys of every command."""
    return [
        Binding("comma" if key == "," else key, f"command('{command.id}')", command.help,
                id=f"{command.id}.{n}", show=False, priority=key in ("tab", "shift+tab", "ctrl+c"))
        for command in COMMANDS.values()
        for n, key in enumerate(keys.of(command))
    ]  # fmt: skip


@dataclass
class Reopen(Message):
    """Asks the application to open another session, scenario, machine or rules, or to edit the scenario."""

    scenario: str = ""
    machine: str | None = None
    rules: str | None = None
    edit: bool = False
    session: Session | None = None


LEAVE_TIME_ALONE = (
    *("play", "faster", "slower", "unit", "speed", "console"),
    *("help", "interrupt", "theme", "ascii", "projector"),
)
"""Commands that do not stop a run or playback; the console, so that a speed can be typed."""


DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
"""The commands that move over tiles or colours: how far across, and how far down."""

CHOICES = {f"panel-{n}": str(n) for n in range(1, 10)}
"""The commands whose keys, the digits, answer an open question; the last one goes to it if it can."""

COMPLETING = {"next-panel": 1, "previous-panel": -1}
"""The commands whose keys complete a line while one is typed: Tab belongs to the screen."""

WRITE_AFTER = 0.05
"""Seconds from a frame with progress to its write: the frame is on the terminal by then."""

GREET_AFTER = 0.1
"""Seconds from the first frame to the message that says where the course continues."""


class MainScreen(Searching):
    """All panels, on one history at one step."""

    AUTO_FOCUS = ""
    BLANK = True

    asks = True

    def __init__(
        self, session: Session, settings: Settings, log: ProgressLog | None = None, *, greets: bool = False
    ) -> None:
        super().__init__(session, settings, log)
        self._greets = greets
        self._bind(bindings(self.keys))
        self.undo = Undo()
        self._letter_for: str | None = None
        self._slow_due = self._write_due = False
        self._stood = (-1, 0)
        self.open_lesson()

    def compose(self) -> ComposeResult:
        """Create the panels; `explorer.tui.layouts` places those of the middle."""
        yield StatusLine(id="status")
        yield PanelsArea(
            Stage(id="stage"), MapPanel(id="map"), LessonPanel(id="lesson"),
            QuestionPanel(id="question"), Code(id="code"),
            Inspector(id="page"), Threads(id="threads"), Source(id="source"), Log(id="log"),
            LensPanel(id="lens"), *(FixedLens(id=name) for name in STANDING), places=self._places,
        )  # fmt: skip
        yield Banner(id="banner")
        yield Timeline(id="timeline")
        yield Candidates(id="candidates")
        guest = self.session.guest
        verbs = sorted(verb for verb, command in VERBS.items() if offered(command, guest=guest))
        yield Console(verbs, lambda line: complete(self.session, line))
        yield Footer(id="footer")

    def on_mount(self) -> None:
        """Show the first rows when the sizes of the panels are known."""
        super().on_mount()
        self.query_one(StatusLine).title = self.session.title
        self.query_one(f"#{self.session.centre}").focus()
        self.call_after_refresh(self.show)
        if self._greets:
            # After the first frame, which must not wait for the files that this reads.
            self.set_timer(GREET_AFTER, self._tell_where_to_continue)

    def open(self, session: Session) -> None:
        """Show another session; the appearance stays."""
        self.stop()
        self.leave_search(self.session)
        self.land()
        self.session, self.undo, self._letter_for, self._stood = session, Undo(), None, (-1, 0)
        self.open_lesson()
        self.begun = session.history.step > 0
        self.query_one(StatusLine).title = session.title
        self.follow_again()
        self._arrange()

    def open_lesson(self) -> None:
        """Open the lesson of a scenario that was just opened, unless the settings say not to."""
        reading = self.session.reading
        reading.open, reading.leads = self.lessons, True
        self.front, self.zoomed = first_panels(self.session), ""

    def toggle_projector(self) -> None:
        """Switch the size of the cells, and update the sizes of the other panels."""
        super().toggle_projector()
        self._arrange()

    def _bind(self, own: list[Binding]) -> None:
        """Add the user's keys to this screen; Textual's class bindings would be the same for all screens."""
        self._bindings.key_to_bindings.update(BindingsMap(own).key_to_bindings)

    # --- showing ------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Update every visible panel to the current step."""
        if not self.is_mounted:
            return
        if not self.activity().text and follow_end(self.session):
            # A narrow screen has room for one of them: the page has the fields that the why is about.
            self.lens_opened("log" if self.size.width >= NARROW else "page")
        if not self.activity().text:
            questions.follow(self.session)
            self._note_progress()
        if self.shown != self._arranged:
            self._arrange()
        history = self.session.history
        before, self._stood = self._stood, (history.current, history.step)
        near = before[0] == history.current and abs(before[1] - history.step) <= 1
        try:
            with self.app.batch_update():
                show_all(self, self.session, self.activity(), self.keys)
                if near:
                    show_slow(self, self.session)
        except InvariantViolation as fault:
            self._report_bug(fault)
        if not near and not self._slow_due:
            # After a long jump these panels take time to compute: show them a frame after the others.
            self._slow_due = True
            self.call_after_refresh(self._show_slow)

    def _note_progress(self) -> None:
        """Note what the user has done; it is written after this frame, which a slow disk must not delay."""
        if self.progress_log.note(self.session) and not self._write_due:
            self._write_due = True
            self.set_timer(WRITE_AFTER, self._write_progress)

    def _tell_where_to_continue(self) -> None:
        """Say where the course continues, unless the user has done something already."""
        session = self.session
        if self.begun or session.note.kind != "hint":
            return
        course, problem = self.progress_log.course(session.library)
        whole, short = (problem, problem) if problem else words_to_continue(course, session.name)
        if whole:
            session.say(whole if fits(Note(whole, "hint"), self.size.width) else short, "hint")
            self.query_one(Console).say(session.note)

    def _write_progress(self) -> None:
        """Add what the user has done to the progress file."""
        self._write_due = False
        said = self.progress_log.write()
        if said:
            self.session.say(said, "error")
            self.query_one(Console).say(self.session.note)

    def _show_slow(self) -> None:
        self._slow_due = False
        try:
            show_slow(self, self.session)
        except InvariantViolation as fault:
            self._report_bug(fault)

    # --- commands -----------------------------------------------------------------------------------------

    def action_command(self, name: str) -> None:
        """Execute a command by its id, as its key does; on the stage, a direction chooses a tile."""
        console = self.query_one(Console)
        if console.is_open and name in COMPLETING:
            console.complete(COMPLETING[name])
        elif console.is_open and name == "interrupt" and not self.busy:
            console.leave()  # Ctrl+C belongs to the screen, as Tab does
        elif name in CHOICES and self._is_answer(name):
            self.do(COMMANDS["answer"], CHOICES[name])
        elif self.session.centre == "stage" and name in DIRECTIONS:
            self.query_one(Stage).action_choose(*DIRECTIONS[name])
        else:
            self.do(COMMANDS[name], "")

    def _is_answer(self, name: str) -> bool:
        """Whether the digit that goes to a panel answers the open question instead."""
        asked = questions.asked_here(self.session)
        return asked is not None and (name != "panel-9" or len(asked.choices) == int(CHOICES[name]))

    def do(self, command: Command, argument: str) -> None:
        """Execute a command; an error becomes a message and is never raised."""
        if command.id not in LEAVE_TIME_ALONE:
            self.stop()
        self.session.say(" ".join([command.word, argument]).strip(), "echo")
        self.begun = True
        if command.id not in ("undo", "redo"):
            self.undo.remember(self.session, command.id)
        begin, looked = self.session.history.step, self._looked
        self.land()
        motion = self._guard(lambda: carry_out(self, command, argument))
        if motion is not None:
            self._drive(motion)
        if self._looked != looked:
            self.lens_opened()
        self.show()
        self.open_long_note()
        self._fly(begin)

    @property
    def _looked(self) -> tuple[str, int]:
        """The lens, and how often the user chose one: choosing the open one again brings it to the front."""
        return self.session.lens, self.session.looks

    # --- the Desk interface -------------------------------------------------------------------------------

    def open_console(self, text: str) -> None:
        """Open the console line."""
        self.query_one(Console).open(text)

    def interrupt(self) -> None:
        """Stop a run or playback; else close what was opened last; else follow the steps again."""
        if self.stop():
            self.session.say(f"stopped at step {self.session.history.step:,}")
        elif exploration.stop(self.session) or experiment.stop(self.session):
            pass  # it has said so
        elif questions.close(self.session):
            self._arrange()
        elif not self.close_last():
            self.session.follow()

    def leave(self) -> None:
        """End the program."""
        self.app.exit()

    def ask_letter(self, command: str) -> None:
        """Use the next key as the letter that a command takes."""
        self._letter_for = command
        without = "Space for none, " if command == "mark" else ""
        self.session.say(f"{command}: which letter? {without}Esc cancels")

    def take_key(self, event: events.Key) -> bool:
        """Take a key that no panel used as the letter for a command; return whether it was taken."""
        if self._letter_for is None:
            return False
        command, self._letter_for = self._letter_for, None
        if event.is_printable and event.character:
            self.do(COMMANDS[command], event.character)
        else:
            self.session.say("")
            self.show()
        return True

    def export(self, name: str) -> None:
        """Write the moment to a file as the screen shows it, without the command that writes it."""
        self.session.say("")
        self.query_one(Console).say(self.session.note)
        app = cast("export.Pictured", self.app)
        export.write_moment(self.session, name, self.size, lambda *_: export.export_svg(app))

    def open_scenario(self, text: str) -> None:
        """Open another scenario; on an error the current one stays open."""
        self.app.post_message(Reopen(scenario=text))

    def on_machine(self, text: str) -> None:
        """Open this scenario on another machine."""
        self.app.post_message(Reopen(machine=text))

    def under_rules(self, text: str) -> None:
        """Open this scenario under other rules."""
        self.app.post_message(Reopen(rules=text))

    def show_session(self, session: Session) -> None:
        """Show another session."""
        self.app.post_message(Reopen(session=session))

    def edit_scenario(self) -> None:
        """Edit the scenario's file, and reload it."""
        self.app.post_message(Reopen(edit=True))

    def turn_lens(self, by: int) -> None:
        """Show the next or previous lens."""
        at = LENSES.index(self.session.lens)
        self.session.look_through(LENSES[(at + by) % len(LENSES)])

    def undo_last(self) -> None:
        """Undo the last command."""
        command = self.undo.back(self.session)
        self.session.say(f"undone: {command}" if command else "nothing to undo")

    def redo_last(self) -> None:
        """Redo the last undone command."""
        command = self.undo.forward(self.session)
        self.session.say(f"redone: {command}" if command else "nothing to redo")

    # --- the console --------------------------------------------------------------------------------------

    def on_console_entered(self, message: Console.Entered) -> None:
        """Execute a line of the console."""
        self._focus("centre")
        if message.text:
            self.enter_line(message.text)

    def on_console_offered(self, message: Console.Offered) -> None:
        """List the candidates of a line; with its usage, if the command has no argument yet."""
        usage = usage_of(message.line) if message.line.endswith(" ") else ""
        self.query_one(Candidates).offer(usage, message.candidates)

    def on_console_closed(self) -> None:
        """Focus the map when the console closes."""
        self._focus("centre")
