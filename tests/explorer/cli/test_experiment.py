"""`pageq experiment`: the list, the output, the files, the exit codes, and Ctrl+C."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.experiments.cache import Cache
from engine.experiments.experiment import Experiment
from engine.experiments.table import Done, Row, Table
from explorer.cli.interrupts import INTERRUPTED
from tests.explorer.cli.command_output import Run, refused
from tests.explorer.pseudo_terminal import terminal
from tests.explorer.tiny_experiment import EXPERIMENT, write_tiny


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write_tiny(tmp_path)


class Sweep:
    """A sweep in the place of the real one: it keeps what it was given, and finds a row for each point."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, one: Experiment, **given: Any) -> Table:
        self.given = given
        rows = tuple(
            Row(point.settings, {"steps": 40, "free": 900 + n}, number=n)
            for n, point in enumerate(one.points)
        )
        given["progress"](Done(rows[:1], len(rows), 0))
        given["progress"](Done(rows[:4], len(rows) + 1, 0))
        self.meanwhile()
        goes_on = given["progress"](Done(rows[:2], len(rows), 0))
        return Table(rows if goes_on else rows[:2], len(rows))


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> Sweep:
    made = Sweep()
    monkeypatch.setattr("engine.experiments.sweep.sweep", made)
    return made


def test_an_experiment_is_measured_and_its_verdicts_decide_the_exit_code(run: Run, tiny: str) -> None:
    code, out, err = run("experiment", tiny, "--workers", "1")
    assert (code, err) == (0, "")
    assert "claim: a page is given back" in out
    assert "ok   min(free) > 0: " in out
    assert "\n4 points; the claim holds\nNext: pageq tui, then " in out
    path = Path(tiny)
    path.write_text(EXPERIMENT.replace("min(free) > 0", "min(free) > 5000"))
    code, out, _ = run("experiment", tiny, "--workers", "1")
    assert code == 1
    assert "not  min(free) > 5000: " in out
    assert "no page is free" in out


FAILED = [
    ("", "1 run did not end as expected, and there is no verdict to judge"),
    ('[[verdict]]\nthat = "1 > 0"\n', "the claim was not measured"),
]


