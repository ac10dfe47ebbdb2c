"""The causes of a cell's value: the operation that wrote it last, and what that operation had read before.

The operation that wrote the cell is repeated while the memory records reads. The cells that it read before
the write, nearest first, are the candidates; each of them was in turn written by an earlier step. The chain
follows the nearest earlier step that decided the write (`engine.debug.reasons`).
A chain goes by control: a script line made a call, which took this course because of a value, which another
step had written. Counters, locks, list links and other pages are read everywhere and explain little, so they
are left out by default (`engine.debug.explaining`). What a script line itself reads, as by `count(FREE)` or
`holds(t, heap)`, is not left out. Of several reads that decided, the chain follows one of the cell's own row,
or else of what the call is about, or else the nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from engine.debug.active_calls import Stack
from engine.debug.call_stack import call_of_boot, in_place, operation_begin, performed_again, script_line
from engine.debug.explaining import ON_REQUEST, UNEXPLAINING, Named, explains, named, nearness
from engine.debug.journal_search import Stretch, steps_of_thread, writes_between
from engine.debug.reasons import decides
from engine.memory.access_log import AccessLog
from engine.memory.block import EVENT
from engine.run.history import History
from engine.run.suspended import kernel_calls

DEPTH: Final = 8
"""Default length of a chain."""

_UNTESTED: Final = UNEXPLAINING | {"thread.signal"}
"""The columns whose reads decide without a test: no repeated operation can have other ones."""


@dataclass(frozen=True)
class Read:
    """A cell that was read: its value at that time, and the step that wrote it (None: see History.origin).

    through: the read of the value of an expression, if it is this expression that had read the cell.
    """

    address: int
    value: int
    writer: int | None
    through: Read | None = None


@dataclass(frozen=True)
class Cause:
    """A write: its step, thread and cpu, the cell with its old and new value, and the reads before it.

    thread, cpu: None for an event. reads: none for an event and for boot, which writes whole ranges.
    old, new: raw values, without the column's bias.
    left_out: whether a read of a counter, lock or list link is missing that another operation wrote.
    line, call: the script line to which the step belongs, and its text; 0 and "" for an event.
    because: the read that decided the write and whose writer is the next cause; of the last cause, what its
             operation had found in the cell, if boot or the setup wrote that, or None.
    found: the first read of the cell itself by the operation.
    deciding: the reads that may have decided it: of what other operations wrote, also before this one did.
    """

    step: int
    thread: int | None
    cpu: int | None
    stack: Stack
    action: str
    address: int
    old: int
    new: int
    reads: tuple[Read, ...]
    left_out: bool = False
    line: int = 0
    call: str = ""
    because: Read | None = None
    deciding: tuple[Read, ...] = ()
    found: Read | None = None


def cause_of(history: History, address: int, at: int, *, everything: bool = False) -> Cause | None:
    """Return the last write of the cell up to step `at`; None if boot or the setup wrote it.

    everything: whether to include all that was read, also of other pages, counters, locks and list links.
    """
    step = history.writer(address, at)
    if step is None:
        return None
    record = history.record(step)
    old, new = next((old, new) for cell, old, new in history.journal.writes_of(step)[::-1] if cell == address)
    if record.thread is None or history.programs[record.thread].boot:
        stack = () if record.thread is None else call_of_boot(history, step)
        return Cause(step, record.thread, record.cpu, stack, record.action, address, old, new, ())
    with in_place(history):
        stack, accesses, about = _performance(history, step, address)
        every = list(_unhidden(history, [*_reads(history, accesses), *_signal(history, step)], about))
    listed = [read for read in every if everything or _explains(history, read, about)]
    # Of a cell that the call itself wrote between two reads, only the nearer read is shown.
    nearest = dict[int, Read]()
    for read in listed:
        nearest.setdefault(read.address, read)
    deciding = sorted(
        _of_others(history, step, listed), key=lambda read: nearness(history, read.address, about)
    )
    left_out = len(every) > len(listed) and _hides_some(history, step, every, listed)
    found = next((read for read in reversed(listed) if read.address == address), None)
    line, call = script_line(history, step)
    return Cause(
        step, record.thread, record.cpu, stack, record.action, address, old, new, tuple(nearest.values()),
        left_out, line, call,
        deciding=tuple(deciding), found=found,
    )  # fmt: skip


def _explains(history: History, read: Read, about: Named) -> bool:
    value, of_the_run = read.value + _bias(history, read.address), read.writer is not None
    if read.through is not None:
        return not _counts(read)
    return explains(history, read.address, value, of_the_run, about)


def _counts(read: Read) -> bool:
    """Whether it is the counter of a script's loop: a value of an expression that was made of itself."""
    return read.through is not None and read.through.address == read.address


