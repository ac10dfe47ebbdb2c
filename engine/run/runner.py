"""Running simulated threads: one step of a thread, and many steps at a time.

Each thread is a suspended instruction that has announced its next atomic action. A step performs that action
and receives the next announcement. One step is everything between two marks of the journal: the update of the
schedule's progress, the cpu switch if the thread was not the current one, the action, and, if the instruction
ends with it, storing the results, setting the new position and giving up the cpu.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from typing import Any, Final

from engine.constants import NULL
from engine.errors import BadInput, CapacityError, Finding, KernelPanic
from engine.kernel.locks import can_take
from engine.kernel.process.process import exit1
from engine.kernel.sleep import setrunqueue, switch
from engine.machine.machine import Machine
from engine.machine.tables import EMPTY, ENDED, PANICKED, SLEEPING
from engine.memory.block import END_SHIFT, EVENT
from engine.memory.bulk import at_once
from engine.memory.journal import Journal, JournalFullError
from engine.run import thread_rows
from engine.run.dispatcher import Dispatcher
from engine.run.event_actions import perform_event
from engine.run.events import SETUP_LABEL, Event, start_label
from engine.run.livelock import Livelock
from engine.run.opening import SETUP_EVENT, Opening, clear_thread
from engine.run.program import Call, Program
from engine.run.remarks import Remarks
from engine.run.schedule import Scheduler, parse_schedule
from engine.run.suspended import Frame, Live, stack_of_traceback
from engine.run.threads import DEADLOCK, Threads

LIVELOCK_STEPS: Final = 1_000_000
"""Number of steps of one call, without return or sleep, that counts as a livelock."""

PANIC: Final = "panic"
LIVELOCK: Final = "livelock"
STOPPED: Final = "stopped"
BOUND: Final = "bound"

_BURST: Final = 65536

_EXIT: Final = Call(0, "exit", "exit1", exit1, (), (), 0)
"""The instruction at the position after the program's end, where a killed thread goes."""


