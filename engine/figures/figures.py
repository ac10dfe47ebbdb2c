"""The figures of a whole run, each defined once: its name, what it counts, and how it is computed.

A figure is about all steps of the current branch: what happened after step 0, up to the last recorded step,
wherever the cursor is. It comes from the journal, or from a counter of the kernel as the difference to step 0
(DESIGN, decision 1). What a setup did before step 0 is in no figure; a stepped boot is a part of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from engine.debug.journal_search import steps_labelled
from engine.debug.placements import (
    ASKED,
    FINALIZED,
    LOCAL,
    NO_NODE,
    REDIRECTED,
    UNORGANIZED,
    WIDENED,
    causes,
    placements,
)
from engine.figures.cache_queue import evictions, rescues
from engine.figures.contiguous import contiguous_requests
from engine.figures.counters import counted, writes_of
from engine.figures.latency import Latency, accesses_of
from engine.figures.memory_sleeps import ticks_asleep_for_memory
from engine.figures.touches import touches_by_thread, touches_of
from engine.kernel.pagers.write import WRITE_PAGE
from engine.reports.lock_stats import lock_total
from engine.run.history import History

Value = int | float | None
"""The value of a figure; None where it is undefined, such as the mean cost of no access."""


@dataclass(frozen=True)
class Asked:
    """What a figure is computed for.

    subject: the class of locks, or the name of the thread or process, in the figure's name; else "".
    """

    history: History
    subject: str
    latency: Latency

    @property
    def process(self) -> int:
        """The number of the process that is the subject."""
        return self.history.vm.process_names.index(self.subject)


Compute = Callable[[Asked], Value]


@dataclass(frozen=True)
class Figure:
    """A figure: its name, in which a word in capitals represents any of several; its unit and meaning."""

    name: str
    unit: str
    meaning: str
    compute: Compute = field(repr=False, compare=False)

    @property
    def kind(self) -> str:
        """CLASS, THREAD or PROCESS; "" if it is about the whole run."""
        return next((word for word in self.name.split(".") if word.isupper()), "")

    def named(self, subject: str) -> str:
        """Return its name for a class of locks, a thread or a process."""
        return self.name.replace(self.kind, subject) if self.kind else self.name

    def subject_in(self, name: str) -> str | None:
        """Return the subject in a name of this figure; None if the name is not one of this figure."""
        if not self.kind:
            return "" if name == self.name else None
        head, _, tail = self.name.partition(self.kind)
        inside = name[len(head) : len(name) - len(tail)]
        return inside if inside and name == head + inside + tail else None


# --- ways to compute --------------------------------------------------------------------------------------


def _counter(*columns: str) -> Compute:
    return lambda asked: sum(counted(asked.history, column) for column in columns)


def _writes(column: str) -> Compute:
    return lambda asked: writes_of(asked.history, column)


def _lock(part: str) -> Compute:
    return lambda asked: int(getattr(lock_total(asked.history, asked.subject), part))


def _placed(*origins: int) -> Compute:
    """Count the allocated pages with one of these origins; with none given, all of them."""

    def count(asked: Asked) -> int:
        placed = placements(asked.history, 0, asked.history.total)
        return int(np.isin(causes(asked.history.vm, placed), origins).sum()) if origins else len(placed)

    return count


def _touches(part: str) -> Compute:
    return lambda asked: int(getattr(touches_of(asked.history), part).sum())


def _of_thread(by_thread: Callable[[History], Iterable[int]]) -> Compute:
    """Take the value of the threads with the subject's name."""

    def total(asked: Asked) -> int:
        values = zip(asked.history.programs, by_thread(asked.history), strict=True)
        return sum(value for program, value in values if program.name == asked.subject)

    return total


def _of_process(by_thread: Callable[[History], Iterable[int]]) -> Compute:
    """Sum the values of the threads of a process."""

    def total(asked: Asked) -> int:
        values = zip(asked.history.programs, by_thread(asked.history), strict=True)
        return sum(value for program, value in values if program.process == asked.process)

    return total


def _process_counter(column: str) -> Compute:
    return lambda asked: counted(asked.history, column, asked.process)


def _pages_written(asked: Asked) -> int:
    to_files = steps_labelled(asked.history, (WRITE_PAGE,), 0, asked.history.total)
    return counted(asked.history, "cpu.v_swappgsout") + len(to_files)


# --- the figures ------------------------------------------------------------------------------------------

_REMOTE: Final = (ASKED, REDIRECTED, WIDENED, FINALIZED, UNORGANIZED)

