"""The statistics side by side: the global counters, the cpus' views, and each cpu's pending adjustments.

A queue move changes the view and the pending adjustment of the moving cpu; the global counter follows at that
cpu's next clock tick. Therefore two cpus may disagree about the amount of free memory, and each decision uses
the view of the cpu that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from engine.constants import (
    ROLLED_UP,
    V_CACHE_COUNT,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
    Cpu,
)
from engine.kernel.memory_pressure import (
    vm_page_count_min,
    vm_page_count_severe,
    vm_page_count_target,
    vm_paging_needed,
    vm_paging_target,
)
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.run.history import History
from explorer.lenses.kit.drawing import (
    MARK,
    Piece,
    Row,
    beside,
    drawing,
    flow,
    flow_within,
    labelled,
    row,
    table,
)
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.spans import length

NARROW: Final = 60
"""Below this width the daemon's variables are shown only if they are not 0 or have just changed."""


@dataclass(frozen=True)
class Count:
    """A field of struct vmstats: the global value, the cpu's view, and each cpu's pending adjustment.

    new: the values that the last step changed: `global`, `view`, or the number of a cpu.
    """

    name: str
    total: int
    view: int
    pending: tuple[int, ...]
    new: frozenset[str | int]

    @property
    def true(self) -> int:
        """The global value after every cpu has rolled up its adjustment."""
        return self.total + sum(self.pending)


@dataclass(frozen=True)
class Seen:
    """The cpus that see these numbers of free and cached pages, in order."""

    cpus: tuple[int, ...]
    free: int
    cache: int


@dataclass(frozen=True)
class Mark:
    """A threshold for free and cached pages: its letter on the gauge, name and value."""

    letter: str
    name: str
    value: int


@dataclass(frozen=True)
class Test:
    """A predicate, and whether it is true for the cpu."""

    name: str
    holds: bool


@dataclass(frozen=True)
class Global:
    """A variable of the daemon; `new` if the last step changed it."""

    name: str
    short: str
    value: int
    meaning: str
    new: bool

    @property
    def relevant(self) -> bool:
        """Whether it is worth showing: it is not 0, or the last step changed it."""
        return self.value != 0 or self.new


@dataclass(frozen=True)
class StatsRow:
    """The statistics as seen by cpu `cpu`, which took the last step.

    missing: pages missing to the pageout daemon's target; negative if it is exceeded.
    views:   what every cpu sees, cpus that see the same together.
    """

    cpu: int
    counts: tuple[Count, ...]
    limits: tuple[Count, ...]
    free: int
    cache: int
    marks: tuple[Mark, ...]
    tests: tuple[Test, ...]
    missing: int
    variables: tuple[Global, ...]
    views: tuple[Seen, ...]

    @property
    def available(self) -> int:
        """Free and cached pages."""
        return self.free + self.cache


def look(session: Session) -> StatsRow:
    """The row of statistics at the cursor."""
    history, vm = session.history, session.vm
    cpu = last_cpu(history)
    view, at = vm.gd_vmstats.view, cpu * VMSTATS_SIZE
    new = _changed(history, cpu)
    counts = tuple(_count(vm, cpu, counter, new) for counter in ROLLED_UP)
    limits = tuple(_count(vm, cpu, n, new) for n in range(VMSTATS_SIZE) if n not in ROLLED_UP)
    with as_cpu(vm, cpu):
        tests = (
            Test("severe", vm_page_count_severe(vm)),
            Test("min", vm_page_count_min(vm, 0)),
            Test("target", vm_page_count_target(vm)),
            Test("paging_needed", vm_paging_needed(vm, 0)),
        )
        missing = vm_paging_target(vm)
    free, cache = view[at + V_FREE_COUNT], view[at + V_CACHE_COUNT]
    marks, variables = _marks(vm, at), _variables(history)
    return StatsRow(cpu, counts, limits, free, cache, marks, tests, missing, variables, _views(vm))


