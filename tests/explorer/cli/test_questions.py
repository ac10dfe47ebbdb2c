"""`pageq questions`: its text, its JSON and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.scenario.library import OWN
from tests.explorer.asked_in_advance import TEXT
from tests.explorer.cli.command_output import Run

KEYS = ["scenario", "number", "id", "asked", "ask", "choices"]


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.toml"
    path.write_text(TEXT)
    return str(path)


def test_the_text_has_the_questions_without_the_answers(own: str, run: Run) -> None:
    code, out, err = run("questions", own)
    assert (code, err) == (0, "")
    assert out.splitlines()[:7] == [
        f"{own}: Asked in advance",
        "",
        "1. Which queue?",
        "   [queue, asked at start]",
        "   a) PQ_FREE",
        "   b) PQ_NONE",
        "   c) PQ_ACTIVE",
    ]
    assert "Answer" not in out
    assert "No function puts it" not in out


def test_the_answers_come_with_the_reasons(own: str, run: Run) -> None:
    out = run("questions", own, "--answers")[1].splitlines()
    at = out.index("   c) PQ_ACTIVE")
    assert out[at + 1 : at + 3] == ["   Answer: PQ_NONE", "   No function puts it on another queue."]


def test_the_json_has_the_answers_only_on_request(own: str, run: Run) -> None:
    plain = json.loads(run("questions", own, "--format", "json")[1])
    assert list(plain) == ["format", "questions"]
    assert [list(row) for row in plain["questions"]] == [KEYS] * 4
    assert plain["questions"][2] == {
        "scenario": own,
        "number": 3,
        "id": "active",
        "asked": "when object[heap].page[0] != NULL",
        "ask": "Which queue then?",
        "choices": ["PQ_INACTIVE", "PQ_ACTIVE"],
    }
    key = json.loads(run("questions", own, "--answers", "--format", "json")[1])
    assert [list(row) for row in key["questions"]] == [[*KEYS, "answer", "why"]] * 4
    assert [row["answer"] for row in key["questions"]] == ["PQ_NONE", "PBUSY_LOCKED", "PQ_ACTIVE", "0"]


@pytest.mark.slow
def test_without_a_scenario_the_whole_library_is_printed(run: Run) -> None:
    code, out, _ = run("questions", "--format", "json")
    assert code == 0
    rows = json.loads(out)["questions"]
    assert {row["scenario"] for row in rows} <= set(OWN.names)
    assert len(rows) > 200


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        pytest.param(["no-such"], "there is no scenario 'no-such'", id="an unknown scenario"),
        pytest.param(["life-of-a-page", "no-such"], "there is no scenario 'no-such'", id="the second one"),
        pytest.param(["--format", "xml"], "invalid choice: 'xml'", id="an unknown format"),
    ],
)
def test_bad_input_is_refused_before_anything_is_printed(words: list[str], wrong: str, run: Run) -> None:
    code, out, err = run("questions", *words)
    assert (code, out) == (2, "")
    assert wrong in err
    assert "Traceback" not in err
