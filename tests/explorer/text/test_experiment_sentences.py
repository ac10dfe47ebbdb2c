"""Experiments in text mode: the list, the measuring, Ctrl+C, and a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.experiments.experiment import Experiment
from engine.experiments.table import Done, Row, Table
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from tests.explorer.tiny_experiment import write_tiny


@pytest.fixture
def desk(life: Session, monkeypatch: pytest.MonkeyPatch) -> TextDesk:
    monkeypatch.setattr("explorer.session.experiment_sweep.processors", lambda: 1)
    return TextDesk(life)


def test_an_experiment_is_measured_printed_without_a_drawing_and_opened(
    desk: TextDesk, tmp_path: Path
) -> None:
    listed = desk.do_line("experiment")
    assert "No experiment is measured yet; experiment NAME measures one." in listed
    said = desk.do_line(f"experiment {write_tiny(tmp_path)}")
    assert said[0] == "tiny: 4 points; the claim holds."
    assert " row  colors  steps  free" in said
    assert not [line for line in said if "┤" in line]
    assert said[-1].startswith("The command experiment open ROW opens a run, experiment rows prints each run")
    said = desk.do_line("experiment open 3")
    assert said[0].startswith("row 3: colors 16, seed 0; c runs it")
    assert any(line.startswith("One page. Scenario ") for line in said)
    assert "The run of row 3 is open; experiment back returns." in desk.do_line("view experiment")
    assert desk.do_line("experiment back")[0] == "back in life-of-a-page."
    assert desk.session.name == "life-of-a-page"


def test_an_interrupt_ends_it_and_keeps_what_is_finished(
    desk: TextDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sweep(one: Experiment, *, progress: Callable[[Done], bool], **_: object) -> Table:
        desk.stop_asked = True
        rows = (Row(one.points[0].settings, {"steps": 4, "free": 9}),)
        while progress(Done(rows, 4, 0)):
            pass
        return Table(rows, 4)

    monkeypatch.setattr("engine.experiments.sweep.sweep", sweep)
    said = desk.do_line(f"experiment {write_tiny(tmp_path)}")
    assert said[0] == "tiny: partial: 1 of 4 points; the verdicts are not judged."
    assert "  1       1      4     9" in said
