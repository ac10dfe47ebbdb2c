"""The history of a run: go live at any recorded step, and take another future (DESIGN, decision 2).

Viewing a step moves only the memory: see `engine.run.recording`. Going live also rebuilds the threads'
suspended calls: each unfinished instruction is primed, and its own steps (no others) are performed again,
each against the memory of that step; every write is compared with the recorded one. Taking a step where the
recorded future differs starts a branch; the old future is kept.
"""

from __future__ import annotations

from typing import Final

from engine.errors import BadInput, CapacityError, Finding, KernelPanic
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.memory.journal import HISTORY_LIMIT, Budget, Journal, JournalFullError
from engine.memory.timeline import Timeline
from engine.run import again, branches
from engine.run.again import Write
from engine.run.branches import Branch
from engine.run.endings import Run, refined
from engine.run.events import Choice, Event
from engine.run.livelock import bound_text
from engine.run.opening import Opening
from engine.run.program import Program
from engine.run.recording import Recording
from engine.run.recurrence import Lookout
from engine.run.runner import BOUND, PANIC, STOPPED, Runner
from engine.run.schedule import Scheduler
from engine.run.suspended import Live
from engine.run.threads import COMPLETED


class StepsExhausted(Finding):
    """The run has reached its limit of steps."""


LIVE_STEPS: Final = 20_000
"""Upper limit of steps to perform again for a display that does not continue the run from there."""


