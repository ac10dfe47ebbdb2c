"""Panels are where the function of the places says, and move when its answer changes."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.widgets import Static

from explorer.tui.rect import Rect, Regions
from explorer.tui.screens.panels_area import PanelsArea


class Two(App[None]):
    """Two panels, one of which may be nowhere."""

    both = True

    def places(self, area: Size) -> Regions:
        half = area.width // 2 if self.both else area.width
        left = {"left": Rect(0, 0, half, area.height)}
        return left | {"right": Rect(half, 1, area.width - half, area.height - 1)} if self.both else left

    def compose(self) -> ComposeResult:
        yield PanelsArea(Static(id="left"), Static(id="right"), places=self.places)


async def test_a_panel_has_its_place_and_one_without_a_place_has_no_size() -> None:
    app = Two()
    async with app.run_test(size=(20, 6)) as pilot:
        left, right = app.query_one("#left"), app.query_one("#right")
        assert (left.region, right.region) == (Region(0, 0, 10, 6), Region(10, 1, 10, 5))
        app.both = False
        app.query_one(PanelsArea).arrange_again()
        await pilot.pause()
        assert (left.region, right.size) == (Region(0, 0, 20, 6), Size(0, 0))
        await pilot.resize_terminal(30, 4)
        await pilot.pause()
        assert left.region == Region(0, 0, 30, 4)
