"""Finding out that a run repeats itself: a livelock, long before any limit of steps (DESIGN, decision 6).

A run is determined by its cells, by the suspended calls and, where ticks come by themselves, by the number of
steps since the last one. If all of them are what they were `period` steps ago, the run repeats these steps
for ever (`engine.run.position` says which of them may differ). Every 16,384 steps, the steps of the last
windows that the same threads reached with the same actions are compared with the present one: by a few cells,
then by a sum of hashes of all cells. A period found in this way is then tried: the run continues for `period`
steps, and the cells and the frames of every suspended call have to be equal, one by one. So a hash can only
cost time.

A thread that naps for memory may count its naps: while all that run only nap, variables on which nothing
depends (`engine.run.idle_counters`) are not compared.

A scheduler that is not over is not looked at; one that draws random numbers has a cell that never repeats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from engine.kernel.pageout.inactive import HIGHEST_LEVEL
from engine.machine.machine import Machine
from engine.memory.block import Numbers
from engine.memory.journal import Journal
from engine.run.idle_counters import idle_counters
from engine.run.livelock import livelock_of, only_naps
from engine.run.position import (
    Aside,
    Mask,
    Position,
    frames,
    moves,
    numbers_of,
    places,
    position,
    present,
)
from engine.run.program import Program

if TYPE_CHECKING:
    from engine.run.runner import Runner

LOOK_EVERY: Final = 16_384
"""Steps between two looks."""

_WINDOWS: Final = 32
"""A look covers the last 1, 2, 4, ... 32 windows of LOOK_EVERY steps: the longest period is 524,288 steps."""

_LIKE: Final = 8
"""Steps before the present one whose threads and actions must also be those of a period ago."""

_TELLING: Final = 16
"""Cells whose values are compared before all cells are hashed."""

_PERIODS: Final = 16
"""Periods that are tried after one look."""

Hashes = npt.NDArray[np.uint64]


# --- which periods are possible ---------------------------------------------------------------------------


def _mixed(address: npt.NDArray[Any], value: npt.NDArray[Any]) -> Hashes:
    """A hash of each (address, value)."""
    mixed = address.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= value.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(0x165667B19E3779F9)
    mixed = (mixed ^ mixed >> np.uint64(29)) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ mixed >> np.uint64(32)


class _Candidates:
    """The steps of a window that may have had the state after its last step.

    same: the steps, counted from the start of the window. ends: the ends of their writes, counted likewise.
    address, old, new: the writes of the window; none if there is no step.
    """

    def __init__(self, vm: Machine, journal: Journal, first: int, last: int) -> None:
        self.vm = vm
        self.same = _same_steps(journal, first, last)
        self.address, self.old, self.new = journal.written(first, last if self.same.size else first)
        self.ends = journal.ends(first + self.same) - journal.end(first)

    def past(self, cell: int) -> Numbers:
        """The values of a cell after each of the steps: the old value of the next write."""
        own = np.flatnonzero(self.address == cell)
        values = np.append(self.old[own], self.vm.memory.array[cell])
        return values[np.searchsorted(own, self.ends)]

    def keep(self, alike: Mask) -> None:
        """Keep some of the steps."""
        self.same, self.ends = self.same[alike], self.ends[alike]

    def compare_cells(self, aside: Aside) -> None:
        """Keep the steps after which all compared cells had their present values, or the same hash."""
        # A few cells rule out nearly every step; all cells are hashed only for the steps that are left.
        for cell in _telling(self.vm, self.address, aside):
            self.keep(self.past(cell) == self.vm.memory.array[cell])
            if not self.same.size:
                return
        changes = _mixed(self.address, self.new) - _mixed(self.address, self.old)
        changes = np.where(aside.keep(self.address), changes, np.uint64(0))
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(changes)])
        self.keep(sums[self.ends] == sums[-1])


def possible_periods(vm: Machine, journal: Journal, first: int, last: int, aside: Aside) -> list[int]:
    """The numbers of steps ago, after step `first`, at which all was as after step `last`, ascending.

    Only those whose last few steps were taken by the same threads with the same actions. The suspended calls
    are not compared.
    """
    found = _Candidates(vm, journal, first, last)
    found.compare_cells(aside)

    def past(column: str, row: int) -> Numbers:
        return found.past(vm.memory.address(column, row))

    def alike(moved: bool) -> Mask:
        moments = ((past, first + found.same), (present(vm), np.array([last])))
        then, now = (numbers_of(vm, moved, read, aside.stamps, steps) for read, steps in moments)
        same_numbers: Mask = np.logical_and.reduce([a == b for a, b in zip(then, now, strict=True)])
        return same_numbers

    if found.same.size:
        moved = found.ends <= max(np.flatnonzero(moves(vm, found.address)), default=-1)
        found.keep(np.where(moved, alike(True), alike(False)))
    periods: list[int] = (last - first - found.same[::-1]).tolist()
    return periods


def _same_steps(journal: Journal, first: int, last: int) -> Numbers:
    """Steps after `first`, counted from it, that the same threads and actions reached as step `last`."""
    keys = journal.keys(first, last)
    same = np.flatnonzero(keys[:-1] == keys[-1]) + 1
    same = same[same >= _LIKE]
    for back in range(2, _LIKE + 1):
        same = same[keys[same - back] == keys[-back]]
    return same


def _telling(vm: Machine, address: npt.NDArray[np.uint32], aside: Aside) -> list[int]:
    """Cells that often have a value which they never had before: variables, and those written last."""
    begin, beyond = vm.memory.places["variable.value"].stretch
    variables = address[address - np.uint32(begin) < beyond - begin]
    cells = np.concatenate([address[-64:], variables[-8:]])[::-1]
    return list(dict.fromkeys(cells[aside.keep(cells)].tolist()))[:_TELLING]


def unchanged(journal: Journal, first: int, last: int, aside: Aside) -> bool:
    """Whether every cell that is compared has the same value after step `first` and after step `last`."""
    address, old, new = journal.written(first, last)
    kept = aside.keep(address)
    address, old, new = address[kept], old[kept], new[kept]
    _, firsts = np.unique(address, return_index=True)
    _, lasts = np.unique(address[::-1], return_index=True)
    return bool((old[firsts] == new[::-1][lasts]).all())


class LoneCall:
    """A call that runs alone, without a journal: whether it is again where it was when this was made."""

    def __init__(self, vm: Machine, steps: object) -> None:
        self.vm = vm
        self.steps = steps
        self.aside = Aside(vm)
        self._places = places(steps)
        self._position = position(vm, [steps])
        self._cells = self.aside.without(vm.memory.array)

    def repeats(self) -> bool:
        """Whether the frames and the cells are the same again; to be asked between two steps."""
        if places(self.steps) != self._places:
            return False
        if (frames(self.steps, HIGHEST_LEVEL),) != self._position.calls:
            return False
        now = position(self.vm, [self.steps])
        return now.repeats(self._position, cleared=True) and np.array_equal(
            self._cells, self.aside.without(self.vm.memory.array)
        )


# --- the looks --------------------------------------------------------------------------------------------


@dataclass
class _Trial:
    """A look whose periods are tried: its journal, step and cpu, the positions, and the periods.

    positions: without and with pages that join or leave a queue that the daemons scan.
    aside:     the cells that are not compared.
    """

    journal: Journal
    step: int
    last_cpu: int
    positions: tuple[Position, Position]
    periods: list[int]
    aside: Aside

    @property
    def due(self) -> int:
        """The step after which the next period is compared."""
        return self.step + self.periods[0]


class Lookout:
    """Runs a recorded runner, and ends the run as a livelock when it repeats itself."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.aside = Aside(runner.vm)
        self._programs: list[Program] = []
        self._words: set[str] = set()
        self._counters: list[int] = []
        self._trial: _Trial | None = None

    def run(self, limit: int) -> int:
        """Take up to `limit` steps as Runner.run does, and look; return how many were taken.

        Errors: as Runner.run.
        """
        runner, begin = self.runner, self.runner.step
        self._drop_old_trial()
        if self._trial is None and runner.outcome is None:
            self._look()  # a fork may begin at the step of a look
        while (left := limit - (runner.step - begin)) > 0:
            if not runner.run(min(left, self._steps_to_next_look())) or runner.outcome is not None:
                break
            self._look()
        return runner.step - begin

    def _steps_to_next_look(self) -> int:
        step, trial = self.runner.step, self._trial
        return LOOK_EVERY - step % LOOK_EVERY if trial is None else trial.due - step

    def _drop_old_trial(self) -> None:
        """Drop the trial if the run has moved to another branch, or to a step outside the trial."""
        trial = self._trial
        if trial is not None:
            here = trial.journal is self.runner.journal and trial.step <= self.runner.step < trial.due
            self._trial = trial if here else None

    def _look(self) -> None:
        trial, step = self._trial, self.runner.step
        if trial is None:
            if step and step % LOOK_EVERY == 0:
                self._begin_trial(step)
        elif step == trial.due:
            if self._repeats(trial):
                runner = self.runner
                runner.stop_in_livelock(livelock_of(runner.threads, trial.journal, trial.step, step))
            del trial.periods[0]
            self._trial = trial if trial.periods and self.runner.outcome is None else None

    def _begin_trial(self, step: int) -> None:
        runner, journal = self.runner, self.runner.journal
        dispatcher = runner.dispatcher
        if journal is None or dispatcher.restart or not dispatcher.schedule.is_over(runner.vm):
            return
        self._read_scripts()
        looks = step // LOOK_EVERY
        first = step - LOOK_EVERY * min(looks & -looks, _WINDOWS)
        aside = self.aside
        if self._counters and only_naps(runner.threads, journal, step - LOOK_EVERY, step):
            aside = Aside(runner.vm, self._words, self._counters)
        if periods := possible_periods(runner.vm, journal, first, step, aside)[:_PERIODS]:
            positions = self._now(False), self._now(True)
            self._trial = _Trial(journal, step, runner.last_cpu, positions, periods, aside)

    def _read_scripts(self) -> None:
        """Bring `aside` up to date with the scripts; a call at the console adds one."""
        runner = self.runner
        if self._programs != runner.programs:
            self._programs = list(runner.programs)
            text = "\n".join(line for program in self._programs for line in program.lines)
            self._words = set(re.findall(r"\w+", text))
            self._counters = [counter.slot for counter in idle_counters(self._programs)]
            self.aside = Aside(runner.vm, self._words)

    def _repeats(self, trial: _Trial) -> bool:
        """Whether everything is as it was when the trial began."""
        runner, vm = self.runner, self.runner.vm
        if runner.last_cpu != trial.last_cpu or not unchanged(
            trial.journal, trial.step, runner.step, trial.aside
        ):
            return False
        address, old, new = trial.journal.written(trial.step, runner.step)
        cleared = (address == vm.memory.address("global.vm_pageout_deficit", 0)) & (new < old)
        moved = bool(moves(vm, address).any())
        return self._now(moved).repeats(trial.positions[moved], bool(cleared.any()))

    def _now(self, moved: bool) -> Position:
        runner = self.runner
        suspended = [live.steps for live in runner.live]
        return position(runner.vm, suspended, self.aside.stamps, runner.step, moved)


def run_unrecorded(runner: Runner, limit: int) -> None:
    """Take up to `limit` steps of a runner whose steps are never viewed, and look.

    What a look may read is recorded meanwhile: two times the longest period at most, however long the run.
    Errors: as Runner.run.
    """
    memory, journal, longest = runner.vm.memory, Journal(), _WINDOWS * LOOK_EVERY
    runner.journal = journal
    memory.record(journal)
    lookout = Lookout(runner)
    while (left := limit - runner.step) > 0 and lookout.run(min(left, longest)):
        journal.release(runner.step - longest)
    runner.journal = None
    memory.record(None)
