"""The layout of the screen: which panels a screen of a size shows, and where.

`regions` is the only place that positions a panel: the screen arranges its widgets by it, and
`explorer.tui.screen_text` its text. A column of panels is a stack: each part gets its least number of lines,
then a good one, then all grow by their weights. Where the lines do not suffice, parts are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.debug.event_steps import EVENTS
from engine.scenario.lesson import PANELS
from explorer.session.session import Session
from explorer.tui.rect import Rect, Regions
from explorer.tui.widgets.map_cells import map_form
from explorer.tui.widgets.panel_title import Tabs
from explorer.tui.widgets.question import question_lines
from explorer.views.question import QuestionRow

STANDING: Final = {
    "chips": "queue", "frames": "frames", "reason": "why",
    "nodes": "numa", "tree": "branches", "lanes": "lanes",
}  # fmt: skip
"""The lenses that are always shown if there is room: panel -> lens."""

NARROW: Final = 80
"""Fewer columns than this show one panel at a time beside the centre, the lesson and the log."""

ONE_PLACE: Final = ("page", "code", "threads", "source", "lesson")
"""The panels that share a place on a narrow screen; a lens shares it too."""

WIDE: Final = (116, 28)
"""The columns and lines from which the page and the code are beside the centre."""

LARGE: Final = (198, 56)
"""The columns and lines from which there are three columns of panels."""

MAP_AND_LANES: Final = 66
"""The lines from which a large screen has room for the map and for the lanes of the timeline."""

BESIDE_LANES: Final = 5
"""The lines of a screen that a zoomed timeline leaves to the status, the message, the footer and a panel."""

ALL: Final = 999
"""More lines than any screen has."""

LESSON: Final = 4
"""The least lines of a lesson on all but low screens: its heading, two of its text, and what to do next."""

LENS: Final = 5
"""The least lines of a lens beside a lesson or a question: its heading and what decides its answer."""

SPARE: Final = 6
"""Minimum number of lines below the map for another panel there."""

NODES_WIDTH: Final = 66
TREE_WIDTH: Final = 44
"""Columns of the matrix of nodes and of the branches, to the right of a large map's log."""

LANES: Final = 6
"""Lines of the threads' lanes on a large screen."""


@dataclass(frozen=True)
class Shown:
    """What the user wants to see, beside the size of the screen.

    centre: `stage` or `map`.
    colors, big: the machine's colours, and whether the map's cells are bigger: they limit the map's height.
    lens:   whether a lens is shown in place of the log.
    front:  the panels that the user went to, the last one first: of panels that share a place, the first
            one in this list is shown.
    zoom:   the panel that fills the screen, or ""; the timeline gets the lines of its lanes.
    lesson: whether the lesson is open.
    question: the lines of the question that takes the place of the lesson, its heading included; 0 without.
    card:   whether that is the card at the end of the run.
    """

    centre: str = "stage"
    colors: int = 1024
    big: bool = False
    lens: bool = False
    front: tuple[str, ...] = ()
    zoom: str = ""
    lesson: bool = True
    question: int = 0
    card: bool = False

    @property
    def gap(self) -> int:
        """Columns between panels; more of them for a projector."""
        return 3 if self.big else 1

    @property
    def log(self) -> str:
        """The panel in the place of the log: `log` or `lens`."""
        return "lens" if self.lens else "log"

    @property
    def alone(self) -> str:
        """The panel that is shown without the others, or ""."""
        return "" if self.zoom == "timeline" else self.zoom

    def of(self, *panels: str) -> str:
        """The panel shown of those that share a place; the first one unless the user went to another."""
        return next((name for name in self.front if name in panels), panels[0])


def first_panels(session: Session) -> tuple[str, ...]:
    """The panels that are in front when a session opens: a lens, and its lesson if that is open."""
    lens = ("log",) if session.lens != "log" else ()
    return (*lens, "lesson") if session.reading.has_panel and session.reading.pages else lens


@dataclass(frozen=True)
class Part:
    """A part of a column.

    panels: the panels in it, side by side, each with the weight of its width.
    least, good, most: its lines; weight: how fast it grows from `good` to `most`.
    keep:   parts with a lower number are left out first, and get their good number of lines last.
    """

    panels: tuple[tuple[str, int], ...]
    least: int
    good: int
    most: int = ALL
    weight: int = 1
    keep: int = 9


