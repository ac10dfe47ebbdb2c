"""Expectations of a scenario: compiled once, checked in any run."""

from __future__ import annotations

from dataclasses import dataclass

from engine.debug.moments import AtEnd, Point, find_step
from engine.errors import BadInput, Line
from engine.language.expressions import Expression, compile_expression
from engine.language.symbols import Names
from engine.run.endings import LEAK
from engine.run.history import History
from engine.run.program import Program
from engine.run.runner import BOUND, PANIC
from engine.run.threads import COMPLETED
from engine.scenario.lesson_forms import ExpectForm, Moment
from engine.scenario.question import point_of


@dataclass(frozen=True)
class Expectation:
    """Expects `that` to hold at a moment, or, without an expression, the run to end with `outcome`.

    at: the moment as the file writes it; point: as it was read.
    """

    at: Moment
    point: Point
    that: str
    outcome: str
    expression: Expression | None
    file: str
    line: Line


@dataclass(frozen=True)
class Checked:
    """The result of an expectation: whether it holds, and if not, what was found instead.

    of_outcome: whether it is about the outcome of the run, not about an expression.
    """

    at: Moment
    that: str
    ok: bool
    found: str = ""
    of_outcome: bool = False


def compile_expectation(form: ExpectForm, names: Names, programs: tuple[Program, ...]) -> Expectation:
    """Compile an [[expect]].

    Errors: BadInput with file and line.
    """
    section = form.section
    if form.outcome:
        return Expectation("end", AtEnd(), "", form.outcome, None, section.file, section.at("outcome"))
    point = point_of(section, "at", form.at, programs, names, end=True)
    line = section.at("that")
    expression = compile_expression(form.that, names, file=section.file, line=line)
    return Expectation(form.at, point, form.that, "", expression, section.file, line)


# --- in a run ---------------------------------------------------------------------------------------------


def check_expectation(expectation: Expectation, history: History, limit: int) -> Checked:
    """Check an expectation in a run, extending the run as far as needed; the cursor does not move.

    Under another schedule the moment may never come, or the expression may fail: it then does not hold.
    """
    if expectation.expression is None:
        return check_outcome(expectation.outcome, history, limit, written=True)
    try:
        step = find_step(history, expectation.point, limit)
    except BadInput as error:
        return Checked(expectation.at, expectation.that, False, error.message)
    cursor = history.step
    history.seek(step)
    try:
        ok = expectation.expression.holds(history.vm)
    except BadInput as error:
        return Checked(expectation.at, expectation.that, False, f"at step {step} {error.message}")
    finally:
        history.seek(cursor)
    return Checked(expectation.at, expectation.that, ok, "" if ok else f"it does not hold at step {step}")


def check_outcome(wanted: str, history: History, limit: int, *, written: bool = False) -> Checked:
    """Check whether the run ends with the outcome `wanted`: `completed`, ... or `panic:FUNCTION`.

    written: as for `accepts`.
    """
    find_step(history, AtEnd(), limit)
    found = outcome_of(history)
    ok = accepts(wanted, found, written=written)
    return Checked("end", f"outcome == {wanted}", ok, "" if ok else found, of_outcome=True)


def accepts(wanted: str, found: str, *, written: bool) -> bool:
    """Whether a run that ends with the outcome `found` is as expected.

    written: whether a file says `outcome = WANTED`; its `completed` also accepts a leak.
    """
    return found == wanted or (written and (wanted, found) == (COMPLETED, LEAK))


def outcome_of(history: History) -> str:
    """Return the outcome of the current branch, a panic with its function; `bound` if it has not ended."""
    branch = history.branch
    function = getattr(branch.finding, "function", None)
    if branch.outcome == PANIC and function:
        return f"panic:{function}"
    return branch.outcome or BOUND
