"""Runs that go round in a circle: only the same wakeups repeat, and no time passes.

The machine is deterministic. The cpus take turns. If, at two moments of the run, all cells are equal and
every thread is suspended at the same place with the same local values, then what happened between the two
happens again and again. The clock's cells are cells too: time does not pass in a circle.

Some cells are left out of the comparison, because no kernel function decides anything by them: `_COUNTERS`,
unless a script mentions one. The daemon's rovers count on, and are used modulo the number of colours.

A moment is a step in which a thread falls asleep, wakes up or ends. The first moment after 1,024 steps is
kept, and then one whenever the run is twice as long (Brent's method); each moment is compared with the last
kept one. What is kept depends on the steps alone, so a run that is taken again ends at the same step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import V_CACHE_COUNT, V_FREE_COUNT, VMSTATS_SIZE
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.memory.journal import EVENT, Journal
from engine.run.program import Program
from engine.run.suspended import Live
from engine.words import plural

FIRST: Final = 1024
"""The first step at which a moment may be kept."""

_COUNTERS: Final = (
    *("cpu.v_pdwakeups", "cpu.v_ppwakeups", "cpu.v_reactivated", "cpu.v_pdpages", "cpu.v_intrans"),
    *("global.vm_pages_waiting", "thread.op_start"),
)
"""Columns that only count. Of vm_pages_waiting, the kernel asks only whether it is 0; where it counts up
through a circle, it is not."""

_ROVERS: Final = ("daemon.q3", "daemon.cache_rover")
_USUAL: Final = ("vmstats.count", "gd_vmstats.view", "gd_vmstats.adj", "variable.value", "queue.head")
"""Columns that nearly always differ between two moments that differ at all."""

Place = tuple[object, int, tuple[tuple[str, object], ...]]
"""A suspended call: its code, the position in it, and its local values."""


@dataclass(frozen=True)
class Moment:
    """A step after which the set of runnable threads changed.

    last_cpu:  the cpu that took the step.
    announced: the next action of each thread.
    cells:     those of the columns that usually differ and, modulo colours, of the rovers.
    calls:     the suspended calls of each thread.
    """

    step: int
    last_cpu: int
    announced: tuple[object, ...]
    cells: tuple[Array, ...]
    calls: tuple[tuple[Place, ...], ...]


class Circles:
    """Looks for circles in a run that is being recorded; never changes a cell."""

    def __init__(self, vm: Machine, programs: Sequence[Program], live: Sequence[Live]) -> None:
        self.vm = vm
        self.programs = programs
        self.live = live
        self.moments: list[Moment] = []
        """The moments that were kept. They belong to the branch that is being recorded."""

    def look(self, step: int, last_cpu: int, journal: Journal) -> str | None:
        """At a moment: describe the circle that closes at `step`, or return None."""
        kept = self.moments[-1] if self.moments else None
        if kept is not None and self._is_back(kept, last_cpu, journal):
            return self._describe(kept, step, journal)
        if step >= (FIRST if kept is None else 2 * kept.step):
            self.moments.append(
                Moment(step, last_cpu, self._announced(), tuple(self._cells()), tuple(self._calls()))
            )
        return None

    def _announced(self) -> tuple[object, ...]:
        return tuple([live.announcement for live in self.live])

    def _cells(self) -> Iterator[Array]:
        memory = self.vm.memory
        for column in _USUAL:
            begin, end = memory.places[column].stretch
            yield memory.array[begin:end].copy()
        for column in _ROVERS:
            begin, end = memory.places[column].stretch
            yield memory.array[begin:end] & self.vm.color_mask

    def _calls(self) -> Iterator[tuple[Place, ...]]:
        for live in self.live:
            frames = [call.gi_frame for call in live.calls()]
            yield tuple(
                (frame.f_code, frame.f_lasti, _numbers(frame.f_locals))
                for frame in frames
                if frame is not None
            )

    # --- comparing ------------------------------------------------------------------------------------------

    def _is_back(self, kept: Moment, last_cpu: int, journal: Journal) -> bool:
        """Whether the state is the one of a kept moment; the cheapest comparisons come first."""
        return (
            last_cpu == kept.last_cpu
            and self._announced() == kept.announced
            and all(map(np.array_equal, kept.cells, self._cells()))
            and tuple(self._calls()) == kept.calls
            and not self._changed(kept.step, journal)
        )

    def _changed(self, since: int, journal: Journal) -> bool:
        """Whether a cell that matters has another value than after step `since`."""
        left_out = self._left_out()
        written, first = np.unique(journal.addresses(since, journal.steps), return_index=True)
        begin, cells = journal.end(since), self.vm.memory.cells
        for address, write in zip(written.tolist(), first.tolist(), strict=True):
            if cells[address] != journal.old[begin + write]:
                place, _ = self.vm.memory.place_of(address)
                if f"{place.table}.{place.name}" not in left_out:
                    return True
        return False

    def _left_out(self) -> set[str]:
        """The columns that are not compared: scripts do not mention them."""
        scripts = "\n".join(line for program in self.programs for line in program.lines)
        return {column for column in (*_COUNTERS, *_ROVERS) if column.partition(".")[2] not in scripts}

    # --- saying it ------------------------------------------------------------------------------------------

    def _describe(self, kept: Moment, step: int, journal: Journal) -> str:
        took = [t for t in np.unique(journal.threads(kept.step, step)).tolist() if t != EVENT]
        sees = what_cpus_see(self.vm, [(self.live[t].cpu, self.programs[t].name) for t in took])
        round_ = plural(step - kept.step, "step")
        right = "let time pass with steps_per_tick or tick()"
        return f"the same wakeups repeat every {round_} and no time passes: {sees}; {right}"


def what_cpus_see(vm: Machine, running: Sequence[tuple[int, str]]) -> str:
    """Say how many free and cached pages each cpu sees; running: the cpu and the name of each thread."""
    view, texts = vm.gd_vmstats.view, []
    for cpu in sorted({cpu for cpu, _ in running}):
        names = ", ".join(name for own, name in running if own == cpu)
        free, cached = (view[cpu * VMSTATS_SIZE + field] for field in (V_FREE_COUNT, V_CACHE_COUNT))
        texts.append(f"cpu {cpu} ({names}) sees {free:,} free and {cached:,} cached pages")
    return ", ".join(texts)


def _numbers(values: dict[str, object]) -> tuple[tuple[str, object], ...]:
    """The local values of a call on which it depends; the machine and its columns are always the same."""
    return tuple((name, value) for name, value in values.items() if isinstance(value, int | str | tuple))
