"""The row of what the session shows of the scenario's questions at the cursor."""

from __future__ import annotations

from explorer.session.next_scenarios import next_scenarios
from explorer.session.question_stops import due_unanswered, is_one_ahead, place_of
from explorer.session.questions import missed
from explorer.session.session import Session
from explorer.views.question import Decided, QuestionRow, Word, asked_row, card_row, verdict_row


def question_row(session: Session, word: Word, *, printed: bool = False) -> QuestionRow | None:
    """The open question, else the verdict, else the card of this place; None if there is none.

    printed: whether it is printed, and covers no lesson that closing it would show.
    """
    learning, place = session.learning, place_of(session)
    total = len(session.questions)
    asked = learning.asked_at(place)
    if asked is not None:
        return asked_row(asked, total, word)
    replies, close = learning.verdict_at(place), _close(session, word, printed=printed)
    if replies:
        decided = (Decided(one.question, one.given) for one in replies)
        return verdict_row(decided, total, _onwards(session, word, close))
    choose = "" if printed else f"{word('panel-9')}, ↓ and Enter choose one, "
    return _card(session, word, choose + close) if learning.card == place else None


def _onwards(session: Session, word: Word, close: str) -> str:
    """What to do after a verdict."""
    waiting = due_unanswered(session)
    reads = f"{word('lesson-next')} reads on, " if session.reading.pages else ""
    if waiting:
        return f"{reads}{word('predict')} asks question {waiting[0].number}, {close}"
    if session.history.outcome is not None:
        return f"{reads}{close}"
    to = "the next question" if is_one_ahead(session) else "the end"
    return f"{reads}{close}, {word('over')} continues by a call, {word('continue')} to {to}"


def _close(session: Session, word: Word, *, printed: bool) -> str:
    """How to read the page of the lesson that is covered."""
    if printed:
        return f"{word('lesson')} prints the lesson"
    return f"{word('interrupt')} {'shows the lesson' if session.lesson.strip() else 'closes this'}"


def _card(session: Session, word: Word, close: str) -> QuestionRow:
    given, total = session.score.given, len(session.questions)
    right = sum(one.right for one in given.values())
    score = f"{right} of {total} right"
    wrong = [(question.number, question.ask, what) for question, what in missed(session)]
    return card_row(score, wrong, next_scenarios(session), close, word)
