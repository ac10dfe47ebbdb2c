"""The widget of the stage in an app of its own: choosing, hovering, flights, and what is repainted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from engine.constants import NULL
from explorer.session.session import Session
from explorer.tui.widgets.map_panel import FLIGHT
from explorer.tui.widgets.palette import LOOKS
from explorer.tui.widgets.stage_panel import Stage
from explorer.views.flights import page_moves
from explorer.views.spans import plain
from explorer.views.stage import StageRow, Travel, stage_row
from tests.explorer.tui.widgets.stage_rows import lane, row, tile
from tests.tiers import only_fast

THREE = row(
    lane("NONE", [tile(1, 0, "app.m"), tile(2, 1, "app.n")]), lane("ACTIVE", [tile(3, 0, "app.o")]), now=1
)


class OneStage(App[None]):
    """Only a stage, and the messages that it sent."""

    def __init__(self, shown: StageRow) -> None:
        super().__init__()
        self.shown = shown
        self.sent: list[tuple[str, int]] = []
        self.lanes: list[str] = []

    def compose(self) -> ComposeResult:
        yield Stage(id="stage")

    def on_mount(self) -> None:
        for look in LOOKS.values():
            self.register_theme(look.theme)
        self.theme = "dark"
        self.stage.row = self.shown

    @property
    def stage(self) -> Stage:
        return self.query_one(Stage)

    def on_stage_tile_chosen(self, message: Stage.TileChosen) -> None:
        self.sent.append(("chosen", message.page))

    def on_stage_lane_chosen(self, message: Stage.LaneChosen) -> None:
        self.lanes.append(message.name)

    def on_stage_tile_hovered(self, message: Stage.TileHovered) -> None:
        self.sent.append(("hovered", message.page))


@asynccontextmanager
async def staged(
    shown: StageRow, size: tuple[int, int] = (74, 16)
) -> AsyncIterator[tuple[OneStage, Pilot[Any]]]:
    app = OneStage(shown)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.stage.focus()
        await pilot.pause()
        yield app, pilot


def on_screen(stage: Stage) -> str:
    return "\n".join(stage.render_line(y).text.rstrip() for y in range(stage.size.height))


def spot(stage: Stage, page: int) -> tuple[int, int]:
    place = next(place for place in stage._drawn.places if place.page == page) if stage._drawn else None
    assert place is not None
    return place.first + 1, place.y


async def test_arrows_choose_the_next_tile() -> None:
    async with staged(THREE) as (app, pilot):
        for key in ("right", "l", "left", "down", "k"):
            await pilot.press(key)
        await pilot.pause()
        # From the page of the step: the next one, around the end to the last one, the line below or above.
        assert [page for _, page in app.sent] == [2, 2, 3, 3, 3]


async def test_a_chosen_tile_is_where_the_next_choice_starts() -> None:
    async with staged(row(*THREE.lanes, selected=2)) as (app, pilot):
        await pilot.press("right", "down")
        await pilot.pause()
        assert [page for _, page in app.sent] == [3, 3]


async def test_without_tiles_nothing_is_chosen_and_without_a_start_the_first() -> None:
    async with staged(row()) as (app, pilot):
        await pilot.press("right")
        assert app.sent == []
    async with staged(row(*THREE.lanes)) as (app, pilot):
        await pilot.press("down")
        await pilot.pause()
        assert app.sent == [("chosen", 1)]


async def test_a_click_chooses_and_the_mouse_is_noticed_once_a_tile() -> None:
    async with staged(THREE) as (app, pilot):
        x, y = spot(app.stage, 2)
        await pilot.hover(Stage, offset=(x, y))
        await pilot.hover(Stage, offset=(x + 1, y))
        await pilot.hover(Stage, offset=(0, 0))
        await pilot.hover(Stage, offset=spot(app.stage, 3))
        await pilot.click(Stage, offset=(x, y))
        await pilot.pause()
        chosen = [page for kind, page in app.sent if kind == "chosen"]
        hovered = [page for kind, page in app.sent if kind == "hovered"]
        assert chosen == [2]
        assert hovered[:3] == [2, NULL, 3]


async def test_a_click_beside_tiles_chooses_the_lane_and_on_a_move_its_page() -> None:
    travel = Travel(3, "app.o", "NONE", "ACTIVE", "vm_page_activate", "app", 41)
    async with staged(replace(THREE, travels=(travel,))) as (app, pilot):
        stage = app.stage
        assert stage._drawn is not None
        none, active, reserve = (stage._drawn.lanes[number] for number in (1, 2, 6))
        for spot_clicked in ((2, none), (60, active), (0, reserve), (40, active - 1)):
            await pilot.click(Stage, offset=spot_clicked)
        await pilot.pause()
        assert app.lanes == ["NONE", "ACTIVE", "RESERVE"]
        assert [page for kind, page in app.sent if kind == "chosen"] == [3]
    async with staged(THREE, (74, 5)) as (app, pilot):
        for y in range(5):
            await pilot.click(Stage, offset=(1, y))
        await pilot.pause()
        assert app.lanes[1:3] == ["NONE", "ACTIVE"]
        assert len(app.lanes) == 4, "the last line has several lanes"


@pytest.mark.slow
async def test_a_moving_page_is_between_the_lanes_and_arrives(life: Session) -> None:
    life.history.extend(41)
    life.history.seek(40)
    async with staged(stage_row(life)) as (app, pilot):
        stage = app.stage
        life.history.seek(41)
        stage.row = stage_row(life)
        arrived = on_screen(stage)
        stage.fly(page_moves(life.history, 40, 41))
        flying = on_screen(stage)
        assert flying != arrived
        assert flying.count("app.m") == 1
        await pilot.pause(FLIGHT * 3)
        assert on_screen(stage) == arrived


@pytest.mark.parametrize("size", only_fast([(74, 5), (40, 16), (38, 3), (120, 30)], (74, 5)), ids=str)
async def test_a_terminal_may_change_its_size_while_a_page_travels(
    life: Session, size: tuple[int, int]
) -> None:
    life.history.extend(41)
    life.history.seek(40)
    async with staged(stage_row(life), (74, 18)) as (app, pilot):
        stage = app.stage
        life.history.seek(41)
        stage.row = stage_row(life)
        stage.fly(page_moves(life.history, 40, 41))
        await pilot.resize_terminal(*size)
        stage._fly_on()  # the timer's next frame may come before the event of the new size
        await pilot.pause(FLIGHT * 2)
        assert not stage._flights
        assert "app.m" in on_screen(stage)


async def test_a_key_ends_the_flight(life: Session) -> None:
    life.history.extend(41)
    life.history.seek(40)
    async with staged(stage_row(life)) as (app, pilot):
        life.history.seek(41)
        app.stage.row = stage_row(life)
        arrived = on_screen(app.stage)
        app.stage.fly(page_moves(life.history, 40, 41))
        await pilot.press("right")
        assert on_screen(app.stage) == arrived


async def test_with_reduced_motion_nothing_flies(life: Session) -> None:
    life.history.extend(41)
    life.history.seek(40)
    async with staged(stage_row(life)) as (app, _):
        app.animation_level = "none"
        life.history.seek(41)
        app.stage.row = stage_row(life)
        arrived = on_screen(app.stage)
        app.stage.fly(page_moves(life.history, 40, 41))
        assert on_screen(app.stage) == arrived


async def test_only_lines_that_differ_are_repainted(life: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    life.history.extend(48)
    life.history.seek(42)
    async with staged(stage_row(life)) as (app, _):
        painted: list[int] = []
        paint = Stage.paint

        def counted(stage: Stage, y: int) -> Any:
            painted.append(y)
            return paint(stage, y)

        on_screen(app.stage)
        monkeypatch.setattr(Stage, "paint", counted)
        life.history.seek(48)
        app.stage.row = stage_row(life)
        on_screen(app.stage)
        assert 0 < len(painted) < 8


async def test_lanes_shrink_when_the_run_has_stopped() -> None:
    crowd = row(lane("ACTIVE", [tile(page, page, f"app.page{page}") for page in range(12)]))
    alone = row(lane("ACTIVE", [tile(0, 0, "app.page0")]))
    async with staged(crowd) as (app, pilot):
        stage = app.stage
        stopped = plain(stage.format_lines())
        stage.running = True
        stage.row = crowd
        high = stage._drawn
        stage.row = alone
        assert high is not None
        assert stage._drawn is not None
        assert stage._drawn.lanes == high.lanes
        stage.running = False
        await pilot.pause()
        assert stage._drawn.lanes != high.lanes
        assert stopped


async def test_another_size_is_another_drawing() -> None:
    async with staged(THREE) as (app, pilot):
        await pilot.resize_terminal(78, 5)
        await pilot.pause()
        assert len(on_screen(app.stage).split("\n")) == 5
        assert "app.m" in on_screen(app.stage)
