"""The area of the panels: it places its children where `explorer.tui.layouts`, or another layout, says."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Offset, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from explorer.tui.rect import Rect, Regions

_NOWHERE = Rect(0, 0, 0, 0)
"""The place of a panel that is not shown; it has no size, so it gets no rows and is never painted."""


class _Placed(Layout):
    """Each child at the place of its id."""

    name = "placed"

    def __init__(self, places: Callable[[Size], Regions]) -> None:
        super().__init__()
        self._places = places

    def arrange(
        self,
        parent: Widget,  # noqa: ARG002 - the places do not depend on it
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002
    ) -> ArrangeResult:
        """Return a placement for each child."""
        places = self._places(size)
        found = []
        for child in children:
            at = places.get(child.id or "", _NOWHERE)
            region = Region(at.x, at.y, at.width, at.height)
            found.append(WidgetPlacement(region, Offset(), Spacing(), child))
        return found


class PanelsArea(Widget):
    """Holds the panels; its background is blank, so painting it costs nothing."""

    BLANK = True

    DEFAULT_CSS = """
    PanelsArea { width: 1fr; height: 1fr; }
    """

    def __init__(self, *panels: Widget, places: Callable[[Size], Regions]) -> None:
        super().__init__(*panels, id="main")
        self._placed = _Placed(places)

    @property
    def layout(self) -> Layout:
        """The layout of the children; a style sheet knows only Textual's own layouts."""
        return self._placed

    def arrange_again(self) -> None:
        """Arrange the panels again: the wishes that `places` depends on have changed."""
        # A child that asks for a layout lets Textual forget how its ancestors arranged their children.
        self.children[0].refresh(layout=True)
