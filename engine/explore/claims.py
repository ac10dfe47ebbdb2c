"""What is said of all schedules, by a scenario's [[expect]] or on the command line, and whether it is so.

Before a search, `evidence_for` says what there is to evaluate: an Evidence for each statement, in which the
search notes what it finds. After the search, `judged` makes the claims.

The ends of schedules are their last states, and the livelocks that no schedule leaves. A livelock that a fair
schedule leaves is not an end: `every` does not look at it, but `some` may name it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.errors import BadInput
from engine.explore.exploration import Claim, Found
from engine.explore.model.ends import INVARIANT
from engine.language.expressions import Expression
from engine.machine.machine import Machine
from engine.run.endings import LEAK
from engine.run.threads import COMPLETED
from engine.scenario.checks import Expectation, accepts
from engine.scenario.lesson_forms import ALWAYS, EVERY, wrong_outcome
from engine.scenario.loader import Scenario
from engine.words import plural

Truth = bool | str
"""Whether a statement holds at a state, or why it cannot be evaluated there."""

Shown = tuple[str, str, int]
"""A schedule to a state: SCHEDULE text, the state string, and the step."""


@dataclass(frozen=True)
class Statement:
    """Something that is said of all schedules.

    over:       `every`, `some` or `always`.
    words:      the EXPR, or `outcome == OUTCOME`.
    outcome:    "" if it is about an EXPR.
    expression: None if it is about an outcome.
    place:      FILE:LINE, "" if it is not from a file.
    """

    over: str
    words: str
    outcome: str
    expression: Expression | None
    place: str = ""

    @property
    def text(self) -> str:
        """The statement as a Claim has it: `every end: EXPR`, `always: EXPR`."""
        return f"{self.over}: {self.words}" if self.over == ALWAYS else f"{self.over} end: {self.words}"

    def truth(self, vm: Machine) -> Truth:
        """Evaluate its expression in the machine's present state."""
        assert self.expression is not None
        try:
            return self.expression.holds(vm)
        except BadInput as error:
            return error.message


