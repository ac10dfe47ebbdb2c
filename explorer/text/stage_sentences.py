"""The stage in sentences: for each lane its pages, those in play by name, and the last move."""

from __future__ import annotations

from typing import Final

from engine.words import plural
from explorer.views.in_play import BADGES, Tile
from explorer.views.stage import RESERVE, LaneRow, StageRow, Travel

MOST: Final = 12
"""Maximum number of pages of a lane that are named; the rest is counted."""


def stage_sentences(row: StageRow) -> list[str]:
    """Describe each lane with its pages in play, and the newest move of a page from lane to lane."""
    lines = [_lane(row, lane) for lane in row.lanes]
    if not any(lane.number for lane in row.lanes):
        lines.append("No page is in play yet: no thread has worked on one.")
    return [*lines, *(travel_sentence(travel) for travel in row.travels[:1])]


def _lane(row: StageRow, lane: LaneRow) -> str:
    reserve = lane.name == RESERVE
    head = f"Reserve: {plural(lane.count, 'free page')}" if reserve else f"{lane.name}: {_pages(lane.count)}"
    if not lane.number:
        return f"{head}."
    shown = list(lane.pages)[:MOST]
    words = [_page(row, tile) for tile in shown]
    left = lane.number - len(shown)
    if left:
        words.append(f"{left:,} more" if words else _pages(left))
    return f"{head}. In play: {'; '.join(words)}."


def _pages(count: int) -> str:
    return plural(count, "page")


def _page(row: StageRow, tile: Tile) -> str:
    """Return a page in words: its name and number, its node or colour, its badges, what it is now."""
    words = [tile.name if tile.name == tile.number else f"{tile.name}, page {tile.number}"]
    if len(row.columns) > 1:
        words.append(f"colour {tile.color}" if row.by_color else row.columns[tile.column].label)
    words += [f"memory of {tile.node}"] if tile.node else []
    words += [BADGES[badge] for badge in tile.badges]
    for holds, word in (
        (tile.page == row.now, "changed by this step"),
        (tile.page == row.selected, "selected"),
        (tile.page in row.found, "found by the search"),
        (tile.page in row.differs, "different"),
    ):
        words += [word] if holds else []
    return ", ".join(words)


def travel_sentence(travel: Travel) -> str:
    """Describe a move: `In this step, 41, vm_page_activate of app moved app.m from NONE to ACTIVE.`"""
    source, target = ("the reserve" if name == RESERVE else name for name in (travel.source, travel.target))
    when = f"In this step, {travel.step:,}," if travel.now else f"The last move was in step {travel.step:,}:"
    return f"{when} {travel.function} of {travel.thread} moved {travel.name} from {source} to {target}."
