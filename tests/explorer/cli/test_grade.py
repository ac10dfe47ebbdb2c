"""`pageq grade`: its output and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.scenario import library
from engine.scenario.loader import load
from tests.explorer.cli.command_output import Run
from tests.explorer.cli.small_scenarios import ONE_QUESTION


def answers(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "answers.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


# --- grade --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_files_own_answers_are_all_right(tmp_path: Path, run: Run) -> None:
    lines = [
        f"{name}\t{number}\t{question.answer}"
        for name in library.OWN.names
        for number, question in enumerate(load(name).questions, 1)
    ]
    code, out, _ = run("grade", answers(tmp_path, *lines))
    assert code == 0
    assert out.splitlines()[-1] == f"{len(lines)} of {len(lines)} right"
    assert len(lines) > 20


@pytest.mark.parametrize(
    ("given", "ok"),
    [
        pytest.param("255", True, id="as in the file"),
        pytest.param("0xff", True, id="hexadecimal"),
        pytest.param("0b11111111", True, id="binary"),
        pytest.param("128 + 127", True, id="an expression"),
        pytest.param("  255 ", True, id="spaces around"),
        pytest.param("254", False, id="another number"),
        pytest.param("", False, id="nothing"),
        pytest.param("no idea", False, id="words that are not an answer"),
        pytest.param("app.x", False, id="an expression that reads the machine"),
        pytest.param("1 //", False, id="an invalid expression"),
        pytest.param("1 // 0", False, id="an expression without a value"),
        pytest.param("PQ_NOWHERE", False, id="an unknown constant"),
    ],
)
def test_an_answer_counts_by_its_value(given: str, ok: bool, tmp_path: Path, run: Run) -> None:
    own = tmp_path / "own.toml"
    own.write_text(ONE_QUESTION)
    code, out, err = run("grade", answers(tmp_path, f"{own}\t1\t{given}"), "--json")
    found = json.loads(out)
    assert (code, err) == (0 if ok else 1, "")
    assert found["rows"] == [
        {
            "scenario": str(own),
            "question": 1,
            "given": given.strip(),
            "expected": "255",
            "ok": ok,
            "why": "Because.",
            "name": "answers",
        }
    ]
    assert list(found) == ["format", "right", "asked", "rows", "students", "questions"]
    assert (found["format"], found["right"], found["asked"]) == (1, int(ok), 1)
    assert list(found["rows"][0]) == ["scenario", "question", "given", "expected", "ok", "why", "name"]


@pytest.mark.parametrize(
    ("scenario", "number", "given", "ok"),
    [
        pytest.param("life-of-a-page", 1, "0", True, id="the value of a constant"),
        pytest.param("life-of-a-page", 1, "none", True, id="the name of a queue on the screen"),
        pytest.param("life-of-a-page", 1, "pq_none", True, id="a constant in small letters"),
        pytest.param("life-of-a-page", 1, "ACTIVE[0]", False, id="another queue on the screen"),
        pytest.param("hard-and-soft-busy", 2, "LOCKED|soft 2", True, id="busy_count on the screen"),
        pytest.param("life-of-a-page", 1, "PQ_FREE", False, id="another constant"),
        pytest.param("life-of-a-page", 7, "Yes", True, id="a word in capitals"),
        pytest.param("life-of-a-page", 7, "1", True, id="the value of a word"),
        pytest.param("hard-and-soft-busy", 2, "0x80000002", True, id="two constants together"),
        pytest.param("hard-and-soft-busy", 2, "2 | PBUSY_LOCKED", True, id="in another order"),
    ],
)
def test_constants_words_and_numbers_of_the_same_value_are_the_same_answer(
    scenario: str, number: int, given: str, ok: bool, tmp_path: Path, run: Run
) -> None:
    code, out, _ = run("grade", answers(tmp_path, f"{scenario}\t{number}\t{given}"))
    assert code == (0 if ok else 1)
    assert out.splitlines()[-1] == f"{int(ok)} of 1 right"
    assert ("wrong, the answer is " in out) != ok


def test_a_wrong_answer_is_printed_with_the_right_one_and_the_reason(tmp_path: Path, run: Run) -> None:
    file = answers(tmp_path, "life-of-a-page\t1\tPQ_ACTIVE", "", "life-of-a-page\t1\tPQ_NONE\r")
    code, out, _ = run("grade", file)
    wrong, right, total = out.splitlines()
    assert code == 1
    assert wrong.startswith("life-of-a-page 1: PQ_ACTIVE: wrong, the answer is PQ_NONE: It leaves PQ_FREE")
    assert right == "life-of-a-page 1: PQ_NONE: right"
    assert total == "1 of 2 right"


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path, run: Run) -> None:
    _, out, _ = run("grade", answers(tmp_path, "life-of-a-page\t1\t\x1b[2J"))
    assert "\x1b" not in out
    assert "'\\x1b[2J': wrong" in out


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        pytest.param(["life-of-a-page 1 0"], 1, "use [NAME<tab>]SCENARIO<tab>", id="no tabs"),
        pytest.param(["life-of-a-page\t1"], 1, "is not an answer", id="a field too few"),
        pytest.param(["Ann\tlife-of-a-page\t1\t0\t0"], 1, "is not an answer", id="a field too many"),
        pytest.param(
            ["", "life-of-a-page\tone\t0"],
            2,
            "has no question one; its questions are 1 to ",
            id="a number in words",
        ),
        pytest.param(
            ["life-of-a-page\t0\t0"], 1, "has no question 0; its questions are 1 to ", id="question 0"
        ),
        pytest.param(["life-of-a-page\t9\t0"], 1, "has no question 9", id="a question too far"),
        pytest.param(["life-of-a-pag\t1\t0"], 1, "a name such as life-of-a-page", id="no scenario"),
        pytest.param(["life-of-a-page\t1\t" + "1" * 2000], 1, "the maximum is 1000", id="an endless answer"),
    ],
)
def test_a_bad_line_is_exit_2_with_file_and_line_and_the_rest_is_graded(
    lines: list[str], line: int, words: str, tmp_path: Path, run: Run
) -> None:
    file = answers(tmp_path, "life-of-a-page\t1\t0", *lines, "life-of-a-page\t1\tPQ_FREE")
    code, out, err = run("grade", file)
    assert (code, out.splitlines()[-1]) == (2, "1 of 2 right")
    assert len(err.splitlines()) == 1
    assert err.startswith(f"{file}:{line + 1}: ")
    assert words in err


def test_a_file_that_cannot_be_read_is_exit_2(tmp_path: Path, run: Run) -> None:
    assert run("grade", str(tmp_path / "none.tsv"))[::2] == (
        2,
        f"{tmp_path}/none.tsv: cannot be read: No such file or directory; name a file of answers\n",
    )
    binary = tmp_path / "binary.tsv"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    code, _, err = run("grade", str(binary))
    assert code == 2
    assert "not UTF-8 text" in err
    code, _, err = run("grade", answers(tmp_path, ""))
    assert code == 2
    assert "the file has no answers" in err


def test_the_name_of_a_student_comes_from_the_line_from_a_comment_or_from_the_file(
    tmp_path: Path, run: Run
) -> None:
    right, wrong = "life-of-a-page\t1\tPQ_NONE", "life-of-a-page\t2\t77"
    file = answers(tmp_path, right, "# name: Bo Li", right, wrong, "# a comment", f"Ann\t{wrong}", right)
    code, out, _ = run("grade", file, "--json")
    found = json.loads(out)
    assert code == 1
    assert [row["name"] for row in found["rows"]] == ["answers", "Bo Li", "Bo Li", "Ann", "Bo Li"]
    assert found["students"] == [
        {"name": "answers", "right": 1, "asked": 1},
        {"name": "Bo Li", "right": 2, "asked": 3},
        {"name": "Ann", "right": 0, "asked": 1},
    ]
    assert found["questions"] == [
        {"scenario": "life-of-a-page", "question": 1, "right": 3, "asked": 3},
        {"scenario": "life-of-a-page", "question": 2, "right": 0, "asked": 2},
    ]
    lines = run("grade", file)[1].splitlines()
    assert lines[0] == "answers: life-of-a-page 1: PQ_NONE: right"
    assert lines[-4:] == ["answers: 1 of 1 right", "Bo Li: 2 of 3 right", "Ann: 0 of 1 right", "3 of 5 right"]


def test_a_question_that_is_never_decided_says_what_to_correct(tmp_path: Path, run: Run) -> None:
    own = tmp_path / "own.toml"
    own.write_text(ONE_QUESTION.replace('after = "app:1"', "after = 5000"))
    code, out, err = run("grade", answers(tmp_path, f"{own}\t1\t0"))
    assert (code, out) == (2, "0 of 0 right\n")
    assert f"question 1 of {own} is never decided: there is no step 5000; the run has steps 0 to " in err
    assert err.endswith("; correct after = 5000 in its file\n")
