"""Verdicts over a table: what holds, what does not and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.experiments.experiment import Experiment, load_experiment
from engine.experiments.table import Row, Table
from engine.experiments.verdicts import Verdict, judge
from tests.engine.experiments.small_experiments import EXPERIMENT, write


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    more = '[[verdict]]\nthat = "waited < 9"\n[[verdict]]\nthat = "min(waited) // 0 == 1"\n'
    return load_experiment(write(tmp_path_factory.mktemp("verdicts"), EXPERIMENT + more))


def table(experiment: Experiment, *waited: int | None) -> Table:
    rows = [
        Row(point.settings, {"contended": 0.5, "waited": value, "free": 1}, number=number)
        for number, (point, value) in enumerate(zip(experiment.points, waited, strict=True))
    ]
    return Table(tuple(rows), len(rows))


def test_a_verdict_holds_or_not_with_what_the_file_says(experiment: Experiment) -> None:
    first, every, wrong = judge(experiment, table(experiment, *[8] * 6, *[4] * 6))
    assert first == Verdict("ratio(waited, 'machine.colors', 1, 16) >= 2", True, 2.0, "", "it is less")
    assert (every.ok, every.value, every.note) == (True, 8, "")
    assert (wrong.ok, wrong.value) == (False, None)
    assert "division by zero" in wrong.note
    first, every, _ = judge(experiment, table(experiment, *[8] * 6, *[5] * 5, 9))
    assert (first.ok, first.say) == (False, "it is not less")
    assert (every.ok, every.value) == (False, 9)
    assert every.note == "it does not hold in 1 of 12 rows, first at machine.colors=16 rounds=4 seed=2"


def test_null_does_not_hold_and_says_why(experiment: Experiment) -> None:
    first, every, _ = judge(experiment, table(experiment, *[8] * 6, *[None] * 6))
    assert (first.ok, first.value) == (False, None)
    assert first.note.endswith("is null: waited is null in every row")
    assert not every.ok
    assert every.note.endswith("; waited is null at machine.colors=16 rounds=2 seed=0")


def test_what_is_not_measured_is_neither_shown_nor_refuted(experiment: Experiment) -> None:
    rows = tuple(row for row in table(experiment, *[10] * 12).rows if row.settings["machine.colors"] == 1)
    first, every, wrong = judge(experiment, Table(rows, len(rows)))
    assert first == Verdict(
        "ratio(waited, 'machine.colors', 1, 16) >= 2",
        False,
        None,
        "there is no row with machine.colors = 16",
        "",
        known=False,
    )
    assert (every.ok, every.known, wrong.known) == (False, True, False)
    some = judge(experiment, table(experiment, *[None] * 11, 10))[1]
    assert (some.known, some.note.partition(",")[0]) == (True, "it does not hold in 12 of 12 rows")
    none = judge(experiment, table(experiment, *[None] * 12))[1]
    assert not none.known


def test_nothing_holds_over_a_table_that_is_not_complete_or_has_another_outcome(
    experiment: Experiment,
) -> None:
    whole = table(experiment, *[8] * 6, *[4] * 6)
    part = judge(experiment, replace(whole, rows=whole.rows[:-1]))
    assert [one.ok for one in part] == [False, False, False]
    assert part[0].note == "1 of 12 points are missing"
    rows = (*whole.rows[:-1], replace(whole.rows[-1], outcome="panic:vm_page_free", ok=False))
    first = judge(experiment, replace(whole, rows=rows))[0]
    assert (first.ok, first.known, first.value, first.say) == (False, False, 2.0, "")
    where = "machine.colors=16 rounds=4 seed=2"
    assert first.note == f"1 run did not end as expected: panic:vm_page_free at {where}"


@pytest.mark.parametrize(
    ("that", "note"),
    [
        (
            "mean(free) / mean(waited, 'rounds'=4) >= 1",
            "mean(free) / mean(waited, 'rounds'=4) is null: 1 / 0",
        ),
        ("mean(free) / 0", "mean(free) / 0 is null: 1 / 0"),
        ("not 1e308 * 10 - 1e308 * 10", "1e+308 * 10 - 1e+308 * 10 is null: inf and inf have no such value"),
        (
            "ratio(waited, 'rounds', 2, 4) >= 1 and mean(free) / 0 >= 1",
            "mean(free) / 0 is null: 1 / 0",
        ),
        ("free / (waited * 0) >= 1", "free / (waited * 0) is null: 1 / 0"),
        (
            "free >= ratio(waited, 'machine.colors', 1, 16, 'rounds'=4)",
            "ratio(waited, 'machine.colors', 1, 16, 'rounds'=4) is null: 0 / 0",
        ),
    ],
)
def test_every_null_verdict_has_a_note(tmp_path: Path, that: str, note: str) -> None:
    text = f'{EXPERIMENT.partition("[[verdict]]")[0]}[[verdict]]\nthat = "{that}"\n'
    experiment = load_experiment(write(tmp_path, text))
    (found,) = judge(experiment, table(experiment, *[8, 8, 8, 0, 0, 0] * 2))
    assert (found.ok, found.known) == (False, False)
    assert found.note.split("; ")[-1] == note
