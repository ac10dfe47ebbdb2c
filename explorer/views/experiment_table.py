"""The table of an experiment as lines of text for a width: settings, then each measure.

If a line is too long, the measures are divided among several tables; then the smallest and largest values are
left out; on a very narrow screen each group of runs takes several lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments.experiment import Experiment
from engine.experiments.table import Row
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
from explorer.views.spans import columns, wrapped

RANGE: Final = "min..max"
"""How the heading of a column of smallest and largest values ends."""

PROBLEM: Final = "!"
"""Follows a line whose run has a note."""

GAP: Final = 2
"""Blanks between two columns."""

MOST_NOTES: Final = 5
"""How many notes of runs are listed."""


@dataclass(frozen=True)
class TableLine:
    """A line of the table.

    number: the number of the first run in it; 0 for a heading, an empty line or a remark.
    kind:   `head`, `run`, `problem` or `remark`.
    """

    text: str
    number: int = 0
    kind: str = "run"


@dataclass(frozen=True)
class _Column:
    """A column: its cells, the heading first; numbers are at the right."""

    cells: tuple[str, ...]
    right: bool = True

    @property
    def width(self) -> int:
        return max(map(columns, self.cells))

    def cell(self, n: int) -> str:
        space = " " * (self.width - columns(self.cells[n]))
        return space + self.cells[n] if self.right else self.cells[n] + space


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
    first = _first_columns(experiment, groups, each=each, numbers=numbers)
    room = width - _width(first) - GAP
    for has_ranges in (True, False) if ranges else (False,):
        measures = [_measure_columns(groups, name, ranges=has_ranges) for name in experiment.measures]
        if all(_width(one) <= room for one in measures):
            blocks = _blocks(first, measures, width)
            lines = [line for block in blocks for line in _block(block, groups)]
            break
    else:
        lines = list(_stacked(experiment, groups, width, each=each, numbers=numbers))
    return [*lines, *_notes(groups, width)]


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
    experiment: Experiment, groups: Sequence[Group], *, each: bool, numbers: bool
) -> list[_Column]:
    names = varied(experiment, each=each)
    short = short_names([*names, *experiment.measures])
    found = [_Column(("row", *(group.numbers for group in groups)))] if numbers else []
    for name in names:
        values = [group.settings[name] for group in groups]
        texts = tuple(map(setting_text, values))
        found.append(_Column((short[name], *texts), right=not any(isinstance(one, str) for one in values)))
    return found


def _measure_columns(groups: Sequence[Group], measure: str, *, ranges: bool) -> list[_Column]:
    spreads = [group.spread(measure) for group in groups]
    found = [_Column((measure, *(figure_text(one.mean) for one in spreads)))]
    texts = tuple(one.range_text for one in spreads)
    if ranges and any(texts):
        found.append(_Column((f"{measure}: {RANGE}", *texts), right=False))
    return found


def _width(part: Sequence[_Column]) -> int:
    return sum(column.width + GAP for column in part) - GAP


def _blocks(first: list[_Column], measures: Sequence[list[_Column]], width: int) -> Iterator[list[_Column]]:
    """Divide the measures among tables that each fit; each has the first columns."""
    block = list(first)
    for measure in measures:
        if len(block) > len(first) and _width([*block, *measure]) > width:
            yield block
            block = list(first)
        block += measure
    yield block


def _block(block: Sequence[_Column], groups: Sequence[Group]) -> Iterator[TableLine]:
    for n in range(len(groups) + 1):
        text = (" " * GAP).join(column.cell(n) for column in block).rstrip()
        if not n:
            yield TableLine(text, kind="head")
            continue
        problem = groups[n - 1].notes
        mark = f" {PROBLEM}" if problem else ""
        yield TableLine(text + mark, groups[n - 1].number, "problem" if problem else "run")


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
        mark = f" {PROBLEM}" if kind == "problem" else ""
        for line in wrapped(head + mark, max(width, 1)):
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
