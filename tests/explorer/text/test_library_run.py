"""`pageq run --all`: one line for each scenario of the library, and whether all are as expected."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.scenario.library import OWN, Library
from explorer.text.library_run import Result, run_all
from tests.explorer.cli.small_scenarios import ONE_QUESTION


def asked(**words: Any) -> argparse.Namespace:
    """Return the parsed command line; by default, only --all is set."""
    alone = dict.fromkeys(
        ("scenario", "schedule", "until", "steps", "token", "token_file", "machine", "rules", "seed")
    )
    lists: dict[str, Any] = {
        "breaks": [],
        "watches": [],
        "sets": [],
        "locks": False,
        "quiet": False,
        "answers": False,
        "json": False,
        "course": OWN,
    }
    return argparse.Namespace(**alone | lists | {"seed": None} | words)


@pytest.mark.slow
def test_every_scenario_of_the_library_is_ok(capsys: pytest.CaptureFixture[str]) -> None:
    code = run_all(asked())
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == OWN.names
    assert all(line.split()[1] == "ok" for line in lines)
    page = next(line for line in lines if line.startswith("life-of-a-page"))
    assert page.endswith("completed, 6 of 6 expectations hold, 7 of 7 answers")


def test_a_scenario_that_fails_is_exit_1_and_the_others_still_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = '[[expect]]\nat = "end"\nthat = "app.x == 1"\n'
    (tmp_path / "a-wrong.toml").write_text(ONE_QUESTION + expect)
    (tmp_path / "b-other.toml").write_text(ONE_QUESTION + '[[expect]]\noutcome = "deadlock"\n')
    (tmp_path / "c-answer.toml").write_text(ONE_QUESTION.replace('answer = "255"', 'answer = "254"'))
    (tmp_path / "d-stops.toml").write_text(ONE_QUESTION.replace("y = -1", "y = 1 // (x - 255)"))
    about_all = '[[expect]]\nalways = "app.x < 0"\n[[expect]]\nevery = "end"\noutcome = "blocked"\n'
    (tmp_path / "e-fine.toml").write_text(ONE_QUESTION + about_all)
    (tmp_path / "d-text.toml").write_text(ONE_QUESTION.replace("y = -1", "y = "))
    library = Library(tmp_path, tmp_path / "course.toml")
    assert run_all(asked(course=library)) == 1
    wrong, why, other, answer, stops, text, fine = capsys.readouterr().out.splitlines()
    assert wrong == "a-wrong   FAILS  completed, 1 of 2 expectations hold, 1 of 1 answers"
    assert why == "  at end: app.x == 1: it does not hold at step 2"
    assert other.startswith("b-other   FAILS  completed (expected deadlock), 0 of 1 expectations hold")
    assert answer.endswith("FAILS  completed, 1 of 1 expectations hold, 0 of 1 answers")
    assert stops.startswith("d-stops   FAILS  stopped (expected completed): ")
    assert "d-stops.toml:11" in stops
    assert fine == "e-fine    ok     completed, 1 of 1 expectations hold, 1 of 1 answers"
    assert text.startswith("d-text    FAILS  refused (expected completed): ")
    assert run_all(asked(json=True, course=library)) == 1
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [entry["ok"] for entry in entries] == [False] * 5 + [True]
    assert entries[0]["expect"] == [1, 2]
    assert [entry["failed"] for entry in entries] == [[{"at": "end", "that": "app.x == 1"}], *[[]] * 5]
    assert entries[3]["fault"]
    assert all(entry["format"] == 1 and entry["type"] == "scenario" for entry in entries)


def test_a_library_without_failures_is_exit_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fine.toml").write_text(ONE_QUESTION)
    assert run_all(asked(json=True, course=Library(tmp_path, tmp_path / "course.toml"))) == 0
    assert json.loads(capsys.readouterr().out) == {
        "format": 1, "type": "scenario", "scenario": "fine", "ok": True, "outcome": "completed",
        "expected": "completed", "expect": [1, 1], "questions": [1, 1], "fault": None,
        "failed": [],
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("colors", [1, 2, 4])
def test_with_other_colours_every_run_ends_and_no_answer_is_wrong(
    colors: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run_all(asked(json=True, sets=[f"machine.colors={colors}"]))
    _all_end(capsys.readouterr().out)


@pytest.mark.slow
@pytest.mark.parametrize("rules", ["document", "source"])
def test_under_other_rules_every_run_ends_and_no_answer_is_wrong(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_all(asked(json=True, sets=[f"rules={rules}"]))
    _all_end(capsys.readouterr().out)


def _all_end(out: str) -> None:
    entries = [json.loads(line) for line in out.splitlines()]
    assert [entry["scenario"] for entry in entries] == OWN.names
    for entry in entries:
        assert entry["outcome"] not in ("bound", "refused"), entry
        assert entry["questions"][0] == entry["questions"][1] or entry["fault"], entry
        assert (entry["outcome"] == "stopped") == bool(entry["fault"]), entry


@pytest.mark.parametrize(
    ("changes", "ok"),
    [
        ({}, True),
        ({"outcome": "panic"}, False),
        ({"outcome": "panic", "expected": "panic"}, True),
        ({"held": 1}, False),
        ({"answered": 0}, False),
        ({"fault": "a question's value cannot be computed"}, False),
    ],
)
def test_a_result_is_ok_if_all_is_as_the_file_says(changes: dict[str, Any], ok: bool) -> None:
    assert replace(Result("mine", "completed", "completed", 2, 2, 1, 1), **changes).ok is ok


@pytest.mark.parametrize(
    "extra",
    [
        {"scenario": "life-of-a-page"}, {"steps": 3}, {"schedule": "rr"}, {"locks": True},
        {"breaks": ["panic"]}, {"watches": ["global.ticks"]}, {"until": "1"}, {"token_file": "-"},
    ],
)  # fmt: skip
def test_all_excludes_the_options_of_a_single_scenario(
    extra: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadInput, match="combine it only with --machine, --rules, --set, --course or --json"):
        run_all(asked(**extra))
    assert capsys.readouterr().out == ""
