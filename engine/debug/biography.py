"""The biography of a page, queue or object: every change of its fields, and a page's queues over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.constants import base_and_color
from engine.debug.journal_search import writes_between
from engine.machine.machine import Machine
from engine.run.history import History


@dataclass(frozen=True)
class Change:
    """A field that a step changed, with raw values as in memory."""

    address: int
    old: int
    new: int


@dataclass(frozen=True)
class Chapter:
    """A step that changed the subject: its thread (None: an event), its action and the changed fields."""

    step: int
    thread: int | None
    cpu: int | None
    action: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Stay:
    """The queue of a page since a step: its type (PQ_NONE: on no queue), and the page's colour and node."""

    step: int
    base: int
    color: int
    node: int | None


def fields_of(vm: Machine, table: str, index: int) -> list[int]:
    """Return the addresses of all fields of a row, such as a page, a queue or an object."""
    return [vm.memory.address(f"{table}.{column}", index) for column in vm.memory.tables[table].specs()]


def biography(
    history: History, addresses: Sequence[int], first: int = 0, last: int | None = None
) -> list[Chapter]:
    """List each step from first + 1 to `last` (default: the branch's end) that changed any of the cells."""
    last = history.total if last is None else last
    writes = writes_between(history, addresses, first, last)
    journal, chapters = history.journal, dict[int, list[Change]]()
    for n, step in zip(map(int, writes), map(int, journal.steps_of(writes)), strict=True):
        change = Change(journal.address[n], journal.old[n], journal.new[n])
        chapters.setdefault(step, []).append(change)
    return [_chapter(history, step, changes) for step, changes in chapters.items()]


def _chapter(history: History, step: int, changes: list[Change]) -> Chapter:
    record = history.record(step)
    return Chapter(step, record.thread, record.cpu, record.action, _merged(changes))


def _merged(changes: list[Change]) -> tuple[Change, ...]:
    """Merge the writes of one step to the same field."""
    first: dict[int, Change] = {}
    for change in changes:
        known = first.get(change.address, change)
        first[change.address] = Change(change.address, known.old, change.new)
    return tuple(first.values())


def stays(history: History, m: int) -> list[Stay]:
    """List the queues of page `m` over the whole branch, each with its first step; keeps the cursor."""
    vm, journal = history.vm, history.journal
    address = vm.memory.address("page.queue", m)
    writes = writes_between(history, (address,), 0, history.total)
    steps = journal.steps_of(writes)
    queues = [(int(step), journal.new[n]) for n, step in zip(map(int, writes), steps, strict=True)]
    start = journal.old[int(writes[0])] if writes.size else vm.page.queue[m]
    node, color = vm.node_of(m), vm.page.pc[m]
    number = None if node is None else node.id
    return [
        Stay(step, base_and_color(q)[0], color, number) for step, q in dict([(0, start), *queues]).items()
    ]


def lengths(history: History, q: int) -> list[tuple[int, int]]:
    """List the lengths of queue `q` as (first step, lcnt); keeps the cursor."""
    vm, journal = history.vm, history.journal
    writes = writes_between(history, (vm.memory.address("queue.lcnt", q),), 0, history.total)
    steps = journal.steps_of(writes)
    start = journal.old[int(writes[0])] if writes.size else vm.queue.lcnt[q]
    after = {int(step): journal.new[n] for n, step in zip(map(int, writes), np.asarray(steps), strict=True)}
    return [(0, start), *after.items()]
