"""A sweep has the numbers of a plain loop, in one process or several, cached, widened and resumed."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments import sweep as sweeps
from engine.experiments.cache import Cache
from engine.experiments.experiment import Experiment, load_experiment
from engine.experiments.points import Job, measure_point
from engine.experiments.sweep import check_values, lost, sweep
from engine.experiments.table import Done, Table
from engine.reports.lock_stats import lock_uses
from engine.scenario.loader import load_text
from engine.scenario.settings import Setting
from tests.engine.experiments.small_experiments import EXPERIMENT, SCENARIO, write

COLORS, ROUNDS, SEEDS = (1, 16), (2, 4), range(3)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def experiment(path: str) -> Experiment:
    return load_experiment(path)


@pytest.fixture(scope="module")
def whole(experiment: Experiment) -> Table:
    return sweep(experiment)


def by_hand(colors: int, rounds: int, seed: int) -> tuple[dict[str, int], dict[str, float]]:
    settings = (Setting("machine.colors", colors), Setting("rounds", rounds))
    scenario = load_text(SCENARIO, settings=settings, schedule=f"random:{seed}")
    history = scenario.start()
    while history.extend(1000):
        pass
    queues = [use for use in lock_uses(history) if use.name.startswith("queue")]
    contended, taken = (sum(getattr(use, part) for use in queues) for part in ("contended", "acquisitions"))
    measured = {
        "contended": contended / taken,
        "waited": sum(use.waited for use in queues),
        "free": scenario.expression("count(FREE)").evaluate(history.vm),
    }
    return {"machine.colors": colors, "rounds": rounds, "seed": seed}, measured


def test_the_rows_are_those_of_a_plain_loop(whole: Table) -> None:
    found = [(dict(row.settings), dict(row.measured)) for row in whole.rows]
    assert found == [by_hand(*values) for values in product(COLORS, ROUNDS, SEEDS)]
    assert [row.number for row in whole.rows] == list(range(12))
    assert (whole.complete, whole.from_cache) == (True, 0)
    assert sum(row.measured["waited"] or 0 for row in whole.rows) > 0


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that are measured from now on."""
    seen: list[Job] = []

    def measure(job: Job, _: object) -> object:
        seen.append(job)
        return measure_point(job)

    monkeypatch.setattr(sweeps, "measure_point", measure)
    return seen


def test_a_sweep_that_was_ended_continues_where_it_was(
    experiment: Experiment, whole: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, seen = counted(monkeypatch), list[tuple[int, int, int]]()

    def five(done: Done) -> bool:
        seen.append((len(done.rows), done.total, done.from_cache))
        return len(done.rows) < 5

    part = sweep(experiment, cache=Cache(tmp_path), progress=five)
    assert part.rows == whole.rows[:5]
    assert not part.complete
    assert seen == [(count, 12, 0) for count in range(6)]
    again = sweep(experiment, cache=Cache(tmp_path))
    assert (again.rows, again.from_cache) == (whole.rows, 5)
    assert len(measured) == 12
    assert sweep(experiment, cache=Cache(tmp_path)).from_cache == 12
    assert sweep(experiment, cache=Cache(tmp_path), progress=lambda _: False).complete
    assert len(measured) == 12


def test_a_widened_sweep_measures_only_what_is_new(
    experiment: Experiment, path: str, whole: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep(experiment, cache=Cache(tmp_path))
    measured = counted(monkeypatch)
    wide = sweep(load_experiment(path, ["colors=1,4,16", "seed=1..2"]), cache=Cache(tmp_path))
    assert (len(wide.rows), wide.from_cache, len(measured)) == (12, 8, 4)
    kept = [row.measured for row in wide.rows if row.settings["machine.colors"] != 4]
    assert kept == [row.measured for row in whole.rows if row.settings["seed"] != 0]


def test_an_interrupt_keeps_what_is_done(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(done: Done) -> bool:
        if len(done.rows) == 3:
            raise KeyboardInterrupt
        return True

    with pytest.raises(KeyboardInterrupt):
        sweep(experiment, cache=Cache(tmp_path), progress=interrupt)
    assert sweep(experiment, cache=Cache(tmp_path)).from_cache == 3


def test_a_value_that_cannot_be_set_is_found_before_the_first_point(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = counted(monkeypatch)
    with pytest.raises(BadInput, match=r"^--vary machine\.colors: colors = 3 is not a power of two"):
        sweep(load_experiment(path, ["colors=1,3"]))
    assert measured == []
    experiment = load_experiment(path)
    checked: list[object] = []
    monkeypatch.setattr(type(experiment.runs), "check", lambda _, point: checked.append(point))
    check_values(experiment, experiment.points)
    assert len(checked) == 3


def test_a_lost_point_is_a_row_without_numbers(experiment: Experiment) -> None:
    found = lost(experiment.runs.job(experiment.points[0].settings))
    assert (found.outcome, found.ok, set(found.values.values())) == ("lost", False, {None})


@pytest.mark.slow
def test_two_processes_have_the_rows_of_one_cached_or_not(
    experiment: Experiment, path: str, whole: Table, tmp_path: Path
) -> None:
    asked: list[int] = []

    def three(done: Done) -> bool:
        asked.append(len(done.rows))
        return len(done.rows) < 3

    assert sweep(experiment, workers=2) == whole
    part = sweep(experiment, workers=2, cache=Cache(tmp_path), progress=three)
    assert 3 <= len(part.rows) < 12
    assert all(row in whole.rows for row in part.rows)
    again = sweep(experiment, workers=2, cache=Cache(tmp_path))
    assert (again.rows, again.from_cache) == (whole.rows, len(part.rows))


@pytest.mark.slow
def test_the_points_with_most_cpus_come_first_in_several_processes(tmp_path: Path) -> None:
    text = EXPERIMENT.replace('"machine.colors" = [1, 16]', "cpus = [2, 4]").replace(
        "'machine.colors', 1, 16", "'cpus', 2, 4"
    )
    experiment = load_experiment(write(tmp_path, text), ["rounds=2", "seed=0..3"])
    rows: list[int] = []

    def note(done: Done) -> bool:
        rows[:] = [int(row.settings["cpus"]) for row in done.rows]
        return True

    table = sweep(experiment, workers=2, progress=note)
    assert [row.settings["cpus"] for row in table.rows] == [2] * 4 + [4] * 4
    assert sum(rows[:4]) > sum(rows[4:])
