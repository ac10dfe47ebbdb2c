"""The history of messages: what is kept, in which order."""

from __future__ import annotations

from engine.errors import KernelPanic
from explorer.session.messages import tell_messages
from explorer.session.session import MOST_MESSAGES, Session


def test_messages_are_kept_without_echoes_and_empty_ones(session: Session) -> None:
    tell_messages(session)
    assert (session.note.text, session.note.lines) == ("no message yet", ())
    session.say("one")
    session.say("step", "echo")
    session.say("")
    session.say("two", "error")
    tell_messages(session)
    assert [line.strip() for line in session.note.lines] == ["0  error: two", "0  one", "0  no message yet"]
    assert len(session.messages) == 3  # the list itself is not a message


def test_a_session_keeps_the_last_messages(session: Session) -> None:
    for n in range(MOST_MESSAGES + 5):
        session.say(f"message {n}")
    assert len(session.messages) == MOST_MESSAGES
    assert session.messages[0][1].text == "message 5"


def test_at_the_end_of_a_run_the_messages_begin_with_the_text_of_the_banner(panic_session: Session) -> None:
    panic_session.say("one")
    history = panic_session.history
    history.extend(10_000)
    panic = history.branch.finding
    assert isinstance(panic, KernelPanic)
    tell_messages(panic_session)
    end, *others = panic_session.note.lines
    assert end.strip().startswith(f"{history.step}  PANIC in {panic.function}(), page ")
    assert panic.condition in end
    assert [line.strip() for line in others] == ["0  one"]
