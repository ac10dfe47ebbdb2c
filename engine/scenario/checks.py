"""Expectations of a scenario: compiled once, checked in any run.

Those about all schedules are compiled here too, so that `pageq check` finds their errors. One run does
not show whether they hold: `engine.explore` checks them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.debug.moments import AtEnd, Point, find_step
from engine.errors import BadInput, Line
from engine.language.expressions import Expression, compile_expression
from engine.language.symbols import Names
from engine.run.endings import LEAK
from engine.run.history import History
from engine.run.program import Program
from engine.run.runner import BOUND, PANIC
from engine.run.threads import COMPLETED
from engine.scenario.lesson_forms import ALWAYS, ExpectForm, Moment
from engine.scenario.question import point_of


@dataclass(frozen=True)
class Expectation:
    """Expects `that` to hold at a moment, or, without an expression, the run to end with `outcome`.

    at:   the moment as the file writes it; point: as it was read.
    over: `every`, `some` or `always` if it is about all schedules, else "".
    """

    at: Moment
    point: Point
    that: str
    outcome: str
    expression: Expression | None
    file: str
    line: Line
    over: str = ""

    @property
    def words(self) -> str:
        """What it expects: the EXPR, or `outcome == OUTCOME`."""
        return self.that or f"outcome == {self.outcome}"

    @property
    def place(self) -> str:
        """FILE:LINE."""
        return f"{self.file}:{self.line() if callable(self.line) else self.line}"


@dataclass(frozen=True)
class Checked:
    """The result of an expectation: whether it holds, and if not, what was found instead.

    at: the moment; `every end`, `some end` or `always` if it is about all schedules.
    ok: None if it is about all schedules, which one run does not show.
    of_outcome: whether it is about the outcome of the run, not about an expression.
    """

    at: Moment
    that: str
    ok: bool | None
    found: str = ""
    of_outcome: bool = False


def compile_expectation(form: ExpectForm, names: Names, programs: tuple[Program, ...]) -> Expectation:
    """Compile an [[expect]].

    Errors: BadInput with file and line.
    """
    section, over = form.section, form.over
    if form.outcome:
        line = section.at("outcome")
        return Expectation("end", AtEnd(), "", form.outcome, None, section.file, line, over)
    point = point_of(section, "at", form.at, programs, names, end=True)
    line = section.at(ALWAYS if over == ALWAYS else "that")
    expression = compile_expression(form.that, names, file=section.file, line=line)
    return Expectation(form.at, point, form.that, "", expression, section.file, line, over)


def written_outcome(expectations: Iterable[Expectation]) -> str:
    """Return the outcome that a file expects of its own run; "" if it names none."""
    return next((one.outcome for one in expectations if one.outcome and not one.over), "")


# --- in a run ---------------------------------------------------------------------------------------------


def check_expectation(expectation: Expectation, history: History, limit: int) -> Checked:
    """Check an expectation in a run, extending the run as far as needed; the cursor does not move.

    Under another schedule the moment may never come, or the expression may fail: it then does not hold. One
    about all schedules is not checked.
    """
    if expectation.over:
        at = ALWAYS if expectation.over == ALWAYS else f"{expectation.over} end"
        return Checked(at, expectation.words, None, _NOT_HERE)
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


_NOT_HERE: Final = "pageq explore checks it"


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
