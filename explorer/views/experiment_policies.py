"""The table of an experiment over reference strings: a heading for each string, the policies side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.experiments.experiment import Experiment
from engine.experiments.form import POLICY, TRACE
from engine.experiments.values import Value
from explorer.views.experiment import Group, figure_text, setting_text, short_names, varied
from explorer.views.experiment_columns import (
    MARK,
    Column,
    TableLine,
    first_columns,
    in_pieces,
    line_of,
)
from explorer.views.spans import wrapped

ROW: Final = "row"

Cells = dict[str, Group]
"""The run of each policy with the same other settings."""


def policy_lines(
    experiment: Experiment, groups: Sequence[Group], width: int, *, numbers: bool
) -> list[TableLine] | None:
    """The table, with a column for each policy; the number of a line is that of its first run.

    A measure with one value in all runs of a string is said in one line.
    numbers: whether the runs' numbers are shown.
    Returns: None if the experiment is not about policies, or a line is longer than `width` columns.
    """
    if not experiment.form.is_replay or POLICY not in varied(experiment):
        return None
    lines: list[TableLine] = []
    for trace in experiment.vary[TRACE]:
        part = [group for group in groups if group.settings[TRACE] == trace]
        for measure in experiment.measures if part else ():
            table = list(_part(experiment, part, measure, width, numbers=numbers))
            if max(len(line.text) for line in table) > width:
                return None
            lines += table
    return lines


def _part(
    experiment: Experiment, groups: Sequence[Group], measure: str, width: int, *, numbers: bool
) -> Iterator[TableLine]:
    """A measure of one string: its heading, and its table unless all runs have one value."""
    common = _common(groups, measure)
    head = f"{measure} of {setting_text(groups[0].settings[TRACE])}"
    text = head if common is None else f"{head}: {common} in every row"
    for line in _heading(text, width):
        yield TableLine(line, kind="head" if common is None else "remark")
    if common is None:
        yield from _table(experiment, groups, measure, numbers=numbers)


def _common(groups: Sequence[Group], measure: str) -> str | None:
    """The text of the value that a measure has in all runs; None if there are several."""
    found = {figure_text(run.measured.get(measure)) for group in groups for run in group.runs}
    return found.pop() if len(found) == 1 and len(groups) > 1 else None


def _heading(text: str, width: int) -> Iterator[str]:
    for line in wrapped(text, width):
        yield from in_pieces(line, width)


def _table(
    experiment: Experiment, groups: Sequence[Group], measure: str, *, numbers: bool
) -> Iterator[TableLine]:
    names = [name for name in varied(experiment) if name not in (TRACE, POLICY)]
    found: dict[tuple[Value, ...], Cells] = {}
    for group in groups:
        key = tuple(group.settings[name] for name in names)
        found.setdefault(key, {})[str(group.settings[POLICY])] = group
    lines = list(found.values())
    firsts = [next(iter(cells.values())) for cells in lines]
    rows = [Column((ROW, *map(_numbers, lines)))] if numbers else []
    settings = first_columns(firsts, names, short_names(names))
    policies = [_column(str(policy), lines, measure) for policy in experiment.vary[POLICY]]
    columns = [*rows, *settings, *policies]
    yield TableLine(line_of(columns, 0), kind="head")
    for n, cells in enumerate(lines):
        notes = any(group.notes for group in cells.values())
        text = line_of(columns, n + 1) + MARK * notes
        yield TableLine(text, firsts[n].number, "problem" if notes else "run")


def _numbers(cells: Cells) -> str:
    """The numbers of the runs of a line: `1..7`."""
    numbers = [group.number for group in cells.values()]
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}..{numbers[-1]}"


def _column(policy: str, lines: Sequence[Cells], measure: str) -> Column:
    cells = [figure_text(line[policy].spread(measure).mean) if policy in line else "" for line in lines]
    return Column((policy, *cells))
