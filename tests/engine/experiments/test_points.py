"""One point: plain values in, plain values out."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.experiment import load_experiment
from engine.experiments.measured import Measured
from engine.experiments.points import Job, compile_for, measure_point
from engine.language.values import Place
from engine.scenario.loader import load_text
from tests.engine.experiments.small_experiments import EXPERIMENT, HEAD, SCENARIO, write

TWO_MEASURES = '[measure]\nsteps = "run.steps"\nfree = "count(FREE)"\n'


def job(folder: Path, scenario: str = SCENARIO, vary: str = "[vary]\nseed = [1]\n") -> Job:
    experiment = load_experiment(write(folder, HEAD + vary + TWO_MEASURES, scenario))
    return experiment.runs.job(experiment.points[0].settings)


def test_a_point_is_measured_the_same_after_pickling(tmp_path: Path) -> None:
    one = job(tmp_path)
    (tmp_path / "two.toml").unlink()
    found = measure_point(pickle.loads(pickle.dumps(one)))
    history = load_text(SCENARIO, schedule="random:1").start()
    history.extend(10_000)
    free = load_text(SCENARIO).expression("count(FREE)").evaluate(history.vm)
    assert found == Measured({"steps": history.total, "free": free}, (), "completed", True)
    assert pickle.loads(pickle.dumps(found)) == found


PANIC = SCENARIO.replace("vm_page_free(m)", "vm_page_wakeup(m)\n    vm_page_wakeup(m)", 1)
BOUND = SCENARIO.replace("[machine]", "[limits]\nsteps = 20\n[machine]")
LEAK = SCENARIO.replace("vm_page_free(m)", "x = 1", 1)
ERROR = SCENARIO.replace("vm_page_free(m)", "x = 1 // (i - 1)", 1)


@pytest.mark.parametrize(
    ("scenario", "outcome"),
    [(PANIC, "panic:vm_page_wakeup"), (BOUND, "bound"), (LEAK, "leak"), (ERROR, "error")],
    ids=["panic", "bound", "leak", "error"],
)
def test_another_end_than_expected_gives_no_number(tmp_path: Path, scenario: str, outcome: str) -> None:
    found = measure_point(job(tmp_path, scenario))
    assert (found.outcome, found.ok) == (outcome, False)
    assert found.values == {"steps": None, "free": None}
    assert found.notes[0].startswith(f"{outcome}: ")


def test_an_end_that_the_scenario_expects_is_measured(tmp_path: Path) -> None:
    expected = f'{PANIC}[[expect]]\noutcome = "panic:vm_page_wakeup"\n'
    found = measure_point(job(tmp_path, expected))
    assert (found.outcome, found.ok, found.notes) == ("panic:vm_page_wakeup", True, ())
    assert found.values["steps"]


def test_a_setup_that_fails_is_an_error_of_the_point(tmp_path: Path) -> None:
    setup = '[setup]\nscript = """\nvm_page_free(page[0x100])\n"""\n[machine]'
    found = measure_point(job(tmp_path, SCENARIO.replace("[machine]", setup)))
    assert (found.outcome, found.ok) == ("error", False)
    assert "the setup did not complete" in found.notes[0]


def test_a_measure_is_compiled_with_the_names_of_the_scenario(tmp_path: Path) -> None:
    scenario = load_text(SCENARIO)
    assert compile_for(scenario, "run.threads.b.touches + a.i", Place()).figures == ("run.threads.b.touches",)
    for text in ("run.threads.c.touches", "c.i"):
        with pytest.raises(BadInput, match=r"^e\.toml:5: "):
            compile_for(scenario, text, Place("e.toml", 5))
    assert EXPERIMENT.startswith(HEAD)