class Runner:
    """Runs the programs of one machine, one or many steps at a time.

    step:          the number of steps taken.
    journal:       where the steps are marked, or None to run unrecorded.
    remarks:       those of the steps taken.
    opening:       what comes before the threads run; None if they run from step 0.
    before:        called with each thread before it takes a step; disables the fast path while it is set.
    outcome:       why the run cannot continue, or None while it can.
    finding:       the finding that explains the outcome, if there is one.
    finding_stack: the calls that were active at the finding.
    """

    def __init__(
        self,
        vm: Machine,
        programs: list[Program],
        schedule: Scheduler | None = None,
        opening: Opening | None = None,
    ) -> None:
        self.vm = vm
        self.opening = opening
        self.programs = programs
        self.journal: Journal | None = None
        self.remarks = Remarks()
        self.before: Callable[[Live], None] | None = None
        self.live = [Live(t, program.cpu) for t, program in enumerate(programs)]
        self.threads = Threads(vm, programs, self.live)
        self.dispatcher = Dispatcher(self.threads, schedule or parse_schedule(""), opening)
        self.reset(0, vm.ncpus - 1)

    def reset(self, step: int, last_cpu: int) -> None:
        """Continue from step `step`, which was taken on `last_cpu`, without outcome or finding."""
        self.step = step
        self.last_cpu = last_cpu
        self.outcome: str | None = None
        self.finding: Finding | None = None
        self.finding_stack: tuple[Frame, ...] = ()

    def start(self) -> None:
        """Create the threads, each at the start of its program; this is part of the state at step 0.

        Before a stepped boot, only the thread that boots is created.

        Errors: BadInput for a cpu that does not exist, CapacityError for too many threads.
        """
        vm = self.vm
        thread_rows.check(vm, self.programs)
        if self.opening is None:
            self._create_threads()
        else:
            setrunqueue(vm, self.opening.thread)
        vm.thread_names = tuple(program.name for program in self.programs)
        self.prime_all()

    def _create_threads(self) -> None:
        """Create the rows of all threads but the one that has booted, and begin the schedule."""
        thread_rows.create(self.vm, self.programs)
        self.dispatcher.restart = False
        self.vm.glob.schedule_random[0] = self.dispatcher.schedule.seed
        self.vm.glob.schedule_tick[0] = 0

    def start_thread(self, t: int) -> None:
        """Start thread `t`, which was added to the run after its start; this takes one step, an event."""
        program = self.programs[t]
        thread_rows.start(self.vm, self.live[t].thread, program, self.step + 1)
        self.dispatcher.begin_if_due()
        self.step += 1
        self._mark(EVENT, start_label(program.name))
        self.prime(self.live[t])

    def prime(self, live: Live) -> None:
        """Prepare the instruction at the thread's position without running it; touches no shared cell."""
        if self.vm.thread.state[live.thread] == EMPTY:
            live.clear()
            return
        instructions, pc = self.programs[live.thread].instructions, self.vm.thread.pc[live.thread]
        if pc < len(instructions):
            live.prime(instructions[pc].begin(self.vm))
        elif pc > len(instructions):
            live.prime(_EXIT.begin(self.vm))
        else:
            live.clear(self._last_word(live))

    def prime_all(self) -> None:
        """Prepare the instruction of every thread that can still run, from its start."""
        for live in self.live:
            if self.vm.thread.state[live.thread] != PANICKED:
                self.prime(live)

    def _last_word(self, live: Live) -> str:
        """Announcement of a thread whose program has ended; a thread of a process can still be killed."""
        return "" if self.programs[live.thread].process == NULL else "take the signal"

    # --- one step -----------------------------------------------------------------------------------------

    def perform(self, t: int) -> None:
        """Perform one atomic action of thread `t`, without mark; `step` still counts the steps before it.

        Errors: KernelPanic, which leaves the writes made so far in place; BadInput from the script.
        """
        vm, live = self.vm, self.live[t]
        if vm.cpu.current[live.cpu] != t:
            thread_rows.preempt(vm, live.cpu, t, self.threads.run_queue(live.cpu))
        vm.curthread = live.thread
        vm.mycpu = live.cpu
        try:
            live.announcement = live.advance(None)
        except StopIteration as done:
            self._complete(live, done.value)
        live.count = 0 if vm.thread.state[t] == SLEEPING else live.count + 1

    def perform_to_the_end(self, t: int) -> KernelPanic | None:
        """As `perform`, but on a panic mark the thread as panicked; return the panic, if there was one."""
        try:
            self.perform(t)
        except KernelPanic as panic:
            self.vm.thread.state[t] = PANICKED
            return panic
        return None

    def _complete(self, live: Live, value: Any) -> None:
        """After an instruction returned: store its results and move to the next one, within the same step."""
        vm, t = self.vm, live.thread
        instructions = self.programs[t].instructions
        at, end = vm.thread.pc[t], len(instructions)
        pc = instructions[at].end(vm, value) if at < end else end
        if vm.thread.signal[t] and at <= end:
            pc = end + 1
        vm.thread.pc[t] = pc
        vm.thread.op_start[t] = self.step + 1
        if pc < end:
            live.prime(instructions[pc].begin(vm))
            return
        if pc > end:
            live.prime(_EXIT.begin(vm))
            return
        vm.thread.state[t] = ENDED
        switch(vm, live.cpu)
        live.clear(self._last_word(live))
        if self.programs[t].boot:
            clear_thread(vm, live.thread)

    def take(self) -> bool:
        """Take the next step of the schedule, by a thread or an event; return False if nothing can run.

        Errors: BadInput if an item of the schedule cannot run or a script fails; no step is taken then.
        """
        self._look_for_deadlock()
        if self.outcome is not None:
            return False
        self.vm.effects.clear()
        restart, scheduled = self.dispatcher.restart, not self.dispatcher.by_default
        try:
            choice = self.dispatcher.choose(self.step, self.last_cpu)
            if isinstance(choice, int):
                self._take_thread(choice)
                if scheduled and self.dispatcher.by_default:
                    # A burst looks when the turn of a waiting thread comes; others may have theirs before.
                    self._look_for_deadlock()
                return True
            if isinstance(choice, Event):
                self._take_event(choice)
                return True
        except (BadInput, CapacityError):
            self._undo_unmarked(restart)
            self.outcome = STOPPED
            raise
        self._undo_unmarked(restart)
        self.outcome = choice
        return False

    def take_thread(self, t: int) -> bool:
        """Take one step of thread `t`, regardless of the schedule; return False if it cannot run.

        Errors: as `take`.
        """
        self._look_for_deadlock()
        if self.outcome is not None or not self.threads.can_run(t):
            return False
        self.vm.effects.clear()
        restart = self.dispatcher.restart
        try:
            self.dispatcher.begin_if_due()
            self._take_thread(t)
        except (BadInput, CapacityError):
            self._undo_unmarked(restart)
            self.outcome = STOPPED
            raise
        return True

    def _take_thread(self, t: int) -> None:
        live = self.live[t]
        action = live.action
        if self.before is not None:
            self.before(live)
        panic = self.perform_to_the_end(t)
        if panic is not None:
            self._stop_at(panic)
        self.step += 1
        self.remarks.keep(self.step, self.vm.effects)
        self.last_cpu = live.cpu
        self._look_for_livelock(live)
        self._mark(t, action)

    def _mark(self, thread: int, label: str) -> None:
        """Record the step that was just taken; a history that is full then is a finding, `bound`."""
        if self.journal is None:
            return
        try:
            self.journal.mark(thread, label)
        except JournalFullError as full:
            self.vm.runnable_changed = True  # the burst ends
            if self.outcome is None:
                self.outcome, self.finding = BOUND, full

    def _stop_at(self, panic: KernelPanic) -> None:
        self.finding_stack = stack_of_traceback(panic.__traceback__)
        self.outcome = PANIC
        self.finding = panic

    def _look_for_deadlock(self) -> None:
        if self.outcome is None:
            self.finding = self.threads.deadlock()
            self.outcome = None if self.finding is None else DEADLOCK

    def _look_for_livelock(self, live: Live) -> None:
        if live.count >= LIVELOCK_STEPS and self.outcome is None:
            name = self.programs[live.thread].name
            self.stop_in_livelock(Livelock(f"{name} took {LIVELOCK_STEPS} steps without return or sleep"))

    def stop_in_livelock(self, finding: Livelock) -> None:
        """End the run as a livelock."""
        self.outcome = LIVELOCK
        self.finding = finding

    def _undo_unmarked(self, restart: bool) -> None:
        """Undo writes that belong to no step; `restart` is the dispatcher's flag from before them."""
        self.dispatcher.restart = restart
        if self.journal is not None:
            self.journal.undo_unmarked(self.vm.memory.cells)

    def _take_event(self, event: Event) -> None:
        if event.kind == SETUP_EVENT:
            self._set_up()
            label = SETUP_LABEL
        else:
            label = perform_event(self.vm, event, self.step + 1)
        self.step += 1
        self.remarks.keep(self.step, self.vm.effects)
        self._mark(EVENT, label)

    def _set_up(self) -> None:
        """Take the step that ends the opening: the setup, and the start of the threads."""
        vm, opening = self.vm, self.opening
        assert opening is not None
        names = vm.thread_names
        try:
            with at_once(vm.memory):
                vm.effects[:] = opening.set_up(vm)
                self._create_threads()
                if vm.config.steps_per_tick:
                    vm.glob.schedule_tick[0] = self.step + 1
        finally:
            vm.thread_names = names  # the setup has a thread of its own
        opening.end, self.last_cpu = self.step + 1, vm.ncpus - 1
        self.prime_all()

    # --- many steps ---------------------------------------------------------------------------------------

    def run(self, limit: int) -> int:
        """Take up to `limit` steps, fewer if nothing can run or there is a finding; return how many.

        A full history is a finding too: the outcome is `bound`.

        Errors: BadInput as `take`.
        """
        begin = self.step
        while self.step - begin < limit and self.outcome is None:
            left = limit - (self.step - begin)
            if not self._burst(min(left, _BURST)) and not self.take():
                break
        return self.step - begin

    def _burst(self, limit: int) -> int:
        """Take steps in turn until a tick is due or other threads can run: `take` without its checks."""
        vm, begin, to_tick = self.vm, self.step, self.dispatcher.steps_to_tick(self.step)
        if to_tick == 0 or not self.dispatcher.by_default or self.before is not None:
            return 0
        current = (vm.cpu.current[cpu] for cpu in range(vm.ncpus))
        active = [self.live[t] for t in current if t != NULL]
        if not active or self.dispatcher.opens(self.step) or self.threads.interrupted():
            return 0
        first = next((i for i, live in enumerate(active) if live.cpu > self.last_cpu), 0)
        active = active[first:] + active[:first]
        limit = min(limit, max(LIVELOCK_STEPS - max(live.count for live in active), 0))
        limit = limit if to_tick is None else min(limit, to_tick)
        vm.effects.clear()
        try:
            self._turns(active, limit)
            # A remark ends a burst, so all of them belong to its last step.
            self.remarks.keep(self.step, vm.effects)
        except (BadInput, CapacityError):
            self._undo_unmarked(restart=False)
            self.outcome = STOPPED
            raise
        return self.step - begin

    def _count_turns(self, active: list[Live], turns: int) -> None:
        """Update each thread's step count of its instruction; the first ones may have had one more turn."""
        rounds, more = divmod(turns, len(active))
        for place, live in enumerate(active):
            live.count += rounds + (place < more)
            if self.vm.thread.state[live.thread] == SLEEPING:
                live.count = 0
            self._look_for_livelock(live)

    def _turns_are_over(self, active: list[Live]) -> bool:
        """Whether the threads `active` cannot take turns: there is a deadlock, or all of them wait."""
        self._look_for_deadlock()
        return self.outcome is not None or not self.threads.any_ready(active)

    def _turns(self, active: list[Live], limit: int) -> None:
        # The speed of the whole program depends on this loop. It repeats the bodies of `perform` and
        # `_take_thread`, and that of `Journal.mark` while the journal certainly has room: its block stays
        # open, and `marks` counts for it. A method that is an attribute is called fastest through a local.
        vm, journal = self.vm, self.journal
        marks = 0
        if journal is not None:
            limit, marks = min(limit, journal.space), journal.marks
            room, labels, packed = journal.room(limit), journal.labels, journal.packed
        end_shift = END_SHIFT
        vm.runnable_changed = False
        begin, first, waits, last_cpu, looked = self.step, marks, 0, self.last_cpu, -1
        try:
            for live in islice(cycle(active), limit):
                action = live.announcement
                if action.__class__ is not str:
                    if not can_take(vm, live.thread, action[1]):  # type: ignore[arg-type]  # a tuple
                        if marks != looked and self._turns_are_over(active):
                            return  # without a step since the last turn that was lost, they are not
                        looked = marks
                        if self.threads.has_another(live.cpu):
                            return
                        live.count -= 1
                        waits += 1
                        continue
                    action = action[0]
                vm.curthread = live.thread
                vm.mycpu = live.cpu
                advance = live.advance
                try:
                    live.announcement = advance(None)
                except StopIteration as done:
                    self.step = begin + marks - first
                    self._complete(live, done.value)
                    live.count = -((marks - first + waits) // len(active)) - 1
                except KernelPanic as panic:
                    vm.thread.state[live.thread] = PANICKED
                    self._stop_at(panic)
                    vm.runnable_changed = True
                if journal is not None:
                    fill = journal.fill
                    if fill < room and action in labels:
                        packed[marks] = fill << end_shift | live.key | labels[action]
                    else:
                        journal.marks = marks
                        self._mark(live.thread, action)
                marks += 1
                last_cpu = live.cpu
                if vm.runnable_changed:
                    return
        finally:
            self.step = begin + marks - first
            if journal is not None:
                journal.marks = marks
            self.last_cpu = last_cpu
            self._count_turns(active, marks - first + waits)
