"""The lenses of text mode in sentences: numbers and words where the screen draws cells, bars, boxes or trees.

A lens that is words on the screen already, such as `why`, has no entry here and is printed as drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.constants import NULL, PAGE_SHIFT
from engine.debug.placements import CAUSES, LOCAL, NO_NODE
from engine.kernel.alist import SPANS
from engine.words import plural
from explorer.lenses import search
from explorer.lenses.branches import BranchesRow, BranchRow
from explorer.lenses.compare import CompareRow
from explorer.lenses.console import ConsoleRow
from explorer.lenses.ddb import Counter, DdbRow
from explorer.lenses.frames import FramesRow
from explorer.lenses.hash import Element, HashRow
from explorer.lenses.kit.object_row import BUSY, ObjectRow
from explorer.lenses.kit.page_states import WORDS
from explorer.lenses.lanes import OVER, RAN, READY, SLEPT, LanesRow
from explorer.lenses.life import NAMES, LifeRow, Stays
from explorer.lenses.machine import CpuCell, FlowRow, MachineRow, colors_text
from explorer.lenses.numa import KINDS, SHORT_CAUSES, NumaRow
from explorer.lenses.pages import PageLine, PagesRow
from explorer.lenses.queue import Chip, QueueRow
from explorer.lenses.reserve import ReserveRow
from explorer.lenses.search import SearchRow
from explorer.lenses.stats import Count, StatsRow, who_sees
from explorer.text.chart_sentences import chart_lines
from explorer.text.whynot_sentences import whynot_lines

MOST: Final = 30
"""Maximum number of items of a list; the rest is counted."""

if TYPE_CHECKING:
    # Not at run time: its diagram imports networkx.
    from explorer.lenses.moves import MovesRow

Lines = list[str]


def _listed(items: Iterable[str], what: str) -> Lines:
    """The first MOST items, and how many more there are."""
    found = list(items)
    left = len(found) - MOST
    return [*found[:MOST], *([f"And {left:,} more {what}."] if left > 0 else [])]


def _joined(items: Iterable[str]) -> str:
    found = list(items)
    left = len(found) - MOST
    return ", ".join(found[:MOST]) + (f", and {left:,} more" if left > 0 else "")


def _runs(values: Iterable[int], first: int) -> Iterator[tuple[int, int, int]]:
    """Each run of one value as (value, its first number, its last number); the numbers start at `first`."""
    at = first
    for value, group in groupby(values):
        count = sum(1 for _ in group)
        yield value, at, at + count - 1
        at += count


def _range(first: int, last: int, *, hexadecimal: bool = False) -> str:
    one, other = (f"{first:#x}", f"{last:#x}") if hexadecimal else (f"{first:,}", f"{last:,}")
    return one if first == last else f"{one} to {other}"


# --- memory -----------------------------------------------------------------------------------------------


def frames_lines(row: FramesRow) -> Lines:
    """The number of frames of each use, then each run of frames with one use, by page number."""
    counts = [f"{WORDS[state]} {count:,}" for state, count in enumerate(row.counts) if count]
    runs = [
        f"Pages {_range(first, last, hexadecimal=True)}: {WORDS[state]}, {last - first + 1:,}."
        for state, first, last in _runs(row.states.tolist(), row.first)
    ]
    lines = [f"Frames by use: {_joined(counts)}.", *_listed(runs, "runs of frames")]
    if row.page != NULL:
        lines.append(f"The inspected page {row.first + row.page:#x} is {WORDS[row.states[row.page]]}.")
    for m, was, now in row.changed[:MOST]:
        lines.append(f"The last step changed page {row.first + m:#x} from {WORDS[was]} to {WORDS[now]}.")
    return lines


def numa_lines(row: NumaRow) -> Lines:
    """The pages of each node by use, the placements of each cpu, and the last remote ones."""
    lines = []
    for node in row.nodes:
        parts = [f"{kind} {count:,}" for (kind, _), count in zip(KINDS, node.counts, strict=True) if count]
        strange = f"; {node.foreign:,} have the colour of another node" if node.foreign else ""
        lines.append(f"{node.name.capitalize()}: {_joined(parts) or 'no pages'}{strange}.")
    if not row.cpus:
        lines.append("No page was allocated in this run yet.")
    for cpu in row.cpus:
        why = [f"{cpu.causes[c]:,} remote ({name})" for c, name in SHORT_CAUSES.items() if cpu.causes[c]]
        local = f"{cpu.causes[LOCAL]:,} local"
        placed = plural(cpu.placed, "page")
        lines.append(f"Cpu {cpu.cpu} of {cpu.node} allocated {placed}: {_joined([local, *why])}.")
    remote = (
        f"Step {placed.step:,}: cpu {placed.cpu} took page {placed.page:#x} of {placed.node}, "
        f"because: {CAUSES[placed.cause]}."
        for placed in row.remote
    )
    return [*lines, *_listed(remote, "remote placements")]


def machine_lines(row: MachineRow) -> Lines:
    """The sockets with their cpus, and the flows of pages from nodes to cpus."""
    lines = []
    for socket in row.sockets:
        free = plural(socket.free, "free page")
        lines.append(f"Socket {socket.number}, {socket.nodes}: colours {socket.colors}, {free}.")
        lines += _listed((_cpu_sentence(cell) for cell in socket.cpus), "cpus")
    if row.others:
        lines.append(f"Without cpus: {_joined(row.others)}.")
    if not row.flows:
        lines.append("No page was allocated in this run yet.")
    return [*lines, *_listed(map(_flow_sentence, row.flows), "flows of pages")]


def _cpu_sentence(cell: CpuCell) -> str:
    place = f"Cpu {cell.cpu}, core {cell.core}, thread {cell.thread}"
    return f"{place}, asks for colours {colors_text(cell.first, cell.last)}: {cell.free:,} free."


def _flow_sentence(one: FlowRow) -> str:
    why = CAUSES[one.cause] if one.cause <= NO_NODE else f"remote, because: {CAUSES[one.cause]}"
    pages = f"; newest first {', '.join(f'{page:#x}' for page in one.pages)}" if one.pages else ""
    took = f"Cpu {one.cpu} of {one.home} took {plural(one.count, 'page')} of {one.node}, {why}"
    return f"{took}{pages}; the last at step {one.step:,}."


def reserve_lines(row: ReserveRow) -> Lines:
    """The free blocks, the runs of them, the tree as counts, and the last allocation."""
    if not row.free.size:
        return [f"{row.nothing[:1].upper()}{row.nothing[1:]}."]
    largest = max((beyond - begin for begin, beyond in row.runs), default=0)
    runs = [
        f"{_range(begin, beyond - 1, hexadecimal=True)} ({beyond - begin:,})" for begin, beyond in row.runs
    ]
    lines = [
        f"{row.total:,} of {plural(row.free.size, 'block')} are free; the largest run has {largest:,}. "
        f"At most {row.kept:,} are kept for drivers; the reserve ends below {row.limit << PAGE_SHIFT:#x}.",
        f"Free blocks, by page number: {_joined(runs) or 'none'}.",
    ]
    free = np.concatenate([np.zeros(row.first, np.bool_), row.free])
    for span in SPANS:
        sums = np.add.reduceat(free.astype(np.int64), np.arange(0, free.size, span))
        full, none = int((sums == span).sum()), int((sums == 0).sum())
        rest = sums.size - full - none
        lines.append(
            f"Nodes of {span:,} blocks: {full:,} free, {rest:,} partly free, {none:,} taken or empty."
        )
    last = row.last
    if last is None:
        lines.append(
            "No contiguous pages were found." if row.asked else "No contiguous pages were asked for."
        )
    else:
        blocks = _range(last.first, last.first + last.count - 1, hexadecimal=True)
        lines.append(
            f"Last taken: {plural(last.count, 'block')} {blocks}, by {last.thread} at step {last.step:,}."
        )
    return lines


# --- queues and pages -------------------------------------------------------------------------------------

_MARKS: Final = {"L": "locked", "W": "wanted", "s": "soft busy", "w": "wired", "h": "held", "d": "dirty"}


def queue_lines(row: QueueRow) -> Lines:
    """The pages of a queue in order, each with its state in words."""
    more = "" if row.lastq is None else f" Its lastq is {row.lastq}, its adds {row.adds}."
    head = f"{row.name} has {plural(row.total, 'page')}.{more}"
    left = row.total - min(len(row.chips), MOST)
    lines = [_chip_words(chip) for chip in row.chips[:MOST]]
    return [head, *lines, *([f"And {left:,} more pages."] if left else [])]


def _chip_words(chip: Chip) -> str:
    states = ["marker"] if chip.marks.endswith("marker") else []
    states += [word for letter, word in _MARKS.items() if letter in chip.marks.removesuffix("marker")]
    states += ["changed by the last step"] * chip.changed + ["the inspected page"] * chip.shown
    return f"Page {chip.name}: {', '.join(states)}." if states else f"Page {chip.name}."


def object_lines(row: ObjectRow) -> Lines:
    """The fields of an object, its pages by pindex as runs, its swap blocks, and the other objects."""
    if not row.name:
        return ["This run has no objects."]
    fields = [
        f"{field.name} {f'{field.old} to {field.text} by the last step' if field.old else field.text}"
        for field in row.fields
    ]
    lines = [f"Object {row.name}, {row.why}: {_joined(fields)}."]
    lines += _listed(_resident(row), "runs of pages")
    if not row.pindexes.size:
        lines.append("It has no resident pages.")
    for mention in row.mentions:
        new, here = ", changed by the last step" * mention.new, ", the inspected page" * mention.here
        lines.append(
            f"Pindex {mention.pindex:,}: page {mention.page}{here}{new}: {' '.join(mention.words.split())}."
        )
    if row.swap:
        lines.append(
            f"Swap: {_joined(f'pindex {pindex:,} in block {block:,}' for pindex, block in row.swap)}."
        )
    others = [f"{name} with {plural(n, 'page')}" for name, n, _ in row.others]
    if others:
        lines.append(f"Other objects: {_joined(others)}.")
    return lines


def _resident(row: ObjectRow) -> Iterator[str]:
    """Each run of consecutive pindexes with pages in one state."""
    at = zip(row.pindexes.tolist(), row.codes.tolist(), strict=True)
    for (_, code), group in groupby(enumerate(at), key=lambda one: (one[1][0] - one[0], one[1][1])):
        pindexes = [pindex for _, (pindex, _) in group]
        busy, state = code >= BUSY, WORDS[code % BUSY]
        yield f"Pindex {_range(pindexes[0], pindexes[-1])}: {state}{', busy' if busy else ''}."


def hash_lines(row: HashRow) -> Lines:
    """Whether the hash finds the page, the four elements of its set, and how full the table is."""
    if not row.size:
        return ["The page hash is not allocated yet."]
    if not row.page:
        return [f"{row.why.capitalize()}.", _hash_use(row)]
    where = f"{row.object}[{row.pindex:,}]" if row.object else "no object"
    found = any(element.own for element in row.elements)
    why = "" if found else f": {row.why or 'not in its set'}"
    lines = [f"Page {row.page} of {where} is {'' if found else 'not '}found by the hash{why}."]
    lines += [_element_words(element) for element in row.elements]
    lines.append(_hash_use(row))
    return lines + _listed(map(_element_words, row.listed), "elements in use")


def _hash_use(row: HashRow) -> str:
    return f"{row.used:,} elements of {row.size:,} are in use, {row.used - row.live:,} of them stale."


def _element_words(element: Element) -> str:
    if element.status == "empty":
        return f"Slot {element.slot:,}: empty."
    own = ", the inspected page" if element.own else ""
    place = f"{element.object}[{element.pindex:,}]" if element.object else "no place yet"
    return (
        f"Slot {element.slot:,}: page {element.page} at {place}, age {element.age:,}, {element.status}{own}."
    )


def search_lines(row: SearchRow) -> Lines:
    """The search in a sentence, then each queue that it looked at."""
    visits = [
        f"Step {visit.step:,}: {visit.base}[{visit.color}], window of {plural(visit.window, 'colour')}"
        f"{'' if visit.page == NULL else ', took a page'}."
        for visit in row.path.visits
    ]
    return [f"{search.sentence(row)}.", *_listed(visits, "queues")]


# --- time -------------------------------------------------------------------------------------------------


def lanes_lines(row: LanesRow) -> Lines:
    """For each thread, the steps that it took, and those that it slept."""
    if not row.step:
        return ["No step was taken yet."]
    first = row.step - len(row.lanes[0].cells) + 1
    lines = [f"Steps {_range(first, row.step)}."]
    for lane in row.lanes:
        runs = list(_runs(lane.cells, first))  # type: ignore[arg-type]  # characters instead of numbers
        parts = {
            kind: [_range(low, high) for value, low, high in runs if str(value) == kind]
            for kind in (RAN, SLEPT, READY, OVER)
        }
        said = [
            f"{word} {_joined(parts[kind])}"
            for kind, word in ((RAN, "ran in"), (SLEPT, "slept in"), (OVER, "had ended in"))
            if parts[kind]
        ]
        lines.append(f"{lane.name} {'; '.join(said) or 'took no step'}.")
    return lines


def life_lines(row: LifeRow) -> Lines:
    """Where the page was, or how long the queue was, with the steps; then the last changes."""
    lines = [f"{' '.join(row.where.split())}, {', '.join(row.title.split('  '))}."]
    if row.stays is not None:
        stays = [f"{NAMES[kind]} from step {step:,}" for step, kind in _until(row.stays, row.step)]
        lines.append(f"Queues: {_joined(stays)}.")
    if row.lengths is not None:
        lengths = [
            f"{plural(count, 'page')} from step {step:,}" for step, count in _until(row.lengths, row.step)
        ]
        lines.append(f"Length: {_joined(lengths)}.")
    if row.earlier:
        lines.append(f"{plural(row.earlier, 'earlier change')} not listed.")
    for chapter in row.chapters[-MOST:]:
        changes = ", ".join(f"{cell} {old} to {new}" for cell, old, new in chapter.changes)
        lines.append(
            f"Step {chapter.step:,}, {chapter.thread}: {changes}; {chapter.function}: {chapter.action}."
        )
    return lines


def _until(stays: Stays, step: int) -> list[tuple[int, int]]:
    return [(at, value) for at, value in stays.pairs() if at <= step][-MOST:]


def console_lines(row: ConsoleRow) -> Lines:
    """Each message on the kernel's console, with its step and thread."""
    if not row.messages:
        return ["The kernel has printed nothing yet."]
    left = len(row.messages) - MOST + row.earlier
    lines = [f"{plural(left, 'earlier message')} not listed."] if left > 0 else []
    for message in row.messages[-MOST:]:
        who = f", {message.thread}" if message.thread else ""
        lines.append(f'Step {message.step:,}{who}: the kernel prints "{message.text}".')
    return lines