def _hides_some(history: History, step: int, every: list[Read], listed: list[Read]) -> bool:
    """Whether a read of what another operation wrote is only listed on request."""
    missing = set(every).difference(listed)
    others = _of_others(history, step, missing)
    return any(_counts(read) or _column(history, read.address) in ON_REQUEST for read in others)


def _signal(history: History, step: int) -> Iterator[Read]:
    """Yield the signal that made the thread exit, if the step is part of that."""
    t = history.journal.thread(step)
    begin = operation_begin(history, t, step)
    pc, signal = (history.vm.memory.address(f"thread.{name}", t) for name in ("pc", "signal"))
    write = history.journal.last_write(pc, begin)
    if write is not None and history.journal.new[write] > len(history.programs[t].instructions):
        writer = history.writer(signal, begin)
        if writer is not None:
            yield Read(signal, _written(history, writer, signal), writer)


def _unhidden(history: History, reads: Iterable[Read], about: Named) -> Iterator[Read]:
    """Yield the reads, and for each value of an expression of a script what the expression had read."""
    names = [program.names for program in history.programs]
    hidden = {slot for own in names for name, slot in own.items() if name.startswith("$")}
    variables = history.vm.memory.address("variable.value", 0)
    for read in reads:
        inner = None
        if read.address - variables in hidden and read.address != about.cell and _is_short(history, read):
            inner = cause_of(history, read.address, read.writer or 0)
        if inner is None or kernel_calls(inner.stack):
            yield read
        else:
            yield from (replace(one, through=read) for one in inner.reads)


def _is_short(history: History, read: Read) -> bool:
    """Whether one step made and wrote the value, as for an expression; a call of the kernel takes more."""
    if read.writer is None:
        return False
    t = history.journal.thread(read.writer)
    begin = operation_begin(history, t, read.writer)
    return t != EVENT and len(steps_of_thread(history, t, begin, read.writer)) == 1


def _written(history: History, step: int, address: int) -> int:
    """Return the value that a step wrote to a cell, without the column's bias."""
    return next(new for cell, _, new in reversed(history.journal.writes_of(step)) if cell == address)


def why(
    history: History, address: int, at: int, *, everything: bool = False, depth: int = DEPTH
) -> list[Cause]:
    """Return the chain of causes of a cell's value after step `at`, last write first; [] for boot and setup.

    Each further cause is the write of the nearest cell that the previous cause read, that another operation
    wrote, and that decided what the previous cause wrote.
    """
    with in_place(history):
        return list(_chain(history, address, at, everything, depth))


def ending(history: History, cause: Cause) -> str:
    """Return why a chain that could have been longer ends with this cause; "" for an event."""
    if cause.thread is None:
        return ""
    if cause.deciding:
        return "no earlier write decided this: without any one of them, this step would have done the same"
    its_own = any(read.writer is not None for read in cause.reads)
    apart = ["counters, locks and list links"] * cause.left_out + ["what its own call had written"] * its_own
    if apart:
        return f"apart from {' and '.join(apart)}, what this step had read is from {history.origin}"
    return f"everything that this step had read is from {history.origin}"


def _chain(history: History, address: int, at: int, everything: bool, depth: int) -> Iterator[Cause]:
    seen = set()
    for length in range(1, depth + 1):
        cause = cause_of(history, address, at, everything=everything)
        if cause is None:
            return
        seen.add((cause.address, cause.step))
        reason = next(_reasons(history, cause, seen), None) if length < depth else None
        if reason is None:
            found = cause.found
            yield replace(cause, because=found) if found is not None and found.writer is None else cause
            return
        address, because = reason
        yield replace(cause, because=because)
        assert because.writer is not None
        at = because.writer


def _reasons(history: History, cause: Cause, seen: set[tuple[int, int]]) -> Iterator[tuple[int, Read]]:
    """Yield the reads that decided the cause, each with the cell that its writer wrote and that explains it.

    Links and locks count without a test.
    """
    others = cause.deciding
    for writer in dict.fromkeys(read.writer for read in others if read.writer is not None):
        own = [read for read in others if read.writer == writer]
        cells = [read.address for read in own]
        if any((cell, writer) in seen for cell in cells):
            continue
        tested = all(_column(history, cell) not in _UNTESTED for cell in cells)
        if not tested or _decides(history, cause, own[0], writer):
            wrote_it = any(cell == cause.address for cell, _, _ in history.journal.writes_of(writer))
            closest = _closest(history, cause.address, cells)
            yield (
                cause.address if wrote_it else closest,
                next(read for read in own if read.address == closest),
            )


def _decides(history: History, cause: Cause, read: Read, writer: int) -> bool:
    """Whether a step decided the cause, or the value of the expression through which the cause read it."""
    through = read.through
    if through is None:
        return decides(history, cause.step, cause.address, writer)
    assert through.writer is not None
    outer = _decides(history, cause, through, through.writer)
    return outer and decides(history, through.writer, through.address, writer)


