"""All schedules of the scenario: the outcomes, the simplest schedule of each, the funnel and the decisions.

It shows the exploration of the session, which does not depend on the cursor; `:explore` makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.explore.exploration import Exploration
from engine.explore.limits import Progress
from engine.run.threads import COMPLETED
from engine.scenario.loader import Scenario
from engine.words import plural
from explorer.lenses.kit.claims import claim_rows, value_rows
from explorer.lenses.kit.drawing import Part, Piece, Row, Sheet, flow, joined, row, unfolded
from explorer.lenses.kit.funnel import binned, stacked
from explorer.lenses.kit.lens import WHOLE, Drawing, Lens
from explorer.session.exploration import opened_here, opened_number
from explorer.session.session import Session
from explorer.views.exploration import Branching, Column, Outcomes, Picture, left_words, short_names, signs
from explorer.views.exploration_words import (
    counts_words,
    ends_words,
    head_words,
    inevitable_words,
    loop_words,
    lost_words,
    progress_words,
    race_words,
    runs_words,
    schedules_words,
    simplest_words,
)
from explorer.views.spans import axis, columns, padded

OPEN: Final = "explore open "
"""The verb that opens an outcome; Enter on the line of one does it."""

BARS: Final = 6
"""The most lines of the states in a funnel."""

HIGH: Final = 9
"""From this number of lines on, the first line and what is known of an outcome are wrapped."""

LEAST: Final = 2
"""The least lines of the states in a funnel."""

NARROW: Final = 24
"""The columns below which there is no funnel."""

GUTTER: Final = 7
"""Columns to the left of a funnel, for its numbers."""


@dataclass(frozen=True)
class Branches:
    """The branches of the opened outcome, by its number, with the cursor.

    beside: the branch that differs in one choice, or "". at: the point of no return.
    here:   the cursor's step in one of them; None if it is in another branch.
    """

    outcome: int
    branch: str
    beside: str
    at: int
    here: int | None


@dataclass(frozen=True, eq=False)
class ExploreRow:
    """An exploration, or how far its search is.

    scenario: that was searched. progress: of a search that runs; searching: whether one does.
    stopped:  whether the user ended it.
    """

    exploration: Exploration | None
    picture: Picture
    opened: Branches | None
    searching: bool = False
    progress: Progress | None = None
    stopped: bool = False
    scenario: Scenario | None = None


def look(session: Session) -> ExploreRow:
    """The exploration of the session's scenario."""
    explored, search = session.explored, session.search
    return ExploreRow(
        None if explored is None else explored.exploration,
        Picture() if explored is None else explored.picture,
        _branches(session),
        search is not None,
        None if search is None else search.progress,
        explored is not None and explored.stopped,
        session.scenario,
    )


def _branches(session: Session) -> Branches | None:
    opened, outcome = opened_here(session), opened_number(session)
    if opened is None or outcome is None:
        return None
    history = session.history
    beside = "" if opened.beside is None else history.branches[opened.beside].name
    here = history.step if history.current in (opened.branch, opened.beside) else None
    return Branches(outcome, history.branches[opened.branch].name, beside, opened.step, here)


# --- drawing ----------------------------------------------------------------------------------------------


def draw(shown: ExploreRow, width: int, height: int) -> Drawing:
    """Draw the first line, the outcomes, what is known of one, the values, the funnel, then the rest."""
    sheet, wraps = Sheet(width, height), WHOLE if height >= HIGH else height
    for line in unfolded([row(*parts) for parts in _head(shown)], width, wraps):
        sheet.add(*line)
    if shown.exploration is None:
        return sheet.drawing()
    for parts in _outcomes(shown, width, whole=height >= WHOLE):
        sheet.add(*parts)
    first = _first(shown)
    for line in unfolded(list(_known_of(shown, first)) if first else [], width, wraps):
        sheet.add(*line)
    for line in value_rows(shown.exploration):
        sheet.add(*line)
    _add_funnel(sheet, shown)
    for parts in (*_decisions(shown), *_rest(shown, first)):
        sheet.add(*parts)
    return sheet.drawing()


