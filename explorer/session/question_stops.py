"""Where a run stops for the scenario's questions, once each: where one is asked, where an answer is decided.

Only a motion forwards stops, in a run that the scenario itself describes: in its first branch, under its
own settings and schedule, with values of its parameters that the file has. A question that is jumped over is
passed.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import BadInput
from engine.questions.asked import asked_by_scenario
from engine.scenario.question import Question
from explorer.session.learning import Asked, Cut, Place, Reply, Verdict
from explorer.session.own_run import differences
from explorer.session.score import Given
from explorer.session.session import REFUSALS, Session
from explorer.session.stepping import Motion, settle
from explorer.views.question import verdict_words

Act = Callable[[], Motion | None]


def place_of(session: Session) -> Place:
    """The branch and the step of the cursor."""
    return session.history.current, session.history.step


def is_own(session: Session) -> bool:
    """Whether the run is one that the scenario describes, so far as it is known."""
    scenario, branch = session.scenario, session.history.current
    return scenario is not None and scenario.is_variant and not branch and not differences(session)


def learns(session: Session) -> bool:
    """Whether this is learn mode: it is on, and the scenario's own run is shown."""
    return session.learning.on and bool(session.questions) and is_own(session)


def is_answered(session: Session, question: Question) -> bool:
    """Whether a question has an answer, decided or not."""
    return question.id in session.score.given or question.id in session.learning.replies


def asked_steps(session: Session, *, exact: bool = False) -> list[tuple[Question, int | None]]:
    """Each question of the scenario with the step at which it is asked; None where that is not recorded.

    exact: evaluate every expression now. Otherwise the steps are those that are known, as a frame needs them.
    """
    steps = session.due.by_question(session.history, None if exact else 0)
    return list(zip(session.questions, steps, strict=True))


def due(session: Session, *, exact: bool = False) -> list[Question]:
    """The questions that are asked at the cursor."""
    step = session.history.step
    return [question for question, at in asked_steps(session, exact=exact) if at == step]


def due_unanswered(session: Session) -> list[Question]:
    """The questions that are known to be asked at the cursor and have no answer."""
    unasked = session.learning.unasked
    return [one for one in due(session) if not is_answered(session, one) and one.id not in unasked]


# --- opening ----------------------------------------------------------------------------------------------


def open_question(session: Session, question: Question) -> bool:
    """Open a question that is asked at the cursor; false, with a message, if it cannot be asked in this run.

    Errors: InvariantViolation as Runner.take.
    """
    learning = session.learning
    learning.met.add(question.id)
    name = f"question {question.number} of {len(session.questions)}"
    try:
        found = asked_by_scenario(question, session.history, learning.seed)
    except BadInput as error:
        learning.unasked.add(question.id)
        session.say(f"{name} cannot be asked here: {error.message}")
        return False
    learning.close()
    learning.asked = Asked(place_of(session), found)
    session.say(f"{name}: 1-{len(found.choices)} answers")
    return True


def open_next(session: Session) -> bool:
    """Open a question at the cursor at which no run has stopped; return whether there was one."""
    if not _waiting(session):
        return False
    # The exact steps: where an expression is to hold, the cursor may have come there by a jump.
    there = [one for one in due(session, exact=True) if one in _waiting(session)]
    return any(open_question(session, one) for one in there)


def _waiting(session: Session) -> list[Question]:
    """The questions at which a run is to stop: they are asked in advance, not answered, and were not met."""
    if session.learning.past or not learns(session):
        return []
    met = session.learning.met
    found = (one for one in session.questions if one.asked is not None and one.id not in met)
    return [one for one in found if not is_answered(session, one)]


def is_one_ahead(session: Session) -> bool:
    """Whether a run stops at a question after the cursor; one that is not recorded yet counts."""
    waiting, here = _waiting(session), session.history.step
    return any(
        question in waiting and (step is None or step > here) for question, step in asked_steps(session)
    )


# --- stopping ---------------------------------------------------------------------------------------------


def advance(session: Session, act: Act) -> Motion | None:
    """Make a motion forwards that stops at questions; one that is due here is opened instead of it."""
    learning = session.learning
    learning.past, learning.cut = False, None
    place, total = place_of(session), session.history.total
    if open_next(session):
        learning.cut = Cut(place, act)
        return None
    learning.close()
    motion = act()
    if motion is not None:
        return watched(session, motion, place, total, Cut(place, act))
    arrive(session, place, total, Cut(place, act))
    return None