def timeline_height(width: int, height: int, shown: Shown) -> int:
    """Return the lines of the timeline: one; on a large screen one more for marks and for each kind of event.

    So does a zoomed timeline, as far as the lines suffice. A map that has a cell for each colour needs the
    lines of a screen that is not higher than MAP_AND_LANES.
    """
    least = MAP_AND_LANES if shown.centre == "map" else LARGE[1]
    every = 2 + len(EVENTS)
    if width >= LARGE[0] and height >= least:
        return every
    return max(min(every, height - BESIDE_LANES), 1) if shown.zoom == "timeline" else 1


def part(panel: str, least: int, good: int = 0, most: int = ALL, weight: int = 1, keep: int = 9) -> Part:
    """Return a part with one panel; `good` is at least `least`."""
    return Part(((panel, 1),), least, max(least, good), most, weight, keep)


def _fixed(panel: str, lines: int, keep: int = 9) -> Part:
    return part(panel, lines, lines, lines, keep=keep)


def _lesson(shown: Shown, lines: int, room: int, least: int = LESSON) -> list[Part]:
    """Return the part of the lesson if it is open: it has the same lines for every page.

    lines: those of the lesson; least: where there are few. A question takes its place with all its lines if
    `room` suffices; where it needs fewer than the lesson, nothing else moves.
    """
    if shown.question:
        return [_fixed("question", max(min(max(shown.question, lines), room), 1), keep=10)]
    return [part("lesson", min(least, lines), lines, lines, keep=6)] if shown.lesson else []


def regions(width: int, height: int, lines: int, shown: Shown) -> Regions:
    """Return the places of the panels between the status line and the timeline.

    width, height: the size of the whole screen, which decides which panels are shown.
    lines:         the lines for the panels; fewer at the end of a run, which has a banner.
    """
    whole = Rect(0, 0, width, lines)
    if shown.alone:
        return _zoomed(whole, shown)
    if width < NARROW:
        return _stack(whole, _narrow(shown, width, lines), shown.gap)
    if width < WIDE[0] or height < WIDE[1]:
        return _stack(whole, _small(shown, width, lines), shown.gap)
    if width < LARGE[0] or height < LARGE[1]:
        return _middle(whole, shown)
    return _large_map(whole, shown) if shown.centre == "map" else _large_stage(whole, shown)


def with_question(shown: Shown, row: QuestionRow | None, width: int, height: int) -> Shown:
    """Return the same with the lines that a question needs on a screen of that size."""
    if row is None:
        return shown
    kind = replace(shown, question=1, card=row.kind == "card")
    place = regions(width, height, height, kind).get("question")
    return replace(kind, question=1 + len(question_lines(row, width if place is None else place.width)))


def _zoomed(whole: Rect, shown: Shown) -> Regions:
    """Return the place of the panel that fills the screen, and of a question below it."""
    name = shown.log if shown.alone == "log" else shown.alone
    if not shown.question or shown.card or name == "question":
        return {name: whole}
    return _stack(whole, [part(name, 3), *_lesson(shown, 1, whole.height - 3)], shown.gap)


def siblings(width: int, height: int, shown: Shown) -> tuple[tuple[str, ...], ...]:
    """Return the groups of panels that share a place on a screen of that size."""
    if shown.alone:
        return ()
    if width < NARROW:
        return (("log", *_one_place(shown)),) if shown.lens else (_one_place(shown),)
    if width < WIDE[0] or height < WIDE[1]:
        return (_last_place(shown),)
    return ()


def _last_place(shown: Shown) -> tuple[str, ...]:
    """Return the panels that share the lowest place of a small screen; a lens has the place of the log."""
    return ("log", "source", "threads") if shown.lens else ("source", "threads", "log")


def tabs_of(groups: Sequence[tuple[str, ...]], shown: Shown) -> dict[str, Tabs]:
    """Return for the shown panel of each group the key and the name of each of the others."""
    found = {}
    for group in groups:
        here = shown.of(*group)
        found[shown.log if here == "log" else here] = tuple(
            (str(PANELS.index(name) + 1), name) for name in group if name != here
        )
    return found


# --- the forms --------------------------------------------------------------------------------------------


def map_lines(width: int, lines: int, shown: Shown) -> int:
    """Return the lines that the map takes of `lines`: a map of few colours leaves the rest."""
    return min(map_form(width, lines, shown.colors, big=shown.big).height, lines)


def _centre(shown: Shown, width: int, lines: int, stage: Part) -> Part:
    """Return the part of the centre; a map has exactly the lines of its cells in `lines`."""
    return _fixed("map", map_lines(width, lines, shown)) if shown.centre == "map" else stage


