"""A screen that arranges its panels by its size and the user's wishes: centre, focus and zoom."""

from __future__ import annotations

from typing import cast

from textual import events
from textual.geometry import Size
from textual.widget import Widget

from engine.scenario.lesson import PANELS
from explorer.commands.config import Settings
from explorer.commands.lesson import remind
from explorer.session import code_place
from explorer.session.question_row import question_row
from explorer.session.session import Session
from explorer.tui.key_queue import KeyQueue
from explorer.tui.layouts import NARROW, Shown, regions, siblings, timeline_height, with_question
from explorer.tui.rect import Regions
from explorer.tui.screens.clock import Moving
from explorer.tui.screens.panels import name_siblings
from explorer.tui.screens.panels_area import PanelsArea
from explorer.tui.widgets.lesson_panel import LessonPanel
from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.question_panel import QuestionPanel
from explorer.tui.widgets.timeline_panel import Timeline

_FOCUSED = tuple(name for name in PANELS if name != "console")
"""The panels that the focus can stay in."""


class Arranged(Moving):
    """A screen whose panels are placed by `explorer.tui.layouts`.

    front:  the panels that the user went to, the last one first.
    zoomed: the panel that fills the screen, or "".
    """

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__(session, settings)
        self.front: tuple[str, ...] = ()
        self.zoomed = ""
        self._zoomed_from = ""
        """The panel that had the focus before one was zoomed."""
        self._zoomed_last = False
        """Whether the zoom was opened after the lens."""
        self._arranged = self.shown

    def open_console(self, text: str) -> None:
        """Open the console line."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - Steady's own is called too
        """Update the panels: the number of rows of a panel depends on its size."""
        self._fill()

    @property
    def shown(self) -> Shown:
        """What the user wants to see, for the layout."""
        session = self.session
        zoomed = self._panel("log") if self.zoomed in ("log", "lens") else self.zoomed
        zoomed = self._panel("lesson") if self.zoomed in ("lesson", "question") else zoomed
        shown = Shown(
            session.centre, session.vm.colors, self.projector, session.lens != "log", self.front, zoomed,
            session.reading.has_panel,
        )  # fmt: skip
        return with_question(shown, question_row(session, self.keys.call), *self.size)

    def _places(self, area: Size) -> Regions:
        return regions(*self.size, area.height, self.shown)

    def _arrange(self) -> None:
        """Arrange the panels again, and show the rows that fit into them."""
        self.query_one(PanelsArea).arrange_again()
        self._fill()

    def _fill(self) -> None:
        """Show the rows that fit into the panels when they have their places."""
        self._arranged = self.shown
        self.query_one(Timeline).styles.height = timeline_height(*self.size, self._arranged)
        name_siblings(self, siblings(*self.size, self._arranged), self._arranged)
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """Show the rows; the focus leaves a panel that is gone, and goes to a question that has to scroll."""
        self.show()
        if isinstance(self.focused, LinesPanel | MapPanel) and not self.focused.size:
            self._focus("centre")
        question = self.query_one(QuestionPanel)
        if question.overflows and self.panel_in_focus == "centre":
            self._focus("lesson")  # so that the arrow keys scroll it

    def focus_panel(self, number: int) -> None:
        """Focus a panel and make it visible."""
        name = PANELS[number - 1]
        if name == "console":
            self.open_console("")
            return
        self.session.reading.open |= name == "lesson"
        self.bring_to_front(name)
        if "timeline" not in (self.zoomed, name) and self.zoomed:
            self.zoomed = self._panel(name)
        self._arrange()
        self._focus_soon(name)

    def bring_to_front(self, name: str) -> None:
        """Show this panel of those that share its place."""
        self.front = (name, *(other for other in self.front if other != name))

    def _panel(self, name: str) -> str:
        """Return the id of the widget of a panel: the centre and the log have several."""
        if name == "centre":
            return self.session.centre
        if name == "lesson" and question_row(self.session, self.keys.call) is not None:
            return "question"
        return "lens" if name == "log" and self.session.lens != "log" else name

    def _focus_soon(self, name: str) -> None:
        """Focus a panel when the layout has made room for it; keys wait until then."""
        app = cast("KeyQueue", self.app)
        app.hold_keys(lambda: self._focus(name))

    def _focus(self, name: str) -> None:
        for panel in self.query(f"#{self._panel(name)}").results(Widget):
            if panel.size:
                self.set_focus(panel)  # now, because the next key may already be in the queue
                self.show()

    def turn_focus(self, by: int) -> None:
        """Focus the next or previous panel."""
        at = _FOCUSED.index(self.panel_in_focus) + by
        self.focus_panel(PANELS.index(_FOCUSED[at % len(_FOCUSED)]) + 1)

    @property
    def panel_in_focus(self) -> str:
        """The name of the focused panel; "centre" if no panel is focused."""
        focused = self.focused.id if self.focused is not None and self.focused.id else ""
        name = {"lens": "log", "question": "lesson"}.get(focused, focused)
        return name if name in _FOCUSED else "centre"

    def toggle_zoom(self) -> None:
        """Let the panel that is being looked at fill the screen, or show all panels again.

        That is the one in focus; an open lens comes before the centre. A zoomed timeline gets its lanes, and
        leaves the rest of the screen to the others.
        """
        name = self.panel_in_focus
        if name == "timeline" and not self.zoomed and timeline_height(*self.size, self.shown) > 1:
            self.session.say("the timeline has its lanes already")
            return
        if self.zoomed and (self.zoomed == "timeline") == (name == "timeline"):
            self._zoom_out()
            return
        self._zoomed_from = name
        name = "log" if name == "centre" and self.session.lens != "log" else name
        self.zoomed, self._zoomed_last = self._panel(name), True
        self._arrange()
        self._focus_soon(name)

    def _zoom_out(self) -> None:
        """Show all panels again; the focus goes back to where it was, or stays if it could leave."""
        name = self.panel_in_focus if self.zoomed == "timeline" else self._zoomed_from
        self._zoomed_from = self.zoomed = ""
        self._arrange()
        self._focus_soon(name or self.panel_in_focus)

    def close_last(self) -> bool:
        """Close the zoom or the lens, whichever was opened last; return whether there was one."""
        has_lens = self.session.lens != "log"
        if self.zoomed and (self._zoomed_last or not has_lens):
            self._zoom_out()
        elif has_lens:
            focused = self.panel_in_focus
            if not self.session.close_reason():
                self.session.look_through("log")
            self._arrange()
            if focused == "log":
                self._focus_soon("log")
        else:
            return False
        return True

    def lens_opened(self, front: str = "log") -> None:
        """Bring the lens that was opened just now to the front, or another panel that goes with it."""
        self._zoomed_last = False
        self.bring_to_front(front)

    def show_lesson(self) -> None:
        """Open the lesson, or close it; where it shares its place, it comes to the front."""
        reading, shown = self.session.reading, self.query_one("#lesson").size.height
        if self.zoomed and self.zoomed != "lesson":
            self.zoomed, reading.open = "", True
        elif reading.open and (shown > 1 or self.size.width >= NARROW):
            self.close_lesson()
            return
        reading.open = True
        if not reading.pages:
            self.session.say("this scenario has no lesson")
        self.bring_to_front("lesson")
        self._arrange()

    def close_lesson(self) -> None:
        """Close the lesson."""
        self.session.reading.open, self.zoomed = False, ""
        self.front = tuple(name for name in self.front if name != "lesson")
        self._arrange()

    def keeps_page(self, by: int) -> bool:
        """Show the next or previous part of the page, or remind of what it asks for; return whether."""
        return self._scroll_lesson(by) or (by > 0 and remind(self.session, self.keys))

    def _scroll_lesson(self, by: int) -> bool:
        """Show the next or previous part of the page; a lesson without room gets its place first."""
        panel = self.query_one(LessonPanel)
        if panel.size.height > 2 or (panel.size.height and self.front[:1] == ("lesson",)):
            return panel.read_on(by)
        more = panel.is_cut
        self.zoomed, self.session.reading.open = "", True
        self.bring_to_front("lesson")
        self._arrange()
        return more

    def turn_outline(self) -> None:
        """Show the outline of the function in the code panel, or its source again."""
        code_place.turn_outline(self.session)

    def turn_centre(self, name: str) -> None:
        """Show the stage or the map in the centre; without a name, the other one."""
        session, focused = self.session, self.panel_in_focus
        session.centre = name or ("map" if session.centre == "stage" else "stage")
        if self.zoomed:
            # What fills the screen is the centre now, or all panels are shown again.
            self.zoomed = session.centre if self.zoomed in ("stage", "map") else ""
        self._arrange()
        if focused == "centre":
            self._focus_soon(focused)
