"""The scenario's questions in a session: opening the one that is due, answering, going to one, a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.errors import BadInput
from engine.language.expressions import same_value
from engine.questions.ahead import unchanged
from engine.questions.asked import asked_by_scenario
from engine.questions.generated import Prediction
from engine.scenario.question import Question, compile_answer
from explorer.session.learning import Reply
from explorer.session.places import go_to_found
from explorer.session.question_stops import (
    asked_steps,
    due,
    due_unanswered,
    is_answered,
    is_own,
    learns,
    open_next,
    open_question,
    place_of,
    show_here,
    watched,
)
from explorer.session.session import Session
from explorer.session.stepping import Motion, go_to
from explorer.session.typed_number import number_of
from explorer.views.spelling import is_value, spellings

STATES: Final = ("on", "off")
"""What learn mode can be."""


def asked_here(session: Session) -> Prediction | None:
    """The question that is open at the cursor."""
    return session.learning.asked_at(place_of(session))


def open_due(session: Session) -> bool:
    """Open a question that is due and has no answer; false if there is none, without a message."""
    there = [one for one in due(session, exact=True) if not is_answered(session, one)]
    return any(open_question(session, one) for one in there)


def cover(session: Session) -> bool:
    """Whether a question, a verdict or the card covers the lesson."""
    learning, place = session.learning, place_of(session)
    return bool(learning.asked_at(place) or learning.verdict_at(place) or learning.card == place)


def close(session: Session) -> bool:
    """Close the open question, the verdict or the card; return whether one was shown."""
    learning, shown = session.learning, cover(session)
    asked = learning.asked_at(place_of(session))
    if asked:
        session.say(f"question {asked.number} is still due; p asks it again")
    learning.close()
    return shown


# --- answering --------------------------------------------------------------------------------------------


def answer(session: Session, text: str) -> Motion | None:
    """Answer the open question, or else the one that is due, and go to the step that decides it.

    text: the number of a choice, or the choice in any spelling of the screen.
    Errors: BadInput if no question is due, or the text is not one of the choices.
    """
    asked = asked_here(session)
    if asked is None and open_due(session):
        asked = asked_here(session)
    if asked is None:
        raise BadInput(f"no question is due here; {where_next(session)}")
    return reply(session, asked, _choice(session, asked, text))


def _choice(session: Session, asked: Prediction, text: str) -> int:
    """Return the index of a choice.

    Errors: BadInput if it is not one.
    """
    count = len(asked.choices)
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= count:
        return int(text[:9]) - 1
    found = [n for n, choice in enumerate(asked.choices) if choice.lower() == text.lower()]
    found = found or _equal(session, asked, text)
    if len(found) != 1:
        there = ", ".join(f"{n} {choice}" for n, choice in enumerate(asked.choices, 1))
        raise BadInput(f"{text[:40]!r} is not one of the choices; use {there}")
    return found[0]


def _equal(session: Session, asked: Prediction, text: str) -> list[int]:
    """Return the choices that have the value of a text, as the screen may spell it."""
    question = session.questions[asked.number - 1]
    given = [value for spelt in spellings(text, question.value.text) for value in _values(session, spelt)]
    return [
        n
        for n, choice in enumerate(asked.choices)
        if any(same_value(one, other) for one in _values(session, choice) for other in given)
    ]


def _values(session: Session, text: str) -> list[int | None]:
    """Return the value of a number, a constant, yes or no; an empty list for any other text."""
    if not is_value(text):
        return []
    try:
        return [compile_answer(text, session.names).show(session.vm)]
    except BadInput:
        return []


def reply(session: Session, asked: Prediction, given: int) -> Motion | None:
    """Take an answer to the open question; then open the next one that is due, or go to what decides it."""
    learning = session.learning
    learning.past = False
    learning.replies[asked.id] = Reply(asked, given, session.history.current)
    learning.close()
    if open_next(session):
        session.say(f"the answer to question {asked.number} is kept; {session.note.text}")
        return None
    return _to_decision(session)


def _to_decision(session: Session) -> Motion | None:
    """Go to the next step that decides an answer, without breakpoints; an unmet question stops it.

    Answers whose steps a jump has passed are decided there too.
    """
    branch, step = place_of(session)
    steps = [one.question.step for one in session.learning.replies.values() if one.branch == branch]
    nearest = min((at for at in steps if at > step), default=None)
    if nearest is None:
        show_here(session)
        return None
    motion = go_to(session, nearest)
    return watched(session, motion, (branch, step), session.history.total, session.learning.cut)


def take_back(session: Session, name: str, text: str) -> None:
    """Take an answer, not decided yet, from a saved session.

    One that no longer fits is left out, also if its question cannot be asked in this run.
    """
    question = next((one for one in session.questions if one.id == name), None)
    step = dict(asked_steps(session, exact=True)).get(question) if question else None
    if question is None or step is None:
        return
    try:
        with unchanged(session.history):
            session.history.seek(step)
            found = asked_by_scenario(question, session.history, session.learning.seed)
    except BadInput:
        return
    if text in found.choices:
        given = found.choices.index(text)
        session.learning.replies[name] = Reply(found, given, session.history.current)


# --- finding one ------------------------------------------------------------------------------------------


def ask_question(session: Session, text: str) -> Motion | None:
    """Open the question that is due; or go to a question and open it: `next`, `previous`, a number or an id.

    Errors: BadInput if there is no such question, or the run never comes to it.
    """
    if not text:
        if not open_due(session):
            session.say(f"no question is due here; {where_next(session)}")
        return None
    return _go_and_open(session, _named(session, text))


def _go_and_open(session: Session, question: Question) -> Motion:
    yield from go_to_found(session, lambda limit: question.asked_step(session.history, limit))
    open_question(session, question)


def _named(session: Session, text: str) -> Question:
    """Return a question by a word, its number or its id.

    Errors: BadInput if there is none.
    """
    if text in ("next", "previous"):
        found = _next(session) if text == "next" else _previous(session)
        if found is None:
            raise BadInput(f"there is no {text} question; :questions lists them")
        return found
    by_id = {question.id: question for question in session.questions}
    number = number_of(text, "a question") if text.isdecimal() else 0
    if text not in by_id and not 1 <= number <= len(session.questions):
        there = f"use next, previous, 1 to {len(by_id)}, or {', '.join(by_id)}"
        wrong = f"there is no question {text[:40]!r}"
        raise BadInput(f"{wrong}; {there}" if by_id else f"{wrong}; this scenario has no questions")
    return by_id[text] if text in by_id else session.questions[number - 1]


def _next(session: Session) -> Question | None:
    """The first question that is asked later; one that is not recorded yet comes after those that are."""
    steps, here = asked_steps(session, exact=True), session.history.step
    ahead = [(step, question) for question, step in steps if step is not None and step > here]
    if ahead:
        return min(ahead, key=lambda found: found[0])[1]
    return next((question for question, step in steps if step is None), None)


def _previous(session: Session) -> Question | None:
    here = session.history.step
    steps = asked_steps(session, exact=True)
    passed = [(step, question) for question, step in steps if step is not None and step < here]
    return max(passed, key=lambda found: found[0])[1] if passed else None


def where_next(session: Session) -> str:
    """Say where the next question is asked."""
    if not session.questions:
        return "this scenario has no questions"
    found = _next(session)
    if found is None:
        return "there is none after this step; :questions lists them"
    step = {one.id: step for one, step in asked_steps(session, exact=True)}[found.id]
    where = f"at step {step:,}" if step is not None else "further on"
    return f"question {found.number} of {len(session.questions)} comes {where}: :question next"


# --- all of them ------------------------------------------------------------------------------------------


def number_here(session: Session) -> int:
    """The number of the last question that is asked at or before the cursor; 0 before the first."""
    step = session.history.step
    return max((one.number for one, at in asked_steps(session) if at is not None and at <= step), default=0)


def status_words(session: Session) -> tuple[str, bool]:
    """`question 2 of 7` for the status line, and whether an unanswered one is due; "" without questions."""
    waiting = due_unanswered(session)
    if not waiting and not learns(session):
        return "", False
    asked = asked_here(session)
    number = asked.number if asked else waiting[0].number if waiting else number_here(session)
    return f"question {number} of {len(session.questions)}" if number else "", bool(waiting)


def question_state(session: Session) -> str:
    """What is shown of a question: `open`, `verdict` or `card`; else `due` if one is due, or ""."""
    learning, place = session.learning, place_of(session)
    if learning.asked_at(place):
        return "open"
    waiting = bool(due_unanswered(session))
    if learning.verdict_at(place):
        return "due" if waiting else "verdict"
    if learning.card == place:
        return "card"
    return "due" if waiting else ""


def list_questions(session: Session) -> None:
    """List the questions with the answers so far."""
    lines = [_listed(session, question, step) for question, step in asked_steps(session, exact=True)]
    if not lines:
        session.say("this scenario has no questions; p asks what comes next")
        return
    asks = "" if is_own(session) else "This is not the scenario's own run: it does not stop for questions."
    session.tell("", [*lines, "", ":question N goes to one.", *([asks] if asks else [])], "questions")


def state_of(session: Session, question: Question, step: int | None) -> str:
    """Return `right`, `wrong`, `answered`, `ahead`, `due` or `passed`; step: where it is asked, if known."""
    given = session.score.given.get(question.id)
    if given is not None:
        return "right" if given.right else "wrong"
    if question.id in session.learning.replies:
        return "answered"
    if step is None or step > session.history.step:
        return "ahead"
    return "due" if step == session.history.step else "passed"


def _listed(session: Session, question: Question, step: int | None) -> str:
    state = state_of(session, question, step)
    where = "" if step is None else f" step {step:,}"
    # The text of a question that is ahead may give away what comes before it.
    ask = "" if state == "ahead" else f": {question.ask}"
    return f"{question.number:>2} {question.id} ({state}{where}){ask}"


def set_learn(session: Session, text: str) -> None:
    """Switch learn mode on or off, or say what it is.

    Errors: BadInput for another word.
    """
    if text and text not in STATES:
        raise BadInput(f"{text[:20]!r} is not a state of learn mode; use on or off")
    if text:
        session.learning.on = text == "on"
    session.say(_learn_words(session))


def _learn_words(session: Session) -> str:
    if not session.learning.on:
        return "learn mode is off: runs do not stop at questions; p asks one that is due"
    if not session.questions:
        return "learn mode is on, but this scenario has no questions"
    if not is_own(session):
        return "learn mode is on, but only the scenario's own run stops, and this is another one"
    return "learn mode is on: runs stop at questions"


# --- the end ----------------------------------------------------------------------------------------------


def follow(session: Session, *, shown: bool = True) -> None:
    """Note which page of the lesson the reader sees; without pages, show the card at the end of the run.

    The card waits until a question or a verdict that is shown there is closed; reading on opens it after the
    last page.
    shown: whether the open page is on the screen; text mode notes a page when it prints it.
    """
    if not session.reading.comes_first:
        open_card(session)
    if session.reading.open and not cover(session):
        session.reading.see(session.history, shown=shown)


def card_is_ahead(session: Session) -> bool:
    """Whether the card is still to be shown: a question was asked, and the run is the scenario's own."""
    learning = session.learning
    return not learning.carded and bool(session.score.given or learning.met) and learns(session)


def card_waits(session: Session) -> bool:
    """Whether the card is still to be shown at this place, the end of the run."""
    learning, place = session.learning, place_of(session)
    if session.history.outcome is None or learning.replies or not card_is_ahead(session):
        return False
    return not learning.asked_at(place) and not learning.verdict_at(place)


def open_card(session: Session) -> bool:
    """Show the card if it waits; return whether it opened."""
    if not card_waits(session):
        return False
    session.learning.card, session.learning.carded = place_of(session), True
    return True


def missed(session: Session) -> Iterator[tuple[Question, str]]:
    """Yield each question that was not answered right, with what became of it."""
    for question, step in asked_steps(session, exact=True):
        given = session.score.given.get(question.id)
        if given is not None and not given.right:
            yield question, f"you said {given.text}"
        elif given is None and step is not None and question.id not in session.learning.unasked:
            yield question, "not answered"
