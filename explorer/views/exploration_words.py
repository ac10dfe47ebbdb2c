"""What a search of the schedules found, in words: the same on the screen and in a command's output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.explore.exploration import Access, Exploration, Found, Race
from engine.explore.limits import Progress
from engine.run.runner import LIVELOCK
from engine.words import listed, plural
from explorer.views.shares import share_text, short_count

_ENDING: Final = {
    "completed": "complete",
    "blocked": "block",
    "deadlock": "end in a deadlock",
    LIVELOCK: "run without an end",
    "script error": "end in a script error",
    "leak": "end with a leak",
    "unlock_order": "unlock in a wrong order",
    "invariant": "break an invariant of the model",
}
"""Outcome -> what a run then does."""

_SECONDS: Final = 10


def head_words(exploration: Exploration, seconds: float | None = None) -> str:
    """The first line: complete or bounded, and by what; the states, the steps and the settings.

    seconds: how long the search took.
    """
    parts = [] if exploration.states is None else [plural(exploration.states, "state")]
    between = "" if exploration.states is None else " between them"
    parts.append(f"{plural(exploration.transitions, 'step')}{between}")
    if seconds is not None:
        parts.append(f"{seconds:.2f} s" if seconds < _SECONDS else f"{seconds:.0f} s")
    how = "complete" if exploration.complete else f"bounded (by {exploration.bound})"
    reduced = ", reduced" if exploration.reduced else ""
    return f"{how}{reduced}: {', '.join(parts)}{_with(exploration.settings)}{_growing(exploration)}"


def _with(settings: Mapping[str, Any]) -> str:
    return "".join(f", with {key} = {value}" for key, value in settings.items())


def _growing(exploration: Exploration) -> str:
    if exploration.growing is None:
        return ""
    cell, values = exploration.growing
    return f"; {cell} took {plural(values, 'value')}"


def progress_words(progress: Progress) -> str:
    """How far a search has come."""
    if progress.sampled:
        return f"{plural(progress.sampled, 'schedule')} sampled, {plural(progress.transitions, 'step')}"
    return f"{plural(progress.states, 'state')}, {plural(progress.transitions, 'step')} between them"


def counts_words(exploration: Exploration) -> str:
    """Why the schedules are not counted, or not all of them; "" if they are, or were sampled."""
    if exploration.sampled or not exploration.outcomes:
        return ""
    if all(found.schedules is not None for found in exploration.outcomes):
        return "" if exploration.complete else "only the schedules that were searched are counted"
    if exploration.reduced:
        return "schedules are not counted: a reduced search leaves out those that end in the same state"
    if not exploration.complete:
        return "schedules are not counted: the search is bounded"
    return "schedules are not counted: some run without an end"


def runs_words(exploration: Exploration, found: Found) -> str:
    """How often random runs have an outcome, or how many of the samples; "" if that is not known."""
    if exploration.sampled:
        return f"{found.sampled:,} of {plural(exploration.sampled, 'sampled schedule')}"
    if found.probability is None or not (found.probability or exploration.complete):
        return ""
    if found.outcome == LIVELOCK and not found.probability:
        return "0 % of random runs"
    others = sum(other.probability or 0.0 for other in exploration.outcomes if other is not found)
    least = "" if exploration.complete else "at least "
    return least + share_of_runs(found.probability, others if exploration.complete else 1 - found.probability)


def share_of_runs(share: float, others: float) -> str:
    """`28 % of random runs`, `1 in 210 random runs`; others: the sum of the other shares."""
    text = share_text(share, others)
    return f"{text} {'of ' if text.endswith('%') else ''}random runs"


def ends_words(found: Found) -> tuple[str, str]:
    """The number of end states and their noun; a livelock has loops instead."""
    number, noun = plural(found.ends, "loop" if found.outcome == LIVELOCK else "end state").split(" ", 1)
    return number, noun


def schedules_words(count: int | None) -> tuple[str, str]:
    """A number of schedules, short, and its noun; empty if it is not known."""
    if count is None:
        return "", ""
    return short_count(count), "schedule" if count == 1 else "schedules"


def simplest_words(exploration: Exploration, found: Found) -> str:
    """The simplest schedule of an outcome, with its switches and steps; of those that were searched."""
    simplest = "simplest" if exploration.complete and not exploration.reduced else "simplest found"
    schedule = found.schedule or "no step is taken"
    switches = plural(found.switches, "switch", "switches")
    return f"{simplest}: {schedule}  ({switches}, {plural(found.steps, 'step')})"


def inevitable_words(found: Found) -> str:
    """The point of no return of an outcome, and what the threads could do there; "" if it is not known."""
    point = found.inevitable
    if point is None:
        return ""
    if not point.thread:
        return "inevitable from the start"
    words = f'inevitable after step {point.step:,}, {point.thread} "{point.action}"'
    ways: dict[tuple[str, ...], list[str]] = {}
    for thread, others in zip(point.alternatives, point.others, strict=True):
        ways.setdefault(others, []).append(thread)
    for others, threads in ways.items():
        can = _joined_or([ending_words(outcome) for outcome in others])
        words += f"; if {_joined_or(threads)} takes step {point.step:,} instead, the run can still {can}"
    return words


def ending_words(outcome: str) -> str:
    """What a run with an outcome does in the end: `complete`, `panic in vm_page_alloc`."""
    kind, _, function = outcome.partition(":")
    return f"panic in {function}" if function else _ENDING[kind]


def race_words(race: Race) -> str:
    """The cell of a race, and the two accesses whose order decides."""
    return f"race on {race.cell}: {_access(race.first)}, then {_access(race.second)}"


def _access(access: Access) -> str:
    verb = "wrote" if access.writes else "read"
    return f'{access.thread} {verb} it in step {access.step:,} "{access.action}"'


def lost_words(found: Found) -> str:
    """How many ends of `blocked` are lost wakeups; "" for none."""
    if not found.lost:
        return ""
    wakeups = "1 is a lost wakeup" if found.lost == 1 else f"{found.lost:,} are lost wakeups"
    return f"of {plural(found.ends, 'end state')}, {wakeups}"


def loop_words(found: Found) -> str:
    """What repeats in a livelock, and whether a thread is never chosen; "" for another outcome."""
    if found.outcome != LIVELOCK:
        return ""
    repeats = f"the last {plural(found.cycle, 'step')} {'repeats' if found.cycle == 1 else 'repeat'}"
    if not found.starves:
        return f"{repeats}; fair: each thread that can run again and again does"
    verb = "is" if len(found.starves) == 1 else "are"
    return f"{repeats}; starves {listed(found.starves)} if {listed(found.starves)} {verb} never chosen"


def _joined_or(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
