"""A recorded run: its branches, and the cursor, which can view any step (DESIGN, decision 2).

Nothing here performs a step: viewing one moves only the memory. What continues a run is `engine.run.history`.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.memory.journal import Journal
from engine.memory.timeline import Timeline
from engine.run import branches
from engine.run.branches import Branch
from engine.run.opening import Opening
from engine.run.program import Program
from engine.run.reference_string import LOAD, STORE


@dataclass(frozen=True)
class StepRecord:
    """A step: its number, its thread (None for an event), its cpu and its action."""

    step: int
    thread: int | None
    cpu: int | None
    action: str


class Recording:
    """The branches of one machine's run, with a cursor.

    The memory always holds the state after step `step` of the current branch.

    programs: those of the threads of the current branch.
    branches: all branches, also the dropped ones; current: the number of the current one.
    opening:  what comes before the threads run; None if they run from step 0.
    cuts:     for each time that steps were dropped: the branch, and the last step that it kept.
    """

    def __init__(self, vm: Machine, programs: list[Program], main: Branch, opening: Opening | None) -> None:
        self.vm = vm
        self.programs = programs
        self.branches = [main]
        self.current = 0
        self.opening = opening
        self.cuts: list[tuple[int, int]] = []

    @property
    def branch(self) -> Branch:
        """The current branch."""
        return self.branches[self.current]

    @property
    def timeline(self) -> Timeline:
        """The current branch's timeline."""
        return self.branch.timeline

    @property
    def journal(self) -> Journal:
        """The current branch's journal."""
        return self.branch.timeline.journal

    @property
    def step(self) -> int:
        """The step whose state the memory holds."""
        return self.branch.timeline.step

    @property
    def total(self) -> int:
        """How many steps of this branch are recorded."""
        return self.branch.total

    @property
    def booted(self) -> int | None:
        """The step after which the scenario's threads run: 0, or that of the setup after a stepped boot.

        None while no branch has come that far.
        """
        return 0 if self.opening is None else self.opening.end

    @property
    def beginning(self) -> str:
        """What comes before the first step: `boot`, or `power-on` if the boot is stepped."""
        return "boot" if self.booted == 0 else "power-on"

    @property
    def origin(self) -> str:
        """What the values of step 0 come from: `boot or setup`, or `power-on`; see beginning."""
        return "boot or setup" if self.beginning == "boot" else self.beginning

    def start_of(self, t: int) -> int | None:
        """The step after which thread `t` is at the start of its program; None if the run is before it."""
        start = 0 if self.programs[t].boot else self.booted
        return None if start is None or start > self.total else start

    @property
    def outcome(self) -> str | None:
        """The outcome of the branch, or None; always None if the cursor is not at the end."""
        return self.branch.outcome if self.step == self.total else None

    def record(self, step: int) -> StepRecord:
        """Return the thread, cpu and action of step `step` (1 .. total)."""
        t = self.journal.thread(step)
        if t == EVENT:
            return StepRecord(step, None, None, self.journal.label(step))
        return StepRecord(step, t, self.programs[t].cpu, self.action(step))

    def action(self, step: int) -> str:
        """Return the action of step `step` (1 .. total): its label, with the address of a reference.

        The label of a step that takes references is the same for all of them; here are the address of the
        first one, and how many more hits the step took.
        """
        journal = self.journal
        t, label = journal.thread(step), journal.label(step)
        string = None if t == EVENT else self.programs[t].string
        if string is None or label not in (LOAD, STORE):
            return label
        position = self.vm.memory.address("variable.value", string.slot)
        write = journal.last_write(position, step)
        if write is None:
            return string.words(0)
        at, beyond = journal.old[write], journal.new[write]
        return string.words(at, beyond - at) if journal.step_of(write) == step else string.words(beyond)

    def writer(self, address: int, step: int) -> int | None:
        """Return the last step up to `step` that wrote the cell at `address`, or None."""
        return self.journal.writer(address, step)

    # --- viewing a step -------------------------------------------------------------------------------------

    def seek(self, step: int) -> None:
        """View the state after step `step`.

        Errors: BadInput outside 0 .. total.
        """
        if not 0 <= step <= self.total:
            raise BadInput(f"there is no step {step}; this run has steps 0 to {self.total}")
        self.timeline.seek(step)

    def back(self) -> bool:
        """View the previous step; return False at step 0."""
        if self.step == 0:
            return False
        self.timeline.seek(self.step - 1)
        return True

    # --- the tree of branches -------------------------------------------------------------------------------

    def owner(self, step: int, number: int | None = None) -> int:
        """Return the branch that continues from `step`: `number` (default: current) or an ancestor of it."""
        return branches.owner(self.branches, self.current if number is None else number, step)

    def shared_steps(self, one: int, other: int) -> int:
        """The last step that two branches have in common."""
        return branches.shared_steps(self.branches, one, other)

    def kept(self) -> list[tuple[int, Branch]]:
        """The branches that are not dropped, with their numbers."""
        return [(number, self.branches[number]) for number in branches.kept(self.branches)]
