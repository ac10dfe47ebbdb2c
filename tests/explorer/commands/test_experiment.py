"""The command `experiment`: its words, and what leaving a run of one loses."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.experiment import load_experiment
from engine.experiments.sweep import sweep
from explorer.commands.completion import complete
from explorer.commands.experiment import measure_or_open
from explorer.session.session import Session
from explorer.session.stepping import toggle_mark
from explorer.text.mode import TextDesk
from explorer.views.experiment_words import ExperimentResult
from tests.explorer.measured_by_hand import result
from tests.explorer.tiny_experiment import write_tiny


@pytest.fixture
def desk(life: Session, tmp_path: Path) -> TextDesk:
    one = load_experiment(write_tiny(tmp_path))
    life.experiments.measured = ExperimentResult(one, sweep(one).rows)
    return TextDesk(life, asks=True)


def test_the_session_from_which_a_run_is_opened_stays_as_it_is(desk: TextDesk) -> None:
    origin = desk.session
    toggle_mark(origin, "a")
    measure_or_open(desk, "open 1")
    assert (desk.session.point, desk.session.origin) == (1, origin)
    measure_or_open(desk, "back")
    assert desk.session is origin
    assert origin.marks == {0: "a"}


def test_the_marks_of_a_run_are_lost_only_after_a_warning(desk: TextDesk) -> None:
    measure_or_open(desk, "open 1")
    run = desk.session
    toggle_mark(run, "a")
    for words in ("open 2", "back"):
        run.known = ((), ())
        measure_or_open(desk, words)
        assert desk.session is run
        assert "this loses 1 mark" in run.note.text
    measure_or_open(desk, "back")
    assert desk.session is run.origin


def test_its_words(desk: TextDesk) -> None:
    measure_or_open(desk, "rows")
    assert desk.session.experiments.each
    measure_or_open(desk, "")
    assert desk.session.lens == "experiment"
    measure_or_open(desk, "list")
    assert desk.session.experiments.shown is None
    with pytest.raises(BadInput, match="no experiment is measured yet"):
        measure_or_open(desk, "open 1")


def test_completion_offers_experiments_words_and_the_keys_that_one_varies(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = result().experiment
    listed = (type("Listing", (), {"name": "contention"}),)
    monkeypatch.setattr("explorer.commands.completion.listed", lambda: listed)
    monkeypatch.setattr("explorer.commands.completion.varied_keys", lambda _: tuple(one.vary))
    assert complete(life, "experiment ").candidates == ("contention ",)
    life.experiments.measured = result()
    assert complete(life, "experiment ").candidates == ("back", "contention ", "list", "open ", "rows")
    assert complete(life, "experiment contention c").candidates == ("cpus=",)
    assert complete(life, "experiment open ").candidates == ()
