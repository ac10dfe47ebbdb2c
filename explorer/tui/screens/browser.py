"""The browser of the library: the scenarios by level, a preview of one, and a line to filter them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import ClassVar, Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.scenario.library import OWN, Library, Listing
from explorer.tui.screens.steady import Steady
from explorer.views.library import Progress, found, preview, questions_of

BESIDE: Final = 84
"""From this many columns on, the preview is beside the list."""

LOW: Final = 20
"""On fewer lines than this, the preview is brief."""


class Browser(Steady, ModalScreen[str | None]):
    """Lets the user choose a scenario. Returns its name, or None.

    Typing filters, arrows and pages move, Enter opens.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "close", show=False),
        Binding("down", "move('cursor_down')", show=False, priority=True),
        Binding("up", "move('cursor_up')", show=False, priority=True),
        Binding("pagedown", "move('page_down')", show=False, priority=True),
        Binding("pageup", "move('page_up')", show=False, priority=True),
        Binding("enter", "choose", show=False, priority=True),
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
    Browser VerticalScroll { width: 6fr; height: 1fr; padding: 0 0 0 2; scrollbar-gutter: stable; }
    Browser.-narrow Horizontal { layout: vertical; }
    Browser.-narrow OptionList { width: 1fr; height: 3fr; }
    Browser.-narrow VerticalScroll { width: 1fr; height: 2fr; padding: 0; }
    """

    def __init__(self, here: str, done: Mapping[str, Progress], library: Library = OWN) -> None:
        super().__init__()
        self.here = here
        self.done = done
        self.library = library
        self._listed: tuple[Listing, ...] = ()

    def compose(self) -> ComposeResult:
        """Create the filter, the list and the preview."""
        with Vertical() as page:
            page.border_title = "library"
            page.border_subtitle = "type to filter, Enter opens, Esc closes"
            yield Input(placeholder="type to filter: pageout, numa, beginner, ...", compact=True)
            with Horizontal():
                yield OptionList()
                with VerticalScroll(can_focus=False):
                    yield Static("", markup=False)

    def on_mount(self) -> None:
        """List all scenarios; the open one is highlighted."""
        self.query_one(OptionList).can_focus = False
        self.set_class(self.app.size.width < BESIDE, "-narrow")
        self._fill("")

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - that of Steady is called too
        """Put the preview beside the list or under it."""
        self.set_class(self.app.size.width < BESIDE, "-narrow")

    def _fill(self, text: str) -> None:
        """List the scenarios that match, under their levels."""
        self._listed = found(text, self.library)
        options = self.query_one(OptionList)
        options.clear_options()
        for level, group in groupby(self._listed, key=lambda one: one.level):
            options.add_option(Option(level.upper(), disabled=True))
            options.add_options(Option(self._row(one), id=one.name) for one in group)
        names = [one.name for one in self._listed]
        if names:
            chosen = self.here if self.here in names and not text else names[0]
            options.highlighted = options.get_option_index(chosen)
            options.scroll_to_highlight(top=False)
        else:
            self.query_one(Static).update("No scenario has these words.")

    def _row(self, one: Listing) -> Text:
        done = self.done.get(one.name)
        mark = " "
        if done is not None:
            mark = "✓" if done.right >= questions_of(one.name, self.library) and done.outcome else "•"
        words = f"{mark} {one.name}", (f"  {one.title}", "dim")
        return Text.assemble(*words, overflow="ellipsis", no_wrap=True)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter the list."""
        message.stop()
        self._fill(message.value)

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Preview the scenario under the cursor."""
        one = next((one for one in self._listed if one.name == message.option.id), None)
        if one is not None:
            brief = self.app.size.height < LOW
            lines = preview(one, self.done.get(one.name), self.library, brief=brief)
            self.query_one(Static).update(("\n" if brief else "\n\n").join(line for line in lines if line))
            self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Open a clicked scenario."""
        self.dismiss(message.option.id)

    def action_move(self, name: str) -> None:
        """Move in the list."""
        getattr(self.query_one(OptionList), f"action_{name}")()

    def action_choose(self) -> None:
        """Open the scenario under the cursor."""
        options = self.query_one(OptionList)
        if options.highlighted is not None and self._listed:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def action_close(self) -> None:
        """Close without a choice."""
        self.dismiss(None)
