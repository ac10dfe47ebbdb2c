"""The screen of a dump: a machine of which only what it printed is known, moment by moment.

It has no session: nothing can be run, and nothing is lost when it closes. It shows one moment at a time; what
takes long to compute, the findings and the bars of the timeline, comes after the frame of the moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.geometry import Size
from textual.widget import Widget

from engine.errors import BadInput
from engine.inputs.dumps.moment import DumpMoment
from explorer.commands.dump_table import DUMP_COMMANDS, DumpCommand, dump_help, dump_tips, parse_line
from explorer.session.dump import Changes, DumpPlace
from explorer.session.typed_number import number_of
from explorer.tui.dump_layout import PANELS, dump_regions, has_timeline
from explorer.tui.rect import Regions
from explorer.tui.screens.panels_area import PanelsArea
from explorer.tui.screens.styled import Styled
from explorer.tui.widgets.dump import MARK, fitting
from explorer.tui.widgets.dump_panels import (
    ColorLine,
    DumpStatusLine,
    FigurePanel,
    FindingsPanel,
    Moments,
    PromptLine,
)
from explorer.tui.widgets.footer import Footer
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.message import fits
from explorer.tui.widgets.queue_map import QueueMap
from explorer.views.dump import (
    DUMP_TYPES,
    axis_row,
    color_words,
    figures_of,
    findings_row,
    map_rows,
    status_of,
)
from explorer.views.rows import MapRow, Note, TimelineRow

if TYPE_CHECKING:
    from explorer.commands.config import Settings

SLICE: Final = 100
"""The moments whose changes are counted at once: they take a few milliseconds."""


class DumpScreen(Styled):
    """A dump at one of its moments.

    over_a_run: whether the screen of a run is below this one.
    """

    AUTO_FOCUS = ""
    BLANK = True

    def __init__(
        self, moments: Sequence[DumpMoment], settings: Settings, *, over_a_run: bool = False
    ) -> None:
        super().__init__(settings)
        self.place = DumpPlace(moments)
        self.over_a_run = over_a_run
        self.front = "findings"
        self.zoomed = ""
        self._changes = Changes(self.place.moments)
        self._late = False
        """Whether what comes after the frame is due."""
        own = [
            Binding("comma" if key == "," else key, f"command('{command.id}')", command.help,
                    show=False, priority=key in ("tab", "shift+tab", "ctrl+c"))
            for command in DUMP_COMMANDS.values() for key in self.keys.of(command)
        ]  # fmt: skip
        self._bindings.key_to_bindings.update(BindingsMap(own).key_to_bindings)

    def compose(self) -> ComposeResult:
        """Create the panels; `explorer.tui.dump_layout` places those of the middle."""
        yield DumpStatusLine(id="status")
        yield PanelsArea(
            MapPanel(id="map", types=DUMP_TYPES, has_reserve=False),
            ColorLine(id="color"), FigurePanel(id="figures"), FindingsPanel(id="findings"),
            places=self._places,
        )  # fmt: skip
        yield Moments(id="timeline")
        yield PromptLine(id="message")
        yield Footer(id="footer")

    def on_mount(self) -> None:
        """Show the first rows when the sizes of the panels are known."""
        super().on_mount()
        self._map.show_queues(self._map_rows())
        self._make_room()
        self.set_focus(self._map)
        self.call_after_refresh(self.show)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - that of Steady is called too
        """Show what fits."""
        self._arrange()

    # --- places -------------------------------------------------------------------------------------------

    @property
    def _map(self) -> MapPanel:
        return self.query_one(MapPanel)

    def _places(self, area: Size) -> Regions:
        panel = self._map
        return dump_regions(
            area.width, area.height, lambda w, h: min(panel.form(w, h).height, max(h, 0)),
            self.front, self.zoomed,
        )  # fmt: skip

    def _make_room(self) -> None:
        """Give the timeline a line if there is one for it."""
        shown = has_timeline(self.app.size.height, len(self.place.moments))
        self.query_one(Moments).styles.height = int(shown)

    def _arrange(self) -> None:
        """Place the panels again, and show the rows that fit into them."""
        self._make_room()
        self.query_one(PanelsArea).arrange_again()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """Show the rows; the focus leaves a panel that is gone."""
        self.show()
        if self.focused is not None and not self.focused.size:
            self._focus(next((name for name in PANELS if self.query_one(f"#{name}").size), "map"))

    def toggle_projector(self) -> None:
        """Switch the size of the cells, and place the panels again."""
        super().toggle_projector()
        self._arrange()

    @property
    def panel_in_focus(self) -> str:
        """The name of the focused panel."""
        focused = self.focused.id if self.focused is not None else None
        return focused if focused in PANELS else "map"

    def _focus(self, name: str) -> None:
        self.set_focus(self.query_one(f"#{name}", Widget))

    def _turn_focus(self, by: int) -> None:
        """Focus the next or previous panel; one that shares its place comes to the front."""
        names = [name for name in PANELS if name != "timeline" or self.query_one(Moments).size.height]
        at = names.index(self.panel_in_focus) if self.panel_in_focus in names else 0
        name = names[(at + by) % len(names)]
        if name in ("figures", "findings"):
            self.front = name
        if self.zoomed:
            self.zoomed = name if name != "timeline" else ""
        self._arrange()
        self.call_after_refresh(partial(self._focus, name))

    def _toggle_zoom(self) -> None:
        """Let the panel in focus fill the screen, or show all again."""
        name = self.panel_in_focus
        self.zoomed = "" if self.zoomed or name == "timeline" else name
        self._arrange()

    # --- showing ------------------------------------------------------------------------------------------

    def _map_rows(self) -> tuple[MapRow, ...]:
        place = self.place
        return map_rows(place.moment, place.before, (place.base, place.color))

    def show(self) -> None:
        """Update every panel to the current moment; what takes long follows a frame later."""
        if not self.is_mounted:
            return
        place, moment, before = self.place, self.place.moment, self.place.before
        with self.app.batch_update():
            self.query_one(DumpStatusLine).row = status_of(
                place.moments, place.at, place.since, marked=place.mark is not None
            )
            self._map.show(self._map_rows(), None, axis_row(moment, place.color))
            self.query_one(ColorLine).words = self._color_words()
            self.query_one(FigurePanel).row = figures_of(moment, before)
            self.query_one(FindingsPanel).row = findings_row(moment, place.known_findings)
            self._show_time()
            self.query_one(PromptLine).note = self._note()
            self.query_one(Footer).tips = dump_tips(
                self.keys, self.size.width, len(place.moments), over_a_run=self.over_a_run
            )
        self._follow_up()

    def _note(self) -> Note:
        """The message; where there is no line for the colour under the cursor, that instead of none."""
        if self.place.note.text or self.query_one(ColorLine).size:
            return self.place.note
        return Note(fitting(self._color_words(), self.size.width - 2))

    def _color_words(self) -> tuple[str, ...]:
        place = self.place
        return color_words(place.moment, place.before, (place.base, place.color))

    def _show_time(self) -> None:
        timeline, place = self.query_one(Moments), self.place
        marks = ((place.mark, MARK),) if place.mark is not None else ()
        density = self._changes.density(timeline.size.width)
        timeline.row = TimelineRow(place.at, len(place.moments) - 1, False, density, marks)

    def _follow_up(self) -> None:
        """Show what takes long after the frame of this moment."""
        if not self._late and (self.place.known_findings is None or not self._changes.done):
            self._late = True
            self.call_after_refresh(self._show_late)

    def _show_late(self) -> None:
        self._late = False
        place = self.place
        if place.known_findings is None:
            place.compute_findings()
            self.query_one(FindingsPanel).row = findings_row(place.moment, place.known_findings)
        if not self._changes.done:
            self._changes.look_on(SLICE)
            self._show_time()
        self._follow_up()

    # --- commands -----------------------------------------------------------------------------------------

    def action_command(self, name: str) -> None:
        """Carry out a command by its id, as its key does."""
        prompt = self.query_one(PromptLine)
        if prompt.typed is not None and name == "interrupt":
            prompt.typed = None
        elif prompt.typed is None:
            self.do(DUMP_COMMANDS[name], "")

    def do(self, command: DumpCommand, argument: str) -> None:
        """Carry out a command; an error becomes a message and is never raised."""
        self.say("")
        try:
            _ACTIONS[command.id](self, argument)
        except BadInput as refusal:
            self._refuse(refusal)
        self.show()

    def _refuse(self, refusal: BadInput) -> None:
        """Show an error; in a box if the line has no room for it."""
        self.place.say(str(refusal), "error")
        if not fits(self.place.note, self.size.width):
            self._open_box("error", str(refusal))

    def _open_box(self, title: str, text: str) -> None:
        # Imported here because the first frame does not wait for it.
        from explorer.tui.screens.text_box import TextBox  # noqa: PLC0415

        self.app.push_screen(TextBox(title, text))

    def say(self, text: str) -> None:
        """Set the message."""
        self.place.say(text)

    def take_key(self, event: events.Key) -> bool:
        """Take a key for the line that is being typed; a digit starts one."""
        prompt = self.query_one(PromptLine)
        if prompt.typed is None:
            if not (event.character and event.character in "0123456789"):
                return False
            self._open_prompt("")
        entered = prompt.take_key(event)
        if entered:
            self.enter_line(entered)
        return True

    def _open_prompt(self, text: str) -> None:
        self.set_focus(None)
        self.query_one(PromptLine).typed = text

    def enter_line(self, text: str) -> None:
        """Carry out a line that was typed."""
        self._focus("map")
        try:
            command, argument = parse_line(text)
        except BadInput as refusal:
            self._refuse(refusal)
            self.show()
            return
        self.do(command, argument)

    def _interrupt(self) -> None:
        """Show all panels again, else stop comparing with the mark, else go back to the run."""
        if self.zoomed:
            self._toggle_zoom()
        elif self.over_a_run:
            self.dismiss()
        else:
            self.place.say(f"{next(iter(self.keys.words(DUMP_COMMANDS['quit'])), ':quit')} quits", "hint")

    def _quit(self) -> None:
        if self.over_a_run:
            self.dismiss()
        else:
            self.app.exit()

    def _show_help(self) -> None:
        self._open_box("the map of a dump", dump_help(self.keys, self.size.width - 6))

    def _go_to(self, argument: str) -> None:
        if not argument:
            self._open_prompt("goto ")
            return
        self.place.go_to_number(number_of(argument, "the number of a moment"))

    def _go_to_color(self, argument: str) -> None:
        if not argument:
            self._open_prompt("color ")
            return
        base, _, number = argument.rpartition(" ")
        base = base.strip().upper() or self.place.base
        if base not in DUMP_TYPES:
            raise BadInput(f"{base[:20]!r} is not a queue type; use {', '.join(DUMP_TYPES)}")
        self.place.select(base, number_of(number, "a colour"))

    # --- the mouse ----------------------------------------------------------------------------------------

    def on_queue_map_color_selected(self, message: QueueMap.ColorSelected) -> None:
        """Move the cursor to a clicked cell."""
        self.do(DUMP_COMMANDS["color"], f"{message.base} {message.color}")

    def on_timeline_step_selected(self, message: Moments.StepSelected) -> None:
        """Go to a clicked moment."""
        self.do(DUMP_COMMANDS["goto"], str(message.step + 1))

    def on_message_line_opened(self) -> None:
        """Show the whole of a message that was clicked."""
        if note := self.place.note.text:
            self._open_box("message", note)

    def on_footer_tip_clicked(self, message: Footer.TipClicked) -> None:
        """Carry out the command of a clicked key."""
        self.action_command(message.command)


_Action = Callable[[DumpScreen, str], object]

_ACTIONS: Final[dict[str, _Action]] = {
    "step": lambda screen, _: screen.place.step(1),
    "back": lambda screen, _: screen.place.step(-1),
    "first": lambda screen, _: screen.place.go(0),
    "last": lambda screen, _: screen.place.go(len(screen.place.moments) - 1),
    "goto": lambda screen, text: screen._go_to(text),
    "mark": lambda screen, _: screen.place.toggle_mark(),
    "mark-goto": lambda screen, _: screen.place.go_to_mark(),
    "left": lambda screen, _: screen.place.move(-1, 0),
    "right": lambda screen, _: screen.place.move(1, 0),
    "up": lambda screen, _: screen.place.move(0, -1),
    "down": lambda screen, _: screen.place.move(0, 1),
    "far-left": lambda screen, _: screen.place.move(-64, 0),
    "far-right": lambda screen, _: screen.place.move(64, 0),
    "color": lambda screen, text: screen._go_to_color(text),
    "next-panel": lambda screen, _: screen._turn_focus(1),
    "previous-panel": lambda screen, _: screen._turn_focus(-1),
    "zoom": lambda screen, _: screen._toggle_zoom(),
    "console": lambda screen, _: screen._open_prompt(""),
    "interrupt": lambda screen, _: screen._interrupt(),
    "theme": lambda screen, text: screen.change_theme(text),
    "ascii": lambda screen, _: screen.toggle_ascii(),
    "projector": lambda screen, _: screen.toggle_projector(),
    "help": lambda screen, _: screen._show_help(),
    "quit": lambda screen, _: screen._quit(),
}
"""What each command of the table does."""
