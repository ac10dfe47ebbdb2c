"""The names of figures: every one of the table is computed, and a wrong one is refused with what is near."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.figures import check_figure, figure, figure_names
from engine.figures.figures import FIGURES
from engine.run.history import History
from tests.engine.scenario.small_scenarios import scenario_of

THREADS, PROCESSES = ["app", "w.1"], ["A"]

REST = """[[object]]
name = "heap"
[[process]]
name = "A"
pid = 9
[[thread]]
name = "app"
process = "A"
script = "m = 1"
"""


@pytest.fixture(scope="module")
def run() -> History:
    scenario = scenario_of(rest=REST)
    history = scenario.start()
    scenario.run(history)
    return history


def test_every_name_has_a_value_and_only_the_mean_of_nothing_has_none(run: History) -> None:
    names = figure_names(["app"], ["A"])
    assert {one.named(one.kind) for one in FIGURES} == {one.name for one in FIGURES}
    assert [name for name in names if figure(run, name) is None] == ["run.latency.mean"]
    assert {name: figure(run, name) for name in names if figure(run, name)} == {"run.steps": run.total}


def test_each_name_of_the_list_is_accepted_and_none_is_listed_twice() -> None:
    names = figure_names(THREADS, PROCESSES)
    for name in names:
        check_figure(name, THREADS, PROCESSES)
    assert len({*names}) == len(names)
    assert "run.threads.w.1.touches" in names


WRONG = [
    ("run.lock.queue.waited", "did you mean run.locks.queue.waited"),
    ("run.touchs", "did you mean run.touches"),
    (
        "run.locks.spin.waited",
        "there is no class of locks 'spin' for run.locks.CLASS.waited; there is page, queue",
    ),
    (
        "run.threads.nope.touches",
        "there is no thread 'nope' for run.threads.THREAD.touches; there is app, w.1",
    ),
    (
        "run.processes.B.faults.minor",
        "there is no process 'B' for run.processes.PROCESS.faults.minor; there is A",
    ),
    ("run.threads.THREAD.touches", "there is no thread 'THREAD'"),
    ("run.threads..touches", "there is no figure 'run.threads..touches'"),
    ("touches", "there is no figure 'touches'; "),
    ("", "there is no figure ''; `pageq help figures` lists them"),
    ("run.\x1b[2J", "there is no figure 'run.\\x1b[2J'"),
    ("run." + "x" * 100_000, "there is no figure 'run.xxx"),
]


@pytest.mark.parametrize(("name", "message"), WRONG, ids=[repr(name[:40]) for name, _ in WRONG])
def test_another_name_is_refused_with_what_is_near(name: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_figure(name, THREADS, PROCESSES)
    assert message in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_scenario_without_processes_has_no_figure_of_one() -> None:
    with pytest.raises(BadInput, match="there is none"):
        check_figure("run.processes.A.touches", ["app"], [])


def test_of_a_thousand_threads_the_message_lists_a_few() -> None:
    with pytest.raises(BadInput) as refused:
        check_figure("run.threads.x.touches", [f"w{n}" for n in range(1000)], [])
    assert str(refused.value).endswith("w11, ...")
