"""Who takes the next step: what the schedule says, and otherwise the cpus in turn (DESIGN, decision 6)."""

from __future__ import annotations

from engine.machine.machine import Machine
from engine.run.events import Choice, Event
from engine.run.schedule import Scheduler
from engine.run.threads import Threads


class Dispatcher:
    """Chooses the next step of a machine's threads; how far the schedule is gone is cells."""

    def __init__(self, threads: Threads, schedule: Scheduler) -> None:
        self.vm: Machine = threads.vm
        self.threads = threads
        self.schedule = schedule
        self.restart = False

    def follow(self, schedule: Scheduler, anew: bool) -> None:
        """Follow a schedule from the next step on: from its begin, or where its cells say it is."""
        self.schedule = schedule
        self.restart = anew

    def choose(self, step: int, last_cpu: int) -> Choice:
        """Who takes the step after `step`, when the last one was taken on `last_cpu`.

        Errors: BadInput when an item of the schedule cannot run.
        """
        self.begin_if_due()
        every = self.vm.config.steps_per_tick
        if every and step % (every + 1) == every:
            return Event("tick", 1)
        choice = self.schedule.choose(self.threads, step)
        return self.threads.in_turn(last_cpu) if choice is None else choice

    def begin_if_due(self) -> None:
        """Within a step: note in cells that a schedule which begins with it has begun."""
        if not self.restart:
            return
        self.restart = False
        self.vm.glob.schedule_item[0] = 0
        self.vm.glob.schedule_left[0] = 0
        self.vm.glob.schedule_random[0] = self.schedule.seed

    @property
    def by_default(self) -> bool:
        """Whether the cpus simply take turns from here on."""
        return not self.vm.config.steps_per_tick and not self.restart and self.schedule.is_over(self.vm)

    def would_take(self, t: int, step: int, last_cpu: int) -> bool:
        """Whether the cpus simply take turns, and thread `t` takes the step after `step`."""
        return self.by_default and self.choose(step, last_cpu) == t
