"""The tree of branches of a run: which branch took a step, and what two branches have in common.

A branch is known by its number, its index in the list. A dropped branch keeps its place, so that the numbers
of the others stay as they are; it has no history and no children.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.errors import BadInput, Finding
from engine.memory.timeline import Timeline
from engine.run.program import Program
from engine.run.remarks import Remarks
from engine.run.schedule import Scheduler
from engine.run.suspended import Frame


@dataclass
class Branch:
    """One future: its timeline, the step at which it forked from its parent, and its outcome so far.

    programs: the programs of its threads: the parent's, and those started in the branch.
    restarts: whether its schedule starts at the fork; if not, it continues the parent's progress.
    chosen:   steps for which the user chose the thread, against the schedule.
    remarks:  those of its steps, and of the steps that it shares with its parent.
    dropped:  whether its history was given up.
    """

    name: str
    timeline: Timeline
    schedule: Scheduler
    programs: tuple[Program, ...] = ()
    parent: int | None = None
    fork_step: int = 0
    restarts: bool = False
    chosen: list[int] = field(default_factory=list)
    outcome: str | None = None
    finding: Finding | None = None
    finding_stack: tuple[Frame, ...] = ()
    remarks: Remarks = field(default_factory=Remarks)
    dropped: bool = False

    @property
    def total(self) -> int:
        """How many steps of the branch are recorded."""
        return self.timeline.journal.steps


def kept(branches: Sequence[Branch]) -> list[int]:
    """Return the numbers of the branches that are not dropped."""
    return [number for number, branch in enumerate(branches) if not branch.dropped]


def check_number(branches: Sequence[Branch], number: int) -> None:
    """Check that there is a branch with this number.

    Errors: BadInput if there is none, or if it is dropped.
    """
    there = kept(branches)
    if number not in there:
        known = f"0 to {there[-1]}" if len(there) == there[-1] + 1 else ", ".join(map(str, there))
        raise BadInput(f"there is no branch {number}; there are {known}")


def check_can_drop(branches: Sequence[Branch], number: int) -> None:
    """Check that a branch can be dropped.

    Errors: BadInput for the first branch, and for a branch from which others started.
    """
    check_number(branches, number)
    name = branches[number].name
    if branches[number].parent is None:
        raise BadInput(f"{name} is the first branch and cannot be dropped; drop one that started from it")
    later = [branches[other].name for other in kept(branches) if branches[other].parent == number]
    if later:
        raise BadInput(f"{', '.join(later)} started from {name}; drop that first")


def way_back(branches: Sequence[Branch], number: int) -> Iterator[tuple[int, int]]:
    """Yield a branch and its ancestors, each with its last step that belongs to the branch."""
    step = branches[number].total
    yield number, step
    while (parent := branches[number].parent) is not None:
        step = min(step, branches[number].fork_step)
        yield parent, step
        number = parent


def owner(branches: Sequence[Branch], number: int, step: int) -> int:
    """Return the branch that continues from `step`: branch `number` or an ancestor of it."""
    while (parent := branches[number].parent) is not None and step < branches[number].fork_step:
        number = parent
    return number


def programs_at(branches: Sequence[Branch], number: int, step: int) -> tuple[Program, ...]:
    """Return the programs of a branch that have started by `step`; a branch starts its own at the fork."""
    branch = branches[number]
    while branch.parent is not None and step <= branch.fork_step:
        branch = branches[branch.parent]
    return branch.programs


def shared_steps(branches: Sequence[Branch], one: int, other: int) -> int:
    """Return the last step that two branches have in common."""
    path = dict(way_back(branches, one))
    return max(min(path[number], step) for number, step in way_back(branches, other) if number in path)