def moves_lines(row: MovesRow) -> Lines:
    """The pages of each type, and each kind of move with its count."""
    lines = [f"Pages: {_joined(f'{name} {pages:,}' for name, pages in row.pages)}."]
    if not row.moves:
        return [*lines, "No page was moved yet."]
    moves = (
        f"{move.source} to {move.target}: {plural(move.count, 'time')} by {move.function}, "
        f"the last at step {move.last:,}."
        for move in row.moves
    )
    return [*lines, *_listed(moves, "kinds of moves")]


def pages_lines(row: PagesRow) -> Lines:
    """The filter and its order, then each page: its name, queue, busy state and counts."""
    since = f", as found at step {row.since:,}" if row.since >= 0 else ""
    lines = [f"{row.text}, in the order of {row.order}: {plural(row.total, 'page')}{since}."]
    return [*lines, *_listed((_page_words(one) for one in row.lines), "pages")]


def _page_words(one: PageLine) -> str:
    wire, hold, act = one.counts
    counts = [f"{word} {n}" for word, n in (("wired", wire), ("held", hold), ("act_count", act)) if n]
    valid, dirty = one.bits.split()
    parts = [one.queue, *([one.busy] if one.busy else []), *counts, f"valid {valid}", f"dirty {dirty}"]
    name = f" ({one.name})" if one.name else ""
    node = f"node {one.node}" if one.node >= 0 else "no node"
    return f"Page {one.number}{name}: {', '.join([*parts, node])}{', changed' if one.changed else ''}."