@pytest.mark.parametrize(("verdict", "words"), FAILED)
def test_a_run_that_fails_is_a_finding_with_and_without_a_verdict(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: str, words: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bad.txt").write_text("1\nnine\n")
    vary = '[vary]\ntrace = ["made:loop:length=9", "bad.txt"]\nframes = [2]\npolicy = ["lru"]\n'
    head = 'format = 1\ntitle = "two strings"\nclaim = "none"\n'
    path = tmp_path / "strings.toml"
    path.write_text(f'{head}{vary}[measure]\nmisses = "run.misses"\n{verdict}')
    code, out, _ = run("experiment", str(path), "--workers", "1")
    assert code == 1
    assert f"\n2 points; {words}\n" in out
    assert run("experiment", str(path), "--workers", "1", "--vary", "trace=made:loop:length=9")[0] == 0


def test_the_experiments_are_listed(run: Run) -> None:
    code, out, err = run("experiment")
    assert (code, err) == (0, "")
    assert "pageq experiment NAME measures one; pageq help experiments explains it." in " ".join(out.split())
    listed = json.loads(run("experiment", "--json")[1])
    assert all(list(one) == ["name", "title", "claim", "points", "section"] for one in listed)
    assert all(f"{one['name']}: {one['title'][:20]}" in out for one in listed)


def test_options_reach_the_sweep(run: Run, tiny: str, sweep: Sweep) -> None:
    run("experiment", tiny, "--vary", "colors=1,4", "--vary", "seed=0..2", "--workers", "3", "--no-cache")
    assert (sweep.given["workers"], sweep.given["cache"], sweep.given["cluster"]) == (3, None, None)
    code, out, _ = run("experiment", tiny, "--cluster", "tcp://host:1")
    assert (code, sweep.given["cluster"]) == (0, "tcp://host:1")
    assert isinstance(sweep.given["cache"], Cache)
    assert "4 points: 2 machine.colors x 2 seed, in " in out


def test_the_files_have_every_row_and_the_picture(run: Run, tiny: str, sweep: Sweep, tmp_path: Path) -> None:
    table, picture = tmp_path / "rows.csv", tmp_path / "chart.svg"
    assert run("experiment", tiny, "--csv", str(table), "--chart", str(picture))[0] == 0
    assert len(list(csv.reader(table.read_text().splitlines()))) == 5
    assert picture.read_text().startswith("<svg ")
    code, out, _ = run("experiment", tiny, "--csv", "-")
    assert (code, out) == (0, table.read_text())
    found = json.loads(run("experiment", tiny, "--json")[1])
    assert [row["measured"]["free"] for row in found["rows"]] == [900, 901, 902, 903]
    assert "steps" in run("experiment", tiny, "--rows")[1]


def test_ctrl_c_prints_the_rows_that_are_finished(run: Run, tiny: str, sweep: Sweep) -> None:
    sweep.meanwhile = lambda: signal.raise_signal(signal.SIGINT)
    before = signal.getsignal(signal.SIGINT)
    code, out, _ = run("experiment", tiny)
    assert code == INTERRUPTED
    assert out.endswith("partial: 2 of 4 points; the verdicts are not judged\n")
    assert signal.getsignal(signal.SIGINT) is before
    found = json.loads(run("experiment", tiny, "--json")[1])
    assert (len(found["rows"]), found["partial"], found["verdicts"]) == (2, True, [])


def test_progress_is_shown_on_a_terminal_only(
    run: Run, tiny: str, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.cli.progress_line.PAUSE", 0.0)
    assert run("experiment", tiny)[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    err = run("experiment", tiny)[2]
    assert "\r1 of 4 points" in err
    assert "\r4 of 5 points, about 1 s left" in err
    assert err.endswith("\r")
    assert sweep.given


def test_a_cache_that_cannot_be_written_is_said_once(run: Run, tiny: str, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    code, out, err = run("experiment", tiny, "--workers", "1")
    assert code == 0
    assert err.count("results are not kept") == 1
    assert "4 points" in out


def test_what_is_kept_can_be_removed(run: Run, tiny: str) -> None:
    run("experiment", tiny, "--workers", "1")
    code, out, err = run("experiment", "--forget")
    assert (code, out) == (0, "")
    assert err.startswith("removed the results of 1 experiment in ")
    assert run("experiment", "--forget")[2].startswith("removed the results of 0 experiments")


BAD = [
    ("--rows", "--rows needs an experiment; `pageq experiment` lists them"),
    ("--vary cpus=1", "--vary needs an experiment"),
    ("--csv x.csv", "--csv needs an experiment"),
    ("{} --chart x.png", "--chart x.png: unknown suffix; use FILE.svg"),
    ("{} --csv - --json", "--csv - and --json both print to stdout"),
    ("{} --csv no/such/x.csv", "no/such/x.csv: its folder does not exist"),
    ("{} --csv /", "/: this is a folder; give a file"),
    ("{} --workers 0", "'0' is not a number of processes"),
    ("{} --vary colors", "is not KEY=VALUES"),
    ("{} --vary colors=a\x07b", "--vary machine.colors: "),
    ("nosuch", "there is no experiment 'nosuch'"),
    ("{}.gone", "there is no experiment"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[words for words, _ in BAD])
def test_bad_input_is_refused_before_the_sweep(
    run: Run, tiny: str, sweep: Sweep, words: str, message: str
) -> None:
    refused(run("experiment", *words.format(tiny).split(" ")), message)
    assert not sweep.given


def test_a_chart_that_does_not_exist_is_refused(run: Run, tiny: str, sweep: Sweep) -> None:
    Path(tiny).write_text(EXPERIMENT.replace("[1, 16]", "[1]").replace("0..1", "0..0"))
    refused(run("experiment", tiny, "--chart", "x.svg"), "tiny.toml has no chart; remove --chart")
    assert not sweep.given


@pytest.mark.slow
def test_ctrl_c_on_a_terminal_ends_a_real_sweep_and_prints_what_is_finished(tiny: str) -> None:
    with terminal("experiment", tiny, "--vary", "seed=0..9999", "--no-cache", size=(200, 50)) as shown:
        shown.wait_for(" points, about ")
        shown.type(b"\x03")
        code = shown.wait()
    assert " of 20,000 points; the verdicts are not judged" in shown.text
    assert "Traceback" not in shown.text
    assert code == INTERRUPTED