def _stage_least(shown: Shown, least: int, fewest: int, room: int) -> int:
    """Return the least lines of the stage: `least`, or down to `fewest` where a question needs the lines.

    room: the lines for both.
    """
    return min(max(room - shown.question, fewest), least)


def _narrow(shown: Shown, width: int, lines: int) -> list[Part]:
    centre = _centre(shown, width, min(lines, 2), part("stage", min(lines, 4), 5, 24, 3))
    room = lines - centre.least
    if shown.lens and shown.of("log", *_one_place(shown)) == "log":
        # The lens comes before a higher stage; the card at the end yields to it.
        lesson = _lesson(shown, 1, 1 if shown.card else room)
        return [replace(centre, good=centre.least), part("lens", 3, 8, weight=9, keep=7), *lesson]
    name = shown.of(*_one_place(shown))
    if name == "lesson":
        return [replace(centre, good=centre.least), part(name, 4, 7, 14, 2, keep=6)]
    log = [] if shown.lens else [part("log", 1, 4, weight=2, keep=1)]
    lesson = _lesson(shown, 1, 1 if shown.card and shown.lens else room)
    return [centre, part(name, 4, 4, 14, 2, keep=3), *lesson, *log]


def _one_place(shown: Shown) -> tuple[str, ...]:
    """Return the panels that share a place on a narrow screen; a question leaves it to the others."""
    return ONE_PLACE if shown.lesson and not shown.question else ONE_PLACE[:-1]


def _small(shown: Shown, width: int, lines: int) -> list[Part]:
    """Return one column; a lens leaves the lesson its lines, and the centre, the page and the code fewer."""
    last = shown.of(*_last_place(shown))
    beside = max(min(LENS, lines - 5), 1) if last == "log" and shown.lens else 0
    stage = part("stage", _stage_least(shown, 4, 2, lines - beside), 4 if beside else 5, 26, 3)
    centre = _centre(shown, width, max(lines - 8 - 2 * (beside > 0) - shown.question, 2), stage)
    least = 5 if beside and lines >= 14 else min(LESSON, max(lines - 4 - max(beside, 4), 1))
    below = part(last, 2 if shown.question else 3, 3, weight=3, keep=1)
    below = part("lens", beside, LENS + 1, weight=3, keep=5) if beside else below
    return [
        centre,
        Part((("page", 1), ("code", 1)), 4, 4 if beside else 5, 14, 2, keep=3),
        *_lesson(shown, 6 if beside else 7, lines - centre.least - beside, least),
        below,
    ]


