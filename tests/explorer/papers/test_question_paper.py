"""Questions as text, JSON and Markdown."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from engine.scenario.loader import load_text
from explorer.papers.exercise import exercises_of
from explorer.papers.question_paper import (
    facts_of,
    key_markdown,
    lettered,
    lettered_answer,
    markdown_lines,
    question_markdown,
    text_lines,
)
from tests.explorer.asked_in_advance import TEXT
from tests.explorer.papers.small_lessons import HOSTILE, LESSON

PAPER = exercises_of(load_text(LESSON, "small", seed=1))


def test_a_seed_heads_a_paper() -> None:
    assert [*text_lines([PAPER], answers=False)][:5] == [
        "Seed 1", "", "", "small: A small lesson", "(seed 1, n = 3)",
    ]  # fmt: skip
    assert [*markdown_lines([PAPER], answers=False)][:7] == [
        "# Questions", "", "Seed 1", "", "## A small lesson", "", "small, beginner, seed 1, n = 3",
    ]  # fmt: skip


def test_a_paper_in_markdown_has_no_trace_of_the_answers() -> None:
    plain = "\n".join(markdown_lines([PAPER], answers=False))
    assert "# Key" not in plain
    assert "asked** for it" not in plain
    assert "PBUSY_LOCKED" not in plain.replace("- b) PBUSY_LOCKED", "")


def test_the_key_comes_after_all_questions() -> None:
    plain = [*markdown_lines([PAPER, PAPER], answers=False)]
    lines = [*markdown_lines([PAPER, PAPER], answers=True)]
    assert lines[: len(plain)] == plain
    assert lines[len(plain) : len(plain) + 6] == [
        "", "# Key", "", "## A small lesson", "", "**1.** b) 3",
    ]  # fmt: skip
    assert "It was **asked** for it." in lines


def test_a_question_has_its_choices_or_room_to_write() -> None:
    chosen, written = PAPER.asked[:2]
    assert [*question_markdown(chosen)] == [
        "**1.** Which `pindex`? *(where, at step 0)*", "", "- a) 2", "- b) 3", "- c) 4",
    ]  # fmt: skip
    assert [*question_markdown(written)][2].startswith("Answer: ")
    assert [*key_markdown(written)] == ["**2.** PBUSY_LOCKED", "", written.why]
    assert (lettered(chosen)[1], lettered_answer(chosen), lettered(written)) == ("b) 3", "b) 3", [])


def test_a_moment_is_a_step_since_the_condition_may_answer_the_question_before_it() -> None:
    """The moment of its third question is `when object[heap].page[0] != NULL`."""
    paper = exercises_of(load_text(TEXT, "mine"), steps=True)
    step = paper.asked[2].asked
    assert step
    for lines in (text_lines([paper], answers=False), markdown_lines([paper], answers=False)):
        text = "\n".join(lines)
        assert f"at step {step}" in text
        assert "object[heap]" not in text


def test_the_answer_in_a_text_has_the_letter_of_its_choice() -> None:
    lines = [*text_lines([PAPER], answers=True)]
    assert "   Answer: b) 3" in lines
    assert "   Answer: PBUSY_LOCKED" in lines


def test_the_facts_have_answers_only_on_request() -> None:
    plain, key = (facts_of([PAPER], answers=answers)["questions"] for answers in (False, True))
    assert [*plain[0]] == ["scenario", "number", "id", "asked", "ask", "choices"]
    assert (key[0]["answer"], key[1]["answer"]) == ("3", "PBUSY_LOCKED")


def test_no_text_of_a_file_becomes_markup() -> None:
    paper = exercises_of(load_text(HOSTILE, "small"))
    html = MarkdownIt("commonmark").enable("table").render("\n".join(markdown_lines([paper], answers=True)))
    assert {*re.findall(r"<(\w+)", html)} <= {"h1", "h2", "p", "strong", "em", "ul", "li"}
    assert not re.search(r"<[^>]*(href|src|onclick)=", html)
