"""Experiments over reference strings: the counts of a policy as figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.experiment import Experiment, load_experiment
from engine.experiments.replay_points import COUNTED, compile_replay, measure_replay
from engine.experiments.sweep import sweep
from engine.language.values import Place

TEXT = """format = 1
title = "Policies"
claim = "LRU is near the best"
[vary]
trace = ["belady.txt", "made:loop:pages=10,length=40"]
frames = [3, 4]
policy = ["lru", "fifo", "opt"]
[measure]
misses = "run.misses"
share = "run.misses / run.references"
rescues = "run.rescues"
[[verdict]]
that = "misses <= 40"
"""


def loaded(folder: Path, text: str = TEXT, *vary: str) -> Experiment:
    (folder / "belady.txt").write_text("1,2,3,4,1,2,5,1,2,3,4,5\n")
    (folder / "policies.toml").write_text(text)
    return load_experiment(str(folder / "policies.toml"), vary)


def test_the_counts_of_each_policy_are_figures(tmp_path: Path) -> None:
    experiment = loaded(tmp_path)
    table = sweep(experiment)
    misses = {tuple(row.settings.values())[1:]: row.measured["misses"] for row in table.rows[:6]}
    assert misses == {
        (3, "lru"): 10,
        (3, "fifo"): 9,
        (3, "opt"): 7,
        (4, "lru"): 8,
        (4, "fifo"): 10,
        (4, "opt"): 6,
    }
    assert table.rows[0].measured == {"misses": 10, "share": 10 / 12, "rescues": None}
    assert [row.measured["misses"] for row in table.rows[6:8]] == [40, 40]
    job = experiment.runs.job(experiment.points[1].settings)
    assert measure_replay(job).values["misses"] == 9  # type: ignore[arg-type]  # it is a ReplayJob
    with pytest.raises(BadInput, match="lru has no machine"):
        experiment.scenario_of(experiment.points[0])


def test_the_kernel_is_a_policy_whose_run_can_be_opened(tmp_path: Path) -> None:
    experiment = loaded(tmp_path, TEXT, "policy=kernel", "frames=20", "trace='made:loop:pages=10,length=40'")
    (row,) = sweep(experiment).rows
    assert row.measured == {"misses": 10, "share": 0.25, "rescues": 0}
    scenario = experiment.scenario_of(experiment.points[0])
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert scenario.expression("app.position").evaluate(history.vm) == 40


def test_a_file_after_vary_is_in_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mine.txt").write_text("1 2 3\n")
    monkeypatch.chdir(tmp_path / "here")
    experiment = loaded(tmp_path, TEXT, "trace=mine.txt", "frames=2", "policy=lru")
    assert sweep(experiment).rows[0].measured["misses"] == 3
    first = experiment.identity
    (tmp_path / "here" / "mine.txt").write_text("1 2 4\n")
    assert loaded(tmp_path, TEXT, "trace=mine.txt").identity != first


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("belady.txt", "missing.txt", 5, "there is no file"),
        ("belady.txt", "-", 5, r"\(pageq help references\)"),
        ("belady.txt", "/dev/zero", 5, "there is no file"),
        ("made:loop:pages=10", "made:loop:pages=x", 5, "pages"),
        ("made:loop:pages=10,length=40", "recorded:cat", 5, "not a recorded string"),
        ("[3, 4]", "[0]", 6, "number of frames"),
        ('"fifo"', '"mru"', 7, "not a policy"),
        ('policy = ["lru", "fifo", "opt"]', 'policy = ["lru"]\ncpus = [1]', 8, "not a key"),
        ('policy = ["lru", "fifo", "opt"]', 'policy = ["lru"]\ntick = [0]', 8, "references a tick"),
        ('policy = ["lru", "fifo", "opt"]', 'policy = ["lru"]\nrules = ["x"]', 8, "rule set"),
        ('"run.misses"', '"run.missed"', 9, "use run.references"),
        ('"run.misses"', '"count(FREE) + run.misses"', 9, "no machine"),
    ],
)
def test_what_is_wrong_has_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        loaded(tmp_path, TEXT.replace(old, new, 1))
    assert caught.value.line == line


def test_a_bad_line_is_an_error_of_its_points(tmp_path: Path) -> None:
    experiment = loaded(tmp_path, TEXT, "policy=lru", "frames=3")
    (tmp_path / "belady.txt").write_text("1 2 x\n")
    first, second = sweep(experiment).rows
    assert (first.outcome, first.ok, second.ok) == ("error", False, True)
    assert "belady.txt:1" in first.notes[0]


def test_every_figure_of_a_replay_is_known() -> None:
    for name in COUNTED:
        assert compile_replay(f"run.{name}", Place()).figures == (f"run.{name}",)
