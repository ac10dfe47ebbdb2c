"""The lens `experiment` of text mode: the list, or what `pageq experiment` prints, with row numbers."""

from __future__ import annotations

from typing import Final

from engine.experiments.listing import ExperimentListing
from engine.words import plural
from explorer.lenses.experiment import ExperimentRow
from explorer.text.experiment_output import text_lines

WIDTH: Final = 100
"""Columns of a line."""


def experiment_lines(row: ExperimentRow) -> list[str]:
    """The experiment in lines, or the list of experiments, and what to type next."""
    if row.measured is None:
        return ["No experiment is measured yet; experiment NAME measures one.", *map(_listed, row.listed)]
    lines = list(text_lines(row.measured, WIDTH, each=row.each, numbers=True, drawn=False))
    here = [f"The run of row {row.point:,} is open; experiment back returns."] if row.point else []
    other = "the means" if row.each else "each run"
    opens = (
        f"The command experiment open ROW opens a run, experiment rows prints {other}, experiment list lists "
        "the experiments."
    )
    return [*lines, *here, opens]


def _listed(one: ExperimentListing) -> str:
    section = f", section {one.section}" if one.section else ""
    return f"{one.name}: {one.title}. Claim: {one.claim}. {plural(one.points, 'point')}{section}."
