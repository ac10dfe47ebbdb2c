"""`pageq questions`: its text, its JSON and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.scenario.library import OWN
from explorer.cli import questions
from tests.explorer.asked_in_advance import TEXT
from tests.explorer.cli.command_output import Run
from tests.explorer.papers.small_lessons import HOSTILE, LESSON

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
        "   [queue, asked at step 0]",
        "   a) PQ_FREE",
        "   b) PQ_NONE",
        "   c) PQ_ACTIVE",
    ]
    assert "Answer" not in out
    assert "No function puts it" not in out


def test_the_answers_come_with_the_reasons(own: str, run: Run) -> None:
    out = run("questions", own, "--answers")[1].splitlines()
    at = out.index("   c) PQ_ACTIVE")
    assert out[at + 1 : at + 3] == ["   Answer: b) PQ_NONE", "   No function puts it on another queue."]


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
        pytest.param(["life-of-a-page", "--level", "easy"], "invalid choice: 'easy'", id="an unknown level"),
        pytest.param(
            ["life-of-a-page", "--no-pictures"],
            "--no-pictures is only for --format moodle-xml",
            id="pictures",
        ),
        pytest.param(
            ["tour", "--unit", "1"], "--unit and SCENARIO exclude each other", id="a unit and a scenario"
        ),
        pytest.param(["--unit", "13"], "this course has no unit '13'", id="an unknown unit"),
        pytest.param(["life-of-a-page", "--set", "x=1"], "x", id="an unknown setting"),
    ],
)
def test_bad_input_is_refused_before_anything_is_printed(words: list[str], wrong: str, run: Run) -> None:
    code, out, err = run("questions", *words)
    assert (code, out) == (2, "")
    assert wrong in err
    assert "Traceback" not in err


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text(LESSON)
    return str(path)


def test_only_the_scenarios_of_a_level_are_asked(own: str, small: str, run: Run) -> None:
    def asked(level: str) -> set[str]:
        rows = json.loads(run("questions", own, small, "--level", level, "--format", "json")[1])["questions"]
        return {row["scenario"] for row in rows}

    assert asked("beginner") >= {small}
    assert asked("expert") == set()


@pytest.mark.parametrize("unit", ["6", "busy"])
def test_only_the_scenarios_of_a_unit_are_asked(unit: str, run: Run) -> None:
    rows = json.loads(run("questions", "--unit", unit, "--format", "json")[1])["questions"]
    assert [*dict.fromkeys(row["scenario"] for row in rows)] == [*OWN.course.unit("busy").scenarios]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("paper.md", "# Questions\n"),
        ("quiz.XML", "<?xml "),
        ("facts.json", '{"format": 1'),
        ("paper.txt", "{own}: Asked in advance"),
    ],
)
def test_the_suffix_of_the_file_gives_the_format(
    name: str, start: str, own: str, tmp_path: Path, run: Run
) -> None:
    file = tmp_path / name
    assert run("questions", own, "-o", str(file)) == (0, "", "")
    assert file.read_text().startswith(start.replace("{own}", own))
    assert run("questions", own, "--format", "text", "-o", str(file))[0] == 0
    assert file.read_text().startswith(f"{own}: Asked in advance")


def test_a_scenario_that_is_named_twice_is_asked_once(own: str, run: Run) -> None:
    assert run("questions", own, own) == run("questions", own)


def test_markdown_has_its_key_at_the_end(small: str, run: Run) -> None:
    plain, key = (run("questions", small, "--format", "markdown", *more)[1] for more in ([], ["--answers"]))
    assert plain.startswith("# Questions\n")
    assert key.startswith(plain)
    assert "# Key" in key[len(plain) :]


def test_a_seed_gives_each_student_other_numbers(small: str, run: Run) -> None:
    code, out, _ = run("questions", small, "--seed", "1", "--answers", "--format", "json")
    first = json.loads(out)["questions"][0]
    assert (code, first["choices"], first["answer"]) == (0, ["2", "3", "4"], "3")
    text = run("questions", small, "--seed", "1", "--answers")[1].splitlines()
    assert text[0] == "Seed 1"
    assert "   Answer: b) 3" in text


def test_a_question_that_is_not_asked_under_other_settings_is_left_out(small: str, run: Run) -> None:
    text = Path(small).read_text().replace('choices = ["0", "PBUSY_LOCKED"]', 'choices = ["0", "m.queue"]')
    Path(small).write_text(
        text.replace('["0", "m.queue"]', '["0", "1"]').replace(
            'value = "app.m.busy_count"\nwhy = "It is', 'value = "5 * (n == 9)"\nwhy = "It is'
        )
    )
    code, out, err = run("questions", small, "--set", "n=9", "--format", "json")
    assert code == 0
    assert [row["number"] for row in json.loads(out)["questions"]] == [1, 2]
    assert err == f"note: {small}: question 3 is left out: in this run, no choice is right\n"


def test_moodle_gets_the_answers_and_the_pictures(own: str, run: Run) -> None:
    code, out, err = run("questions", own, "--format", "moodle-xml")
    assert (code, err) == (0, "")
    quiz = ElementTree.fromstring(out)
    assert len(quiz.findall("question/questiontext/file")) == 4
    plain = ElementTree.fromstring(run("questions", own, "--format", "moodle-xml", "--no-pictures")[1])
    assert plain.findall("question/questiontext/file") == []
    assert len(plain.findall("question/answer[@fraction='100']")) == 4


def test_a_file_is_written_as_a_whole_and_is_safe(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "hostile.toml"
    source.write_text(HOSTILE)
    for form in ("text", "markdown", "moodle-xml", "json"):
        file = tmp_path / f"out.{form}"
        code, out, err = run("questions", str(source), "--answers", "--format", form, "-o", str(file))
        assert (code, out, err) == (0, "", "")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", file.read_text())
    code, _, err = run("questions", str(source), "-o", str(tmp_path / "no" / "out"))
    assert code == 2
    assert "No such file or directory" in err


@pytest.mark.slow
def test_on_a_terminal_pictures_that_take_long_are_counted(
    own: str, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(questions, "PATIENCE", 0.0)
    assert run("questions", own, "--format", "moodle-xml")[2] == "", "not into a pipe"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    counted = run("questions", own, "--format", "moodle-xml")[2]
    assert re.findall(r"picture (\d) of 4", counted) == ["1", "2", "3", "4"]
    assert counted.endswith("\r\x1b[K"), "the line is empty again"
