"""The table of an experiment as lines of text for a width: settings, then each measure.

If a line is too long, the measures are divided among several tables; then the smallest and largest values are
left out; then the longest setting becomes a heading; on a very narrow screen each group of runs takes several
lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments.experiment import Experiment
from engine.experiments.table import Row
from engine.experiments.values import same
from engine.words import plural
from explorer.views.experiment import (
    Group,
    figure_text,
    grouped,
    number_of_run,
    setting_text,
    settings_words,
    short_names,
    varied,
)
from explorer.views.experiment_columns import (
    GAP,
    MARK,
    PROBLEM,
    Column,
    TableLine,
    first_columns,
    in_pieces,
    line_of,
    width_of,
)
from explorer.views.experiment_policies import policy_lines
from explorer.views.spans import columns, wrapped

RANGE: Final = "min..max"
"""How the heading of a column of smallest and largest values ends."""

LONG: Final = 20
"""From this length on, the value of a setting is a heading rather than in a column, if there is no room."""

MOST_NOTES: Final = 5
"""How many notes of runs are listed."""


def table_lines(
    experiment: Experiment,
    rows: Sequence[Row],
    width: int,
    *,
    each: bool = False,
    numbers: bool = True,
    ranges: bool = True,
) -> list[TableLine]:
    """The table, in lines of at most `width` columns.

    each: whether each run has a line, and not each group. numbers: whether the runs' numbers are shown.
    ranges: whether smallest and largest values are shown where they differ.
    """
    groups = grouped(experiment, rows, each=each)
    if not groups:
        return []
    names = varied(experiment, each=each)
    form = _Form(experiment, width, numbers=numbers, ranges=ranges)
    lines = (
        (None if each else policy_lines(experiment, groups, width, numbers=numbers))
        or _fitting(form, groups, names)
        or _under_headings(form, groups, names)
        or list(_stacked(experiment, groups, width, each=each, numbers=numbers))
    )
    return [*lines, *_notes(groups, width)]


@dataclass(frozen=True)
class _Form:
    """How a table is made; see `table_lines`."""

    experiment: Experiment
    width: int
    numbers: bool
    ranges: bool


def _fitting(form: _Form, groups: Sequence[Group], names: Sequence[str]) -> list[TableLine] | None:
    """The table in one block or several, with ranges or without; None if one measure is too wide for it."""
    first = _first_columns(form.experiment, groups, names, numbers=form.numbers)
    for has_ranges in (True, False) if form.ranges else (False,):
        measures = [_measure_columns(groups, name, ranges=has_ranges) for name in form.experiment.measures]
        for width in (form.width, form.width - len(MARK)):
            lines = [line for block in _blocks(first, measures, width) for line in _block(block, groups)]
            if max(columns(line.text) for line in lines) <= form.width:
                return lines
    return None


def _under_headings(form: _Form, groups: Sequence[Group], names: Sequence[str]) -> list[TableLine] | None:
    """A table for each value of the setting with the longest one, which is its heading; None if none fits."""
    longest = max(
        names, key=lambda name: max(len(setting_text(one.settings[name])) for one in groups), default=""
    )
    values = form.experiment.vary.get(longest, ())
    if max((len(setting_text(value)) for value in values), default=0) < LONG:
        return None
    lines: list[TableLine] = []
    for value in values:
        part = [group for group in groups if same(group.settings[longest], value)]
        table = _fitting(form, part, [name for name in names if name != longest]) if part else []
        if table is None:
            return None
        lines += [TableLine(text, kind="head") for text in in_pieces(setting_text(value), form.width)]
        lines += table
    return lines


def fixed_words(experiment: Experiment, rows: Sequence[Row], *, each: bool = False) -> str:
    """What all lines of the table have in common: settings with one value, and the repetitions."""
    shown = varied(experiment, each=each)
    single = {name: values[0] for name, values in experiment.vary.items() if len(values) == 1}
    most = max((len(group.runs) for group in grouped(experiment, rows, each=each)), default=1)
    parts = [f"all with {settings_words(single)}"] if single and rows else []
    parts += [f"mean of {plural(most, 'seed')}"] if most > 1 else []
    if most == 1 and rows and not each and not experiment.form.is_replay:
        parts.append("each row is one run of one schedule")
    return "; ".join(parts) if shown or parts else ""


# --- columns ----------------------------------------------------------------------------------------------


def _first_columns(
    experiment: Experiment, groups: Sequence[Group], names: Sequence[str], *, numbers: bool
) -> list[Column]:
    short = short_names([*names, *experiment.measures])
    found = [Column(("row", *(group.numbers for group in groups)))] if numbers else []
    return [*found, *first_columns(groups, names, short)]


def _measure_columns(groups: Sequence[Group], measure: str, *, ranges: bool) -> list[Column]:
    spreads = [group.spread(measure) for group in groups]
    found = [Column((measure, *(figure_text(one.mean) for one in spreads)))]
    texts = tuple(one.range_text for one in spreads)
    if ranges and any(texts):
        found.append(Column((f"{measure}: {RANGE}", *texts), right=False))
    return found


def _blocks(first: list[Column], measures: Sequence[list[Column]], width: int) -> Iterator[list[Column]]:
    """Divide the measures among tables that each fit; each has the first columns."""
    block = list(first)
    for measure in measures:
        if len(block) > len(first) and width_of([*block, *measure]) > width:
            yield block
            block = list(first)
        block += measure
    yield block


def _block(block: Sequence[Column], groups: Sequence[Group]) -> Iterator[TableLine]:
    for n in range(len(groups) + 1):
        text = line_of(block, n)
        if not n:
            yield TableLine(text, kind="head")
            continue
        problem = groups[n - 1].notes
        yield TableLine(text + MARK * problem, groups[n - 1].number, "problem" if problem else "run")


# --- a very narrow screen ---------------------------------------------------------------------------------


def _stacked(
    experiment: Experiment, groups: Sequence[Group], width: int, *, each: bool, numbers: bool
) -> Iterator[TableLine]:
    """Each group in lines of its own: its settings, then its measures below each other."""
    names = varied(experiment, each=each)
    for group in groups:
        settings = settings_words({name: group.settings[name] for name in names}) or "the only settings"
        head = f"row {group.numbers}: {settings}" if numbers else settings
        kind = "problem" if group.notes else "run"
        for line in wrapped(head + MARK * (kind == "problem"), max(width, 1)):
            yield TableLine(line, group.number, kind)
        for measure in experiment.measures:
            spread = group.spread(measure)
            text = f"{measure} {figure_text(spread.mean)}"
            more = f" ({spread.range_text})" if spread.range_text else ""
            for line in wrapped(text + more, max(width - GAP, 1)):
                yield TableLine(" " * GAP + line, kind="remark")


# --- notes ------------------------------------------------------------------------------------------------


def _notes(groups: Sequence[Group], width: int) -> Iterator[TableLine]:
    """What is to be known of runs, such as a panic; the same text once, with how many have it."""
    found: dict[str, list[int]] = {}
    for group in groups:
        for run in group.runs:
            for note in run.notes:
                found.setdefault(note, []).append(number_of_run(run))
    for note, numbers in list(found.items())[:MOST_NOTES]:
        others = f" and {plural(len(numbers) - 1, 'other')}" if len(numbers) > 1 else ""
        for line in wrapped(f"{PROBLEM} row {numbers[0]}{others}: {note}", max(width, 1)):
            yield TableLine(line, kind="remark")
    if len(found) > MOST_NOTES:
        yield TableLine(f"{PROBLEM} {plural(len(found) - MOST_NOTES, 'more note')}", kind="remark")
