"""Stepping: by one step, by one call, to an event, and backwards (for runs, see `running`).

A motion that may take long is a generator: it yields every few thousand steps, so that the caller can show
progress and stop it. Stopping it loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.constants import NULL
from engine.debug.call_stack import frames
from engine.debug.journal_search import next_write, steps_of_thread
from engine.errors import BadInput
from engine.machine.tables import READY
from engine.run.history import History
from engine.run.suspended import Frame, kernel_function
from engine.words import plural
from explorer.session.session import Session
from explorer.views.sentence import at_start
from explorer.views.status import how_it_ended
from explorer.views.threads import last_thread, next_choice, thread_rows
from explorer.views.timeline import next_event, previous_event

Motion = Iterator[None]

SLICE: Final = 20_000
"""Steps of a run between two checks of the keyboard."""

SHORT_SLICE: Final = 1_000
"""The same for motions that examine each step."""


def step(session: Session) -> bool:
    """Take one atomic step; false, with a message, if nothing can run."""
    history, before = session.history, session.history.current
    chosen = session.chosen
    if history.step == history.total or chosen is not None:
        history.go_live()
    ahead = session.calls.ahead(history)
    moved = history.forward() if chosen is None else history.step_thread(chosen)
    if not moved:
        session.say(_why_not(session))
        return False
    settle(history)
    t = last_thread(history)
    if t in ahead:
        session.calls.took(history, t, ahead[t])
    if history.current != before:
        session.say(
            f"{history.branch.name} starts here, at step {history.branch.fork_step:,}; "
            f":branch {before} goes back to {history.branches[before].name}"
        )
    return True


def settle(history: History) -> None:
    """Detect the end of the run as soon as nothing can run, not at the next attempt."""
    if history.step == history.total and isinstance(next_choice(history), str):
        extend_at_end(history, 1)


def _why_not(session: Session) -> str:
    history = session.history
    if session.chosen is not None and history.outcome is None:
        row = thread_rows(history, session.labels, session.chosen)[session.chosen]
        why = f"it waits for {row.waits}" if row.waits else f"it is {row.state}"
        return f"{row.name} cannot run: {why}; a follows the schedule, < > choose"
    return f"the run has ended: {how_it_ended(history)}; S steps back"


def back(session: Session) -> None:
    """Go back one step."""
    if not session.history.back():
        session.say(f"this is step 0, the machine {at_start(session.history)}")


def steps(session: Session, count: int) -> Motion:
    """Take `count` steps, backwards if it is negative."""
    if count < 0:
        session.history.seek(max(session.history.step + count, 0))
        return
    for n in range(count):
        if not step(session):
            return
        if n % SHORT_SLICE == SHORT_SLICE - 1:
            yield


# --- a whole call -----------------------------------------------------------------------------------------


def stepping_thread(session: Session) -> int:
    """The thread that takes the next step; NULL for an event or if nothing can run."""
    if session.chosen is not None:
        return session.chosen
    choice = next_choice(session.history)
    return choice if isinstance(choice, int) else NULL


def over(session: Session) -> Motion:
    """Run until the thread that steps next has finished its instruction, a whole kernel call."""
    t = stepping_thread(session)
    begin = session.history.step
    if t == NULL:
        step(session)
        return
    text = _instruction(session, t)
    yield from _until_done(session, t)
    taken = session.history.step - begin
    if taken > 1 and session.vm.thread.op_start[t] == session.history.step:
        session.say(f"{session.labels.thread(t)}: {text} took {plural(taken, 'step')}")


def _instruction(session: Session, t: int) -> str:
    program, pc = session.history.programs[t], session.vm.thread.pc[t]
    return program.instructions[pc].text if pc < len(program.instructions) else "the end"


def _until_done(session: Session, t: int) -> Motion:
    history = session.history
    if session.chosen is None:
        done = next_write(history, history.vm.memory.address("thread.op_start", t), history.step)
        history.seek(done if done is not None else history.total)
        if done is not None:
            return
    op_start, count = history.vm.thread.op_start[t], 0
    while history.vm.thread.op_start[t] == op_start and step(session):
        count += 1
        if count % SHORT_SLICE == 0:
            yield


def until_ended(session: Session, t: int) -> Motion:
    """Step thread `t` until it has ended or cannot run."""
    count = 0
    while session.vm.thread.state[t] == READY and step(session):
        count += 1
        if count % SHORT_SLICE == 0:
            yield


def back_over(session: Session) -> None:
    """Go back to the start of the last step's call, or of the call before it."""
    history = session.history
    t = last_thread(history)
    if t == NULL:
        back(session)
        return
    history.seek(_begun(history, t, history.step))