def _add_funnel(sheet: Sheet, shown: ExploreRow) -> None:
    """Add the funnel if there is room for it; some of its lines are left to the decisions."""
    if not shown.picture.funnel:
        return
    legend = _legend(shown, sheet.width)
    used = len(unfolded(sheet.rows, sheet.width, sheet.height))
    room = sheet.height - used - len(legend) - 1
    if room < LEAST or sheet.width < NARROW:
        sheet.short = True
        return
    for parts in (*legend, *_funnel(shown, sheet.width, min(max(room - _tree_room(shown), LEAST), BARS))):
        sheet.add(*parts)


def _head(shown: ExploreRow) -> Iterator[Sequence[Part]]:
    if shown.searching:
        far = "starting" if shown.progress is None else progress_words(shown.progress)
        yield ("searching", "warn"), (f"  {far}; Esc stops, and keeps it", "dim")
    if shown.exploration is None:
        if not shown.searching:
            yield (("no schedule searched yet: ", "dim"), Piece(":explore", "key", "explore"))
            yield (("it searches all of them, counts their outcomes, and finds the simplest", "dim"),)
            yield (("schedule of each; a saved session does not keep what it found", "dim"),)
        return
    exploration = shown.exploration
    kind, colon, rest = head_words(exploration).partition(":")
    yield (kind, "good" if exploration.complete else "warn"), f"{colon}{rest}"


def _outcomes(shown: ExploreRow, width: int, *, whole: bool) -> Iterator[Sequence[Part]]:
    """A line for each outcome: its name, its share of random runs, its schedules and its ends."""
    exploration = _known(shown)
    if not exploration.outcomes:
        yield (("  no schedule came to an end", "warn"),)
        return
    for number, line in enumerate(_cells(shown, width, whole=whole), 1):
        found = exploration.outcomes[number - 1]
        style = _ink(found.outcome, exploration)
        verb = f"{OPEN}{number}"
        mark = Piece("● " if _is_open(shown, number) else "  ", "now", verb)
        counts = "".join(line[1:]).rstrip()
        yield mark, Piece(line[0] if counts else line[0].rstrip(), style, verb), Piece(counts, "", verb)


def _cells(shown: ExploreRow, width: int, *, whole: bool) -> list[tuple[str, ...]]:
    """The padded cells of each outcome; if they do not fit, the last ones are left out, then shortened."""
    exploration, names = _known(shown), short_names(_names(shown))
    long, short = list[tuple[str, ...]](), list[tuple[str, ...]]()
    for n, found in enumerate(exploration.outcomes, 1):
        share = runs_words(exploration, found)
        schedules = " ".join(schedules_words(found.schedules)).strip()
        long.append((f"{n} {found.outcome}", share, schedules, " ".join(ends_words(found))))
        short.append((f"{n} {names[found.outcome]}", share.removesuffix(" random runs").removesuffix(" of")))
    tables = [*([line[:n] for line in long] for n in (4, 3, 2)), short, [line[:1] for line in long]]
    fitting = (lines for table in tables if _width(lines := _aligned(table)) + 2 <= width)
    return _aligned(long) if whole else next(fitting, _aligned([line[:1] for line in short]))


