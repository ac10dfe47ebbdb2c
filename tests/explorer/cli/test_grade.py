"""`pageq grade`: its output and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from engine.scenario import library
from engine.scenario.loader import load
from explorer.cli import grade
from tests.explorer.cli.command_output import Run, refused
from tests.explorer.cli.small_scenarios import ONE_QUESTION


def answers(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "answers.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


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
    file = answers(tmp_path, "life-of-a-page\t1\tPQ_ACTIVE", "", "life-of-a-page\t7\tyes\r")
    code, out, _ = run("grade", file)
    wrong, right, total = out.splitlines()
    assert code == 1
    assert wrong.startswith("life-of-a-page 1: PQ_ACTIVE: wrong, the answer is PQ_NONE: It leaves PQ_FREE")
    assert right == "life-of-a-page 7: yes: right"
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
        pytest.param(["life-of-a-page\t1\t" + "1" * 2000], 1, "the maximum is 1,000", id="an endless answer"),
    ],
)
def test_a_bad_line_is_exit_2_with_file_and_line_and_the_rest_is_graded(
    lines: list[str], line: int, words: str, tmp_path: Path, run: Run
) -> None:
    file = answers(tmp_path, "life-of-a-page\t1\t0", *lines, "life-of-a-page\t7\tno")
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
    right, wrong, last = "life-of-a-page\t1\tPQ_NONE", "life-of-a-page\t2\t77", "life-of-a-page\t7\tyes"
    file = answers(tmp_path, right, "# name: Bo Li", right, wrong, "# a comment", f"Ann\t{wrong}", last)
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
        {"scenario": "life-of-a-page", "question": 1, "right": 2, "asked": 2},
        {"scenario": "life-of-a-page", "question": 2, "right": 0, "asked": 2},
        {"scenario": "life-of-a-page", "question": 7, "right": 1, "asked": 1},
    ]


def test_a_question_that_is_never_decided_says_what_to_correct(tmp_path: Path, run: Run) -> None:
    own = tmp_path / "own.toml"
    own.write_text(ONE_QUESTION.replace('after = "app:1"', "after = 5000"))
    code, out, err = run("grade", answers(tmp_path, f"{own}\t1\t0"))
    assert (code, out) == (2, "0 of 0 right\n")
    assert f"question 1 of {own} cannot be graded: there is no step 5000; the run has steps 0 to " in err
    assert err.endswith("; correct the scenario\n")


# --- a class ----------------------------------------------------------------------------------------------

CLASS = {
    "ann.txt": "life-of-a-page\tafter-alloc\tPQ_NONE\nlife-of-a-page\t2\t0x0\nlife-of-a-page\t7\tyes\n",
    "group-b/bo.tsv": "# name: Bo Li\r\nlife-of-a-page\t1\tACTIVE[0]\r\nlife-of-a-page\t2\tno idea\r\n",
    "cy.txt": "life-of-a-page\t1\tpq_active\nlife-of-a-page 2 0\nlife-of-a-page\t2\t=1+1\n",
}
"""The answers of three students; a line of the last one has spaces for tabs."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder with the files of CLASS, and one that holds no answers."""
    for name, text in {**CLASS, "README": "These are the answers.\n", ".notes": "hidden"}.items():
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    monkeypatch.chdir(tmp_path)
    return "class"


def test_a_class_is_graded_with_a_table_of_students_and_one_of_questions(folder: str, run: Run) -> None:
    code, out, err = run("grade", folder)
    assert code == 2
    assert out.splitlines() == [
        "student  right  asked",
        "ann          3      3  100 %",
        "Bo Li        0      2    0 %",
        "cy           0      2    0 %",
        "",
        "question          right  asked         most frequent wrong answer",
        "life-of-a-page 1      1      3   33 %  ACTIVE[0] (1)",
        "life-of-a-page 2      1      3   33 %  =1+1 (1)",
        "life-of-a-page 7      1      1  100 %",
        "",
        "3 of 7 right",
    ]
    assert [line.partition(" is not an answer; use ")[0] for line in err.splitlines()] == [
        "class/README:1: 'These are the answers.'",
        "class/cy.txt:2: 'life-of-a-page 2 0'",
    ]


def test_each_answer_of_a_class_is_printed_with_rows(folder: str, run: Run) -> None:
    lines = run("grade", folder, "--rows")[1].splitlines()
    assert lines[0] == "ann: life-of-a-page 1: PQ_NONE: right"
    assert lines[3].startswith("cy: life-of-a-page 1: pq_active: wrong, the answer is PQ_NONE: It leaves")
    assert lines[5].startswith("Bo Li: life-of-a-page 1: ACTIVE[0]: wrong, the answer is PQ_NONE: ")
    assert lines[7:9] == ["", "student  right  asked"]