@dataclass
class Evidence:
    """What a search has found about a statement.

    A search calls `note_end` at each end for those with `at_ends`, and `note` at each state, step 0 and the
    ends included, for those with `everywhere`. It evaluates neither for an outcome.
    ends:      for each end, whether it holds there.
    violated:  the states at which an `always` does not hold, as they were found.
    evaluated: whether an `always` could be evaluated at any state.
    refused:   why it could not, at the first state at which it could not.
    """

    statement: Statement
    ends: dict[int, Truth] = field(default_factory=dict)
    violated: list[int] = field(default_factory=list)
    evaluated: bool = False
    refused: str = ""

    @property
    def at_ends(self) -> bool:
        """Whether there is an expression to be evaluated at each end."""
        return self.statement.expression is not None and self.statement.over != ALWAYS

    @property
    def everywhere(self) -> bool:
        """Whether there is an expression to be evaluated at each state."""
        return self.statement.over == ALWAYS

    def note_end(self, state: int, truth: Truth) -> None:
        """Note the value at an end."""
        self.ends[state] = truth

    def note(self, state: int, truth: Truth) -> None:
        """Note the value at a state."""
        if isinstance(truth, str):
            self.refused = self.refused or truth
            return
        self.evaluated = True
        if not truth:
            self.violated.append(state)

    def clear(self) -> None:
        """Forget everything: the search starts again."""
        self.ends.clear()
        self.violated.clear()
        self.evaluated, self.refused = False, ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The EXPR, if there is one: a key has to have the cells that it names."""
        return () if self.statement.expression is None else (self.statement.expression.text,)


# --- before the search ------------------------------------------------------------------------------------


def evidence_for(
    scenario: Scenario, *, always: Iterable[str] = (), end: Iterable[str] = ()
) -> tuple[Evidence, ...]:
    """Return an empty Evidence for each statement: those of the scenario, then those that are given.

    always, end: EXPR that have to hold after every step, and at the end, of every schedule.
    Errors: BadInput for a text that is not an EXPR.
    """
    said = [_of_file(one) for one in scenario.expectations if one.over]
    said += [_given(scenario, ALWAYS, text) for text in always]
    said += [_given(scenario, EVERY, text) for text in end]
    return tuple(map(Evidence, said))


def _of_file(one: Expectation) -> Statement:
    return Statement(one.over, one.words, one.outcome, one.expression, one.place)


def _given(scenario: Scenario, over: str, text: str) -> Statement:
    try:
        return Statement(over, text, "", scenario.expression(text))
    except BadInput as error:
        raise BadInput(f"{text[:60]!r}: {error.message}; use one like {_SUCH_AS}") from None


_SUCH_AS: Final = "'queue_of(app.m) == PQ_ACTIVE'"


def expected_outcomes(scenario: Scenario, allow: Iterable[str] = ()) -> frozenset[str]:
    """Return the outcomes that schedules may have.

    They are `completed`, that of the scenario's own run, those that it says of every or some schedule, and
    those that are allowed. A file that says `completed` accepts a leak, here as in its own run.
    Errors: BadInput for an allowed one that is not an outcome.
    """
    allowed = frozenset(allow)
    for outcome in sorted(allowed):
        if outcome == INVARIANT:
            raise BadInput("invariant is a fault of this program, and cannot be allowed")
        if wrong := wrong_outcome(outcome):
            raise BadInput(wrong)
    named = {one.outcome for one in scenario.expectations if one.outcome}
    leak = {LEAK} if COMPLETED in named else set()
    return frozenset({COMPLETED}) | named | leak | allowed


# --- after the search -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Searched:
    """How much was searched, and what was found; `judged` has more."""

    outcomes: Sequence[Found]
    bound: str
    reduced: bool
    schedule_to: Callable[[Sequence[int]], Shown]

    @property
    def ends(self) -> tuple[Found, ...]:
        """The outcomes, without a livelock that a fair schedule leaves."""
        return tuple(found for found in self.outcomes if not found.starves)

    @property
    def unknown(self) -> str:
        """Why a claim is not known."""
        return f"the search was bounded by {self.bound}"


def judged(
    evidence: Iterable[Evidence],
    outcomes: Sequence[Found],
    *,
    bound: str,
    schedule_to: Callable[[Sequence[int]], Shown],
    reduced: bool = False,
) -> tuple[Claim, ...]:
    """Return the claim about each statement.

    outcomes:    all that were found.
    bound:       what ended the search, in words; "" if it is complete.
    schedule_to: returns a schedule to one of several states, the simplest if it is known.
    reduced:     whether states between the ends were left out.
    """
    searched = Searched(outcomes, bound, reduced, schedule_to)
    return tuple(_judged(one, searched) for one in evidence)


def _judged(one: Evidence, searched: Searched) -> Claim:
    statement = one.statement
    if statement.over == ALWAYS:
        return _always(one, searched)
    if statement.outcome:
        return (_every_outcome if statement.over == EVERY else _some_outcome)(statement, searched)
    return (_every_end if statement.over == EVERY else _some_end)(one, searched)


def _claim(statement: Statement, ok: bool | None, found: str = "", shown: Shown = ("", "", 0)) -> Claim:
    schedule, state, step = shown
    return Claim(statement.text, ok, found, schedule, state, step, statement.place)


def _always(one: Evidence, searched: Searched) -> Claim:
    said = one.statement
    if one.violated:
        shown = searched.schedule_to(one.violated)
        first = "" if shown[2] else ", the first of them at step 0"
        found = f"it does not hold at {plural(len(one.violated), 'state')}{first}"
        return _claim(said, False, found, shown)
    if searched.bound:
        return _claim(said, None, searched.unknown)
    if not one.evaluated:
        return _claim(said, False, f"it can be evaluated at no state: {one.refused}")
    if searched.reduced:
        return _claim(said, None, "a reduced search leaves states out")
    return _claim(said, True)


def _every_end(one: Evidence, searched: Searched) -> Claim:
    said = one.statement
    wrong = [state for state, truth in one.ends.items() if truth is not True]
    if wrong:
        of_all = f"{len(wrong):,} of {plural(len(one.ends), 'end state')}"
        found = f"it does not hold at {of_all}{_why(one.ends[state] for state in wrong)}"
        return _claim(said, False, found, searched.schedule_to(wrong))
    return _without_end(said, searched) if not one.ends else _claim(said, *_if_complete(True, "", searched))


def _some_end(one: Evidence, searched: Searched) -> Claim:
    right = [state for state, truth in one.ends.items() if truth is True]
    if right:
        return _claim(one.statement, True, shown=searched.schedule_to(right))
    found = f"it holds at none of {plural(len(one.ends), 'end state')}{_why(one.ends.values())}"
    return _claim(one.statement, *_if_complete(False, found, searched))


def _why(truths: Iterable[Truth]) -> str:
    """Why a statement could not be evaluated at one of some ends; "" if it could at all of them."""
    return next((f"; it cannot be evaluated: {truth}" for truth in truths if isinstance(truth, str)), "")


def _every_outcome(said: Statement, searched: Searched) -> Claim:
    wrong = [found for found in searched.ends if not accepts(said.outcome, found.outcome, written=True)]
    if wrong:
        return _claim(said, False, f"found: {_names(wrong)}", _shown(wrong[0]))
    if not searched.ends:
        return _without_end(said, searched)
    return _claim(said, *_if_complete(True, "", searched))


def _some_outcome(said: Statement, searched: Searched) -> Claim:
    right = [found for found in searched.outcomes if accepts(said.outcome, found.outcome, written=True)]
    right.sort(key=lambda found: (found.outcome != said.outcome, bool(found.starves)))
    if right:
        return _claim(said, True, shown=_shown(right[0]))
    found = f"found: {_names(searched.outcomes)}" if searched.outcomes else "no schedule has an end"
    return _claim(said, *_if_complete(False, found, searched))


def _without_end(said: Statement, searched: Searched) -> Claim:
    return _claim(said, *_if_complete(False, "no schedule has an end", searched))


def _if_complete(ok: bool, found: str, searched: Searched) -> tuple[bool | None, str]:
    """What is known if nothing decides before every schedule is searched."""
    return (None, searched.unknown) if searched.bound else (ok, found)


def _names(found: Iterable[Found]) -> str:
    return ", ".join(dict.fromkeys(one.outcome for one in found))


def _shown(found: Found) -> Shown:
    return found.schedule, found.state, found.steps
