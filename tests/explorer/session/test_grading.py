"""Grading: the last answer counts, seeds choose the run, and what cannot be graded is reported."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.loader import Scenario, load, load_text
from explorer.session import grading
from explorer.session.answer_file import read_answers
from explorer.session.answer_paths import AnswerFile
from explorer.session.grading import Graded, grade
from tests.explorer.cli.small_scenarios import ONE_QUESTION

SEEDED = ONE_QUESTION.replace("[machine]", "[parameters]\nn = [4, 6, 8]\n[machine]").replace(
    "x = 255", "x = n * 2"
).replace('answer = "255"', 'answer = "2 * n"')  # fmt: skip
"""A scenario whose right answer is twice a parameter, which a seed chooses."""

FEW = SEEDED.replace('answer = "2 * n"', 'choices = ["8", "12"]\nanswer = "8"').replace('"2 * n"', '"8"')
"""The same with choices that do not have the answer for every value."""

loads: Counter[tuple[str, int | None]] = Counter()


def load_one(name: str, seed: int | None) -> Scenario:
    """Load one of the scenarios above, or one of the library."""
    loads[name, seed] += 1
    texts = {"seeded": SEEDED, "few": FEW, "one": ONE_QUESTION}
    return load_text(texts[name], name, seed=seed) if name in texts else load(name, seed=seed)


def graded(*lines: str, name: str = "Bo") -> tuple[Graded, AnswerFile]:
    loads.clear()
    file = AnswerFile("a.txt", read_answers("\n".join(lines), "a.txt", name))
    return grade([file], load_one), file


def test_the_last_answer_of_a_student_to_a_question_counts_and_a_note_says_so() -> None:
    result, file = graded("one\t1\t255", "Ann\tone\t1\t3", "one\t1\t4", "tour\t1\t0", "one\t1\t5")
    assert [(row.name, row.scenario, row.given, row.ok) for row in result.rows] == [
        ("Ann", "one", "3", False),
        ("Bo", "tour", "0", False),
        ("Bo", "one", "5", False),
    ]
    assert result.notes == ("a.txt:3: Bo answers one 1 again, and 1 more; the last answer counts",)
    assert file.lines.bad == []


def test_a_number_and_an_id_name_the_same_question() -> None:
    result, _ = graded("life-of-a-page\t1\tPQ_FREE", "life-of-a-page\tafter-alloc\tPQ_NONE")
    assert [(row.question, row.ok) for row in result.rows] == [(1, True)]
    assert len(result.notes) == 1


def test_an_answer_is_compared_with_the_run_of_its_seed() -> None:
    right = {seed: 2 * load_text(SEEDED, seed=seed).parameters["n"] for seed in range(6)}
    assert len(set(right.values())) == 3
    lines = [f"# name: S{seed}\n# seed: {seed}\nseeded\t1\t{value}" for seed, value in right.items()]
    result, _ = graded(*lines, "# name: Ann", "seeded\t1\t8")
    assert [(row.name, row.expected, row.ok) for row in result.rows] == [
        *((f"S{seed}", str(value), True) for seed, value in right.items()),
        ("Ann", "8", True),
    ]
    result, _ = graded("# seed: 0", f"seeded\t1\t{right[0] + 1}")
    assert [(row.expected, row.ok) for row in result.rows] == [(str(right[0]), False)]


def test_seeds_that_choose_the_same_values_share_a_run() -> None:
    lines = [f"# seed: {seed}\nS{seed}\tseeded\t1\t0\nS{seed}\tone\t1\t255" for seed in range(200)]
    result, _ = graded(*lines)
    assert len(result.rows) == 400
    assert sum(count for (name, _), count in loads.items() if name == "seeded") <= 1 + 3
    assert sum(count for (name, _), count in loads.items() if name == "one") <= 1 + 1


def test_a_question_that_is_not_asked_in_a_run_counts_neither_way() -> None:
    eight = next(seed for seed in range(99) if load_text(FEW, seed=seed).parameters["n"] == 8)
    result, file = graded(f"# seed: {eight}", "few\t1\t16", "Ann\tfew\t1\t8", "# name: Bo", "# seed: 0")
    assert [(row.ok, row.expected) for row in result.rows] == [(None, None)] * 2
    why = "the choices do not have its value"
    assert result.rows[0].why == f"not asked: {why}"
    assert result.notes == (f"a.txt:2: question 1 of few is not asked in this run: {why}",)
    assert file.lines.bad == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("nothing\t1\t0", "there is no scenario 'nothing'; give a file, or", id="no scenario"),
        pytest.param("one\t2\t0", "one has no question 2; its questions are 1 to 1", id="no question"),
        pytest.param("one\t0\t0", "one has no question 0;", id="question 0"),
        pytest.param("one\t١\t0", "one has no question ١;", id="another script's digit"),
        pytest.param("/dev/zero\t1\t0", "'/dev/zero' is not a regular file; name a scenario", id="a device"),
        pytest.param("/dev\t1\t0", "this is a directory", id="a folder"),
        pytest.param("\x00\t1\t0", "is not an answer", id="NUL"),
        pytest.param("x\x00\t1\t0", "there is no scenario", id="NUL in a name"),
    ],
)
def test_a_line_that_cannot_be_graded_is_a_bad_line_of_its_file(line: str, words: str) -> None:
    result, file = graded("one\t1\t255", line, "tour\t1\t0")
    assert [row.scenario for row in result.rows] == ["one", "tour"]
    (error,) = file.lines.bad
    assert str(error).startswith("a.txt:2: ")
    assert words in str(error)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('after = "app:1"', "after = 5000", "there is no step 5000; the run has steps 0 to "),
        ('value = "app.x"', 'value = "1 // app.y - 1 // (app.y + 1)"', "division by zero"),
        ('answer = "255"', 'answer = "254"', "its answer '254' is not its value 255"),
    ],
)
def test_a_question_that_is_wrong_itself_is_not_graded(
    old: str, new: str, words: str, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(ONE_QUESTION.replace(old, new))
    result, file = graded(f"{own}\t1\t0", "one\t1\t255")
    assert [row.scenario for row in result.rows] == ["one"]
    (error,) = file.lines.bad
    assert f"a.txt:1: question 1 of {own} cannot be graded: " in str(error)
    assert words in str(error)
    assert str(error).endswith("; correct the scenario")


def test_many_bad_lines_are_counted_and_only_the_first_unknown_scenarios_of_a_file_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grading, "MOST_UNKNOWN", 3)
    loads.clear()
    texts = {
        "wrong": "".join(f"no-{n}\t1\t0\n" for n in range(250)) + "tour\t1\t0\n",
        "good": "one\t1\t255\n",
    }
    files = [AnswerFile(name, read_answers(text, name, name)) for name, text in texts.items()]
    result = grade(files, load_one)
    assert [name for name, _ in loads] == ["no-0", "no-1", "no-2", "one"]
    bad = files[0].lines
    assert (len(bad.bad), bad.more) == (100, 151)
    assert str(bad.bad[3]) == "wrong:4: more than 3 scenarios cannot be loaded; correct their names"
    assert [(row.name, row.ok) for row in result.rows] == [("good", True)]


def test_a_run_that_does_not_start_is_a_bad_line() -> None:
    def refuse(name: str, seed: int | None) -> Scenario:
        if seed is not None:
            raise BadInput("no such run")
        return load_one(name, seed)

    other = next(seed for seed in range(99) if load_text(SEEDED, seed=seed).parameters["n"] != 4)
    text = f"seeded\t1\t8\n# seed: {other}\nAnn\tseeded\t1\t8"
    file = AnswerFile("a.txt", read_answers(text, "a.txt", "Bo"))
    assert [row.name for row in grade([file], refuse).rows] == ["Bo"]
    assert [str(error) for error in file.lines.bad] == ["a.txt:3: no such run"]
