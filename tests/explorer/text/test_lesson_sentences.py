"""The lesson in text mode: place, text, links as words with what to type, and what to do."""

from __future__ import annotations

from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.text.lesson_sentences import lesson_sentences, page_sentences
from explorer.text.mode import TextDesk
from tests.explorer.lesson_pages import lesson_scenario, lesson_session

FIRST = [
    "Lesson, page 1 of 5:",
    "The page (explain page) is *free*. Read the stage.",
    "Type over.",
]


def test_a_page_has_its_place_its_text_and_what_to_type() -> None:
    assert page_sentences(lesson_session()) == FIRST


def test_the_verbs_print_the_page_that_they_turn_to() -> None:
    desk = TextDesk(lesson_session())
    assert desk.do_line("lesson") == FIRST
    second = desk.do_line("lesson next")
    assert second[-3:] == [
        "Lesson, page 2 of 5:",
        "It is on no queue. waits (view waits) shows no thread that waits.",
        "Type view waits.",
    ]
    assert desk.do_line("r")[-3:] == ["Lesson, page 3 of 5:", "No thread waits.", "Type r to read on."]
    assert desk.do_line("lesson 4")[-1] == "Type r to read on."
    assert "This run does not come to the moment of this page." in desk.do_line("lesson 4")
    assert desk.do_line("lesson 5")[-1] == "Next: life (open life-of-a-page)."
    assert desk.do_line("lesson previous")[-3] == "Lesson, page 3 of 5:"
    assert desk.do_line("lesson nine")[0].startswith("Error: 'nine' is not a page of the lesson")


def test_code_is_printed_as_it_is() -> None:
    page = '''[[page]]
say = """See [waits](lens:waits).
```
[waits](lens:waits) `a`
```
And [waits](lens:waits)."""
'''
    see = "waits (view waits)."
    assert page_sentences(lesson_session(page))[1:6] == [
        f"See {see}", "```", "[waits](lens:waits) `a`", "```", f"And {see}",
    ]  # fmt: skip


def test_the_whole_lesson() -> None:
    lines = lesson_sentences(lesson_session())
    assert lines[:4] == ["A page.", "", "Page 1 of 5:", FIRST[1]]
    assert TextDesk(lesson_session()).do_line("lesson all") == lines


def test_on_a_terminal_a_page_is_printed_when_it_opens() -> None:
    desk = TextDesk(lesson_session(), asks=True)
    assert desk.open()[-3:] == FIRST
    assert desk.do_line("over")[-3] == "Lesson, page 2 of 5:"
    assert "Lesson, page" not in " ".join(desk.do_line("where"))
    assert desk.do_line("view waits")[-3:] == [
        "Lesson, page 3 of 5:",
        "No thread waits.",
        "Type r to read on.",
    ]


def test_in_a_pipe_and_with_lessons_off_only_on_request() -> None:
    for desk in (TextDesk(lesson_session()), TextDesk(lesson_session(), asks=True, lessons=False)):
        printed = [*desk.open(), *desk.do_line("over")]
        assert not [line for line in printed if line.startswith("Lesson")]


def test_a_run_without_a_lesson_says_so(session: Session) -> None:
    session.scenario = None
    assert page_sentences(session) == ["This scenario has no lesson."]
    assert lesson_sentences(lesson_session("")) == ["This scenario has no lesson."]


def test_other_rules_are_named_in_the_place() -> None:
    scenario = lesson_scenario(rules="source")
    assert page_sentences(Session(scenario.start(), scenario))[0] == "Lesson, page 1 of 5 · other rules:"


def test_on_a_terminal_a_page_is_printed_once_and_a_question_alone() -> None:
    scenario = load("life-of-a-page")
    session = Session(scenario.start(), scenario)
    session.learning.on = True
    desk = TextDesk(session, asks=True)
    desk.open()
    opened = desk.do_line("r")
    assert opened[0].startswith("question 1 of 7")
    assert not [line for line in opened if line.startswith("Lesson")]
    while desk.is_asked:
        answered = desk.do_line("answer 1")
    assert [line for line in answered if line.startswith("Lesson")] == ["Lesson, page 2 of 11:"]
    assert desk.do_line("r")[0].startswith("question 3 of 7"), "page 2 is not printed again"