def branches_lines(row: BranchesRow) -> Lines:
    """Each branch: where it forked from its parent, its last step, and how it ended."""
    lines, path = [], list[str]()
    for branch in row.branches:
        # The tree is in depth first order, and each level of it adds as much to the stem.
        del path[len(branch.stem) // 3 :]
        lines.append(_branch_words(row, branch, path[-1] if path else ""))
        path.append(branch.name)
    return _listed(lines, "branches")


def _branch_words(row: BranchesRow, branch: BranchRow, parent: str) -> str:
    fork = f"forked from {parent} at step {branch.fork:,}, " if parent else ""
    here = f"; the cursor is here, at step {row.step:,}" if branch.here else ""
    return f"Branch {branch.name}: {fork}ends at step {branch.total:,}, {branch.outcome}{here}."


def compare_lines(row: CompareRow | None) -> Lines:
    """Each cell that differs, with its value at both moments."""
    if row is None:
        return ["No moments are compared yet: compare BRANCH:STEP compares this one with any other."]
    if not row.changes:
        return [f"{row.left} and {row.right} do not differ, bookkeeping ignored."]
    found = (f"{each.subject} {each.cell}: {each.old} and {each.new}." for each in row.changes)
    return [f"Values of {row.left}, then of {row.right}.", *_listed(found, "cells differ")]


def stats_lines(row: StatsRow) -> Lines:
    """The counters and limits, the thresholds, the predicates, and the daemon's variables."""
    lines = [_count_words(row, count) for count in (*row.counts, *row.limits)]
    tests = [f"{test.name} {'yes' if test.holds else 'no'}" for test in row.tests]
    for seen in row.views:
        who = who_sees(seen.cpus, " to ").capitalize()
        lines.append(f"{who} {plural(seen.free, 'free page')} and {seen.cache:,} cached.")
    lines.append(f"Thresholds: {_joined(f'{mark.name} {mark.value:,}' for mark in row.marks)}.")
    lines.append(f"Predicates: {_joined(tests)}.")
    missing = f"{row.missing:,} pages are missing to" if row.missing > 0 else "Memory has reached"
    lines.append(f"{missing} the daemon's target.")
    lines += [f"{one.name} is {one.value:,}: {one.meaning}." for one in row.variables]
    return lines


def _count_words(row: StatsRow, count: Count) -> str:
    view = "" if count.view == count.total else f", cpu {row.cpu} sees {count.view:,}"
    waits = [f"cpu {cpu} {amount:+,}" for cpu, amount in enumerate(count.pending) if amount]
    pending = f"; not yet added: {_joined(waits)}" if waits else ""
    return f"{count.name} is {count.total:,}{view}{pending}."


def ddb_lines(row: DdbRow) -> Lines:
    """The counters of `show page`, the runs of equal lengths of `show pageq`, and the sysctls."""
    lines = [_counter_words(counter) for counter in row.counters]
    for queue in row.queues:
        filled = [run for run in _runs(queue.lengths, 0) if run[0]]
        runs = [f"colour {_range(first, last)} {length:,}" for length, first, last in filled]
        left = queue.colors - len(queue.lengths)
        more = f"; of the first {len(queue.lengths):,} colours" if left > 0 and runs else ""
        ddb = "" if queue.ddb else " (DDB does not show it)"
        pages = f"{plural(queue.total, 'page')}{more}{': ' * bool(runs)}{_joined(runs)}"
        lines.append(f"{queue.label}{ddb} has {pages}.")
    return lines + [_counter_words(counter) for counter in row.sysctls]


def _counter_words(counter: Counter) -> str:
    return f"{counter.name} is {counter.value}{', changed by the last step' if counter.changed else ''}."


SAID: Final[dict[str, Callable[[Any], Lines]]] = {
    "branches": branches_lines,
    "chart": chart_lines,
    "compare": compare_lines,
    "console": console_lines,
    "ddb": ddb_lines,
    "frames": frames_lines,
    "hash": hash_lines,
    "lanes": lanes_lines,
    "life": life_lines,
    "moves": moves_lines,
    "numa": numa_lines,
    "machine": machine_lines,
    "object": object_lines,
    "pages": pages_lines,
    "queue": queue_lines,
    "reserve": reserve_lines,
    "search": search_lines,
    "stats": stats_lines,
    "whynot": whynot_lines,
}
"""Lens -> the function that says its row."""