def test_a_class_is_written_as_csv_into_a_file(folder: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    code, out, _ = run("grade", folder, "--format", "csv", "-o", str(file))
    assert (code, out) == (2, "")
    rows = [*csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))]
    assert [(row["name"], row["question"], row["given"], row["ok"]) for row in rows] == [
        ("ann", "1", "PQ_NONE", "true"),
        ("ann", "2", "0x0", "true"),
        ("ann", "7", "yes", "true"),
        ("cy", "1", "pq_active", "false"),
        ("cy", "2", "'=1+1", "false"),
        ("Bo Li", "1", "ACTIVE[0]", "false"),
        ("Bo Li", "2", "no idea", "false"),
    ]
    code, out, _ = run("grade", folder, "--format", "csv", "--table", "students")
    assert out == "name,right,asked\nann,3,3\ncy,0,2\nBo Li,0,2\n"


def test_the_suffix_of_the_file_gives_the_format(folder: str, run: Run, tmp_path: Path) -> None:
    run("grade", folder, "-o", str(tmp_path / "class.csv"), "--table", "students")
    assert (tmp_path / "class.csv").read_text().startswith("name,right,asked")
    run("grade", folder, "-o", str(tmp_path / "class.json"))
    assert json.loads((tmp_path / "class.json").read_text())["format"] == 1
    run("grade", folder, "-o", str(tmp_path / "class.csv"), "--format", "text")
    assert (tmp_path / "class.csv").read_text().startswith("student ")


def test_a_file_that_exists_stays_if_the_new_one_cannot_be_written(folder: str, run: Run) -> None:
    code, _, err = run("grade", folder, "-o", "nowhere/out.csv")
    assert code == 2
    assert err.endswith("nowhere/out.csv: No such file or directory\n")
    Path("kept").write_text("kept")
    assert run("grade", "none.txt", "-o", "kept")[0] == 2
    assert Path("kept").read_text() == "kept"


def test_files_that_cannot_be_read_are_reported_and_the_others_graded(folder: str, run: Run) -> None:
    os.mkfifo("class/pipe")
    Path("class/loop").symlink_to("..", target_is_directory=True)
    Path("class/binary").write_bytes(b"\x89PNG\r\n\0")
    code, out, err = run("grade", "class/ann.txt", "nothing", "class/pipe", "class/binary")
    assert (code, out.splitlines()[-1]) == (2, "3 of 3 right")
    assert [line.partition(": ")[0] for line in err.splitlines()] == ["nothing", "class/pipe", "class/binary"]
    assert run("grade", "class")[1].splitlines()[-1] == "3 of 7 right"


def test_a_student_who_answers_again_is_graded_by_the_last_answer(tmp_path: Path, run: Run) -> None:
    file = answers(tmp_path, "life-of-a-page\t1\tPQ_FREE", "life-of-a-page\tafter-alloc\tPQ_NONE")
    code, out, err = run("grade", file)
    assert (code, out) == (0, "life-of-a-page 1: PQ_NONE: right\n1 of 1 right\n")
    assert err == f"{file}:2: answers answers life-of-a-page after-alloc again; the last answer counts\n"


SEEDED = ONE_QUESTION.replace("[machine]", "[parameters]\nn = [4, 6, 8]\n[machine]").replace("255", "n")


def test_a_seed_is_taken_from_the_file_and_else_from_the_command_line(tmp_path: Path, run: Run) -> None:
    own = tmp_path / "own.toml"
    own.write_text(SEEDED)
    value = {seed: load(str(own), seed=seed).parameters["n"] for seed in range(9)}
    one, other = (next(seed for seed, n in value.items() if n == wanted) for wanted in (6, 8))
    line = f"{own}\t1\t6"
    file = answers(tmp_path, "# name: Ann", f"# seed: {one}", line, "# name: Bo", line)

    def expected(*words: str) -> list[str]:
        return [row["expected"] for row in json.loads(run("grade", file, "--json", *words)[1])["rows"]]

    assert expected() == ["6", "4"]
    assert expected("--seed", str(other)) == ["6", "8"]
    assert expected("--set", "n=7") == ["7", "7"]


def test_settings_change_the_right_answer(tmp_path: Path, run: Run) -> None:
    own = tmp_path / "own.toml"
    own.write_text(ONE_QUESTION.replace("x = 255", "x = count(FREE) > 500"))
    file = answers(tmp_path, f"{own}\t1\t1")
    assert (
        json.loads(run("grade", file, "--json", "--machine", "4MiB:1x1x1")[1])["rows"][0]["expected"] == "1"
    )
    code, _, err = run("grade", file, "--machine", "nonsense")
    assert code == 2
    assert "there is no machine 'nonsense'" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "csv", "--rows"), "--rows is only for --format text; remove it"),
        (("--table", "students"), "--table is only for --format csv; remove it"),
        (("--json", "--table", "students"), "--table is only for --format csv; remove it"),
        (("--set", "nothing"), "is not KEY=VALUE"),
        (("--seed", "x"), "'x' is not a seed"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    words: tuple[str, ...], message: str, folder: str, run: Run
) -> None:
    refused(run("grade", folder, *words), message)


def test_many_notes_are_counted(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grade, "MOST_NOTES", 3)
    lines = [f"S{n}\tlife-of-a-page\t1\t{given}" for n in range(5) for given in ("PQ_FREE", "PQ_NONE")]
    _, _, err = run("grade", answers(tmp_path, *lines))
    assert len(err.splitlines()) == 4
    assert err.endswith("pageq: 2 more notes\n")