def _begun(history: History, t: int, at: int) -> int:
    """The step after which thread `t` is the next to run and starts the instruction of its step `at`.

    An instruction starts with the thread's own first step, however long ago the one before it ended.
    """
    ended = history.writer(history.vm.memory.address("thread.op_start", t), at - 1) or 0
    own = steps_of_thread(history, t, ended, at)
    return int(own[0]) - 1 if own.size else ended


def finish(session: Session) -> Motion:
    """Run until the function of the next step has returned to its caller."""
    history, t = session.history, stepping_thread(session)
    if t == NULL:
        step(session)
        return
    history.go_live()
    live, op_start = history.runner.live[t], history.vm.thread.op_start[t]
    stack, calls = live.stack(), live.calls()
    name, at = kernel_function(stack) or "the script line", len(calls) - 1
    count = 0
    while step(session):
        count += 1
        if history.live_at != history.step:
            history.go_live()
            if not _has_left(stack, history.runner.live[t].stack()):
                calls = history.runner.live[t].calls()
        inside = calls[at : at + 1] == history.runner.live[t].calls()[at : at + 1]
        if history.vm.thread.op_start[t] != op_start or not inside:
            session.say(f"{session.labels.thread(t)} returned from {name} after {plural(count, 'step')}")
            return
        if count % SHORT_SLICE == 0:
            yield


def _has_left(stack: Sequence[Frame], now: Sequence[Frame]) -> bool:
    """Whether the innermost call of a stack has returned, by a later stack of rebuilt calls.

    While a call is active, its callers stay at their lines.
    """
    at = len(stack)
    same = [frame.function for frame in now[:at]] == [frame.function for frame in stack]
    return not same or [frame.line for frame in now[: at - 1]] != [frame.line for frame in stack[:-1]]


def into(session: Session) -> Motion:
    """Run until the thread that steps next is about to enter another function."""
    history, t = session.history, stepping_thread(session)
    if t == NULL:
        step(session)
        return
    history.go_live()
    known, count = history.runner.live[t].calls(), 0
    while step(session):
        count += 1
        history.go_live()
        calls = history.runner.live[t].calls()
        if any(call not in known for call in calls):
            name = kernel_function(history.runner.live[t].stack()) or "the next script line"
            session.say(f"{session.labels.thread(t)} enters {name}")
            return
        known = calls
        if count % SHORT_SLICE == 0:
            yield


def back_into(session: Session) -> Motion:
    """Go back to where the last step's thread was about to enter a function."""
    history, t = session.history, last_thread(session.history)
    if t == NULL:
        back(session)
        return
    for count, at in enumerate(map(int, steps_of_thread(history, t, 0, history.step)[::-1])):
        entered = [frame for frame in frames(history, at) if frame.entered == at]
        if entered and at - 1 < history.step:
            name = kernel_function(frames(history, at)) or "the script line"
            history.seek(at - 1)
            session.say(f"{session.labels.thread(t)} enters {name}")
            return
        if count % 20 == 19:
            yield
    history.seek(0)


def back_finish(session: Session) -> None:
    """Go back to the call of the last step's function."""
    history = session.history
    t, at = last_thread(history), history.step
    if t == NULL:
        back(session)
        return
    depth = len(session.calls.of(history, at))
    begun = history.writer(history.vm.memory.address("thread.op_start", t), at - 1) or 0
    while at > begun:
        if history.journal.thread(at) == t and len(session.calls.of(history, at)) < depth:
            break
        at -= 1
    history.seek(at)


