"""The lenses of counters in sentences: `stats` and `ddb`."""

from __future__ import annotations

from engine.words import plural
from explorer.lenses.ddb import Counter, DdbRow
from explorer.lenses.kit.stats_row import Count, StatsRow
from explorer.lenses.stats import who_sees
from explorer.text.listing import comma_list, number_range, runs_of


def stats_lines(row: StatsRow) -> list[str]:
    """The counters and limits, the thresholds, the predicates, and the daemon's variables."""
    lines = [_count_words(row, count) for count in (*row.counts, *row.limits)]
    tests = [f"{test.name} {'yes' if test.holds else 'no'}" for test in row.tests]
    for seen in row.views:
        who = who_sees(seen.cpus, " to ").capitalize()
        lines.append(f"{who} {plural(seen.free, 'free page')} and {seen.cache:,} cached.")
    lines.append(f"Thresholds: {comma_list(f'{mark.name} {mark.value:,}' for mark in row.marks)}.")
    lines.append(f"Predicates: {comma_list(tests)}.")
    missing = f"{row.missing:,} pages are missing to" if row.missing > 0 else "Memory has reached"
    lines.append(f"{missing} the daemon's target.")
    lines += [f"{one.name} is {one.value:,}: {one.meaning}." for one in row.variables]
    return lines


def _count_words(row: StatsRow, count: Count) -> str:
    view = "" if count.view == count.total else f", cpu {row.cpu} sees {count.view:,}"
    waits = [f"cpu {cpu} {amount:+,}" for cpu, amount in enumerate(count.pending) if amount]
    pending = f"; not yet added: {comma_list(waits)}" if waits else ""
    return f"{count.name} is {count.total:,}{view}{pending}."


def ddb_lines(row: DdbRow) -> list[str]:
    """The counters of `show page`, the runs of equal lengths of `show pageq`, and the sysctls."""
    lines = [_counter_words(counter) for counter in row.counters]
    for queue in row.queues:
        filled = [run for run in runs_of(queue.lengths, 0) if run[0]]
        runs = [f"colour {number_range(first, last)} {length:,}" for length, first, last in filled]
        left = queue.colors - len(queue.lengths)
        more = f"; of the first {len(queue.lengths):,} colours" if left > 0 and runs else ""
        ddb = "" if queue.ddb else " (DDB does not show it)"
        pages = f"{plural(queue.total, 'page')}{more}{': ' * bool(runs)}{comma_list(runs)}"
        lines.append(f"{queue.label}{ddb} has {pages}.")
    return lines + [_counter_words(counter) for counter in row.sysctls]


def _counter_words(counter: Counter) -> str:
    return f"{counter.name} is {counter.value}{', changed by the last step' if counter.changed else ''}."
