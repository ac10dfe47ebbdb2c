"""The browser of the library: the course with what is done, a preview of one scenario, a line to filter."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.scenario.library import OWN, Listing
from explorer.session.course_progress import CourseProgress
from explorer.tui.screens.steady import Steady
from explorer.views.course import ORDERS, grouped
from explorer.views.library import is_found, preview

BESIDE: Final = 84
"""From this many columns on, the preview is beside the list."""

LOW: Final = 20
"""On fewer lines than this, the preview is brief."""


class Browser(Steady, ModalScreen[str | None]):
    """Lets the user choose a scenario. Returns its name, or None.

    Typing filters, arrows and pages move, Tab changes the order, Enter opens.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "close", show=False),
        Binding("down", "move('cursor_down')", show=False, priority=True),
        Binding("up", "move('cursor_up')", show=False, priority=True),
        Binding("pagedown", "move('page_down')", show=False, priority=True),
        Binding("pageup", "move('page_up')", show=False, priority=True),
        Binding("enter", "choose", show=False, priority=True),
        Binding("tab", "order", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    Browser { align: center middle; background: $background 60%; }
    Browser > Vertical {
        width: 116; max-width: 100%; height: 38; max-height: 100%;
        background: $surface; border: round $primary; padding: 0 1; border-title-color: $primary;
        border-subtitle-color: $primary;
    }
    Browser Input { height: 1; border: none; padding: 0; background: $surface; }
    Browser Horizontal { height: 1fr; }
    Browser OptionList { width: 5fr; height: 1fr; border: none; padding: 0; background: $surface; }
    Browser OptionList { text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1; }
    Browser OptionList > .option-list--option-disabled { color: $primary; text-style: bold; }
    Browser VerticalScroll { width: 6fr; height: 1fr; padding: 0 0 0 2; scrollbar-gutter: stable; }
    Browser.-narrow Horizontal { layout: vertical; }
    Browser.-narrow OptionList { width: 1fr; height: 3fr; }
    Browser.-narrow VerticalScroll { width: 1fr; height: 2fr; padding: 0; }
    """

    def __init__(self, here: str, progress: CourseProgress) -> None:
        super().__init__()
        self.here = here
        self.progress = progress
        self.order = ORDERS[0]
        self._rows: list[Listing | None] = []
        """The scenario of each row of the list; None for a heading."""

    def compose(self) -> ComposeResult:
        """Create the filter, the list and the preview."""
        with Vertical() as page:
            library = self.progress.library
            page.border_title = "library" if library is OWN else Text(library.course.title)
            yield Input(placeholder="type to filter: pageout, numa, beginner, ...", compact=True)
            with Horizontal():
                yield OptionList()
                with VerticalScroll(can_focus=False):
                    yield Static("", markup=False)

    def on_mount(self) -> None:
        """List all scenarios; the open one is highlighted, or the next of the course if that is done."""
        self.query_one(OptionList).can_focus = False
        self._suit_width()
        done = self.progress.state(self.here) == "done"
        self._fill(self.progress.next_name if done and self.progress.next_name else self.here)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - that of Steady is called too
        """Put the preview beside the list or under it."""
        self._suit_width()

    def _suit_width(self) -> None:
        narrow = self.app.size.width < BESIDE
        self.set_class(narrow, "-narrow")
        keys = f"Tab: by {self._next_order}, Enter opens, Esc closes"
        self.query_one(Vertical).border_subtitle = keys if narrow else f"type to filter, {keys}"

    @property
    def _next_order(self) -> str:
        return ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]

    def _fill(self, wanted: str = "") -> None:
        """List the scenarios that match, under their headings; choose `wanted`, or the first one."""
        text, options = self.query_one(Input).value, self.query_one(OptionList)
        options.clear_options()
        self._rows = []
        groups = grouped(self.progress.library, self.order, self.progress.marks, broken=True)
        for heading, listed in groups:
            matching = [one for one in listed if is_found(one, text)]
            if matching:
                self._rows += [None, *matching]
                options.add_option(Option(Text(heading, overflow="ellipsis", no_wrap=True), disabled=True))
                options.add_options(Option(self._row(one)) for one in matching)
        rows = [number for number, one in enumerate(self._rows) if one is not None]
        if rows:
            names = [one.name if one is not None else "" for one in self._rows]
            options.highlighted = names.index(wanted) if wanted in names and wanted else rows[0]
            options.scroll_to_highlight(top=False)
        else:
            self.query_one(Static).update("No scenario has these words.")

    def _row(self, one: Listing) -> Text:
        words = f"{self.progress.marks.get(one.name, ' ')} {one.name}", (f"  {one.title}", "dim")
        return Text.assemble(*words, overflow="ellipsis", no_wrap=True)

    @property
    def _chosen(self) -> str:
        """The name of the scenario under the cursor; "" if no scenario matches."""
        highlighted = self.query_one(OptionList).highlighted
        one = None if highlighted is None else self._rows[highlighted]
        return "" if one is None else one.name

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter the list."""
        message.stop()
        self._fill("" if message.value else self.here)

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Preview the scenario under the cursor."""
        one = self._rows[message.option_index] if message.option_index < len(self._rows) else None
        if one is not None:
            brief = self.app.size.height < LOW
            done = self.progress.done(one.name).words if self.progress.state(one.name) else ""
            lines = preview(one, done, self.progress.library, brief=brief)
            self.query_one(Static).update(("\n" if brief else "\n\n").join(line for line in lines if line))
            self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Open a clicked scenario."""
        one = self._rows[message.option_index]
        if one is not None:
            self.dismiss(one.name)

    def action_move(self, name: str) -> None:
        """Move in the list."""
        getattr(self.query_one(OptionList), f"action_{name}")()

    def action_order(self) -> None:
        """List the scenarios by the next order; the cursor stays on its scenario."""
        self.order, chosen = self._next_order, self._chosen
        self._suit_width()
        self._fill(chosen)

    def action_choose(self) -> None:
        """Open the scenario under the cursor."""
        if self._chosen:
            self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Close without a choice."""
        self.dismiss(None)
