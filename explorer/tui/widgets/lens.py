"""The panel of a lens: its title and its lines; a click on a spot of the lens executes its command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.lenses.kit.drawing import MARK
from explorer.lenses.kit.lens import WHOLE, Drawing, Lens, Spot, heading
from explorer.tui.widgets.scrolled_lines import MORE, FittedLines
from explorer.views.spans import Line


class LensPanel(FittedLines, can_focus=True):
    """Draws the row of one lens for the size of the panel; scrolled, it draws the whole of it.

    In a lens with choices, ↑ and ↓ go to the next one, and Enter requests its command.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", show=False),
        Binding("down,j", "choose(1)", show=False),
        Binding("enter", "take_choice", show=False),
    ]

    @dataclass
    class Clicked(Message):
        """The user clicked a spot; `verb` is its console command."""

        verb: str

    @dataclass
    class Chosen(Message):
        """The user chose a line with Enter; `verb` is its console command."""

        verb: str

    standing = False
    """Whether this lens is always shown."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lens: Lens | None = None
        self._row: Any = None
        self._drawing = Drawing([])
        self._whole: tuple[int, Drawing] | None = None
        self._choice = ""
        """The verb of the chosen line, or "" for the first one."""

    def look(self, lens: Lens, row: Any) -> None:
        """Show the row of a lens."""
        if lens is not self._lens:
            self.go_to_top()
            self._choice = ""
        self._lens, self._row, self._whole = lens, row, None
        self.update_lines()

    def on_resize(self) -> None:
        """Request the current row: a panel that is not shown has no size and gets no rows."""
        super().on_resize()
        self.post_message(self.RowsWanted())

    def hides_lines(self) -> bool:
        """Whether the drawing fills the panel, or leaves out what the whole of it has.

        The whole may be long and costs more to draw: it is drawn only if the drawing is cut.
        """
        shown = len(self._drawing.lines)
        if shown >= self.room or not self._drawing.is_cut:
            return shown >= self.room
        return len(self.all_lines(self.size.width)) > shown

    def fitted_lines(self, more: str) -> list[Line]:
        """Return the title and the drawing for the panel's size."""
        width, height = self.size
        if self._lens is None:
            return []
        self._drawing = self._lens.fitted(self._row, width, max(height - 1, 0))
        more = more or (MORE if self._drawing.short else "")
        return [self.heading(width, more), *self._marked(self._drawing)]

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return the lines of the whole drawing."""
        if self._lens is None:
            return []
        if self._whole is None or self._whole[0] != width:
            self._whole = width, self._lens.draw(self._row, width, WHOLE)
        return self._marked(self._whole[1])

    def heading(self, width: int, part: str) -> Line:
        """Return the title."""
        if self._lens is None:
            return ()
        return heading(self._lens, width, focused=self.has_focus, standing=self.standing, part=part)

    # --- choosing a line ----------------------------------------------------------------------------------

    @property
    def _visible(self) -> Drawing:
        """The drawing of which the panel shows a part."""
        return self._whole[1] if self.is_scrolled and self._whole else self._drawing

    def _choices(self, drawing: Drawing) -> tuple[Spot, ...]:
        return self._lens.choices(drawing) if self._lens is not None else ()

    def _chosen(self, drawing: Drawing) -> Spot | None:
        """The line that Enter takes; None if the drawing has none to choose."""
        choices = self._choices(drawing)
        return next((spot for spot in choices if spot.verb == self._choice), next(iter(choices), None))

    def _marked(self, drawing: Drawing) -> list[Line]:
        """The lines of a drawing, the chosen one with a mark while the panel has the focus."""
        spot = self._chosen(drawing) if self.has_focus else None
        if spot is None:
            return drawing.lines
        lines = list(drawing.lines)
        first, *rest = lines[spot.y]
        lines[spot.y] = ((MARK + first[0][1:], "key"), *((text, "now") for text, _ in rest))
        return lines

    def action_choose(self, by: int) -> None:
        """Go to the next or previous choice, and to its line; past the last one, and without any, scroll."""
        spot = self._beside_chosen(by)
        if spot is None:
            self.action_scroll_lines(by)
            return
        self._choice = spot.verb
        if self.is_scrolled or spot not in self._drawing.spots:
            self._show_choice(spot, by)
        self.update_lines()

    def _beside_chosen(self, by: int) -> Spot | None:
        """The next or previous choice; while the chosen line is not visible, one that is."""
        if self._lens is None or not self._lens.choice:
            return None
        chosen, whole = self._chosen(self._visible), self._choices(self._whole_drawing())
        if self.is_scrolled and chosen is not None and not self.is_visible(chosen.y):
            visible = [spot for spot in whole if self.is_visible(spot.y)]
            return visible[0 if by > 0 else -1] if visible else None
        if chosen is None and by > 0:
            return next(iter(whole), None)
        near = self._choices(self._visible)
        for choices in (near, whole):
            verbs = [spot.verb for spot in choices]
            at = verbs.index(chosen.verb) + by if chosen is not None and chosen.verb in verbs else -1
            if 0 <= at < len(verbs):
                return choices[at]
        return None

    def _show_choice(self, spot: Spot, by: int) -> None:
        """Scroll as little as is needed to see the line of a choice of the whole drawing."""
        first = max(spot.y - self.room + 1, 0) if by > 0 else spot.y
        # The first time, the panel shows the start of the whole drawing.
        for _ in range(2):
            if not self.is_scrolled or not self.is_visible(spot.y):
                self.scroll_to_line(first)

    def _whole_drawing(self) -> Drawing:
        self.all_lines(self.size.width)
        return self._whole[1] if self._whole is not None else Drawing([])

    def action_take_choice(self) -> None:
        """Request the command of the chosen line."""
        spot = self._chosen(self._visible)
        if spot is not None:
            self.post_message(self.Chosen(spot.verb))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave Enter to the screen if there is nothing to choose."""
        return action != "take_choice" or self._chosen(self._visible) is not None

    def on_click(self, event: events.Click) -> None:
        """Request the command of the spot under the mouse."""
        for spot in self._visible.spots:
            if spot.y == event.y - 1 + self.first_visible and event.y and spot.first <= event.x < spot.beyond:
                self.post_message(self.Clicked(spot.verb))
                return


class FixedLens(LensPanel, can_focus=False):
    """A lens that is always shown if the screen has room for it."""

    standing = True