def _views(vm: Machine) -> tuple[Seen, ...]:
    views = vm.memory.vector("gd_vmstats.view").reshape(-1, VMSTATS_SIZE)
    found: dict[tuple[int, int], list[int]] = {}
    for cpu, seen in enumerate(views[:, [V_FREE_COUNT, V_CACHE_COUNT]].tolist()):
        found.setdefault((seen[0], seen[1]), []).append(cpu)
    return tuple(Seen(tuple(cpus), *seen) for seen, cpus in found.items())


def last_cpu(history: History) -> int:
    """The cpu of the last step that a thread took; 0 if there is none."""
    step = history.step
    while step and history.journal.thread(step) == EVENT:
        step -= 1
    return history.programs[history.journal.thread(step)].cpu if step else 0


@contextmanager
def as_cpu(vm: Machine, cpu: int) -> Iterator[None]:
    """Context manager in which the kernel's predicates read the view of `cpu`."""
    before, vm.mycpu = vm.mycpu, Cpu(cpu)
    try:
        yield
    finally:
        vm.mycpu = before


def _changed(history: History, cpu: int) -> dict[int, set[str | int]]:
    """The values that the last step changed, by field."""
    found: dict[int, set[str | int]] = {}
    for place, index, _, _ in writes(history, history.step) if history.step else ():
        owner, field = divmod(index, VMSTATS_SIZE)
        if place.table == "vmstats":
            found.setdefault(index, set()).add("global")
        elif place.table == "gd_vmstats" and place.name == "adj":
            found.setdefault(field, set()).add(owner)
        elif place.table == "gd_vmstats" and place.name == "view" and owner == cpu:
            found.setdefault(field, set()).add("view")
    return found


def _count(vm: Machine, cpu: int, field: int, new: dict[int, set[str | int]]) -> Count:
    adj, taken = (vm.memory.vector(f"gd_vmstats.{name}")[field::VMSTATS_SIZE] for name in ("adj", "taken"))
    # An amount that a rollup took from an adjustment and has not added yet is pending too.
    pending = tuple((adj + taken).tolist())
    view = vm.gd_vmstats.view[cpu * VMSTATS_SIZE + field]
    changed = frozenset(new.get(field, ()))
    return Count(VMSTATS_FIELDS[field], vm.vmstats.count[field], view, pending, changed)


def _marks(vm: Machine, at: int) -> tuple[Mark, ...]:
    view = vm.gd_vmstats.view
    floor, aim = view[at + V_FREE_MIN], view[at + V_FREE_TARGET]
    cached = view[at + V_CACHE_MIN]
    marks = (
        Mark("s", "severe", view[at + V_FREE_SEVERE]),
        Mark("r", "reserved", view[at + V_FREE_RESERVED]),
        Mark("m", "min", floor),
        Mark("t", "target", aim),
        Mark("p", "paging needed below", floor + cached),
        Mark("a", "daemon's target", aim + cached),
    )
    return tuple(sorted(marks, key=lambda mark: mark.value))


