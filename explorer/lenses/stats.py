"""The statistics side by side: the global counters, the cpus' views, and each cpu's pending adjustments.

A queue move changes the view and the pending adjustment of the moving cpu; the global counter follows at that
cpu's next clock tick. Therefore two cpus may disagree about the amount of free memory, and each decision uses
the view of the cpu that makes it.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from engine.constants import (
    V_CACHE_COUNT,
    V_FREE_COUNT,
    VMSTATS_FIELDS,
)
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
from explorer.lenses.kit.stats_row import Count, Global, StatsRow, look
from explorer.views.spans import length

NARROW: Final = 60
"""Below this width the daemon's variables are shown only if they are not 0 or have just changed."""


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
        return drawing([*counts, *spare, *below], width, height, short=not spare)
    # In little room the views are shown where they differ, in place of counters that are equal everywhere.
    gauges = [*(flow_within(_seen(shown), width, max(height // 4, 1)) if len(shown.views) > 1 else []), gauge]
    counts = _table(shown, shown.counts, width, max(height - len(gauges) - len(tests), 2))
    variables = _variables_in_short(shown)
    left = max(map(length, counts)) + 3
    if left + max(map(length, variables)) <= width and len(variables) <= len(counts):
        return drawing([*beside(counts, variables, left), *gauges, *tests], width, height, short=True)
    if width < NARROW:
        relevant = [one for one in shown.variables if one.relevant]
        variables = [row(Piece(f"{one.short} ", "label"), _value(one)) for one in relevant]
    tests = flow([*_tests(shown), *variables], width)
    counts = _table(shown, shown.counts, width, max(height - len(gauges) - len(tests), 2))
    return drawing([*counts, *gauges, *tests], width, height, short=True)


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