def watched(session: Session, motion: Motion, begin: Place, total: int, cut: Cut | None) -> Motion:
    """Drive a motion that stops at questions; the arguments are those of `arrive`."""
    try:
        for _ in motion:
            if arrive(session, begin, total, cut):
                return
            yield
    except REFUSALS:
        # What failed comes after the question, and comes again when the run continues.
        if not arrive(session, begin, total, cut):
            raise
    else:
        arrive(session, begin, total, cut)


def arrive(session: Session, place: Place, total: int, cut: Cut | None) -> bool:
    """Go back to the first place where a motion had to stop, and show what is there; false without one.

    place: where the motion started. total: the steps that were recorded then; later ones are dropped.
    cut:   what `!` then continues.
    """
    history, (branch, begin) = session.history, place
    end = history.step
    if history.current != branch or end <= begin or session.learning.looking:
        return False
    while (at := _first_stop(session, begin, end)) is not None:
        history.seek(at)
        # A question that this run cannot ask stops nothing: it is met now, so the next one is looked for.
        if show_here(session):
            if history.total > max(at, total):
                history.forget(max(at, total))
            settle(history)
            session.learning.cut = cut
            return True
    history.seek(end)
    return False


def _first_stop(session: Session, first: int, last: int) -> int | None:
    """The first of the steps first + 1 .. last where a question is asked, or an answer is decided."""
    branch = session.history.current
    found = [reply.question.step for reply in session.learning.replies.values() if reply.branch == branch]
    waiting = _waiting(session)
    if waiting:
        found += [step for question, step in asked_steps(session, exact=True) if step and question in waiting]
    return min((step for step in found if first < step <= last), default=None)


def cut_of_playback(session: Session) -> Cut:
    """What `!` continues if a question stops playback here."""
    return Cut(place_of(session), None)


def show_here(session: Session) -> bool:
    """Show the verdict on the answers that are decided by now, else open a question that is due.

    Returns: whether there was one of them.
    """
    branch, step = place_of(session)
    replies = session.learning.replies
    decided = [one for one in replies.values() if one.branch == branch and one.question.step <= step]
    if not decided:
        return _offer(session)
    for one in decided:
        del replies[one.question.id]
    _tell_verdict(session, tuple(decided))
    return True


def _offer(session: Session) -> bool:
    """Open a question at the cursor; a page of this moment that its reader has not seen comes first.

    Returns: whether there was a question.
    """
    if not session.reading.is_unseen(session.history):
        return open_next(session)
    waiting = _waiting(session)
    there = [one for one in due(session, exact=True) if one in waiting] if waiting else []
    if there:
        session.learning.close()
        session.say(f"question {there[0].number} of {len(session.questions)} comes after this page")
    return bool(there)


def _tell_verdict(session: Session, decided: tuple[Reply, ...]) -> None:
    given = session.score.given
    for one in decided:
        given.setdefault(one.question.id, Given(one.text, one.right))
    session.learning.close()
    session.learning.verdict = Verdict(place_of(session), decided)
    words = verdict_words([one.right for one in decided])
    right = sum(one.right for one in given.values())
    session.say(f"{words}; so far {right} of {len(given)} right")


# --- continuing -------------------------------------------------------------------------------------------


def continue_past(session: Session, otherwise: Act) -> Motion | None:
    """Continue past questions to where the motion that was stopped would have gone.

    otherwise: the motion to make if none was stopped, or if this place is past its end.
    """
    learning, history = session.learning, session.history
    cut, here = learning.cut, place_of(session)
    learning.close()
    learning.past, learning.cut = True, None
    if cut is None or cut.again is None or cut.place[0] != here[0] or cut.place[1] > here[1]:
        return _to_verdicts(session, otherwise)
    history.seek(cut.place[1])
    return _at_least(session, cut.again(), here[1])


def _to_verdicts(session: Session, act: Act) -> Motion | None:
    place, total = place_of(session), session.history.total
    motion = act()
    return None if motion is None else watched(session, motion, place, total, Cut(place, act))


def _at_least(session: Session, motion: Motion | None, step: int) -> Motion:
    """Drive a motion that was made before, past questions; stay at `step` if it ends earlier."""
    if motion is not None:
        yield from motion
    if session.history.step < step:
        session.history.seek(step)
        session.say("the motion that the question stopped ended before this step")
    show_here(session)
