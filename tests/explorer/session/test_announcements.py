"""What a reader may see of what comes next while a question is open."""

from __future__ import annotations

from explorer.session import questions, stepping
from explorer.session.announcements import are_hidden, seen_code, seen_threads
from explorer.views.code import HIDDEN
from tests.explorer.asked_in_advance import asking
from tests.explorer.cursor_motions import drive


def test_an_open_question_hides_the_next_thread_and_action() -> None:
    session = asking()
    assert any(row.next and row.action for row in seen_threads(session))
    drive(questions.ask_question(session, "queue"))
    assert are_hidden(session)
    assert not any(row.next or row.action for row in seen_threads(session))
    questions.close(session)
    assert not are_hidden(session)
    assert any(row.next and row.action for row in seen_threads(session))


def test_beside_a_printed_question_they_are_hidden_too() -> None:
    session = asking()
    session.learning.veiled = True
    assert are_hidden(session)
    assert not any(row.next or row.action for row in seen_threads(session))


def test_at_the_start_all_code_is_hidden() -> None:
    session = asking()
    assert seen_code(session).lines
    drive(questions.ask_question(session, "queue"))
    assert (seen_code(session).lines, seen_code(session).words) == ((), (HIDDEN,))


def test_inside_a_function_the_code_up_to_now_is_shown() -> None:
    session = asking()
    drive(stepping.go_to(session, 8))
    whole = seen_code(session)
    now = max(n for n, line in enumerate(whole.lines) if line.mark)
    session.learning.met.clear()
    drive(questions.ask_question(session, "active"))
    session.learning.asked = session.learning.asked and type(session.learning.asked)(
        (0, 8), session.learning.asked.question
    )
    session.history.seek(8)
    shown = seen_code(session)
    assert shown.lines[: now + 1] == whole.lines[: now + 1]
    assert [line.text for line in shown.lines[now + 1 :]] == ["..."]
    assert len(whole.lines) > now + 1
