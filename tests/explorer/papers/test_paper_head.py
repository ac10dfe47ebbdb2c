"""What a paper names of its run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.scenario.loader import load_text
from engine.scenario.settings import parse_setting
from explorer.papers.exercise import exercises_of
from explorer.papers.paper_head import moment_words, seed_words, settings_words
from tests.explorer.asked_in_advance import TEXT
from tests.explorer.papers.small_lessons import LESSON

QUESTION = exercises_of(load_text(TEXT)).asked[0]


def test_the_own_run_of_a_file_is_named_without_words() -> None:
    assert settings_words(load_text(TEXT)) == ()


def test_other_settings_are_named() -> None:
    settings = (parse_setting("machine.colors=16"),)
    other = load_text(TEXT, machine="8MiB:1x1x1", rules="source", settings=settings)
    assert settings_words(other) == ("machine 8MiB:1x1x1", "rules source", "machine.colors = 16")


def test_a_seed_is_named_where_it_chooses_values() -> None:
    assert settings_words(load_text(LESSON, seed=1)) == ("seed 1", "n = 3")
    assert settings_words(load_text(LESSON)) == ("n = 2",)
    assert settings_words(load_text(TEXT, seed=1)) == ()
    given = load_text(LESSON, settings=(parse_setting("n=7"),))
    assert settings_words(given) == ("n = 7",)


def test_the_seed_of_a_paper_is_that_of_its_scenarios() -> None:
    assert seed_words([load_text(TEXT, seed=0)]) == "Seed 0"
    assert seed_words([load_text(TEXT)]) == ""


@pytest.mark.parametrize(("step", "words"), [(0, "at step 0"), (1597, "at step 1,597"), (None, "")])
def test_a_moment_is_named_by_its_step(step: int | None, words: str) -> None:
    assert moment_words(replace(QUESTION, asked=step)) == words


def test_a_question_that_is_asked_when_it_is_decided_has_no_moment() -> None:
    assert moment_words(replace(QUESTION, asked=3, moment=None)) == ""
