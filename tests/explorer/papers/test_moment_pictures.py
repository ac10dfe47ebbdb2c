"""Pictures of moments: nothing of what comes, and no panel with the answer or the lesson's text."""

from __future__ import annotations

from engine.scenario.loader import Scenario, load_text
from explorer.papers.exercise import exercises_of
from explorer.papers.moment_pictures import Moment, MomentCamera, question_picture, session_at
from explorer.papers.screen_picture import ScreenPicture
from tests.explorer.asked_in_advance import TEXT


def shown(picture: ScreenPicture) -> str:
    """The texts of a picture, line by line."""
    lines = [" ".join(run.text for run in picture.runs if run.y == y) for y in range(picture.lines)]
    return "\n".join(lines)


def test_a_moment_is_the_end_of_what_is_recorded(life_scenario: Scenario) -> None:
    history = life_scenario.start()
    for step in (41, 60, 24, 0):
        session = session_at(life_scenario, history, Moment(step))
        assert (session.history.step, session.history.total) == (step, step)


def test_where_a_question_is_asked_what_comes_next_is_hidden(life_scenario: Scenario) -> None:
    with MomentCamera() as camera:
        plain, asked = (
            shown(camera.picture(camera.session(life_scenario, Moment(24, asked=asked))))
            for asked in (False, True)
        )
    assert "next" in plain
    assert "next" not in asked
    assert "Will pager" not in asked


def test_the_page_of_a_lesson_lights_its_cells_and_is_not_shown(life_scenario: Scenario) -> None:
    with MomentCamera() as camera:
        session = camera.session(life_scenario, Moment(24, page=1))
        lit, text = shown(camera.picture(session)), camera.text(session)
        plain = shown(camera.picture(camera.session(life_scenario, Moment(24))))
    assert "◈" in lit
    assert "◈" not in plain
    for words in (lit, text):
        assert "hard-busied: the bit" not in words
        assert "lesson" not in words
    assert "t 24/24" in text


def test_the_message_and_the_keys_are_left_out(life_scenario: Scenario) -> None:
    with MomentCamera((80, 24)) as camera:
        picture = camera.picture(camera.session(life_scenario, Moment(0)))
    assert (picture.columns, picture.lines) == (80, 22)
    assert "q quit" not in shown(picture)


def test_a_question_without_a_moment_of_its_own_has_no_picture() -> None:
    """It is asked when it is decided: the screen has the answer."""
    scenario = load_text(TEXT.replace('asked = "app:@alloc"\n', ""), "small")
    first, second = exercises_of(scenario, run=True).asked[:2]
    with MomentCamera() as camera:
        assert "Asked in advance, step 0" in (question_picture(camera, scenario, first) or "")
        assert question_picture(camera, scenario, second) is None