def _middle(whole: Rect, shown: Shown) -> Regions:
    """Return two columns: the centre, the lesson, the log; the code, the page, the threads, the scripts."""
    lines = whole.height
    is_stage = shown.centre != "map"
    left = max(74, whole.width * 62 // 100) if is_stage else max(80, min(whole.width * 2 // 3, 144))
    high = part("stage", _stage_least(shown, 9, 4, lines - LENS), lines * 44 // 100, 28, 2)
    room = lines - (2 * LENS if shown.lens else 8) - shown.question
    centre = _centre(shown, left, max(room, 2), high)
    below = [] if is_stage else _below_the_map(lines - centre.least)
    lesson = _lesson(shown, 9 if lines >= 32 else 7, lines - centre.least - LENS, 5 if shown.lens else 4)
    log = part("lens", LENS, 10, weight=2, keep=5) if shown.lens else part("log", 4, 8, weight=2, keep=1)
    page = 14 if lines >= 33 else 8
    side = [
        part("code", 6, lines * 34 // 100, 24, 3), _fixed("page", page),
        part("threads", 3, 5, 8, keep=2), part("source", 4, 6, weight=2, keep=1),
    ]  # fmt: skip
    return _columns(whole, shown.gap, (left, [centre, *below, *lesson, log]), (0, side))


def _below_the_map(room: int) -> list[Part]:
    """Return the panels below a map of few colours: the pages of a queue, and the frames."""
    chips = [part("chips", SPARE, SPARE, 8, keep=1)] if room >= 2 * SPARE + 2 else []
    return [*chips, *([part("frames", SPARE, SPARE, 12, 2, keep=0)] if room >= 3 * SPARE + 2 else [])]


def _large_stage(whole: Rect, shown: Shown) -> Regions:
    """Return three columns, and the threads' lanes below them."""
    lines = whole.height - LANES
    left = whole.width * 56 // 100
    middle = (whole.width - left - 2) * 54 // 100
    log = part(shown.log, 8, 12, weight=2)
    first = [part("stage", 12, 22, 28, 2), *_lesson(shown, 9, lines - 20, 9), log]
    second = [part("code", 10, 24, weight=2), part("source", 8, 16, weight=2)]
    third = [
        _fixed("page", 14), part("reason", 6, 8, 10), part("threads", 5, 6, 9),
        part("nodes", 6, 10, 14), part("tree", 5),
    ]  # fmt: skip
    top = Rect(0, 0, whole.width, lines)
    found = _columns(top, shown.gap, (left, first), (middle, second), (0, third))
    return found | {"lanes": Rect(0, lines, whole.width, LANES)}


def _large_map(whole: Rect, shown: Shown) -> Regions:
    """Return the map at one colour a cell beside code, page, lesson, scripts; below it the log and more."""
    left = 144
    high = map_lines(left, whole.height - SPARE, shown)
    lanes = LANES if whole.height - high >= 4 * SPARE else 0
    top = max(high, whole.height - 18) if lanes else high
    below = _below_the_map(top - high)
    bottom = Rect(0, top, whole.width, whole.height - top - lanes)
    side = [
        part("code", 6, 11, 20, 3), _fixed("page", 14), *_lesson(shown, 11, top - 20, min(8, top - 20)),
        part("threads", 4, 4, 8, keep=2), part("source", 4, 8, weight=2, keep=1),
    ]  # fmt: skip
    above = Rect(0, 0, whole.width, top)
    found = _columns(above, shown.gap, (left, [_fixed("map", high), *below]), (0, side))
    found |= _below_a_large_map(bottom, shown)
    return found | ({"lanes": Rect(0, whole.height - lanes, whole.width, lanes)} if lanes else {})


def _below_a_large_map(room: Rect, shown: Shown) -> Regions:
    """Return the log, and beside it the nodes and the branches."""
    rest = room.width - NODES_WIDTH - TREE_WIDTH - 2 * shown.gap
    log, nodes, tree = (part(name, room.height) for name in (shown.log, "nodes", "tree"))
    return _columns(room, shown.gap, (rest, [log]), (NODES_WIDTH, [nodes]), (0, [tree]))


# --- stacks -----------------------------------------------------------------------------------------------


def _columns(room: Rect, gap: int, *columns: tuple[int, list[Part]]) -> Regions:
    """Place columns beside each other, each with its width; the last one takes the rest."""
    found: Regions = {}
    x = room.x
    for n, (width, parts) in enumerate(columns):
        wide = room.x + room.width - x if n == len(columns) - 1 else width
        found |= _stack(Rect(x, room.y, wide, room.height), parts, gap)
        x += wide + gap
    return found


def _stack(room: Rect, parts: Sequence[Part], gap: int) -> Regions:
    """Place parts in a column from the top; those with the lowest `keep` are left out if they do not fit."""
    kept = list(parts)
    while len(kept) > 1 and sum(one.least for one in kept) > room.height:
        kept.remove(min(kept, key=lambda one: one.keep))
    found: Regions = {}
    y = room.y
    for one, lines in zip(kept, heights(kept, room.height), strict=True):
        found |= _side_by_side(Rect(room.x, y, room.width, lines), one.panels, gap)
        y += lines
    return found


def _side_by_side(room: Rect, panels: tuple[tuple[str, int], ...], gap: int) -> Regions:
    """Place panels beside each other."""
    total, x, found = sum(weight for _, weight in panels), room.x, {}
    free = room.width - (len(panels) - 1) * gap
    for n, (name, weight) in enumerate(panels):
        last = n == len(panels) - 1
        width = room.x + room.width - x if last else free * weight // total
        found[name] = Rect(x, room.y, width, room.height)
        x += width + gap
    return found


def heights(parts: Sequence[Part], room: int) -> list[int]:
    """Return the lines of each part: together `room`, each at least its least and at most its most.

    If all have their most, the last one gets the rest; if the least do not fit, the last ones get fewer.
    """
    lines: list[int] = []
    for one in parts:
        lines.append(min(one.least, room - sum(lines)))
    for n in sorted(range(len(parts)), key=lambda n: -parts[n].keep):
        lines[n] += max(min(parts[n].good - lines[n], room - sum(lines)), 0)
    for _ in range(room - sum(lines)):
        growing = [n for n, one in enumerate(parts) if lines[n] < one.most] or [len(parts) - 1]
        lines[min(growing, key=lambda n: ((lines[n] - parts[n].good) / parts[n].weight, n))] += 1
    return lines
