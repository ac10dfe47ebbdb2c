"""The output of `pageq grade`."""

from __future__ import annotations

import csv
import io
import json

import pytest

from explorer.session.grading import Row
from explorer.text.grade_output import csv_text, json_text, text_lines


def row(name: str, question: int, given: str, ok: bool | None = True, why: str = "Because.") -> Row:
    return Row("tour", question, given, None if ok is None else "1", ok, why, name)


ROWS = [
    row("Zoë", 2, "0", False),
    row("bo", 1, "1"),
    row("山田", 1, "0", False),
    row("Ann", 1, "x" * 60, False),
    row("Ann", 3, "7", None, "not asked: why"),
]


def test_a_single_student_has_a_line_for_each_answer() -> None:
    rows = [row("Bo", 1, "1"), row("Bo", 2, "", False, "a\n b"), row("Bo", 3, "7", None, "not asked: why")]
    assert [*text_lines(rows, answers=False)] == [
        "tour 1: 1: right",
        "tour 2: (nothing): wrong, the answer is 1: a b",
        "tour 3: 7: not asked: why",
        "1 of 2 right",
    ]


def test_a_class_has_a_table_of_students_by_name_and_one_of_questions_the_hardest_first() -> None:
    assert [*text_lines(ROWS, answers=False)] == [
        "student  right  asked",
        "Ann          0      1    0 %",
        "bo           1      1  100 %",
        "Zoë          0      1    0 %",
        "山田         0      1    0 %",
        "",
        "question  right  asked        most frequent wrong answer",
        "tour 2        0      1   0 %  0 (1)",
        "tour 1        1      3  33 %  0 (1)",
        "tour 3        0      0     -",
        "",
        "1 of 4 right",
    ]


def test_each_answer_of_a_class_is_printed_on_request() -> None:
    lines = [*text_lines(ROWS, answers=True)]
    assert lines[:2] == ["Zoë: tour 2: 0: wrong, the answer is 1: Because.", "bo: tour 1: 1: right"]
    assert lines[5:] == ["", *text_lines(ROWS, answers=False)]


def test_long_names_and_answers_are_cut_in_a_table() -> None:
    rows = [row("n" * 300, 1, "x" * 60, False), row("Bo", 1, "x" * 60, False)]
    lines = [*text_lines(rows, answers=False)]
    assert max(map(len, lines)) < 90
    assert lines[2] == f"{'n' * 39}…      0      1  0 %"
    assert lines[5].endswith(f"{'x' * 39}… (2)")


@pytest.mark.parametrize(
    ("right", "percent"), [(0, "0 %"), (1, "1 %"), (667, "67 %"), (999, "99 %"), (1000, "100 %")]
)
def test_only_all_right_is_100_percent_and_only_none_is_0(right: int, percent: str) -> None:
    rows = [row("Bo", n, "1", n < right) for n in range(1000)]
    lines = [*text_lines([*rows, row("Ann", 1, "1")], answers=False)]
    assert lines[2].split("  ")[-1].strip() == percent


# --- CSV --------------------------------------------------------------------------------------------------


def cells(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text))]


def test_csv_has_a_row_for_each_answer() -> None:
    rows = [row("Bo", 1, 'a "b", c', False, "x\n y"), row("Bo", 2, "1"), row("Bo", 3, "7", None, "not asked")]
    assert cells(csv_text(rows, "answers")) == [
        ["name", "scenario", "question", "given", "expected", "ok", "why"],
        ["Bo", "tour", "1", 'a "b", c', "1", "false", "x y"],
        ["Bo", "tour", "2", "1", "1", "true", "Because."],
        ["Bo", "tour", "3", "7", "", "", "not asked"],
    ]


def test_csv_has_the_tables_of_students_and_questions() -> None:
    assert cells(csv_text(ROWS, "students"))[:2] == [["name", "right", "asked"], ["Zoë", "0", "1"]]
    assert cells(csv_text(ROWS, "questions"))[:3] == [
        ["scenario", "question", "right", "asked", "wrong", "times"],
        ["tour", "2", "0", "1", "0", "1"],
        ["tour", "1", "1", "3", "0", "1"],
    ]


@pytest.mark.parametrize("given", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\uff1d1", "--1", "- 1"])
def test_a_cell_that_would_be_a_formula_starts_with_an_apostrophe(given: str) -> None:
    (_, first, *_) = cells(csv_text([row(given, 1, given, False)], "answers"))
    assert first[0] == first[3] == f"'{given}"
    (_, first, *_) = cells(csv_text([row("Bo", 1, given, False)], "questions"))
    assert first[4] == f"'{given}"


@pytest.mark.parametrize("given", ["-1", "+1", "-1.5", "0x40", "PQ_NONE", "a=b", "LOCKED|soft 2"])
def test_other_cells_and_numbers_stay(given: str) -> None:
    assert cells(csv_text([row("Bo", 1, given)], "answers"))[1][3] == given


def test_csv_has_no_control_characters() -> None:
    text = csv_text([row("Bo", 1, "\x1b[2J\x00\t=1", False)], "answers")
    assert "\\u001b[2J\\u0000 =1" in text
    assert [character for character in text if not character.isprintable()] == ["\n", "\n"]


# --- JSON -------------------------------------------------------------------------------------------------


def test_json_is_as_the_contract_says() -> None:
    found = json.loads(json_text(ROWS[-2:]))
    assert found == {
        "format": 1,
        "right": 0,
        "asked": 1,
        "rows": [
            {
                "scenario": "tour",
                "question": 1,
                "given": "x" * 60,
                "expected": "1",
                "ok": False,
                "why": "Because.",
                "name": "Ann",
            },
            {
                "scenario": "tour",
                "question": 3,
                "given": "7",
                "expected": None,
                "ok": None,
                "why": "not asked: why",
                "name": "Ann",
            },
        ],
        "students": [{"name": "Ann", "right": 0, "asked": 1}],
        "questions": [
            {"scenario": "tour", "question": 1, "right": 0, "asked": 1},
            {"scenario": "tour", "question": 3, "right": 0, "asked": 0},
        ],
    }
