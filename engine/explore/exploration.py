"""What a search of the schedules found: the outcomes with their counts, schedules and points of no return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.explore.graph.state_graph import StateGraph


@dataclass(frozen=True)
class Inevitable:
    """The point of no return of a schedule: the step after which its outcome is the only one left.

    step:         the number of steps taken with it; 0 if no other outcome was ever possible.
    thread:       who takes that step, "" at step 0; `tick` for an event.
    action:       the atomic action that it is.
    alternatives: the threads whose step instead of it leaves another outcome possible.
    others:       for each of them, the outcomes other than this one that are then still possible.
    """

    step: int
    thread: str
    action: str
    alternatives: tuple[str, ...] = ()
    others: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Access:
    """One side of a race: a thread's read or write of the cell.

    step: the step of the reported schedule in which it comes; writes: whether it writes.
    """

    thread: str
    step: int
    action: str
    writes: bool


@dataclass(frozen=True)
class Race:
    """The two accesses whose order the point of no return decides.

    cell: its name (`page[0x55].busy_count`), or `the sleep queue`.
    first, second: in the order of the reported schedule.
    """

    cell: str
    first: Access
    second: Access


@dataclass(frozen=True)
class Found:
    """An outcome that some schedule has.

    outcome:     `completed`, `blocked`, `deadlock`, `livelock`, `panic:FUNCTION`, `script error`, `leak`,
                 `unlock_order`, `invariant`.
    message:     the finding at the end of the reported schedule, "" if there is none.
    ends:        the number of end states; of a livelock, the number of sets of states without a way out.
    lost:        how many of the ends of `blocked` are lost wakeups.
    schedules:   the exact number of schedules; None where the graph has cycles, or after sampling.
    probability: in uniformly random runs; None if it is unknown.
    path:        who takes each step of the simplest schedule, threads' numbers or EVENT.
    schedule:    the same as SCHEDULE text; "" if the opening of the run already ends it.
    settings:    what the schedule has to be run with, by key.
    switches:    the number of switches from one item of the schedule to the next.
    steps:       the number of steps that the run then takes.
    state:       the state string of its end.
    inevitable:  None if the search was bounded, sampled or reduced, so that it is unknown.
    race:        None if no two accesses were found.
    starves:     of a livelock that is not fair: the threads that are never chosen, by name.
    cycle:       of a livelock: how many steps repeat at the end of the schedule.
    end:         the number of the end state in the graph; -1 without a graph.
    sampled:     how many of the sampled schedules have it; 0 if the search was exhaustive.
    """

    outcome: str
    message: str
    ends: int
    schedules: int | None
    probability: float | None
    path: tuple[int, ...]
    schedule: str
    settings: Mapping[str, Any]
    switches: int
    steps: int
    state: str
    inevitable: Inevitable | None = None
    race: Race | None = None
    lost: int = 0
    starves: tuple[str, ...] = ()
    cycle: int = 0
    end: int = -1
    sampled: int = 0


@dataclass(frozen=True)
class ValueFound:
    """A value that an expression has at the end of some schedules.

    value:   a page as its number, NULL as None; why it has none, as text. shown: the same in words.
    sampled: how many of the sampled schedules have it; 0 if the search was exhaustive.
    """

    expr: str
    value: int | str | None
    shown: str
    schedules: int | None
    probability: float | None
    ends: int
    sampled: int = 0


@dataclass(frozen=True)
class Claim:
    """What the scenario, or the command line, says about all schedules, and whether it is so.

    text: `every end: EXPR`, `some end: outcome == blocked`, `always: EXPR`.
    ok:   None if the search was bounded before it could be known.
    schedule, state, step: a schedule that shows it, if there is one: a counterexample of `every` and of
          `always`, an example of `some`; its state string, and the step.
    found: what was found instead, or why it is not known.
    place: FILE:LINE of an [[expect]], "" if the command line gave it.
    """

    text: str
    ok: bool | None
    found: str = ""
    schedule: str = ""
    state: str = ""
    step: int = 0
    place: str = ""


@dataclass(frozen=True)
class Exploration:
    """All that was found; the library's answer, the command's text and JSON, and what the screen draws.

    scenario, rules: their names.
    complete: whether every schedule was searched.
    bound:    what ended the search, in words: `5,000,000 states`, `10,000 sampled schedules`; "" if complete.
    growing:  the cell that took the most values, and how many; None if the search is complete.
    states:   None after sampling; step 0 and the ends are counted.
    transitions: the steps between the states; after sampling, all steps taken.
    sampled:  the number of sampled schedules; 0 if the search was exhaustive.
    reduced:  whether schedules that differ only in the order of independent steps were left out.
    outcomes: `completed` first, then by falling probability.
    expected: the outcomes that the scenario expects, or that were allowed.
    claims:   what was said of all schedules.
    notes:    what the reader has to know about the search, one sentence each.
    settings: what every reported schedule has to be run with, by key.
    opening:  the steps of a run that come before the first choice: those of a stepped boot.
    graph:    None after sampling.
    """

    scenario: str
    rules: str
    complete: bool
    bound: str
    states: int | None
    transitions: int
    outcomes: tuple[Found, ...]
    values: tuple[ValueFound, ...] = ()
    claims: tuple[Claim, ...] = ()
    expected: frozenset[str] = frozenset({"completed"})
    growing: tuple[str, int] | None = None
    sampled: int = 0
    reduced: bool = False
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    opening: int = 0
    graph: StateGraph | None = field(default=None, compare=False, repr=False)

    @property
    def unexpected(self) -> tuple[Found, ...]:
        """The outcomes that are neither expected nor allowed."""
        return tuple(found for found in self.outcomes if found.outcome not in self.expected)

    @property
    def ok(self) -> bool | None:
        """Whether all outcomes are expected and all claims hold; None if a bound leaves that open."""
        if self.unexpected or any(claim.ok is False for claim in self.claims):
            return False
        unknown = not self.complete or any(claim.ok is None for claim in self.claims)
        return None if unknown else True

    def found(self, outcome: str) -> Found | None:
        """Return what was found about an outcome, or None if no schedule has it."""
        return next((found for found in self.outcomes if found.outcome == outcome), None)
