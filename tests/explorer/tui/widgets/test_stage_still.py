"""In a run by moves, nothing on the stage jumps: tiles keep their places, and no lane gets fewer lines."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from engine.debug.in_play import LANES
from engine.scenario.loader import load
from explorer.session import running
from explorer.session.running import Played
from explorer.session.session import Session
from explorer.tui.layouts import Shown, regions
from explorer.tui.widgets.stage import DrawnStage, drawn_stage
from explorer.tui.widgets.stage_plan import Floor
from explorer.views.stage import StageRow, stage_row


def place(width: int, height: int) -> tuple[int, int]:
    """The size of the stage on a screen of that size."""
    at = regions(width, height, height - 4, Shown())["stage"]
    return at.width, at.height


SIZES = [place(*size) for size in ((120, 40), (80, 24), (40, 15))]


class Frame(NamedTuple):
    """Where the pages are in a frame: (lane, form of the lane, line within the lane, column) by page."""

    pages: dict[int, tuple[str, int, int, int]]
    lines: list[int]


@pytest.fixture(scope="module", params=["thrash", pytest.param("swap-full", marks=pytest.mark.slow)])
def rows(request: pytest.FixtureRequest) -> list[StageRow]:
    """The stage at the moves of a run."""
    scenario = load(request.param)
    session = Session(scenario.start(), scenario)
    found: list[StageRow] = []
    while running.play_to_move(session, 100_000) is Played.MOVED and len(found) < 100:
        found.append(stage_row(session))
    return found


def frame(shown: StageRow, picture: DrawnStage) -> Frame:
    kept = picture.kept
    own = {tile.page: number for number, lane in enumerate(shown.lanes) for tile in lane.pages}
    pages = {
        at.page: (LANES[own[at.page]], kept.ranks[own[at.page]], at.y - picture.lanes[own[at.page]], at.first)
        for at in picture.places
    }
    lines = (
        [lane.lines for lane in picture.plan.lanes] if picture.plan else [int(y >= 0) for y in picture.lanes]
    )
    return Frame(pages, lines)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_page_keeps_its_place_and_a_lane_its_lines(rows: list[StageRow], width: int, height: int) -> None:
    floor, before, stayed = Floor(), Frame({}, [0] * len(LANES)), 0
    for shown in rows:
        picture = drawn_stage(shown, width, height, floor=floor)
        now = frame(shown, picture)
        for page, spot in now.pages.items():
            if page in before.pages and before.pages[page][:2] == spot[:2]:
                assert spot == before.pages[page]
                stayed += 1
        assert all(lines >= then for lines, then in zip(now.lines, before.lines, strict=True))
        floor, before = picture.kept, now
    assert len(rows) > 70
    assert stayed > 3 * len(rows)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_lane_changes_its_form_seldom_and_only_to_a_smaller_one(
    rows: list[StageRow], width: int, height: int
) -> None:
    floor, changes = Floor(), 0
    for shown in rows:
        picture = drawn_stage(shown, width, height, floor=floor)
        for number, lane in enumerate(shown.lanes):
            before, now = floor.ranks[number], picture.kept.ranks[number]
            assert now >= before or not lane.number
            changes += before != now
        floor = picture.kept
    assert changes <= 40


@pytest.mark.parametrize("size", [(80, 24), (40, 15)])
def test_on_few_lines_a_lane_has_the_same_line_at_every_moment(
    rows: list[StageRow], size: tuple[int, int]
) -> None:
    assert len({drawn_stage(shown, *place(*size)).lanes for shown in rows}) == 1
