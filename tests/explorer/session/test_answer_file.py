"""The file of answers: what is read of it, and what is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadInput
from explorer.session.answer_file import (
    LONGEST_NAME,
    GivenAnswer,
    clean_name,
    read_answers,
    write_answers,
)

LINE = "life-of-a-page\tafter-alloc\tPQ_NONE"


def read(*lines: str) -> list[tuple[str, int | None, int]]:
    """The name, the seed and the line of each answer; no line is bad."""
    found = read_answers("\n".join(lines), "answers.txt", "answers")
    assert found.bad == []
    return [(one.name, one.seed, one.line) for one in found.answers]


def test_a_line_of_three_fields_is_an_answer_of_the_files_student() -> None:
    found = read_answers(f"{LINE}\n", "answers.txt", "Bo")
    assert found.answers == [GivenAnswer("Bo", None, "life-of-a-page", "after-alloc", "PQ_NONE", 1)]
    assert found.bad == []


def test_a_line_of_four_fields_starts_with_its_own_student() -> None:
    assert read("# name: Bo", f"Ann\t{LINE}", LINE) == [("Ann", None, 2), ("Bo", None, 3)]


def test_a_name_holds_up_to_the_next_name_and_an_empty_one_is_the_files() -> None:
    lines = read(LINE, "# name: Bo  Li ", LINE, "#NAME:Ann", LINE, "# name:", LINE)
    assert [name for name, _, _ in lines] == ["answers", "Bo Li", "Ann", "answers"]


def test_a_seed_holds_up_to_the_next_seed_or_name() -> None:
    lines = read(LINE, "# seed: 7", LINE, f"Ann\t{LINE}", "# seed: 0", LINE, "# name: Bo", LINE)
    assert [seed for _, seed, _ in lines] == [None, 7, 7, 0, None]


def test_other_lines_with_a_number_sign_and_empty_lines_are_skipped() -> None:
    assert read("", "# a comment", "  # seeds: 7", "#", " \t ", LINE) == [("answers", None, 6)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_and_a_byte_order_mark_are_accepted(end: str) -> None:
    found = read_answers(f"\ufeff# name: Bo{end}{LINE}{end}{end}{LINE}{end}", "a", "a")
    assert [(one.name, one.given, one.line) for one in found.answers] == [
        ("Bo", "PQ_NONE", 2),
        ("Bo", "PQ_NONE", 4),
    ]


def test_an_answer_may_be_empty() -> None:
    assert read_answers("tour\t1\t\n", "a", "a").answers[0].given == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("tour 1 0", "'tour 1 0' is not an answer; use [NAME<tab>]SCENARIO<tab>", id="spaces"),
        pytest.param("tour\t1", "is not an answer", id="two fields"),
        pytest.param("Ann\ttour\t1\t0\t0", "is not an answer", id="five fields"),
        pytest.param("\ttour\t1\t0", "is not an answer", id="an empty name"),
        pytest.param("\x1b\ttour\t1\t0", "is not an answer", id="a name of control characters"),
        pytest.param("tour\t\t0", "is not an answer", id="no question"),
        pytest.param(
            "tour\t1\t" + "1" * 1001, "the answer has 1,001 characters; the maximum is 1,000", id="long"
        ),
        pytest.param("t" * 1001 + "\t1\t0", "the scenario has 1,001 characters", id="a long scenario"),
        pytest.param("tour\t" + "1" * 1001 + "\t0", "the question has 1,001", id="a long question"),
    ],
)
def test_a_bad_line_is_an_error_with_its_place_and_the_rest_is_read(line: str, words: str) -> None:
    found = read_answers(f"{LINE}\n{line}\n{LINE}\n", "class.txt", "a")
    assert [one.line for one in found.answers] == [1, 3]
    (error,) = found.bad
    assert str(error).startswith("class.txt:2: ")
    assert words in str(error)


@pytest.mark.parametrize("seed", ["", "x", "-1", "1.5", "١", str(1 << 64), "9" * 5000])
def test_the_answers_below_a_bad_seed_are_left_out(seed: str) -> None:
    lines = [f"# seed: {seed}", LINE, LINE, "# seed: 3", LINE, f"# seed: {seed}", LINE, "# name: Bo", LINE]
    found = read_answers("\n".join(lines), "a.txt", "a")
    assert [(one.line, one.seed) for one in found.answers] == [(5, 3), (9, None)]
    assert [error.line for error in found.bad] == [1, 6]
    assert "is not a seed, and the answers below it are not graded; use a number" in str(found.bad[0])


def test_a_name_is_one_line_without_controls_and_of_bounded_length() -> None:
    assert clean_name("Bo \x1b Li") == "Bo Li"
    assert clean_name(" Bo\t\x1b[2J\u202e Li\x00 ") == "Bo [2J Li"
    assert clean_name("e\u0301") == "\u00e9"
    assert len(clean_name("x" * 10_000)) == LONGEST_NAME


def test_what_is_written_is_one_head_for_each_student_and_seed() -> None:
    answers = [
        GivenAnswer("Bo", None, "tour", "1", "0"),
        GivenAnswer("Bo", 7, "tour", "2", "1"),
        GivenAnswer("Bo", 7, "tour", "3", "1"),
        GivenAnswer("Bo", None, "tour", "4", "1"),
    ]
    assert write_answers(answers) == (
        "# name: Bo\ntour\t1\t0\n# seed: 7\ntour\t2\t1\ntour\t3\t1\n# name: Bo\ntour\t4\t1\n"
    )
    assert write_answers([]) == ""


@pytest.mark.parametrize("name", ["", "#x", "a\tb", "a\nb", " a", "a\x1b", "x" * 1001])
def test_a_name_that_a_line_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot name the scenario of an answer; rename it"):
        write_answers([GivenAnswer("Bo", None, name, "1", "0")])
    with pytest.raises(BadInput, match="cannot name the question of an answer; rename it"):
        write_answers([GivenAnswer("Bo", None, "tour", name, "0")])


clean = st.text(min_size=1, max_size=20).map(clean_name).filter(bool)
fields = clean.filter(lambda text: not text.startswith("#"))
seeds = st.none() | st.integers(0, (1 << 64) - 1)


@settings(max_examples=60)
@given(st.lists(st.builds(GivenAnswer, clean, seeds, fields, fields, fields | st.just(""))))
def test_what_is_written_is_read_again(answers: list[GivenAnswer]) -> None:
    found = read_answers(write_answers(answers), "a", "a")
    assert found.bad == []
    read_again = [(one.name, one.seed, one.scenario, one.question, one.given) for one in found.answers]
    assert read_again == [(one.name, one.seed, one.scenario, one.question, one.given) for one in answers]


@settings(max_examples=60)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found = read_answers(text, "a", "a")
    assert len(found.answers) + len(found.bad) <= len(text)
