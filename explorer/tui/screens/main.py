"""The main screen: widgets ask it, it asks the engine, and every panel shows the same step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from engine.errors import BadInput, InvariantViolation
from engine.questions.generated import Prediction
from explorer.commands.config import Settings
from explorer.commands.keys import Keys
from explorer.commands.table import COMMANDS, PANELS, VERBS, Command, parse
from explorer.lenses.kit.registry import LENSES
from explorer.session import predictions, saved_moment
from explorer.session.session import Session
from explorer.session.undo import Undo
from explorer.tui import export
from explorer.tui.layouts import HEIGHTS, WIDTHS, breakpoints
from explorer.tui.screens.clock import Moving
from explorer.tui.screens.help import HelpScreen, LessonScreen
from explorer.tui.screens.panels import (
    leave_room,
    map_rows,
    show_all,
    show_standing,
)
from explorer.tui.screens.question import PredictScreen
from explorer.tui.widgets.banner import Banner
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.footer import Footer
from explorer.tui.widgets.inspector import Inspector
from explorer.tui.widgets.lens import LensPanel, Standing
from explorer.tui.widgets.log import Log
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.queue_map import QueueMap
from explorer.tui.widgets.source import Source
from explorer.tui.widgets.status import StatusLine
from explorer.tui.widgets.threads import Threads
from explorer.tui.widgets.timeline import Timeline
from explorer.views.rows import MapRow


def bindings(keys: Keys) -> list[Binding]:
    """The person's keys of every command."""
    return [
        Binding("comma" if key == "," else key, f"command('{command.id}')", command.help,
                id=f"{command.id}.{n}", show=False, priority=key in ("tab", "shift+tab", "ctrl+c"))
        for command in COMMANDS.values()
        for n, key in enumerate(keys.of(command))
    ]  # fmt: skip


@dataclass
class Reopen(Message):
    """The person wants another scenario, machine or rules, or to edit this one: the application does it."""

    scenario: str = ""
    machine: str = ""
    rules: str = ""
    edit: bool = False


LEAVE_TIME_ALONE = ("play", "faster", "slower", "help", "interrupt", "theme", "ascii", "projector")
"""Commands during which a run or playing goes on."""


class Area(Container):
    """A part of the layout; empty ground, painted at no cost."""

    BLANK = True


