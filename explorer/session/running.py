"""Running forwards and backwards: to a breakpoint, to a line, until a condition holds, or to the end.

A run proceeds in slices so short that a user can pause it within a tenth of a second. After each slice, the
new steps are searched for a breakpoint; the steps after it were never shown and are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from enum import Enum
from typing import Final

from engine.debug.stops import AtLine, Stop, chunks, next_hit, stride_of
from engine.debug.until import first_holding, last_holding
from engine.errors import BadInput
from engine.language.expressions import Expression, compile_expression
from engine.words import plural
from explorer.session import stepping
from explorer.session.session import Session
from explorer.session.stops import describe_hit, line_that_runs
from explorer.session.typed_number import number_of
from explorer.views.flights import next_move
from explorer.views.sentence import at_start
from explorer.views.status import how_it_ended
from explorer.views.timeline import stops

Motion = Iterator[None]

Search = Generator[None, None, bool]
"""A motion that returns whether it arrived."""

SLICE: Final = 8_000
"""New steps between two checks of the keyboard."""

REPEATED: Final = 400
"""Play drops the steps it took past a move if the next step then repeats this many steps at most: 2 ms."""

FENCE: Final = 1_000_000
"""The default limit of `until`, in steps."""

Found = tuple[int, str] | None
"""A position, and the message for it."""

Look = Callable[[int, int], Found]
"""A search of the recorded steps first + 1 .. last."""


def run(session: Session) -> Motion:
    """Run to the next breakpoint, watchpoint or mark, to a finding, or to the end of the run."""
    begin = session.history.step
    if not (yield from _forwards(session, _stops_and_marks(session), stride_of(session.stops), None)):
        _tell_end(session, session.history.step - begin)


class Played(Enum):
    """How far play came: through all steps, to a move of a page, or to its own end."""

    ON = "on"
    MOVED = "moved"
    STOPPED = "stopped"


def play(session: Session, count: int) -> bool:
    """Take up to `count` scheduled steps; false at a breakpoint, a watchpoint, a mark, or the end."""
    begin = session.history.step
    found = _take(session, count, _stops_and_marks(session), 0)
    return _tell_stop(session, begin, count, found)


def _tell_stop(session: Session, begin: int, count: int, found: Found) -> bool:
    """Say why the steps after `begin` have ended; return whether all of them were taken."""
    if found is not None:
        session.say(found[1])
    elif session.history.step == begin:
        _tell_end(session, 0)
    return found is None and session.history.step == begin + count


def play_to_move(session: Session, count: int) -> Played:
    """Take up to `count` steps, of the schedule or of the chosen thread, to the next move of a page.

    It stops where `play` does. Steps after the move may be recorded; `drop_unshown` drops them.
    """
    if session.chosen is not None:
        return _step_to_move(session, count)
    history, begin, stop = session.history, session.history.step, _stops_and_marks(session)

    def look(first: int, last: int) -> Found:
        found = stop(first, last)
        move = next_move(history, first, last if found is None else found[0] - 1)
        return found if move is None else (move, "")

    live = history.step == history.total and not session.stops
    if live and not history.is_near(REPEATED):
        found = _take_singly(session, count, look)
    else:
        found = _take(session, count, look, REPEATED)
    if found is not None and not found[1]:
        return Played.MOVED
    return Played.ON if _tell_stop(session, begin, count, found) else Played.STOPPED


def _take_singly(session: Session, count: int, look: Look) -> Found:
    """As `_take` at the end of the recorded steps, without a step past what is found.

    In a long instruction, to drop such steps is expensive: those before them must be repeated.
    """
    history = session.history
    for _ in range(count):
        if not history.extend(1):
            return None
        found = look(history.step - 1, history.step)
        if found is not None:
            return found
    return None


def _step_to_move(session: Session, count: int) -> Played:
    history = session.history
    for _ in range(count):
        if not stepping.step(session):
            return Played.STOPPED
        if next_move(history, history.step - 1, history.step) is not None:
            return Played.MOVED
    return Played.ON


def _take(session: Session, count: int, look: Look, repeated: int) -> Found:
    """Take up to `count` scheduled steps, to the first position that `look` finds; return what it found.

    repeated: steps recorded after that position are kept if dropping them makes the next step repeat more
              than this number of steps; 0 drops them always.
    """
    history = session.history
    begin, fence, recorded = history.step, history.step + count, history.total
    found = look(begin, min(fence, recorded))
    # Whether a step is just before a call is known only after the next step.
    lacking = fence + bool(session.stops) - recorded
    if found is None and lacking > 0 and history.branch.outcome is None:
        history.extend(lacking)
        found = look(max(recorded - 1, begin), min(fence, history.total))
    position = min(fence, history.total) if found is None else found[0]
    history.seek(position)
    if recorded <= position < history.total and (not repeated or history.is_near(repeated)):
        history.forget(position)
    return found


def drop_unshown(session: Session, recorded: int) -> None:
    """Drop the steps that play recorded after the cursor; the first `recorded` steps of the branch stay."""
    history, cursor = session.history, session.history.step
    if history.total > max(cursor, recorded):
        history.forget(max(cursor, recorded))
        history.seek(cursor)


def _stops_and_marks(session: Session) -> Look:
    def look(first: int, last: int) -> Found:
        hit = _kept(session, next_hit(session.history, session.stops, first, last))
        ahead = [mark for mark in session.marks if first < mark <= last]
        if ahead and (hit is None or min(ahead) < hit[0]):
            return min(ahead), f"stopped at marked step {min(ahead):,}"
        return None if hit is None else (hit[0], _hit_words(session, *hit))

    return look


def _kept(session: Session, hit: tuple[int, Stop] | None) -> tuple[int, Stop] | None:
    """Keep a hit for the timeline, and return it."""
    if hit is not None:
        session.hits.add((session.history.current, hit[0], hit[1].text))
    return hit


def _hit_words(session: Session, position: int, stop: Stop) -> str:
    cursor = session.history.step
    session.history.seek(position)
    try:
        return describe_hit(session, stop)
    finally:
        session.history.seek(cursor)


def _forwards(session: Session, look: Look, stride: int, fence: int | None) -> Search:
    """Search the recorded steps, then take new steps and search them, up to step `fence`."""
    history, begin = session.history, session.history.step
    end = history.total if fence is None else min(history.total, fence)
    for first, last in chunks(begin, end, stride):
        if first > begin:
            yield
        if _arrive(session, look(first, last)):
            return True
    while history.branch.outcome is None and (fence is None or history.total < fence):
        looked = history.total
        history.seek(looked)
        if not history.extend(SLICE if fence is None else min(SLICE, fence - looked)):
            break
        # Whether the previous last step was just before a call is known only now.
        for first, last in chunks(max(looked - 1, begin), history.total, stride):
            found = look(first, last)
            if found is not None:
                history.forget(found[0])
                return _arrive(session, found)
            yield
    history.seek(history.total if fence is None else min(history.total, fence))
    return False


def _arrive(session: Session, found: Found) -> bool:
    if found is None:
        return False
    session.history.seek(found[0])
    session.say(found[1])
    return True


def _tell_end(session: Session, taken: int) -> None:
    history = session.history
    if taken == 0:
        session.say(f"the run has ended: {how_it_ended(history)}; S steps back")
    else:
        session.say(f"ran {plural(taken, 'step')}: {how_it_ended(history) if history.outcome else 'stopped'}")


def reverse(session: Session) -> Motion:
    """Go back to the previous breakpoint, watchpoint or mark, or to the start."""

    def look(first: int, last: int) -> Found:
        hit = _kept(session, next_hit(session.history, session.stops, first, last, backwards=True))
        passed = [mark for mark in session.marks if first < mark <= last]
        if passed and (hit is None or max(passed) > hit[0]):
            return max(passed), f"back at marked step {max(passed):,}"
        return None if hit is None else (hit[0], _hit_words(session, *hit))

    yield from _backwards(session, look, stride_of(session.stops))


def _backwards(session: Session, look: Look, stride: int) -> Motion:
    for first, last in chunks(-1, session.history.step - 1, stride, backwards=True):
        if _arrive(session, look(first, last)):
            return
        yield
    session.history.seek(0)
    session.say(f"no earlier breakpoint or mark; at step 0, {at_start(session.history)}")


def _places(session: Session) -> list[int]:
    """The start, the end, and the marks, forks and questions between them."""
    asked = session.due.of(session.history)
    return sorted({*stops(session.history, session.marks), *asked})


def next_stop(session: Session) -> Motion:
    """Go to the next mark, fork, question or breakpoint stop among the recorded steps, or to their end."""
    history = session.history
    ahead = [at for at in _places(session) if at > history.step]
    if not ahead:
        session.say("no mark, fork, breakpoint or question ahead; c continues")
        return
    parts = chunks(history.step, ahead[0], stride_of(session.stops)) if session.stops else ()
    for first, last in parts:
        hit = next_hit(history, session.stops, first, last)
        if _arrive(session, None if hit is None else (hit[0], _hit_words(session, *hit))):
            return
        yield
    history.seek(ahead[0])


def previous_stop(session: Session) -> Motion:
    """Go back to the previous mark, fork, question or breakpoint stop, or to the start."""
    history = session.history
    passed = [0, *(at for at in _places(session) if at < history.step)]
    parts = chunks(passed[-1], history.step - 1, stride_of(session.stops), backwards=True)
    for first, last in parts if session.stops and history.step else ():
        hit = next_hit(history, session.stops, first, last, backwards=True)
        if _arrive(session, None if hit is None else (hit[0], _hit_words(session, *hit))):
            return
        yield
    history.seek(passed[-1])


# --- until ------------------------------------------------------------------------------------------------


def until(session: Session, text: str) -> Motion:
    """Run until an expression holds, for at most FENCE steps or the number after the word `fence`.

    Errors: BadInput for an invalid expression.
    """
    expression, fence = _until_words(session, text)
    history, begin = session.history, session.history.step

    def look(first: int, last: int) -> Found:
        step = first_holding(history, expression, first, last)
        if step is None:
            return None
        return step, f"{expression.text} holds after {plural(step - begin, 'step')}"

    if not (yield from _forwards(session, look, 16 * SLICE, begin + fence)):
        session.say(f"{expression.text} did not hold up to step {history.step:,}", "error")


def back_until(session: Session, text: str) -> Motion:
    """Go back to the last step at which an expression held.

    Errors: BadInput for an invalid expression.
    """
    expression, fence = _until_words(session, text)
    history, begin = session.history, session.history.step
    step = last_holding(history, expression, max(begin - fence, 0), begin)
    if step is None:
        past = plural(min(fence, begin), "step")
        session.say(f"{expression.text} did not hold in the previous {past}", "error")
        return
    history.seek(step)
    session.say(f"{expression.text} held {plural(begin - step, 'step')} earlier")
    yield


_FENCE: Final = re.compile(r"(.*?)\s+fence\s+([\d_,]+)", re.DOTALL)


def _until_words(session: Session, text: str) -> tuple[Expression, int]:
    fenced = _FENCE.fullmatch(text.strip())
    words, fence = (fenced[1], number_of(fenced[2], "a number of steps")) if fenced else (text, FENCE)
    if not words.strip():
        raise BadInput("until needs an expression, such as queue_of(app.m) == PQ_ACTIVE")
    return compile_expression(words.strip(), session.names), fence


def to_line(session: Session) -> Motion:
    """Run to the line under the source cursor.

    Errors: BadInput if no line is selected.
    """
    if session.line is None:
        raise BadInput("put the cursor on a source line first (4, then ↑↓); t runs to it")
    t, line = session.line[0], line_that_runs(session)
    stop = Stop(0, f"{session.history.programs[t].name}:{line}", AtLine(t, line))

    def look(first: int, last: int) -> Found:
        hit = next_hit(session.history, [stop], first, last)
        return None if hit is None else (hit[0], f"{stop.text} is next")

    if not (yield from _forwards(session, look, 65536, None)):
        session.say(f"{stop.text} is not reached again: {how_it_ended(session.history)}")