def _aligned(table: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The rows of a table with padded cells, two columns between them; an empty column takes none."""
    widths = [max(columns(line[n]) for line in table) for n in range(len(table[0]))]
    return [
        tuple(
            ("  " if n else "") + padded(cell, widths[n]) if widths[n] else "" for n, cell in enumerate(line)
        )
        for line in table
    ]


def _width(lines: Sequence[tuple[str, ...]]) -> int:
    return max(columns("".join(line).rstrip()) for line in lines)


def _is_open(shown: ExploreRow, number: int) -> bool:
    return shown.opened is not None and shown.opened.outcome == number


def _known(shown: ExploreRow) -> Exploration:
    """The exploration of a row that has one."""
    assert shown.exploration is not None
    return shown.exploration


# --- one outcome ------------------------------------------------------------------------------------------


def _first(shown: ExploreRow) -> int:
    """The number of the outcome that comes before the funnel; 0 for none.

    It is the opened one, or the first that is not expected, or the first other than `completed`.
    """
    if shown.opened is not None:
        return shown.opened.outcome
    exploration = _known(shown)
    names = [found.outcome for found in exploration.outcomes]
    ends = [n for n, name in enumerate(names, 1) if name != COMPLETED]
    return next((n for n in ends if names[n - 1] not in exploration.expected), next(iter(ends), 0))


def _rest(shown: ExploreRow, first: int) -> Iterator[Sequence[Part]]:
    """The other outcomes, and what the reader has to know of the search."""
    exploration = _known(shown)
    for number, _ in enumerate(exploration.outcomes, 1):
        if number != first:
            yield from _known_of(shown, number)
    yield from claim_rows(exploration.claims)
    for note in (*exploration.notes, counts_words(exploration)):
        yield from [(("note: ", "label"), (note, "dim"))] if note else []


def _known_of(shown: ExploreRow, number: int) -> Iterator[Row]:
    """What is known of an outcome: its message, the race, the point of no return, the simplest schedule."""
    exploration = _known(shown)
    found = exploration.outcomes[number - 1]
    kind, _, function = found.outcome.partition(":")
    name = kind if function and found.message.startswith(f"{function}:") else found.outcome
    message = row((name, "bold"), (f": {found.message}" if found.message else "", ""))
    race = "" if found.race is None else race_words(found.race)
    near = [row("  ", words) for words in (race, inevitable_words(found)) if words]
    if _is_open(shown, number) and shown.opened is not None:
        # In few lines, what happened at the cursor is of more use than how the run ends.
        yield from (*_opened(shown.opened), *near, message)
    else:
        yield from (message, *near)
    for words in (simplest_words(exploration, found), lost_words(found), loop_words(found)):
        yield from [row("  ", words)] if words else []


def _opened(opened: Branches) -> Iterator[Row]:
    here = "" if opened.here is None else f", cursor at step {opened.here:,}"
    beside = f"; d compares with {opened.beside}" if opened.beside else ""
    yield row((opened.branch, "now"), (f" is open{here}{beside}", ""))


# --- the funnel -------------------------------------------------------------------------------------------


def _names(shown: ExploreRow) -> Outcomes:
    return tuple(found.outcome for found in _known(shown).outcomes)


def _signs(shown: ExploreRow) -> dict[Outcomes, str]:
    sets = {left for column in shown.picture.funnel for left, _ in column.counts}
    for branching in shown.picture.decisions:
        sets |= {branching.before, *(left for _, left in branching.ways)}
    return signs(tuple(sets), _names(shown))


def _left(shown: ExploreRow, left: Outcomes) -> str:
    exploration = _known(shown)
    every = exploration.complete and not exploration.reduced
    return left_words(left, short_names(_names(shown)), complete=every)


def _style(shown: ExploreRow, left: Outcomes) -> str:
    if len(left) != 1:
        return "dim"
    return _ink(left[0], _known(shown))


def _ink(outcome: str, exploration: Exploration) -> str:
    """The style of an outcome: a panic does not look well, although the scenario expects it."""
    if outcome == COMPLETED:
        return "good"
    return "warn" if outcome in exploration.expected else "bad"


def _legend(shown: ExploreRow, width: int) -> list[Row]:
    """What each letter of the funnel stands for."""
    sets = {left for column in shown.picture.funnel for left, _ in column.counts}
    legend = [
        row((sign, _style(shown, left)), (f" {_left(shown, left)}", "label"))
        for left, sign in _signs(shown).items()
        if left in sets
    ]
    return flow([row(("states by depth", "title")), *legend], width)


def _funnel(shown: ExploreRow, width: int, lines: int) -> Iterator[Sequence[Part]]:
    """The states at each depth: a column of letters, one letter for each set of possible outcomes."""
    parts = binned(shown.picture.funnel, max(width - GUTTER, 2))
    yield from _bars(shown, parts, lines, _signs(shown))
    yield _axis(shown, parts, width)


def _bars(
    shown: ExploreRow, parts: Sequence[Column], lines: int, known: dict[Outcomes, str]
) -> Iterator[Sequence[Part]]:
    most = max(sum(states for _, states in column.counts) for column in parts)
    order = {left: n for n, left in enumerate(sorted(known, key=len, reverse=True))}
    stacks = [stacked(column, lines, most, order) for column in parts]
    here = _here(shown, parts)
    for y in reversed(range(lines)):
        label = f"{most:,}" if y == lines - 1 else ""
        cells = []
        for x, (column, stack) in enumerate(zip(parts, stacks, strict=True)):
            left = stack[y] if y < len(stack) else None
            sign, style = (" ", "") if left is None else (known[left], _style(shown, left))
            if x == here:
                sign, style = ("┃", "cursor") if left is None else (sign, "new")
            cells.append(Piece(sign, style, _verb(shown, column)))
        yield (label.rjust(GUTTER - 1) + " ", "dim"), *joined(cells)


def _verb(shown: ExploreRow, column: Column) -> str:
    """What a click on a column does; nothing without an opened outcome, which it would go to."""
    return f"explore depth {column.depth}" if shown.opened is not None else ""


def _here(shown: ExploreRow, parts: Sequence[Column]) -> int | None:
    """The column of the cursor, if it is in the opened branches."""
    if shown.opened is None or shown.opened.here is None:
        return None
    step = shown.opened.here
    return max((x for x, column in enumerate(parts) if column.depth <= step), default=None)


def _axis(shown: ExploreRow, parts: Sequence[Column], width: int) -> Sequence[Part]:
    """The depths at both ends, and the cursor's step."""
    count = len(parts)
    last = f"{shown.picture.funnel[-1].depth:,}"
    labels = [(0, "step 0"), (max(count - len(last), 0), last)]
    here = _here(shown, parts)
    if here is not None and shown.opened is not None:
        text = f"▲{shown.opened.here:,}"
        labels.insert(0, (max(min(here, count - len(text)), 0), text))
    return ((" " * GUTTER, ""), (axis(labels, max(count, min(width - GUTTER, 12))).rstrip(), "dim"))


# --- the decisions ----------------------------------------------------------------------------------------


def _tree_room(shown: ExploreRow) -> int:
    return min(len(shown.picture.decisions), 3)


def _decisions(shown: ExploreRow) -> Iterator[Sequence[Part]]:
    """The choices that narrow what is possible, each below the one that leads to it."""
    if not shown.picture.decisions:
        return
    known = _signs(shown)
    yield (("decisions", "title"), ("  the choices that narrow the outcomes", "dim"))
    for one in shown.picture.decisions:
        yield _decision(shown, one, known)
    more = shown.picture.left_out
    if more != 0:
        words = "more decisions follow" if more is None else f"{plural(more, 'decision')} more"
        yield ((f"  {words}, not drawn", "dim"),)


def _decision(shown: ExploreRow, one: Branching, known: dict[Outcomes, str]) -> Sequence[Part]:
    """A choice: the threads that leave fewer outcomes possible, then those that change nothing."""
    stem = "  " * one.level + (f"└ after {one.after}: " if one.level else "")
    parts: list[Part] = [(f"  {stem}", "faint"), (f"step {one.step:,}", "dim"), "  "]
    threads: dict[Outcomes, list[str]] = {}
    for thread, left in sorted(one.ways, key=lambda way: way[1] == one.before):
        threads.setdefault(left, []).append(thread)
    for n, (left, who) in enumerate(threads.items()):
        parts += [("  | " if n else "", "faint"), ", ".join(who), (" → ", "faint")]
        parts.append((f"{known[left]} {_left(shown, left)}", _style(shown, left)))
    if one.more:
        parts.append((f"  and {plural(one.more, 'state')} like it", "dim"))
    return parts


PLACE = 155
LENS = Lens("explore", "all schedules", "the outcomes of all schedules", look, draw, choice=OPEN)
