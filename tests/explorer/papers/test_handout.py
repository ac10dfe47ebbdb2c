"""The moments of a handout: in order, each question in its place, what is not reached left out."""

from __future__ import annotations

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import load, load_text
from explorer.papers.handout import Handout, make_handout
from explorer.papers.moment_pictures import MomentCamera
from explorer.papers.screen_picture import ScreenPicture
from explorer.session.session import Session
from tests.explorer.asked_in_advance import TEXT
from tests.explorer.papers.small_lessons import LESSON
from tests.tiers import only_fast


def handout_of(text: str, name: str = "small", seed: int | None = None) -> Handout:
    """The handout of a scenario file."""
    with MomentCamera() as camera:
        return make_handout(load_text(text, name, seed=seed), camera)


def test_the_stops_have_the_pages_and_questions_of_their_moments() -> None:
    handout = handout_of(LESSON)
    stops = [one.stop for one in handout.stops]
    assert [([page.number for page in one.pages], [q.number for q in one.exercises]) for one in stops] == [
        ([1], [1]),
        ([2, 3], [2]),
        ([], [3]),
        ([5], []),
    ]
    steps = [one.step for one in stops]
    assert (steps[0], steps[-1]) == (0, handout.total)
    assert sorted(steps) == steps
    assert handout.caption(stops[1]) == f"step {steps[1]} of {handout.total}"


def test_a_page_that_the_run_does_not_reach_is_left_out_with_the_reason() -> None:
    (note,) = handout_of(LESSON).left_out
    assert note.startswith("small: page 4 is left out: 'count(FREE) == 0' never holds")


def test_what_a_page_asks_for_is_said_with_its_key() -> None:
    assert handout_of(LESSON).stops[0].stop.pages[0].do.startswith("press n: ")


def test_each_stop_shows_its_moment_and_no_later_one() -> None:
    handout = handout_of(LESSON)
    for one in handout.stops:
        step = one.stop.step
        assert f" t {step}/{step} " in one.text
        assert any(f"{step}/{step}" in run.text for run in one.picture.runs)


def test_the_facts_name_the_machine_the_objects_and_the_threads() -> None:
    handout = handout_of(LESSON, seed=1)
    facts = dict(handout.facts)
    assert facts["scenario"] == "small, beginner, seed 1, n = 3"
    assert facts["machine"].startswith("4 MiB, 1x1x1, ")
    assert facts["thread app"] == "cpu 0"
    assert facts["object heap"] == "default, 1,024 pages"
    assert [name for name, _ in handout.scripts] == ["app"]


def test_a_run_without_a_lesson_has_its_start_and_its_end() -> None:
    text = TEXT[: TEXT.index("[[page]]")]
    handout = handout_of(text)
    assert [one.stop.step for one in handout.stops] == [0, handout.total]


class NoCamera(MomentCamera):
    """A camera that takes no pictures: they take ten times as long as everything else of a handout."""

    def picture(self, session: Session) -> ScreenPicture:
        """Return an empty picture."""
        del session
        return ScreenPicture(*self.size, (), ())

    def text(self, session: Session) -> str:
        """Return nothing."""
        del session
        return ""


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names[::12])
def test_a_handout_of_the_library_has_a_picture_of_each_moment(name: str) -> None:
    with MomentCamera() as camera:
        handout = make_handout(load(name), camera)
    assert all(one.picture.runs and one.text for one in handout.stops)


@pytest.mark.parametrize("name", only_fast(OWN.names, "life-of-a-page"))
def test_a_handout_of_the_library_has_every_page_and_question(name: str) -> None:
    scenario = load(name)
    handout = make_handout(scenario, NoCamera())
    assert handout.left_out == ()
    pages = [page.number for one in handout.stops for page in one.stop.pages]
    assert pages == [*range(1, len(scenario.pages) + 1)]
    asked = [exercise.number for one in handout.stops for exercise in one.stop.exercises]
    assert sorted(asked) == [*range(1, len(scenario.questions) + 1)]
    assert all(exercise.asked == one.stop.step for one in handout.stops for exercise in one.stop.exercises)
