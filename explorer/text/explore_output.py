"""The output of `pageq explore` and of `explore` in text mode: what a search of the schedules found."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from engine.explore.exploration import Claim, Exploration, Found, ValueFound
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario
from engine.scenario.settings import parse_setting
from explorer.views.exploration_claims import (
    CLAIMS,
    VERDICT,
    claim_evidence,
    claim_words,
    value_runs_words,
    values_title,
)
from explorer.views.exploration_words import (
    counts_words,
    ends_words,
    head_words,
    inevitable_words,
    loop_words,
    lost_words,
    race_words,
    runs_words,
    schedules_words,
    simplest_words,
)
from explorer.views.spans import columns

COMPLETED: Final = "completed"

_INDENT: Final = "  "

Row = tuple[str, str, str, str, str, str]
"""A name; the number of ends and their noun; the number of schedules and their noun; the share of runs."""


def lines(
    exploration: Exploration, *, scenario: Scenario | None = None, seconds: float | None = None
) -> Iterator[str]:
    """Yield the text, a line each; no line has a line end.

    scenario: what was searched; with it, each schedule has the command that runs it, and at the end are the
              commands that lead on.
    seconds:  how long the search took.
    """
    yield head_words(exploration, seconds)
    for note in (*exploration.notes, counts_words(exploration)):
        yield from [f"note: {note}"] if note else []
    rows = _aligned([_outcome_row(exploration, found) for found in exploration.outcomes])
    for found, row in zip(exploration.outcomes, rows, strict=True):
        yield row
        if found.outcome != COMPLETED:
            yield from (f"{_INDENT}{line}" for line in _details(exploration, found, scenario))
    for expr, values in groupby(exploration.values, key=lambda value: value.expr):
        yield values_title(expr)
        yield from (f"{_INDENT}{row}" for row in _aligned(_value_rows(exploration, list(values))))
    yield from _claim_lines(exploration.claims)
    if exploration.unexpected:
        names = ", ".join(found.outcome for found in exploration.unexpected)
        yield f"not expected: {names}"
    if scenario is not None:
        yield from _next_lines(scenario)


# --- outcomes ---------------------------------------------------------------------------------------------


def _outcome_row(exploration: Exploration, found: Found) -> Row:
    return (
        _name(exploration, found),
        *ends_words(found),
        *schedules_words(found.schedules),
        runs_words(exploration, found),
    )


def _name(exploration: Exploration, found: Found) -> str:
    """The outcome; a panic without its function, unless there is another one in another function."""
    kind = found.outcome.partition(":")[0]
    same = {other.outcome for other in exploration.outcomes if other.outcome.partition(":")[0] == kind}
    return kind if len(same) == 1 else found.outcome


def _aligned(rows: Sequence[Row]) -> Iterator[str]:
    """Join the cells of each row; those that no row has take no space."""
    widths = [max((columns(row[n]) for row in rows), default=0) for n in range(6)]
    for row in rows:
        padded = [
            _padded(cell, width, right=n == 1)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        name, ends, end_noun, schedules, schedule_noun, runs = padded
        cells = [name, f"{ends} {end_noun}", f"{schedules} {schedule_noun}", runs]
        yield "   ".join(cell for cell in cells if cell != " ").rstrip()


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - columns(text))
    return space + text if right else text + space


def _details(exploration: Exploration, found: Found, scenario: Scenario | None) -> Iterator[str]:
    """What there is to say about an outcome other than `completed`."""
    yield from found.message.splitlines()
    yield simplest_words(exploration, found)
    if scenario is not None and found.schedule:
        yield f"run it: {run_command(scenario, found)}"
    race = "" if found.race is None else race_words(found.race)
    for words in (inevitable_words(found), race, lost_words(found), loop_words(found)):
        yield from [words] if words else []


def run_command(scenario: Scenario, found: Found) -> str:
    """The command that runs the simplest schedule of an outcome, as a shell reads it."""
    words = ["pageq", "run", scenario.name, "--schedule", found.schedule]
    return shlex.join([*words, *_options(scenario, found.settings)])


def _next_lines(scenario: Scenario) -> Iterator[str]:
    """The commands that lead on from here."""
    screen = shlex.join(["pageq", "tui", scenario.name, *_options(scenario, {})])
    yield f"on the screen: {screen}, then :explore"
    yield "what it means: pageq help exploration"


def _options(scenario: Scenario, settings: Mapping[str, Any]) -> list[str]:
    """What makes this scenario of its file: the course, the machine, the rules, the seed and the settings.

    settings: further ones, by key, which win.
    """
    given = {"--machine": scenario.machine, "--rules": scenario.given_rules, "--seed": scenario.seed}
    words = [] if scenario.library == OWN else ["--course", str(scenario.library.path)]
    for option, value in given.items():
        words += [] if value is None else [option, str(value)]
    given = {one.key: one.value for one in scenario.settings if not one.is_own}
    for key, value in (given | dict(settings)).items():
        words += ["--set", _setting(key, value)]
    return words


def _setting(key: str, value: Any) -> str:
    """KEY=VALUE that is read as this value again."""
    bare = f"{key}={value}"
    return bare if parse_setting(bare).value == value else f"{key}={json.dumps(value)}"


# --- values and claims ------------------------------------------------------------------------------------


def _value_rows(exploration: Exploration, values: Sequence[ValueFound]) -> list[Row]:
    rows = []
    for value in values:
        ends = f"{value.ends:,}", "end state" if value.ends == 1 else "end states"
        rows.append(
            (
                value.shown,
                *ends,
                *schedules_words(value.schedules),
                value_runs_words(exploration, value, values),
            )
        )
    return rows


def _claim_lines(claims: Sequence[Claim]) -> Iterator[str]:
    width = max(map(len, VERDICT.values()))
    yield from [CLAIMS] if claims else []
    for claim in claims:
        yield f"{_INDENT}{VERDICT[claim.ok]:<{width}}  {claim_words(claim)}"
        yield from (f"{_INDENT}{'':<{width}}  {words}" for words in claim_evidence(claim))