def _variables(history: History) -> tuple[Global, ...]:
    glob = history.vm.glob
    needed = glob.vm_pages_needed[0]
    work = "the daemon is idle" if not needed else "the daemon runs" if needed == 1 else "more requested"
    parts = (
        ("vm_pages_needed", "needed", needed, work),
        (
            "vm_pages_waiting",
            "waiting",
            glob.vm_pages_waiting[0],
            "threads registered as waiting for memory",
        ),
        ("vm_pageout_deficit", "deficit", glob.vm_pageout_deficit[0], "allocations that failed"),
        (
            "vm_pageout_pages_needed",
            "daemon waits",
            glob.vm_pageout_pages_needed[0],
            "a daemon waits for memory",
        ),
    )
    written = writes(history, history.step) if history.step else ()
    new = {place.name for place, _, _, _ in written if place.table == "global"}
    return tuple(Global(*part, new=part[0] in new) for part in parts)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(shown: StatsRow, width: int, height: int) -> Drawing:
    """Draw the counters as a table, free and cached pages as a gauge, and the predicates."""
    gauge = _gauge(shown, width)
    tests = flow(_tests(shown), width)
    if height >= 16 and width >= 60:
        views = (
            flow_within(_seen(shown), width, max(height // 4, 1)) if len(shown.counts[0].pending) > 1 else []
        )
        below = [*views, gauge, *_thresholds(shown, width), *tests, *_variables_in_long(shown)]
        counts = _table(shown, shown.counts, width, height - len(below))
        room = height - len(below) - len(counts)
        limits = _table(shown, shown.limits, width, room)
        spare = [(), *limits] if room > len(shown.limits) + 1 else []
        return drawing([*counts, *spare, *below], width, height)
    # In little room the views are shown where they differ, in place of counters that are equal everywhere.
    gauges = [*(flow_within(_seen(shown), width, max(height // 4, 1)) if len(shown.views) > 1 else []), gauge]
    counts = _table(shown, shown.counts, width, max(height - len(gauges) - len(tests), 2))
    variables = _variables_in_short(shown)
    left = max(map(length, counts)) + 3
    if left + max(map(length, variables)) <= width and len(variables) <= len(counts):
        return drawing([*beside(counts, variables, left), *gauges, *tests], width, height)
    if width < NARROW:
        relevant = [one for one in shown.variables if one.relevant]
        variables = [row(Piece(f"{one.short} ", "label"), _value(one)) for one in relevant]
    tests = flow([*_tests(shown), *variables], width)
    counts = _table(shown, shown.counts, width, max(height - len(gauges) - len(tests), 2))
    return drawing([*counts, *gauges, *tests], width, height)


def _seen(shown: StatsRow) -> list[Row]:
    """What every cpu sees: `cpu 2 sees 926 free, 0 cached`, `cpus 0-1, 3-7 see 927 free, 0 cached`."""
    found = []
    for seen in shown.views:
        text = f"{seen.free:,} free, {seen.cache:,} cached"
        style = "warn" if len(shown.views) > 1 else ""
        found.append(row((f"{who_sees(seen.cpus)} ", "label"), (text, style)))
    return found


def who_sees(cpus: tuple[int, ...], through: str = "-") -> str:
    """Ascending cpus with a verb, with ranges: `cpu 2 sees`, `cpus 0-1, 3-7 see`."""
    runs = [
        [run for _, run in found] for _, found in groupby(enumerate(cpus), lambda pair: pair[1] - pair[0])
    ]
    numbers = ", ".join(f"{run[0]}{through}{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"cpu {numbers} sees" if len(cpus) == 1 else f"cpus {numbers} see"


def _table(shown: StatsRow, counts: tuple[Count, ...], width: int, room: int) -> list[Row]:
    """The fields in at most `room` lines; if they do not fit, equal ones are omitted and counted."""
    kept = list(counts)
    if len(kept) + 1 > room:
        interesting = (V_FREE_COUNT, V_CACHE_COUNT)
        kept.sort(
            key=lambda count: (not _differs(count), VMSTATS_FIELDS.index(count.name) not in interesting)
        )
        kept = [count for count in counts if count in kept[: max(room - 2, 1)]]
    cpus = [
        n for n in range(len(counts[0].pending)) if any(count.pending[n] or n in count.new for count in kept)
    ]
    for shown_cpus in range(len(cpus), -1, -1):
        rows = _rows(shown, kept, cpus[:shown_cpus], len(cpus) - shown_cpus)
        if length(rows[0]) <= width:
            break
    if len(kept) < len(counts):
        note = f"… {len(counts) - len(kept)} more"
        if len(rows) < room:
            rows.append(row(Piece(f"{note} counters", "dim")))
        else:
            rows[0] = (*rows[0], Piece(f" {note}", "dim"))
    return rows


def _short(name: str) -> str:
    return name.removeprefix("v_").removesuffix("_count").replace("wire", "wired")


def _differs(count: Count) -> bool:
    return bool(count.total != count.view or any(count.pending) or count.new)


def _rows(shown: StatsRow, counts: list[Count], cpus: list[int], left: int) -> list[Row]:
    """The table with the pending adjustments of `cpus`; `left` more cpus have some too."""
    heads = ["pages", "global", f"cpu {shown.cpu} sees", *(f"cpu {cpu}" for cpu in cpus)]
    heads += [f"… {left} more" if cpus else "all cpus"] if left else []
    if len(heads) > 3:
        heads[3] = f"pending {heads[3]}" if cpus else "pending"
    cells = [[Piece(head, "label") for head in heads], *(_cells(count, cpus, left) for count in counts)]
    return table(cells, "l" + "r" * (len(heads) - 1))


def _cells(count: Count, cpus: list[int], left: int) -> list[Piece]:
    total = Piece(f"{_mark('global', count)}{count.total:,}", "new" if "global" in count.new else "")
    differs = "≠" if count.view != count.total else " "
    style = "new" if "view" in count.new else "warn" if differs == "≠" else ""
    view = Piece(f"{_mark('view', count)}{count.view:,}{differs}", style)
    pending = []
    for cpu in cpus:
        amount, changed = count.pending[cpu], cpu in count.new
        style = "new" if changed else "warn" if amount else "dim"
        pending.append(Piece(f"{_mark(cpu, count)}{amount:+,}" if amount else _mark(cpu, count) + "0", style))
    others = sum(count.pending) - sum(count.pending[cpu] for cpu in cpus)
    rest = [Piece(f"{others:+,}" if others else "0", "warn" if others else "dim")] if left else []
    return [Piece(_short(count.name)), total, view, *pending, *rest]


def _mark(what: str | int, count: Count) -> str:
    return MARK if what in count.new else ""


def _gauge(shown: StatsRow, width: int) -> Row:
    """Free and cached pages as a bar, with the thresholds as letters; the bar ends after the last one."""
    text = f" {shown.available:,} free+cache"
    room = max(width - len(text) - 2, 8)
    top = max(max(mark.value for mark in shown.marks) * 9 // 8, 1)
    filled = min(shown.available * room // top, room)
    bar = [Piece("█" if x < filled else "·", "fill-FREE" if x < filled else "faint") for x in range(room)]
    for mark in shown.marks:
        x = min(mark.value * room // top, room - 1)
        while x < room - 1 and bar[x].text in _letters(shown):
            x += 1
        bar[x] = Piece(mark.letter, "bar-key" if x < filled else "key")
    end = "▶" if shown.available > top else "│"
    return (Piece("│", "faint"), *bar, Piece(end, "faint"), Piece(text))


def _letters(shown: StatsRow) -> set[str]:
    return {mark.letter for mark in shown.marks}


def _tests(shown: StatsRow) -> list[Row]:
    return [
        row(
            Piece(f"{test.name} ", "label"), Piece("YES" if test.holds else "no", "bad" if test.holds else "")
        )
        for test in shown.tests
    ]


def _variables_in_short(shown: StatsRow) -> list[Row]:
    """The daemon's variables; the last one, `daemon waits`, only if it is relevant."""
    relevant = [one for one in shown.variables if one.relevant or one.short != "daemon waits"]
    return [row(Piece(f"{one.short} ", "label"), _value(one)) for one in relevant]


def _value(one: Global) -> Piece:
    return Piece(f"{MARK if one.new else ''}{one.value:,}", "new" if one.new else "")


def _thresholds(shown: StatsRow, width: int) -> list[Row]:
    parts = [
        row(Piece(f"{mark.letter} ", "key"), *labelled(mark.name, f"{mark.value:,}")) for mark in shown.marks
    ]
    missing = f" ({shown.missing:,} missing)" if shown.missing > 0 else " (reached)"
    parts[-1] = (*parts[-1], Piece(missing, "dim"))
    return flow(parts, width)


def _variables_in_long(shown: StatsRow) -> list[Row]:
    cells = [[Piece(one.name, "label"), _value(one), Piece(one.meaning, "dim")] for one in shown.variables]
    return table(cells, "lrl")


PLACE = 90
LENS: Final = Lens(
    "stats", "vmstats and thresholds", "global counters, what each cpu sees, memory pressure", look, draw
)
