"""The names of figures: from `run.NAME` to a value, and the message about any other name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Final

from engine.errors import BadInput
from engine.figures.figures import FIGURES, Asked, Figure, Value
from engine.figures.latency import DEFAULT, Latency
from engine.reports.lock_stats import LOCK_CLASSES
from engine.run.history import History

_CUT: Final = 80
"""The length of a name in a message, and of what is compared with other names."""

_LISTED: Final = 12
"""The number of threads or processes that a message lists."""

_KINDS: Final = {"CLASS": "class of locks", "THREAD": "thread", "PROCESS": "process"}

Subjects = Mapping[str, tuple[str, ...]]
"""For each kind of subject, those of a run, by name."""


def figure(history: History, name: str, latency: Latency = DEFAULT) -> Value:
    """Return the value of a figure at the end of the current branch; the cursor is where it was.

    latency: what an access costs, for the figures `run.latency.NAME`.
    Errors: BadInput if the run has no such figure.
    """
    threads = (program.name for program in history.programs)
    one, subject = _found(name, _subjects(threads, history.vm.process_names))
    return one.compute(Asked(history, subject, latency))


def check_figure(name: str, threads: Iterable[str], processes: Iterable[str]) -> None:
    """Check that a run with these threads and processes has a figure of this name.

    Errors: BadInput, with the names that are near.
    """
    _found(name, _subjects(threads, processes))


def figure_names(threads: Iterable[str], processes: Iterable[str]) -> list[str]:
    """Return the names of all figures of a run with these threads and processes, in the order of FIGURES."""
    return _names(_subjects(threads, processes))


def _subjects(threads: Iterable[str], processes: Iterable[str]) -> Subjects:
    return {"CLASS": (*LOCK_CLASSES,), "THREAD": (*threads,), "PROCESS": (*processes,), "": ("",)}


def _names(subjects: Subjects) -> list[str]:
    return [one.named(subject) for one in FIGURES for subject in subjects[one.kind]]


def _found(name: str, subjects: Subjects) -> tuple[Figure, str]:
    meant = [(one, subject) for one in FIGURES if (subject := one.subject_in(name)) is not None]
    for one, subject in meant:
        if subject in subjects[one.kind]:
            return one, subject
    raise _unknown_subject(*meant[0], subjects) if meant else _unknown(name, subjects)


def _unknown_subject(one: Figure, subject: str, subjects: Subjects) -> BadInput:
    there = subjects[one.kind]
    more = ", ..." if len(there) > _LISTED else ""
    listed = f"there is {', '.join(there[:_LISTED])}{more}" if there else "there is none"
    return BadInput(f"there is no {_KINDS[one.kind]} {subject[:_CUT]!r} for {one.name}; {listed}")


def _unknown(name: str, subjects: Subjects) -> BadInput:
    near = difflib.get_close_matches(name[:_CUT], _names(subjects), 3, 0.7)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return BadInput(f"there is no figure {name[:_CUT]!r}; {hint}`pageq help figures` lists them")