def _closest(history: History, address: int, cells: list[int]) -> int:
    """Return which of the cells that one step wrote to follow: one of the same row, or else the nearest."""
    memory = history.vm.memory
    place, index = memory.place_of(address)

    def distance(cell: int) -> int:
        other, row = memory.place_of(cell)
        return int((other.table, row) != (place.table, index))

    return min(cells, key=distance)


def _of_others(history: History, step: int, reads: Iterable[Read]) -> Iterator[Read]:
    """Yield the reads of cells that another operation of the run wrote than the one of `step`.

    What a stepped boot and the setup after it wrote is left out, as if they had come before step 0.
    """
    t, booted = history.journal.thread(step), history.booted or 0
    start = step if t == EVENT else operation_begin(history, t, step)
    for read in reads:
        if read.writer is None or read.writer <= booted:
            continue
        if read.writer <= start or history.journal.thread(read.writer) != t:
            yield read


Access = tuple[int, int, int]
"""A read: the last step that may have written the cell before it, the cell, and the value with its bias."""


def _reads(history: History, accesses: list[Access]) -> list[Read]:
    """Return the reads, nearest first, each cell once for each write of it that was seen."""
    found, seen = list[Read](), dict[int, int]()
    for at, cell, value in reversed(accesses):
        # From the write that a later read saw on, an earlier read saw the same one.
        if at < seen.get(cell, at + 1):
            writer = history.writer(cell, at)
            seen[cell] = writer or 0
            found.append(Read(cell, value - _bias(history, cell), writer))
    return found


def _performance(history: History, step: int, address: int) -> tuple[Stack, list[Access], Named]:
    """Return the active calls at `step`, what its operation read before the write, and what that is about.

    The cells that the script line read itself are those that were read while no kernel function was active.
    """
    found, direct = list[Access](), set[int]()
    stack: Stack = ()
    value = _written(history, step, address) + _bias(history, address)
    before, about = None, named(history, address, value, ())
    with history.vm.memory.observed() as log:
        for at, live in performed_again(history, step):
            # Reads recorded since the last turn belong to the step before or, at first, to the arguments.
            new = _noted(history, log, at if before is None else before, len(log.cells))
            found += new
            direct |= {cell for _, cell, _ in new} if _is_own(stack) else set()
            log.clear()
            before, stack = at, live.stack()
            if at == step:
                about = named(history, address, value, live.calls())
                log.clear()
    new = _noted(history, log, step, _until_write(log.cells, address))
    direct |= {cell for _, cell, _ in new} if _is_own(stack) else set()
    return stack, found + new, replace(about, direct=frozenset(direct))


def _is_own(stack: Stack) -> bool:
    """Whether a script line itself is active: neither the kernel nor what holds an object for the line."""
    return not kernel_calls(stack) and not any("object_held" in frame.function for frame in stack)


def _noted(history: History, log: AccessLog, step: int, end: int) -> list[Access]:
    """Return the reads of one step, up to access `end`.

    A cell that the step wrote itself has that step as its latest writer. Of the cells that were read at once,
    only those count that the run has written, the latest last: the others are as boot left them.
    """
    found, own = list[Access](), set[int]()
    vectors = [vector for vector in log.vectors if vector[0] <= end]
    for n, (cell, value, written) in enumerate(log.cells[:end]):
        while vectors and vectors[0][0] <= n:
            found += _written_in(history, vectors.pop(0)[1], step - 1)
        if written:
            own.add(cell)
        else:
            found.append((step if cell in own else step - 1, cell, value))
    for _, stretch in vectors:
        found += _written_in(history, stretch, step - 1)
    return found


def _written_in(history: History, stretch: Stretch, last: int) -> Iterator[Access]:
    """Yield each cell of a stretch that a step after boot and up to `last` wrote, by the last write."""
    journal, booted = history.journal, min(history.booted or 0, last)
    latest = {journal.address[n]: n for n in writes_between(history, (), booted, last, [stretch]).tolist()}
    for cell, n in sorted(latest.items(), key=lambda item: item[1]):
        yield last, cell, journal.new[n] + _bias(history, cell)


def _until_write(cells: list[tuple[int, int, bool]], address: int) -> int:
    """Return the number of accesses before the last write of the cell."""
    written = (n for n, (cell, _, is_write) in enumerate(cells) if is_write and cell == address)
    return max(written, default=len(cells))


def _column(history: History, cell: int) -> str:
    place, _ = history.vm.memory.place_of(cell)
    return f"{place.table}.{place.name}"


def _bias(history: History, cell: int) -> int:
    return history.vm.memory.place_of(cell)[0].spec.bias
