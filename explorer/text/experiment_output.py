"""The output of `pageq experiment`, and in text mode: claim, table, chart and verdicts, CSV, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import isinf
from typing import Any, Final

from engine.experiments.table import Row
from engine.experiments.verdicts import Verdict
from explorer.lenses.kit.point_plot import chart_rows
from explorer.text.csv_cells import csv_lines
from explorer.views.experiment import in_order, number_of_run
from explorer.views.experiment_chart import chart_of
from explorer.views.experiment_table import fixed_words, table_lines
from explorer.views.experiment_words import (
    ExperimentResult,
    far_words,
    marks_words,
    meaning_lines,
    next_words,
    points_words,
    says_words,
    took_words,
    verdict_lines,
)
from explorer.views.markdown import markdown_lines
from explorer.views.spans import plain, wrapped

WIDEST: Final = 100
"""The most columns of a paragraph and of the chart."""

CHART: Final = 20
"""The lines of a chart."""


def text_lines(
    found: ExperimentResult,
    width: int,
    *,
    each: bool = False,
    numbers: bool = False,
    drawn: bool = True,
    seconds: float | None = None,
    given: Sequence[str] | None = None,
) -> Iterator[str]:
    """The claim, the table, the chart, the verdicts and what the numbers show, a line each.

    each: whether each run has a line in the table. numbers: whether the runs' numbers are shown although each
    line is of several. drawn: whether there is a chart. seconds: how long it took. given: what was replaced,
    KEY=VALUES each, for a last line about the screen; None without that line.
    """
    experiment, room = found.experiment, min(width, WIDEST)
    yield from wrapped(f"{experiment.name}: {experiment.title}", room)
    section = f" ({experiment.section})" if experiment.section else ""
    yield from wrapped(f"claim: {experiment.claim}{section}", room)
    took = "" if seconds is None else f", in {took_words(seconds)}"
    yield from wrapped(f"{points_words(experiment)}{took}", room)
    if found.rows:
        yield ""
        yield from wrapped(fixed, room) if (fixed := fixed_words(experiment, found.rows, each=each)) else ()
        yield from (line.text for line in table_lines(
            experiment, found.rows, width, each=each, numbers=each or numbers
        ))  # fmt: skip
        yield from ["", *meaning_lines(experiment, room)]
        yield from _chart(found, room) if drawn else ()
    yield from ["", *wrapped(marks_words(found.verdicts), room)] if found.verdicts else []
    yield from (line for line, _ in verdict_lines(found.verdicts, room))
    if found.complete and (says := says_words(experiment)):
        yield from ["", *plain(markdown_lines(says, room)).split("\n")]
    yield from ["", *wrapped(far_words(found), room)]
    if found.complete and given is not None:
        yield from wrapped(next_words(experiment, given), room)


def _chart(found: ExperimentResult, width: int) -> Iterator[str]:
    """The chart after an empty line; nothing without one, or if there is not enough room for it."""
    chart = chart_of(found.experiment, found.rows)
    if chart is not None:
        yield ""
        for pieces in chart_rows(chart, width, CHART):
            yield "".join(piece.text for piece in pieces).rstrip()


# --- CSV --------------------------------------------------------------------------------------------------


def csv_text(found: ExperimentResult) -> str:
    """Every row as CSV: its number, its settings, its measures and its notes."""
    experiment = found.experiment
    settings, measures = tuple(experiment.vary), experiment.measures
    rows = (
        (
            number_of_run(row),
            *(row.settings[name] for name in settings),
            *(row.measured.get(name) for name in measures),
            row.outcome,
            "; ".join(row.notes),
        )
        for row in in_order(found.rows)
    )
    return csv_lines(("row", *settings, *measures, "outcome", "notes"), rows)


# --- JSON -------------------------------------------------------------------------------------------------


def json_text(found: ExperimentResult) -> str:
    """The table and the verdicts as one JSON object; a partial table has `partial: true` and no verdict."""
    facts: dict[str, Any] = {
        "format": 1,
        "experiment": found.experiment.name,
        "claim": found.experiment.claim,
        "rows": [_row(row) for row in in_order(found.rows)],
        "verdicts": [_verdict(verdict) for verdict in found.verdicts],
    }
    return json.dumps(facts if found.complete else facts | {"partial": True}, allow_nan=False)


def _row(row: Row) -> dict[str, Any]:
    """A row; what is not a finite number is null, and a note says what it is.

    The outcome of a run is there if it is not the expected one.
    """
    infinite = [f"{name} is infinite" for name, value in row.measured.items() if _is_infinite(value)]
    unsaid = [name for name, value in row.measured.items() if value is None] if not row.notes else []
    notes = [*row.notes, *infinite, *(f"{name} is null: x/0, or not defined in this run" for name in unsaid)]
    facts: dict[str, Any] = {"settings": dict(row.settings), "measured": _finite(row.measured)}
    outcome = {} if row.ok else {"outcome": row.outcome}
    return facts | outcome | ({"note": "; ".join(notes)} if notes else {})


def _verdict(verdict: Verdict) -> dict[str, Any]:
    value, note = verdict.value, verdict.note
    if isinstance(value, float) and isinf(value):
        value, note = None, note or "the value is infinite"
    facts: dict[str, Any] = {"that": verdict.that, "ok": verdict.ok, "value": value}
    return facts | ({"note": note} if note else {})


def _finite(measured: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if _is_infinite(value) else value for name, value in measured.items()}


def _is_infinite(value: object) -> bool:
    return isinstance(value, float) and isinf(value)