class MainScreen(Moving):
    """Everything about one history at one step."""

    HORIZONTAL_BREAKPOINTS = breakpoints(WIDTHS, "w")
    VERTICAL_BREAKPOINTS = breakpoints(HEIGHTS, "h")
    AUTO_FOCUS = "MapPanel"
    BLANK = True

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__(session, settings)
        self._bind(bindings(self.keys))
        self.undo = Undo()
        self._letter_for: str | None = None
        self._standing_due = False
        self._stood = (-1, 0)

    def compose(self) -> ComposeResult:
        """Top down; the layouts of `pageq.tcss` rearrange it by size."""
        yield StatusLine(id="status")
        with Area(id="main"):
            with Area(id="top"):
                with Area(id="left"):
                    yield MapPanel(id="map")
                    yield Standing(id="chips")
                    yield Standing(id="frames")
                with Area(id="side"):
                    yield Inspector(id="page")
                    yield Standing(id="reason")
                    yield Threads(id="threads")
                    yield Source(id="source-side")
            with Area(id="bottom"):
                yield Log(id="log")
                yield LensPanel(id="lens")
                yield Source(id="source")
                yield Standing(id="nodes")
                yield Standing(id="tree")
            yield Standing(id="lanes")
        yield Banner(id="banner")
        yield Timeline(id="timeline")
        yield Console(sorted(VERBS))
        yield Footer(id="footer")

    def on_mount(self) -> None:
        """The panels learn their first rows when their sizes are known."""
        super().on_mount()
        self.query_one(StatusLine).title = self.session.title
        self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        """How many rows a panel needs depends on its size."""
        leave_room(self, self.session)
        self.call_after_refresh(self.show)

    def open(self, session: Session) -> None:
        """Show another session; how the screen looks stays."""
        self.stop()
        self.query_one(MapPanel).land()
        self.session, self.undo, self._letter_for, self._stood = session, Undo(), None, (-1, 0)
        self.begun = session.history.step > 0
        self.query_one(StatusLine).title = session.title
        self.on_resize()

    def toggle_projector(self) -> None:
        """Bigger cells leave less room for other panels."""
        super().toggle_projector()
        self.on_resize()

    def _bind(self, own: list[Binding]) -> None:
        """Put the person's keys in front; Textual would take them from the class, the same for everybody."""
        self._bindings.key_to_bindings.update(BindingsMap(own).key_to_bindings)

    # --- showing ------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Give every panel in sight the rows of the cursor's step."""
        if not self.is_mounted:
            return
        history = self.session.history
        before, self._stood = self._stood, (history.current, history.step)
        near = before[0] == history.current and abs(before[1] - history.step) <= 1
        try:
            with self.app.batch_update():
                show_all(self, self.session, self.activity(), self.keys)
                if near:
                    show_standing(self, self.session)
        except InvariantViolation as fault:
            self._tell_fault(fault)
        if not near and not self._standing_due:
            # After a leap there is much to work out: it comes a frame later than the answer to the key.
            self._standing_due = True
            self.call_after_refresh(self._show_standing)

    def _show_standing(self) -> None:
        self._standing_due = False
        try:
            show_standing(self, self.session)
        except InvariantViolation as fault:
            self._tell_fault(fault)

    def map_rows(self) -> tuple[MapRow, ...]:
        """The rows of the map as they stand."""
        return map_rows(self.session)

    # --- commands -----------------------------------------------------------------------------------------

    def action_command(self, name: str) -> None:
        """Do a command by its id, as its key does."""
        self.do(COMMANDS[name], "")

    def do(self, command: Command, argument: str) -> None:
        """Do a command; what it refuses is said, never raised."""
        if command.id not in LEAVE_TIME_ALONE:
            self.stop()
        self.session.say(" ".join([command.word, argument]).strip(), "echo")
        self.begun = True
        if command.id not in ("undo", "redo"):
            self.undo.remember(self.session, command.id)
        begin = self.session.history.step
        self.query_one(MapPanel).land()
        motion = self._guard(lambda: command.function(self, argument))
        if motion is not None:
            self._drive(motion)
        self.show()
        self._fly(begin)

    # --- what commands ask of a desk ----------------------------------------------------------------------

    def show_help(self) -> None:
        """Show what the panel in focus is, and every command."""
        self.app.push_screen(HelpScreen(self.keys, self.panel_in_focus, self.session.field or ""))

    def show_lesson(self) -> None:
        """Show the scenario's lesson."""
        self.app.push_screen(LessonScreen(self.session.title, self.session.lesson))

    def open_console(self, text: str) -> None:
        """Open the console line."""
        self.query_one(Console).open(text)

    def focus_panel(self, number: int) -> None:
        """Put the focus on a panel, and bring it into sight."""
        name = PANELS[number - 1]
        if name == "console":
            self.open_console("")
            return
        for other in PANELS:
            self.set_class(other == name, f"-panel-{other}")
            if self.has_class("-zoom"):
                self.set_class(other == name, f"-zoom-{other}")
        self.call_after_refresh(self._focus, name)

    def _focus(self, name: str) -> None:
        lens = "#lens" if name == "log" and self.session.lens != "log" else f"#{name}"
        for candidate in (lens, f"#{name}-side"):
            for panel in self.query(candidate).results(Widget):
                if panel.display and panel.size.height:
                    panel.focus()
                    self.show()
                    return

    def turn_focus(self, by: int) -> None:
        """Put the focus on the next panel."""
        names = PANELS[:-1]
        self.focus_panel((names.index(self.panel_in_focus) + by) % len(names) + 1)

    @property
    def panel_in_focus(self) -> str:
        """The name of the panel that has the focus; the map when none has."""
        focused = self.focused.id if self.focused is not None and self.focused.id else "map"
        name = {"lens": "log"}.get(focused, focused.removesuffix("-side"))
        return name if name in PANELS[:-1] else "map"

    def toggle_zoom(self) -> None:
        """Let the focused panel fill the screen, or give the others their place back."""
        name = self.panel_in_focus
        zoomed = not self.has_class("-zoom") and name in PANELS[:5]
        self.set_class(zoomed, "-zoom")
        for other in PANELS:
            self.set_class(zoomed and other == name, f"-zoom-{other}")
        self.call_after_refresh(self._focus, name)
        self.call_after_refresh(self.show)

    def interrupt(self) -> None:
        """Stop a run or playing; else let the inspector follow again."""
        if self.stop():
            self.session.say(f"stopped at step {self.session.history.step:,}")
        else:
            self.session.follow()

    def leave(self) -> None:
        """End the program."""
        self.app.exit()

    def ask_letter(self, command: str) -> None:
        """Let the next key be the letter that a command takes."""
        self._letter_for = command
        without = "Space for none, " if command == "mark" else ""
        self.session.say(f"{command}: which letter? {without}Esc leaves it")

    def take_key(self, event: events.Key) -> bool:
        """Take a key that no panel wanted, before its command is looked for.

        It is the letter that was asked for, or part of a line that was typed faster than the console opened.
        """
        if self.query_one(Console).take_key(event):
            return True
        if self._letter_for is None:
            return False
        command, self._letter_for = self._letter_for, None
        if event.is_printable and event.character:
            self.do(COMMANDS[command], event.character)
        else:
            self.session.say("")
            self.show()
        return True

    def copy_token(self) -> None:
        """Copy the state string to the terminal's clipboard, and say it."""
        self.app.copy_to_clipboard(saved_moment.tell_token(self.session))

    def export(self, name: str) -> None:
        """Write the moment, as it is on the screen, to a file."""
        app = cast("export.Pictured", self.app)
        export.write_moment(self.session, name, self.size, lambda *_: export.export_svg(app))

    def open_scenario(self, text: str) -> None:
        """Open another scenario; what is open stays when it cannot be."""
        self.post_message(Reopen(scenario=text))

    def on_machine(self, text: str) -> None:
        """Open this scenario on another machine."""
        self.post_message(Reopen(machine=text))

    def under_rules(self, text: str) -> None:
        """Open this scenario under other rules."""
        self.post_message(Reopen(rules=text))

    def edit_scenario(self) -> None:
        """Edit the scenario's file, and reload it."""
        self.post_message(Reopen(edit=True))

    def turn_lens(self, by: int) -> None:
        """Look through the next lens."""
        at = LENSES.index(self.session.lens)
        self.session.look_through(LENSES[(at + by) % len(LENSES)])

    def ask(self, question: Prediction) -> None:
        """Ask what comes next, and show what the person made of it."""

        def answered(given: int | None) -> None:
            predictions.settle(self.session, question, given)
            self.show()

        self.app.push_screen(PredictScreen(question), answered)

    def undo_last(self) -> None:
        """Take back what the last command did."""
        command = self.undo.back(self.session)
        self.session.say(f"took back: {command}" if command else "there is nothing to take back")

    def redo_last(self) -> None:
        """Do again what was taken back."""
        command = self.undo.forward(self.session)
        self.session.say(f"did again: {command}" if command else "nothing was taken back")

    # --- what widgets ask ---------------------------------------------------------------------------------

    def on_queue_map_color_selected(self, message: QueueMap.ColorSelected) -> None:
        """A click on the map moves its cursor."""
        self.undo.remember(self.session, "color")
        self.session.select(message.base, message.color)
        self.show()

    def on_threads_thread_chosen(self, message: Threads.ThreadChosen) -> None:
        """A click on a thread lets s step it."""
        self.undo.remember(self.session, "thread")
        self.session.choose_thread(message.number)
        self.show()

    def on_timeline_step_selected(self, message: Timeline.StepSelected) -> None:
        """A click on the timeline looks at that step."""
        self.do(COMMANDS["goto"], str(message.step))

    def on_log_step_selected(self, message: Log.StepSelected) -> None:
        """A click on the log looks at that step."""
        self.do(COMMANDS["goto"], str(message.step))

    def on_source_pointed(self, message: Source.Pointed) -> None:
        """The cursor of the source moves."""
        self.undo.remember(self.session, "cursor")
        self.session.line = message.thread, message.line
        self.session.say("b breaks here, t runs to here")
        self.show()

    def on_lens_panel_clicked(self, message: LensPanel.Clicked) -> None:
        """A click in a lens does what the console verb does."""
        self.on_console_entered(Console.Entered(message.verb))

    def on_footer_tip_clicked(self, message: Footer.TipClicked) -> None:
        """A click on a key does what the key does."""
        self.action_command(message.command)

    def on_console_entered(self, message: Console.Entered) -> None:
        """A line was typed."""
        self._focus("map")
        if not message.text:
            return
        try:
            command, argument = parse(message.text)
        except BadInput as refusal:
            self.session.say(str(refusal), "error")
            self.show()
            return
        self.do(command, argument)

    def on_console_closed(self) -> None:
        """The console was left."""
        self._focus("map")
