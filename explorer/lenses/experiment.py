"""An experiment: its claim, the verdicts, the chart and the table, which fill while points are measured.

It does not depend on the cursor or the scenario; `:experiment NAME` measures one. Without one, it lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine.experiments.listing import ExperimentListing
from explorer.lenses.kit.drawing import Part, Piece, Row, Sheet, row
from explorer.lenses.kit.lens import WHOLE, Drawing, Lens
from explorer.lenses.kit.point_plot import chart_rows
from explorer.session.experiment_list import listed
from explorer.session.session import Session
from explorer.views.experiment import figure_text, grouped, number_of_run, settings_words
from explorer.views.experiment_chart import PointChart, chart_of
from explorer.views.experiment_columns import TableLine
from explorer.views.experiment_list import list_lines
from explorer.views.experiment_table import fixed_words, table_lines
from explorer.views.experiment_words import (
    FAILS,
    HOLDS,
    INDENT,
    UNKNOWN,
    ExperimentResult,
    far_words,
    mark_of,
    marks_words,
    meaning_lines,
    says_words,
    short_name,
    verdict_words,
)
from explorer.views.markdown import markdown_lines
from explorer.views.spans import wrapped

VERB: Final = "experiment "
"""How the verbs begin of the lines among which the keyboard chooses."""

HIGH: Final = 12
"""From this number of lines on, the claim and the verdicts are wrapped."""

CHART: Final = 8
"""The least lines of a chart, with its legend: with fewer, a curve is not to be recognised."""

TABLE: Final = 3
"""The lines that a chart leaves to the table."""

CHART_MOST: Final = 18
"""The most lines of a chart."""

_MARKS: Final = {HOLDS: "good", FAILS: "bad", UNKNOWN: "warn"}

_STYLES: Final = {"head": "title", "run": "", "problem": "warn", "remark": "dim"}


@dataclass(frozen=True, eq=False)
class ExperimentRow:
    """An experiment, or the list of them.

    measured: its table so far; None for the list. running: whether it runs; far: how far it is, or "".
    each:     whether each run has a line. point: the number of the run in which the cursor is, or 0.
    """

    measured: ExperimentResult | None
    listed: tuple[ExperimentListing, ...] = ()
    running: bool = False
    far: str = ""
    each: bool = False
    point: int = 0


def look(session: Session) -> ExperimentRow:
    """The experiment of the session, or the list of experiments."""
    shared = session.experiments
    shown, sweep = shared.shown, shared.sweep
    return ExperimentRow(
        shown,
        listed() if shown is None else (),
        sweep is not None,
        "" if sweep is None else sweep.far,
        shared.each,
        session.point,
    )


# --- drawing ----------------------------------------------------------------------------------------------


def draw(shown: ExperimentRow, width: int, height: int) -> Drawing:
    """Draw the claim, the verdicts, the chart and the table, then what the numbers show."""
    sheet = Sheet(width, height)
    if shown.measured is None:
        for parts in _list(shown, width):
            sheet.add(*parts)
        return sheet.drawing()
    found, whole = shown.measured, height >= WHOLE
    for parts in _head(shown, found, width, wraps=height >= HIGH):
        sheet.add(*parts)
    verdicts = list(_verdicts(found, width, said=whole, wraps=height >= HIGH))
    fits = sheet.room - len(verdicts) >= TABLE
    for parts in verdicts if fits else ():
        sheet.add(*parts)
    sheet.short |= not whole and any(verdict.say.strip() for verdict in found.verdicts)
    _add_chart(sheet, found, whole=whole)
    for parts in (*_table(shown, found, width, whole=whole), *(() if fits else verdicts)):
        sheet.add(*parts)
    for parts in _says(found, width):
        sheet.add(*parts)
    return sheet.drawing()


def _list(shown: ExperimentRow, width: int) -> Iterator[Sequence[Part]]:
    yield (("no experiment measured yet: ", "dim"), ("Enter measures one", "dim"))
    for text, name in list_lines(shown.listed, max(width - 2, 1)):
        verb = f"{VERB}{name}" if name else ""
        yield Piece("  ", "", verb), Piece(text, "bold" if name else "dim", verb)


def _head(
    shown: ExperimentRow, found: ExperimentResult, width: int, *, wraps: bool
) -> Iterator[Sequence[Part]]:
    """The claim, or of an opened run what was measured, and how far it is or whether the verdicts hold."""
    run = _run_words(shown, found)
    claim = f"{short_name(found.experiment)}: {run or found.experiment.claim}"
    for n, text in enumerate(wrapped(claim, width) if wraps else [claim]):
        yield ((text, "dim" if n else "bold"),)
    if shown.running:
        yield ("measuring", "warn"), (f"  {shown.far or 'starting'}; Esc ends it, and keeps them", "dim")
    else:
        yield ((far_words(found), "good" if found.ok else "warn" if not found.complete else "bad"),)


def _run_words(shown: ExperimentRow, found: ExperimentResult) -> str:
    """What was measured in the opened run; "" without one, or if it is not measured yet."""
    row = next((one for one in found.rows if number_of_run(one) == shown.point), None)
    if row is None:
        return ""
    values = ", ".join(f"{name} {figure_text(row.measured.get(name))}" for name in found.experiment.measures)
    return f"row {shown.point:,} ({settings_words(row.settings)}): {values}"


def _verdicts(found: ExperimentResult, width: int, *, said: bool, wraps: bool) -> Iterator[Sequence[Part]]:
    """Each verdict, with its mark; said: also what it says, and what the marks mean."""
    if said and found.verdicts:
        yield from (((line, "dim"),) for line in wrapped(marks_words(found.verdicts), max(width, 1)))
    for verdict in found.verdicts:
        words, mark = verdict_words(verdict), mark_of(verdict)
        first, *rest = wrapped(words, max(width - INDENT, 1)) if wraps else [words]
        yield (f"{mark:<{INDENT}}", _MARKS[mark]), first
        yield from ((" " * INDENT + line,) for line in rest)
        say = wrapped(verdict.say, max(width - INDENT, 1)) if said and verdict.say.strip() else []
        yield from (((" " * INDENT + line, "dim"),) for line in say)


def _add_chart(sheet: Sheet, found: ExperimentResult, *, whole: bool) -> None:
    """Add the chart if there is room for it; the table gets about as many lines."""
    chart = _chart_of(found)
    if chart is None:
        return
    lines = CHART_MOST if whole else min(max(sheet.room // 2, CHART), sheet.room - TABLE, CHART_MOST)
    if lines < CHART:
        sheet.short = True
        if sheet.room > TABLE:
            sheet.add(("z and ↓: chart", "dim"))
        return
    for parts in chart_rows(chart, sheet.width, lines):
        sheet.add(*parts)


@lru_cache(4)
def _chart_of(found: ExperimentResult) -> PointChart | None:
    """The chart of a table, which is drawn again and again while it is measured."""
    return chart_of(found.experiment, found.rows)


def _table(
    shown: ExperimentRow, found: ExperimentResult, width: int, *, whole: bool
) -> Iterator[Sequence[Part]]:
    """The table; Enter on a line opens its first run."""
    open_at = _open_at(shown, found)
    fixed = fixed_words(found.experiment, found.rows, each=shown.each)
    common = [((f"  {fixed}", "dim"),)] if fixed else []
    yield from common if whole else ()
    for line in _table_lines(found, max(width - 2, 1), each=shown.each, whole=whole):
        verb = f"{VERB}open {line.number}" if line.number else ""
        mark = Piece("● " if line.number and line.number == open_at else "  ", "now", verb)
        yield mark, Piece(line.text, _STYLES[line.kind], verb)
    yield from () if whole else common
    if whole and found.rows:
        yield ()
        yield from (((f"  {text}", "dim"),) for text in meaning_lines(found.experiment, max(width - 2, 1)))


@lru_cache(8)
def _table_lines(found: ExperimentResult, width: int, *, each: bool, whole: bool) -> tuple[TableLine, ...]:
    """The lines of the table; in few lines, rather without ranges than divided into several tables."""
    experiment, rows = found.experiment, found.rows
    lines = table_lines(experiment, rows, width, each=each)
    if not whole and sum(line.kind == "head" for line in lines) > 1:
        lines = table_lines(experiment, rows, width, each=each, ranges=False)
    return tuple(lines)


def _open_at(shown: ExperimentRow, found: ExperimentResult) -> int:
    """The number of the line that has the opened run; 0 if none has."""
    if not shown.point:
        return 0
    groups = grouped(found.experiment, found.rows, each=shown.each)
    having = (one.number for one in groups if any(number_of_run(run) == shown.point for run in one.runs))
    return next(having, 0)


def _says(found: ExperimentResult, width: int) -> Iterator[Row]:
    """What the numbers show and what not."""
    says = says_words(found.experiment)
    if found.complete and says:
        yield row()
        for line in markdown_lines(says, max(width, 1)):
            yield row(*line)


PLACE = 157
LENS = Lens("experiment", "experiment", "a claim of the document, measured", look, draw, choice=VERB)