def next_line(session: Session) -> Motion:
    """Run until the thread that steps next is at another line of its script."""
    t = stepping_thread(session)
    if t == NULL:
        step(session)
        return
    line = _line(session, t)
    while True:
        before = session.history.step
        yield from _until_done(session, t)
        if session.history.step == before or _line(session, t) != line or session.history.outcome:
            return


def previous_line(session: Session) -> None:
    """Go back to where the last step's thread started its line, or the line before it."""
    t = last_thread(session.history)
    if t == NULL:
        back(session)
        return
    back_over(session)
    line = _line(session, t)
    history, address = session.history, session.vm.memory.address("thread.op_start", t)
    while (ended := history.writer(address, history.step)) is not None and history.journal.thread(ended) == t:
        kept = history.step
        history.seek(_begun(history, t, ended))
        if _line(session, t) != line:
            history.seek(kept)
            return


def _line(session: Session, t: int) -> int:
    return session.history.programs[t].line_at(session.vm.thread.pc[t])


# --- far ----------------------------------------------------------------------------------------------------


def extend_at_end(history: History, limit: int) -> int:
    """Take up to `limit` new steps at the end of the recorded steps."""
    history.seek(history.total)
    history.go_live()
    return history.extend(limit)


def go_to(session: Session, step_number: int | None) -> Motion:
    """Go to a step, or for None to the end of the run; run to it if it is not recorded yet.

    Stops at no breakpoint: it goes where the user said.

    Errors: BadInput for a negative number.
    """
    history = session.history
    if step_number is not None and step_number < 0:
        raise BadInput(f"there is no step {step_number}; steps start at 0")
    history.seek(history.total if step_number is None else min(step_number, history.total))
    while (step_number is None or history.step < step_number) and history.branch.outcome is None:
        if not extend_at_end(
            history, SLICE if step_number is None else min(SLICE, step_number - history.step)
        ):
            break
        settle(history)  # who drives this may stop it at the step where it arrives
        yield
    settle(history)
    if step_number is None or history.step < step_number:
        session.say(f"the run ends at step {history.step:,}: {how_it_ended(history)}")


def first(session: Session) -> None:
    """Go to step 0."""
    session.history.seek(0)


def last(session: Session) -> None:
    """Go to the last recorded step."""
    session.history.seek(session.history.total)
    if session.history.outcome is None:
        session.say("the last step; s takes another, c continues")


def event(session: Session) -> Motion:
    """Go to the next step that changes the state of a page or a thread."""
    history, count = session.history, 0
    found = next_event(history, history.step)
    if found is not None and session.chosen is None:
        history.seek(found)
        return
    if session.chosen is None:
        history.seek(history.total)
    while step(session):
        if next_event(history, history.step - 1) == history.step:
            return
        count += 1
        if count % SHORT_SLICE == 0:
            yield


def back_event(session: Session) -> None:
    """Go back to the previous step that changed the state of a page or a thread."""
    session.history.seek(previous_event(session.history, session.history.step) or 0)


def toggle_mark(session: Session, letter: str = "") -> None:
    """Mark this step, with a letter if one is given; without a letter, toggle the mark."""
    at = session.history.step
    if letter:
        session.marks = {step: name for step, name in session.marks.items() if name != letter} | {at: letter}
    elif at in session.marks:
        session.marks = {step: name for step, name in session.marks.items() if step != at}
    else:
        session.marks = session.marks | {at: ""}
    if at not in session.marks:
        session.say(f"step {at:,} is no longer marked")
    else:
        session.say(f"step {at:,} is marked{' ' + letter if letter else ''}")


def go_to_mark(session: Session, letter: str) -> None:
    """Go to the step marked with a letter.

    Errors: BadInput if there is none.
    """
    for step, name in session.marks.items():
        if name == letter and step <= session.history.total:
            session.history.seek(step)
            return
    there = ", ".join(sorted(filter(None, session.marks.values()))) or "none"
    raise BadInput(f"no step is marked {letter!r}; the marks are: {there}")
