"""Choosing the next step: by the schedule, then by the cpus in turn (DESIGN, decision 6)."""

from __future__ import annotations

from engine.machine.machine import Machine
from engine.run.events import Choice, Event
from engine.run.opening import Opening
from engine.run.schedule import Scheduler
from engine.run.threads import Threads


class Dispatcher:
    """Chooses the next step of a machine's threads; the schedule's progress is kept in cells."""

    def __init__(self, threads: Threads, schedule: Scheduler, opening: Opening | None = None) -> None:
        self.opening = opening
        self.vm: Machine = threads.vm
        self.threads = threads
        self.schedule = schedule
        self.restart = False

    def follow(self, schedule: Scheduler, restart: bool) -> None:
        """Follow `schedule` from the next step: from its start, or from its progress in cells."""
        self.schedule = schedule
        self.restart = restart

    def choose(self, step: int, last_cpu: int) -> Choice:
        """Choose who takes the step after `step`; `last_cpu` took the previous one.

        Errors: BadInput if an item of the schedule cannot run.
        """
        if self.opening is not None and self.opening.lasts(step):
            return self.opening.choice(self.vm)
        self.begin_if_due()
        if self.steps_to_tick(step) == 0:
            return Event("tick", 1)
        choice = self.schedule.choose(self.threads, step)
        return self.threads.in_turn(last_cpu) if choice is None else choice

    def begin_if_due(self) -> None:
        """Within a step: if a new schedule starts with it, reset the cells of the schedule's progress."""
        if not self.restart:
            return
        self.restart = False
        self.vm.glob.schedule_item[0] = 0
        self.vm.glob.schedule_left[0] = 0
        self.vm.glob.schedule_random[0] = self.schedule.seed

    def steps_to_tick(self, step: int) -> int | None:
        """Steps after step `step` until a clock tick is due; None if no number of steps makes one due.

        They count from the last step that was a tick or a jump in time.
        """
        every = self.vm.config.steps_per_tick
        if not every or self.schedule.keeps_time(self.vm):
            return None
        return every - (step - self.vm.glob.schedule_tick[0]) % (every + 1)

    def opens(self, step: int) -> bool:
        """Whether the step after `step` belongs to the opening, where there is no choice."""
        return self.opening is not None and self.opening.lasts(step)

    @property
    def by_default(self) -> bool:
        """Whether the cpus take turns from here on, between the clock ticks that are due."""
        return not self.restart and self.schedule.is_over(self.vm)

    def would_take(self, t: int, step: int, last_cpu: int) -> bool:
        """Whether thread `t` takes the step after `step` in turn, or as part of the opening."""
        return (self.opens(step) or self.by_default) and self.choose(step, last_cpu) == t
