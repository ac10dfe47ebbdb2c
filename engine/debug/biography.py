"""The life of a page, a queue or an object: every change of its fields, and where a page was over time."""

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
    """One field that a step changed, as the memory holds it."""

    address: int
    old: int
    new: int


@dataclass(frozen=True)
class Chapter:
    """A step that changed the subject: who took it (None: an event), what it did, and every field changed."""

    step: int
    thread: int | None
    cpu: int | None
    action: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Stay:
    """A page on one queue from a step on: the queue's type (PQ_NONE for none) and colour, and its node."""

    step: int
    base: int
    color: int
    node: int | None


def fields_of(vm: Machine, table: str, index: int) -> list[int]:
    """The addresses of every field of a row: of a page, a queue or an object."""
    return [vm.memory.address(f"{table}.{column}", index) for column in vm.memory.tables[table].specs()]


def biography(
    history: History, addresses: Sequence[int], first: int = 0, last: int | None = None
) -> list[Chapter]:
    """Every step from first + 1 to `last` (the branch's end) that changed any of the cells, in order."""
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
    """What several writes of one step to a field come to."""
    first: dict[int, Change] = {}
    for change in changes:
        known = first.get(change.address, change)
        first[change.address] = Change(change.address, known.old, change.new)
    return tuple(first.values())


def stays(history: History, m: int) -> list[Stay]:
    """Which queue page `m` was on from which step on, over the whole branch; the cursor stays."""
    vm, journal = history.vm, history.journal
    address = vm.memory.address("page.queue", m)
    writes = writes_between(history, (address,), 0, history.total)
    steps = journal.steps_of(writes)
    queues = [(int(step), journal.new[n]) for n, step in zip(map(int, writes), steps, strict=True)]
    begin = journal.old[int(writes[0])] if writes.size else vm.page.queue[m]
    node, color = vm.node_of(m), vm.page.pc[m]
    number = None if node is None else node.id
    return [
        Stay(step, base_and_color(q)[0], color, number) for step, q in dict([(0, begin), *queues]).items()
    ]


def lengths(history: History, q: int) -> list[tuple[int, int]]:
    """The length of queue `q` from which step on: (step, lcnt); the cursor stays."""
    vm, journal = history.vm, history.journal
    writes = writes_between(history, (vm.memory.address("queue.lcnt", q),), 0, history.total)
    steps = journal.steps_of(writes)
    begin = journal.old[int(writes[0])] if writes.size else vm.queue.lcnt[q]
    after = {int(step): journal.new[n] for n, step in zip(map(int, writes), np.asarray(steps), strict=True)}
    return [(0, begin), *after.items()]
