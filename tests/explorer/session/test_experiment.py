"""The experiment of a session: how it is started and ended, and the runs that are opened from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.experiment import Experiment, load_experiment
from engine.experiments.sweep import sweep
from engine.experiments.table import Done, Row, Table
from explorer.session import experiment
from explorer.session.open import open_again, open_other
from explorer.session.session import Session
from explorer.views.experiment_words import ExperimentResult
from tests.explorer.measured_by_hand import result
from tests.explorer.tiny_experiment import write_tiny


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return write_tiny(tmp_path)


class Gated:
    """A sweep that reports its first row, and ends when its gate is open or when it is stopped."""

    def __init__(self) -> None:
        self.gate = threading.Event()

    def __call__(self, one: Experiment, *, progress: Callable[[Done], bool], **_: object) -> Table:
        found = [Row(point.settings, {"steps": 9, "free": 5}, number=n) for n, point in enumerate(one.points)]
        while not self.gate.wait(0.005):
            if not progress(Done(found[:1], len(found), 0)):
                return Table(tuple(found[:1]), len(found))
        return Table(tuple(found), len(found))


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> Gated:
    sweep = Gated()
    monkeypatch.setattr("engine.experiments.sweep.sweep", sweep)
    return sweep


def ended(session: Session) -> None:
    sweep = session.experiments.sweep
    assert sweep is not None
    assert sweep.wait(20)
    assert experiment.take(session)


def test_an_experiment_is_measured_and_judged(session: Session, tiny: str, gated: Gated) -> None:
    experiment.begin(session, f"{tiny} --vary seed=0,1,2")
    assert session.note.text == f"measuring {tiny}: 6 points; Esc ends it and keeps what is finished"
    assert session.lens == "experiment"
    assert not experiment.take(session)
    gated.gate.set()
    ended(session)
    assert session.note.text == "tiny: 6 points; the claim holds"
    assert experiment.result(session) == "tiny: the claim holds"
    assert session.experiments.shown is session.experiments.measured


def test_one_at_a_time_and_esc_keeps_what_is_finished(session: Session, tiny: str, gated: Gated) -> None:
    experiment.begin(session, tiny)
    with pytest.raises(BadInput, match="is being measured; Esc ends that"):
        experiment.begin(session, tiny)
    with pytest.raises(BadInput, match="Esc ends it, then experiment list"):
        experiment.show_list(session)
    assert experiment.stop(session)
    ended(session)
    assert session.note.text == "tiny: partial: 1 of 4 points; the verdicts are not judged"
    assert not experiment.stop(session)
    experiment.show_list(session)
    assert session.experiments.shown is None


BAD = [
    ("{} seed", "'seed' does not vary a setting; use KEY=VALUES, such as cpus=1,4"),
    ("{} machine.colors=", "there is no value"),
    ("nosuch", "there is no experiment 'nosuch'"),
    ("'{}", "no closing quotation"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_cannot_be_started_is_refused(session: Session, tiny: str, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        experiment.begin(session, text.format(tiny))
    assert session.experiments.sweep is None


def test_a_run_opens_as_a_session_that_leads_back(session: Session, tiny: str, gated: Gated) -> None:
    experiment.begin(session, tiny)
    gated.gate.set()
    ended(session)
    session.history.extend(3)
    run = experiment.open_run(session, "3")
    assert run.scenario is not None
    assert (run.scenario.title, run.vm.colors, run.history.step) == ("One page", 16, 0)
    assert run.note.text == "row 3: colors 16, seed 0; c runs it, :experiment back returns"
    assert (run.point, run.lens, run.experiments) == (3, "experiment", session.experiments)
    other = experiment.open_run(run, "2")
    assert (other.point, other.vm.colors) == (2, 1)
    assert experiment.back(other) is session
    assert session.history.step == 3
    assert session.note.text == "back in life"


def test_the_run_of_a_row_takes_the_steps_that_were_counted(session: Session, tmp_path: Path) -> None:
    one = load_experiment(write_tiny(tmp_path))
    session.experiments.measured = ExperimentResult(one, sweep(one).rows)
    for row in session.experiments.measured.rows:
        run = experiment.open_run(session, str(row.number + 1))
        while run.history.extend(1000):
            pass
        assert run.history.total == row.measured["steps"]


def test_a_row_that_does_not_exist_is_refused(session: Session) -> None:
    with pytest.raises(BadInput, match="no experiment is measured yet"):
        experiment.open_run(session, "1")
    with pytest.raises(BadInput, match="not a run that was opened from an experiment"):
        experiment.back(session)
    session.experiments.measured = result()
    for text in ("0", "13", "x", "", "9" * 5000):
        with pytest.raises(BadInput):
            experiment.open_run(session, text)


def test_what_was_measured_stays_whatever_is_opened(life: Session) -> None:
    life.experiments.measured = result()
    for opened in (open_other(life, "tour"), open_again(life), open_again(life, machine="small")):
        assert opened.experiments is life.experiments


def test_rows_are_turned_to_single_runs_and_back(session: Session) -> None:
    experiment.turn_rows(session)
    assert (session.experiments.each, session.note.text) == (True, "a line for each run")
    experiment.turn_rows(session)
    assert not session.experiments.each