class History(Recording):
    """The recorded run of one machine's programs, which can continue at any step."""

    def __init__(
        self,
        vm: Machine,
        programs: list[Program],
        schedule: Scheduler | None = None,
        limit: int = HISTORY_LIMIT,
        max_steps: int | None = None,
        opening: Opening | None = None,
    ) -> None:
        """Start the threads and record from step 0.

        limit: limit of the history of all branches in bytes; max_steps: limit of the steps of each.
        opening: what comes before the threads run, if boot is stepped.
        Errors: as Runner.start.
        """
        self.max_steps = max_steps
        self.runner = Runner(vm, programs, schedule, opening)
        self.runner.start()
        self.lookout = Lookout(self.runner)
        self.budget = Budget(limit)
        journal = Journal(self.budget)
        vm.memory.record(journal)
        self.runner.journal = journal
        chosen = self.runner.dispatcher.schedule
        main = Branch("main", Timeline(vm.memory, journal), chosen, tuple(programs))
        super().__init__(vm, programs, main, opening)
        self.runner.remarks = main.remarks
        self.live_at: int | None = 0
        """The step that the runner's suspended calls belong to; None if they have to be rebuilt."""

    @property
    def limit(self) -> int:
        """The limit of the history of all branches, in bytes."""
        return self.budget.limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self.budget.limit = limit
        self._use_room()

    # --- moving -------------------------------------------------------------------------------------------

    def forward(self) -> bool:
        """View the next recorded step or, at the end, take a new one; return False if nothing can run.

        Errors: as Runner.take.
        """
        if self.step < self.total:
            live = self.live_at == self.step
            if live and self.journal.thread(self.step + 1) != EVENT:
                self.repeat(self.step + 1, self.runner.live)
            else:
                self.timeline.seek(self.step + 1)
            if live:
                self._stand_after(self.step)
            return True
        return self.extend(1) == 1

    def extend(self, limit: int) -> int:
        """Take up to `limit` new steps at the end of the branch; return how many were taken.

        Errors: as Runner.take.
        """
        self.timeline.seek(self.total)
        self.go_live()
        try:
            return self._run(limit)
        finally:
            self._note_end()

    def _run(self, limit: int) -> int:
        if self.max_steps is not None and self.total + limit > self.max_steps:
            limit = self.max_steps - self.total
        return self.lookout.run(limit)

    @property
    def _at_bound(self) -> bool:
        """Whether the cursor is at the limit of steps, after which no branch continues."""
        return self.step == self.max_steps

    def _note_end(self) -> None:
        """After the runner took steps: update the timeline and the outcome of the branch."""
        self.timeline.step = self.journal.steps
        branch, runner = self.branch, self.runner
        if runner.outcome == COMPLETED != branch.outcome:
            ending = refined(Run(self.vm, self.journal, self.programs, self.booted or 0))
            runner.outcome, runner.finding = ending or (COMPLETED, None)
        if self._at_bound and runner.outcome is None:
            runner.outcome = BOUND
            runner.finding = StepsExhausted(bound_text(runner.threads, self.journal, self.step))
        # An error in a script or a schedule destroys the suspended call that raised it; it can be rebuilt.
        self.live_at = None if runner.outcome == STOPPED else self.timeline.step
        if runner.outcome == STOPPED:
            return
        branch.outcome, branch.finding = runner.outcome, runner.finding
        branch.finding_stack = runner.finding_stack

    def step_thread(self, t: int) -> bool:
        """Take a step of thread `t` here, in a branch if another future is recorded; False if `t` cannot run.

        Errors: as Runner.take.
        """
        if self.step < self.total and self.journal.thread(self.step + 1) == t:
            return self.forward()
        self.go_live()
        if not self.runner.threads.can_run(t):
            return False
        if self.step < self.total:
            self.fork()
        scheduled = self.runner.dispatcher.would_take(t, self.step, self.runner.last_cpu)
        try:
            return self.lookout.run(1) == 1 if scheduled else self.runner.take_thread(t)
        finally:
            if self.journal.steps > self.timeline.step and not scheduled:
                self.branch.chosen.append(self.journal.steps)
            self._note_end()

    def next_choice(self) -> Choice | None:
        """Return who takes the next step, without side effects; None if an item of the schedule cannot run.

        In recorded history, this is the recorded choice; at the end, the choice that the schedule would make
        now.
        """
        if self.step < self.total:
            t = self.journal.thread(self.step + 1)
            return Event(self.journal.label(self.step + 1), 0) if t == EVENT else t
        if self.branch.outcome is not None:
            return self.branch.outcome
        self.go_live()
        dispatcher = self.runner.dispatcher
        restart = dispatcher.restart
        try:
            return dispatcher.choose(self.step, self.runner.last_cpu)
        except BadInput:
            return None
        finally:
            # Choosing wrote the schedule's progress to cells.
            self.journal.undo_unmarked(self.vm.memory.cells)
            dispatcher.restart = restart

    # --- branches -----------------------------------------------------------------------------------------

    def fork(self, schedule: Scheduler | None = None, name: str | None = None) -> Branch:
        """Start a branch at the cursor, live, that follows `schedule` (default: continue the current one).

        Errors: JournalFullError if the history is full.
        """
        if self.budget.full:
            raise self.budget.error(self.total)
        self.go_live()
        step = self.step
        timeline = self.timeline.fork(step)
        # In the past that a branch shares with its parent, the parent's schedule and threads apply.
        follows = self.branches[self.owner(step)]
        restarts = schedule is not None or (follows.restarts and step == follows.fork_step)
        chosen, title = schedule or follows.schedule, name or f"branch {len(self.branches)}"
        branch = Branch(
            title,
            timeline,
            chosen,
            branches.programs_at(self.branches, self.current, step),
            self.current,
            step,
            restarts,
        )
        branch.remarks = self.branch.remarks.until(step)
        if self.outcome == PANIC or self._at_bound:
            branch.outcome, branch.finding = self.branch.outcome, self.branch.finding
            branch.finding_stack = self.branch.finding_stack
        self.branches.append(branch)
        self.current = len(self.branches) - 1
        self._use(branch)
        # A thread that was blocked or done may be able to run in another future; after a panic or at the
        # limit of steps none can.
        self.runner.reset(step, self.runner.last_cpu)
        self._take_over_end()
        return branch

    def inject(self, program: Program, name: str | None = None, schedule: Scheduler | None = None) -> int:
        """Start a branch at the cursor in which one more thread runs `program`; return the thread's number.

        The start of the thread is an event: the branch's first step.
        schedule: as for `fork`.
        Errors: BadInput if the cpu does not exist, the kernel has panicked or the run has reached its limit
                of steps, CapacityError if the machine has no room for the thread or its variables,
                JournalFullError if the history is full.
        """
        if self.outcome == PANIC:
            raise BadInput("the kernel has panicked and cannot run a new thread; step back first")
        if self._at_bound:
            raise BadInput(f"the run has reached its bound of {self.max_steps} steps; step back first")
        if self.opening is not None and self.opening.lasts(self.step):
            raise BadInput("no thread can start before the machine has booted; run to the setup first")
        t = len(branches.programs_at(self.branches, self.current, self.step))
        if t >= self.vm.thread.length:
            raise CapacityError(f"this machine has room for {self.vm.thread.length} threads, all in use")
        if max(program.names.values(), default=-1) >= self.vm.variable.length:
            raise CapacityError(f"this machine has room for {self.vm.variable.length} variables, all in use")
        if not 0 <= program.cpu < self.vm.ncpus:
            raise BadInput(f"there is no cpu {program.cpu}; this machine has cpus 0 to {self.vm.ncpus - 1}")
        branch = self.fork(schedule, name)
        branch.programs = (*branch.programs, program)
        self._use(branch)
        self.runner.start_thread(t)
        self._note_end()
        return t

    def forget(self, step: int) -> None:
        """Drop the current branch's steps after `step`, which were never shown, and move to `step`."""
        self.seek(step)
        if step == self.total:
            return
        self.journal.cut(step)
        self.branch.remarks.cut(step)
        self.branch.chosen[:] = [chosen for chosen in self.branch.chosen if chosen <= step]
        self._follow_schedule()
        self.branch.outcome, self.branch.finding, self.branch.finding_stack = None, None, ()
        self.cuts.append((self.current, step))
        self.live_at = None

    def switch(self, number: int) -> None:
        """Make branch `number` current; the cursor moves back if needed to the last step that both share.

        Errors: BadInput if there is no such branch.
        """
        branches.check_number(self.branches, number)
        if number == self.current:
            return
        shared = self.shared_steps(self.current, number)
        if self.step > shared:
            self.timeline.seek(shared)
        step = self.step
        self.current = number
        self.timeline.step = step
        self._use(self.branch)
        self.live_at = None

    def _use(self, branch: Branch) -> None:
        journal = branch.timeline.journal
        journal.measure()
        self.vm.memory.record(journal)
        self.programs[:] = branch.programs
        del self.runner.live[len(self.programs) :]
        self.runner.live.extend(
            Live(t, program.cpu) for t, program in enumerate(self.programs) if t >= len(self.runner.live)
        )
        self.vm.thread_names = tuple(program.name for program in self.programs)
        self.runner.journal, self.runner.remarks = journal, branch.remarks
        self._follow_schedule()

    def _use_room(self) -> None:
        """Let branches continue that had to stop because the history was full, if there is room again."""
        self.journal.measure()
        if self.budget.full:
            return
        for branch in self.branches:
            if isinstance(branch.finding, JournalFullError):
                branch.outcome = branch.finding = None
        if isinstance(self.runner.finding, JournalFullError):
            self.runner.outcome = self.runner.finding = None

    def _follow_schedule(self) -> None:
        branch = self.branch
        self.runner.dispatcher.follow(branch.schedule, branch.restarts and self.total == branch.fork_step)

    def drop(self, number: int) -> None:
        """Give up a branch and its history; if it is the current one, go to its parent first.

        Errors: BadInput for the first branch, a branch from which others started, and an unknown one.
        """
        branches.check_can_drop(self.branches, number)
        branch = self.branches[number]
        if number == self.current and branch.parent is not None:
            self.switch(branch.parent)
        branch.dropped = True
        branch.timeline.journal.drop()
        branch.chosen.clear()
        self.cuts.append((number, 0))
        self._use_room()

    # --- going live ---------------------------------------------------------------------------------------

    def go_live(self) -> None:
        """Rebuild the threads' suspended calls at the cursor.

        Errors: InvariantViolation if a step performed again does not write what was recorded.
        """
        step = self.step
        if self.live_at == step:
            return
        self.runner.live[:] = [Live(t, program.cpu) for t, program in enumerate(self.programs)]
        self.runner.prime_all()
        for earlier in again.unfinished(self.vm, self.journal, len(self.programs), step):
            self.repeat(earlier, self.runner.live)
        self.timeline.seek(step)
        self._stand()

    def is_near(self, most: int = LIVE_STEPS) -> bool:
        """Whether going live at the cursor, from elsewhere, performs at most `most` steps again."""
        return again.at_most(self.vm, self.journal, len(self.programs), self.step, most)

    def _stand_after(self, step: int) -> None:
        """As `_stand`, at the recorded step `step`, which may have started threads."""
        if self.journal.thread(step) == EVENT:
            for live in self.runner.live:
                if live.steps is None:
                    self.runner.prime(live)
        self._stand()

    def _stand(self) -> None:
        """Move the runner to the cursor, where the suspended calls are now."""
        step = self.step
        self.runner.reset(step, self._last_cpu(step))
        self.live_at = step
        if step == self.total:
            self._take_over_end()

    def _take_over_end(self) -> None:
        """Copy the branch's outcome and finding to the runner."""
        branch, runner = self.branch, self.runner
        runner.outcome, runner.finding, runner.finding_stack = (
            branch.outcome,
            branch.finding,
            branch.finding_stack,
        )

    def _last_cpu(self, step: int) -> int:
        begin = step if self.booted is None else self.booted
        while step > begin and self.journal.thread(step) == EVENT:
            step -= 1
        return self.programs[self.journal.thread(step)].cpu if step > begin else self.vm.ncpus - 1

    def repeat(self, step: int, live: list[Live]) -> None:
        """Perform step `step` again and compare its writes; the memory is at `step` afterwards.

        The runner stays where it was; only `live` advances.
        """
        again.repeat(self.runner, self.timeline, step, live)

    def perform_again(self, step: int, live: list[Live]) -> tuple[list[Write], KernelPanic | None]:
        """As `repeat`, but return the writes and the panic; the memory is as recorded after `step`."""
        return again.perform_again(self.runner, self.timeline, step, live)