FIGURES: Final[tuple[Figure, ...]] = (
    Figure("run.steps", "steps", "steps of the run", lambda asked: asked.history.total),
    Figure("run.ticks", "ticks", "clock ticks that passed", _counter("global.ticks")),
    Figure("run.locks.CLASS.acquisitions", "times", "how often a lock of the class was taken, or a "
           "token shared; a token that its owner takes again does not count", _lock("acquisitions")),
    Figure("run.locks.CLASS.contended", "times", "acquisitions that had to wait", _lock("contended")),
    Figure("run.locks.CLASS.waited", "steps", "steps that other threads took while a thread waited for "
           "such a lock, summed over the waiting threads", _lock("waited")),
    Figure("run.vmstats.global_writes", "writes", "changes of the cells `vmstats.FIELD`, which all "
           "processors share", _writes("vmstats.count")),
    Figure("run.vmstats.cpu_writes", "writes", "changes of the cells `cpu[N].adj.FIELD`, the adjustments "
           "of one processor", _writes("gd_vmstats.adj")),
    Figure("run.vmstats.view_writes", "writes", "changes of the cells `cpu[N].view.FIELD`, a processor's "
           "copy of the global counters", _writes("gd_vmstats.view")),
    Figure("run.placements.allocations", "pages", "pages that vm_page_alloc took, the sum of the next "
           "three", _placed()),
    Figure("run.placements.local", "pages", "pages of the node of the processor that took them",
           _placed(LOCAL)),
    Figure("run.placements.no_node", "pages", "pages of memory that belongs to no node", _placed(NO_NODE)),
    Figure("run.placements.remote", "pages", "pages of another node, the sum of the next five",
           _placed(*_REMOTE)),
    Figure("run.placements.asked", "pages", "remote: the requested colour belongs to another node",
           _placed(ASKED)),
    Figure("run.placements.redirected", "pages", "remote: lastq sent the search to another node's colours",
           _placed(REDIRECTED)),
    Figure("run.placements.widened", "pages", "remote: the search widened into another node's colours",
           _placed(WIDENED)),
    Figure("run.placements.finalized", "pages", "remote: boot gave the page a colour of the processor's node",
           _placed(FINALIZED)),
    Figure("run.placements.unorganized", "pages", "remote: the colours are not divided among the nodes",
           _placed(UNORGANIZED)),
    Figure("run.latency.accesses", "accesses", "touches; in a run without touches, allocations",
           lambda asked: accesses_of(asked.history).all),
    Figure("run.latency.steps", "steps", "what all accesses cost in the latency model",
           lambda asked: accesses_of(asked.history).cost(asked.latency)),
    Figure("run.latency.mean", "steps", "what an access costs on average; null without an access",
           lambda asked: accesses_of(asked.history).mean(asked.latency)),
    Figure("run.touches", "touches", "loads and stores that were done, after faults or without any",
           _touches("counts")),
    Figure("run.hits", "touches", "touches that needed no fault", _touches("hits")),
    Figure("run.faults.minor", "faults", "page faults that needed no I/O", _counter("process.minflt")),
    Figure("run.faults.major", "faults", "page faults that needed I/O", _counter("process.majflt")),
    Figure("run.pageins", "pages", "pages that pagers started to read, from swap and from files",
           _counter("cpu.v_swappgsin", "cpu.v_vnodepgsin")),
    Figure("run.pageouts", "pages", "pages that pagers started to write, to swap and to files",
           _pages_written),
    Figure("run.reactivations", "pages", "cached pages that were activated or deactivated: `v_reactivated`",
           _counter("cpu.v_reactivated")),
    Figure("run.rescues", "pages", "reactivations, and cached pages that a fault took: these are not in "
           "`v_reactivated`", lambda asked: rescues(asked.history)),
    Figure("run.evictions", "pages", "cached pages that an allocation or a pageout daemon freed",
           lambda asked: evictions(asked.history)),
    Figure("run.threads.THREAD.touches", "touches", "touches by the thread", _of_thread(touches_by_thread)),
    Figure("run.threads.THREAD.asleep_for_memory", "ticks", "ticks that the thread slept until memory was "
           "free", _of_thread(ticks_asleep_for_memory)),
    Figure("run.processes.PROCESS.touches", "touches", "touches by the threads of the process",
           _of_process(touches_by_thread)),
    Figure("run.processes.PROCESS.asleep_for_memory", "ticks", "ticks that its threads slept until memory "
           "was free, summed over the threads", _of_process(ticks_asleep_for_memory)),
    Figure("run.processes.PROCESS.faults.minor", "faults", "page faults in its address space, without I/O",
           _process_counter("process.minflt")),
    Figure("run.processes.PROCESS.faults.major", "faults", "page faults in its address space, with I/O",
           _process_counter("process.majflt")),
    Figure("run.contiguous.met", "requests", "calls of vm_page_alloc_contig that got their memory",
           lambda asked: contiguous_requests(asked.history)[0]),
    Figure("run.contiguous.refused", "requests", "calls of vm_page_alloc_contig that got none",
           lambda asked: contiguous_requests(asked.history)[1]),
)  # fmt: skip
"""Every figure. A name is a pattern where it has a word in capitals."""
