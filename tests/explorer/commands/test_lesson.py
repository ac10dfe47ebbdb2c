"""What a page asks for, what its links do, and what the reader can press next, with the user's keys."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from engine.errors import BadInput
from engine.scenario.library import OWN, open_course
from engine.scenario.loader import load, load_text
from explorer.commands.keys import Keys
from explorer.commands.lesson import (
    asked_line,
    asks_for,
    carry_out,
    do_words,
    hint_of,
    link_lines,
    panel_line,
    remind,
    row_of_lesson,
)
from explorer.commands.table import parse
from explorer.session import leaving, lesson
from explorer.session.open import open_session
from explorer.session.questions import asked_here, close
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.tui.widgets.message import fits
from tests.engine.scenario.course_folder import write_course
from tests.explorer.asked_in_advance import TEXT
from tests.explorer.lesson_pages import PAGES, driven, lesson_session


@pytest.fixture
def paged() -> Session:
    return lesson_session()


def at_page(number: int, pages: str = PAGES) -> Session:
    session = lesson_session(pages)
    driven(lesson.go_to_page(session, str(number)))
    return session


def done(session: Session, line: str) -> None:
    driven(carry_out(TextDesk(session), *parse(line)))


@pytest.mark.parametrize(
    ("kind", "target", "lines"),
    [
        ("step", "app:@activate", ("goto app:@activate",)),
        ("field", "busy_count", ("explain busy_count",)),
        ("term", "colour", ("explain colour",)),
        ("lens", "waits", ("view waits",)),
        ("scenario", "tour", ("open tour",)),
        ("panel", "page", ("panel-2",)),
        ("panel", "stage", ("panel-1",)),
        ("code", "vm_page_wire", ("explain vm_page_wire",)),
    ],
)
def test_a_link_is_a_console_line(paged: Session, kind: str, target: str, lines: tuple[str, ...]) -> None:
    assert link_lines(paged, kind, target) == lines


def test_code_of_the_current_step_is_shown_in_its_panel(paged: Session) -> None:
    paged.history.extend(12)
    paged.history.seek(12)
    function = paged.frames[-1].function
    assert link_lines(paged, "code", function) == (f"frame {len(paged.frames) - 1}", panel_line("code"))


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("panel", "attic", "there is no panel 'attic'; the panels are: centre, page"),
        ("http", "x", "http:x is not a link"),
    ],
)
def test_a_link_that_goes_nowhere_is_refused(paged: Session, kind: str, target: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        link_lines(paged, kind, target)


# --- what a page asks for ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "line", "asked"),
    [
        ("over", "over", True),
        ("over", "step", False),
        ("step", "step 2", True),
        ("step 2", "step", False),
        ("step 2", "step 2", True),
        (":view waits", "view waits", True),
        ("view waits", "view moves", False),
        ("view", "view moves", True),
        ("view", "view", False),
        ("nonsense", "step", False),
    ],
)
def test_a_page_asks_for_a_command_and_for_its_argument_if_it_names_one(
    do: str, line: str, asked: bool
) -> None:
    session = lesson_session(f'[[page]]\nsay = "One."\ndo = "{do}"\n')
    assert asks_for(session, *parse(line)) is asked


def test_time_turns_the_page_when_the_command_moves_in_time(paged: Session) -> None:
    done(paged, "over")
    assert paged.reading.page(paged.history) == 1


def test_a_command_that_only_looks_turns_to_a_page_of_the_same_moment() -> None:
    session = at_page(2)
    step = session.history.step
    done(session, "view moves")
    assert session.reading.page(session.history) == 1
    done(session, "view waits")
    assert (session.reading.page(session.history), session.history.step) == (2, step)


def test_a_command_that_fails_turns_nothing() -> None:
    session = at_page(2, PAGES.replace("view waits", "view"))
    with pytest.raises(BadInput):
        done(session, "view attic")
    assert session.reading.page(session.history) == 1
    done(session, "view lanes")
    assert session.reading.page(session.history) == 2


def test_another_motion_than_the_stopped_one_carries_nothing_out() -> None:
    session = questioned("over")
    done(session, "over")
    assert session.reading.stopped == 0
    close(session)
    session.learning.met |= {"queue", "busy"}
    done(session, "step")
    done(session, "continue-past")
    assert not session.reading.done


def test_a_page_that_asks_for_an_answer_is_carried_out_by_one_and_not_by_going_past() -> None:
    session = questioned("predict")
    done(session, "predict")
    assert not session.reading.done
    done(session, "answer PQ_NONE")
    assert asked_here(session) is not None
    assert session.reading.stopped == 0, "the next question has opened"
    done(session, "continue-past")
    assert not session.reading.done
    again = questioned("predict")
    again.learning.met |= {"busy", "active"}
    done(again, "answer PQ_NONE")
    assert again.reading.page(again.history) == 1


def test_a_branch_that_the_lesson_asked_for_is_not_the_users_loss(paged: Session) -> None:
    asking = lesson_session('[[page]]\nsay = "One."\ndo = "call"\n[[page]]\nsay = "Two."\n')
    for session in (asking, paged):
        done(session, "over")
        done(session, "call vm_page_activate(app.m)")
        assert len(session.history.kept()) == 2
    assert leaving.warning(asking) == ""
    assert "loses 1 branch" in leaving.warning(paged)


def test_a_reader_is_reminded_once_of_what_the_next_page_speaks_of() -> None:
    session = lesson_session('[[page]]\nsay = "Go back."\ndo = "back"\n[[page]]\nsay = "It is as before."\n')
    assert remind(session, Keys())
    assert session.note.text == "first press S; r again reads on without it"
    assert not remind(session, Keys())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_page_that_only_looks_or_comes_before_a_later_moment_reminds_of_nothing(number: int) -> None:
    assert not remind(at_page(number), Keys())


def test_a_motion_that_is_stopped_is_not_carried_out(paged: Session) -> None:
    motion = carry_out(TextDesk(paged), *parse("over"))
    assert motion is not None
    assert not paged.reading.done


# --- a question on the way --------------------------------------------------------------------------------

TWO_PAGES: Final = TEXT.replace("[[page]]", '[[page]]\nsay = "Do it."\ndo = "{do}"\n[[page]]', 1)


def questioned(do: str) -> Session:
    """A session in learn mode whose first page asks for a command, and whose second is of the same moment."""
    scenario = load_text(TWO_PAGES.replace("{do}", do), "asked.toml")
    session = Session(scenario.start(), scenario)
    session.learning.on = True
    return session


def answered(session: Session) -> None:
    """Answer every question that is open, one after the other."""
    while (asked := asked_here(session)) is not None:
        done(session, f"answer {asked.right + 1}")


@pytest.mark.parametrize("do", ["step", "over"])
def test_a_question_comes_before_what_a_page_asks_for_and_the_answer_completes_it(do: str) -> None:
    session = questioned(do)
    done(session, do)
    assert asked_here(session) is not None
    assert (session.reading.page(session.history), session.reading.done) == (0, False)
    answered(session)
    assert session.history.step > 0
    assert session.reading.page(session.history) == 1


def test_an_answer_does_not_complete_a_run() -> None:
    session = questioned("continue")
    done(session, "continue")
    answered(session)
    assert session.reading.page(session.history) == 0
    done(session, "continue-past")
    assert session.history.outcome is not None
    assert session.reading.page(session.history) == 1


@pytest.mark.parametrize("do", ["step", "over", "continue"])
def test_a_command_that_goes_past_a_question_is_carried_out(do: str) -> None:
    session = questioned(do)
    done(session, do)
    done(session, "continue-past")
    assert session.reading.page(session.history) == 1


def test_a_question_that_is_left_does_not_count_as_the_command() -> None:
    session = questioned("over")
    done(session, "over")
    session.learning.close()
    done(session, "view waits")
    assert session.reading.page(session.history) == 0
    done(session, "over")  # there is a second question at this step
    answered(session)
    assert session.reading.page(session.history) == 1


def test_a_page_that_asks_to_look_turns_while_a_question_is_open() -> None:
    session = questioned("view waits")
    done(session, "step")
    asked = asked_here(session)
    assert asked is not None
    done(session, "view waits")
    assert (session.reading.page(session.history), session.history.step) == (1, 0)
    assert asked_here(session) is asked


def test_a_due_question_is_what_to_press_first() -> None:
    session = questioned("over")
    assert hint_of(session, Keys()) == "press p: question 1 of 4 comes first"
    session.learning.on = False
    assert hint_of(session, Keys()) == "press n: run to the end of the current kernel call"


def test_the_line_that_a_page_asks_for(paged: Session) -> None:
    assert asked_line(paged) == "over"
    assert asked_line(at_page(3)) == ""


# --- what to press ----------------------------------------------------------------------------------------


def test_the_row_has_the_page_and_the_users_keys(paged: Session) -> None:
    row = row_of_lesson(paged, Keys({"over": ("F5",), "lesson-next": ("N",)}))
    assert (row.title, row.place, row.turn) == ("lesson", "1 of 5", "N next")
    assert row.hint == "press F5: run to the end of the current kernel call"
    assert row_of_lesson(paged, Keys({"lesson-next": ()})).turn == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("over", "press n: run to the end of the current kernel call"),
        ("view waits", "type :view waits"),
        (":view waits", "type :view waits"),
        ("goto", "type :goto"),
        ("nonsense", "type :nonsense"),
    ],
)
def test_a_command_without_a_key_and_one_with_an_argument_are_typed(line: str, words: str) -> None:
    assert do_words(line, Keys()) == words


def test_the_hint_follows_the_page() -> None:
    assert hint_of(at_page(2), Keys()) == "type :view waits"
    assert hint_of(at_page(3), Keys()) == ""
    assert hint_of(at_page(4), Keys()) == "this run does not come to the moment of this page"
    assert hint_of(at_page(5), Keys()) == "click a scenario, or press 9, →, Enter"
    assert hint_of(at_page(1, '[[page]]\nsay = "One."'), Keys()) == "press Ctrl+O: choose the next scenario"
    assert hint_of(lesson_session(""), Keys()) == ""


def test_what_was_done_is_said_until_the_page_turns(paged: Session) -> None:
    paged.reading.carry_out(paged.history, 0)
    row = row_of_lesson(paged)
    assert (row.hint, row.done, row.turn) == ("over: done", True, "r next")


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_a_reminder_fits_into_the_line_of_a_small_screen(name: str) -> None:
    session = Session((scenario := load(name)).start(), scenario)
    for number, page in enumerate(scenario.pages):
        session.reading.hold(session.history, number)
        if page.do and remind(session, Keys()):
            assert fits(session.note, 80), session.note.text


def test_the_last_page_names_the_next_scenario_of_the_course(tmp_path: Path) -> None:
    session = open_session("first", library=open_course(write_course(tmp_path)))
    session.learning.on = False
    assert (
        hint_of(session, Keys())
        == "type :open tour for the next scenario, or click one, or press 9, →, Enter"
    )
    assert link_lines(session, "scenario", "second") == ("open second",)
    assert link_lines(session, "experiment", "numa") == ("experiment numa",)
    last = open_session("second", library=session.library)
    last.learning.on = False
    assert hint_of(last, Keys()) == "click a scenario, or press 9, →, Enter"
