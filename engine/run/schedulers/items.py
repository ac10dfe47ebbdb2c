"""A list of items, each of which says who takes steps and for how long; after the last, the cpus take turns.

The progress is in cells: schedule_item is the index of the current item. schedule_left is the remaining count
of a counted item; for an item that lasts until something happens, it is 1 + the step after which its thread's
instruction started. It is 0 before the item's first step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from engine.constants import NULL
from engine.errors import BadInput
from engine.kernel.pagers.bio import pending_ios
from engine.machine.machine import Machine
from engine.machine.tables import ENDED, SLEEPING
from engine.run.events import Event
from engine.run.schedule import ITEM_FORMS, WORDS, Scheduler, Word, Written
from engine.run.threads import Threads
from engine.words import plural, thread_named

GRAMMAR: Final = "THREAD[:N|:line|:op|:block|:end], tick[:N], io[:K], timeout:THREAD, preempt:CPU"

_NUMBER: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_CPU: Final = re.compile(r"\d{1,9}", re.ASCII)
MOST_ITEMS: Final = 100_000

_UNTIL: Final = ("line", "op", "block", "end")


@dataclass(frozen=True)
class Item:
    """One item: `kind` is steps, line, op, block, end, tick, io, timeout or preempt.

    number: the number of steps or ticks, which pending I/O completes, or the cpu. 0 ticks: no tick passes
            any more unless an item has it.
    name:   the thread.
    """

    word: Word
    kind: str
    number: int = 1
    name: str = ""


@dataclass(frozen=True)
class Items(Scheduler):
    """Runs the items in order."""

    text: str
    items: tuple[Item, ...]
    named: tuple[tuple[str, Word], ...]

    def choose(self, threads: Threads, step: int) -> int | Event | None:
        """Return the choice of the current item; None after the last one."""
        glob = threads.vm.glob
        while glob.schedule_item[0] < len(self.items):
            choice = _choice(threads, self.items[glob.schedule_item[0]], step)
            if choice is not None:
                return choice
            _end_item(threads.vm)
        return None

    def is_over(self, vm: Machine) -> bool:
        """Whether every item is done."""
        return vm.glob.schedule_item[0] >= len(self.items)

    @cached_property
    def _timed_from(self) -> int:
        """The index of the first `tick:0`; the number of items if there is none."""
        found = (n for n, item in enumerate(self.items) if item.kind == "tick" and not item.number)
        return next(found, len(self.items))

    def keeps_time(self, vm: Machine) -> bool:
        """Whether a `tick:0` has come, and an item is left."""
        return self._timed_from <= vm.glob.schedule_item[0] < len(self.items)


# --- reading ----------------------------------------------------------------------------------------------


def read(written: Written) -> Items:
    """Read a list of items.

    Errors: BadInput that names the first word that is not an item, or if there are too many.
    """
    if len(written.words) > MOST_ITEMS:
        word = written.words[MOST_ITEMS]
        words = f"the schedule has more than {MOST_ITEMS:,} items; use counts, such as app:1000"
        raise BadInput(words, file=word.file, line=word.line)
    items = tuple(_item(word) for word in written.words)
    text = ",".join(word.text for word in written.words)
    return Items(text, items, tuple((item.name, item.word) for item in items if item.name))


def _item(word: Word) -> Item:
    head, colon, tail = word.text.partition(":")
    head, tail = head.strip(), tail.strip()
    number = int(tail) if _NUMBER.fullmatch(tail) else 0
    if head == "tick" and tail == "0":
        return Item(word, head, 0)
    if head in ("tick", "io") and (number or not colon):
        return Item(word, head, number or 1)
    if head == "preempt" and _CPU.fullmatch(tail):
        return Item(word, head, int(tail))
    if head == "timeout" and tail:
        return Item(word, head, name=tail)
    if head and head not in WORDS:
        if tail in _UNTIL:
            return Item(word, tail, name=head)
        if number or not colon:
            return Item(word, "steps", number or 1, head)
    right = " or ".join(ITEM_FORMS.rsplit(", ", 1))
    text = f"{word.text[:60]!r} is not a schedule item; use {right}"
    raise BadInput(text, file=word.file, line=word.line)


# --- choosing ---------------------------------------------------------------------------------------------


def _end_item(vm: Machine) -> None:
    vm.glob.schedule_item[0] += 1
    vm.glob.schedule_left[0] = 0


def _choice(threads: Threads, item: Item, step: int) -> int | Event | None:
    """Return the item's next choice; None if the item is done."""
    if not item.number and item.kind == "tick":
        return None
    if item.kind in ("steps", "tick"):
        return _counted(threads, item, step)
    if item.kind in _UNTIL:
        return _until(threads, item, step)
    choice: int | Event
    if item.kind == "io":
        choice = _io(threads, item)
    else:
        choice = _timeout(threads, item) if item.kind == "timeout" else _preempting(threads, item)
    _end_item(threads.vm)
    return choice


def _counted(threads: Threads, item: Item, step: int) -> int | Event:
    vm = threads.vm
    left = vm.glob.schedule_left[0] or item.number
    choice = Event("tick", 1) if item.kind == "tick" else _runnable_named(threads, item, step)
    if left == 1:
        _end_item(vm)
    else:
        vm.glob.schedule_left[0] = left - 1
    return choice


def _until(threads: Threads, item: Item, step: int) -> int | None:
    vm, t = threads.vm, _named(threads, item)
    begun = vm.glob.schedule_left[0]
    ended = vm.thread.state[t] == ENDED
    if (begun and _is_done(threads, item, t, begun - 1)) or (item.kind == "end" and ended):
        return None
    _runnable_named(threads, item, step)
    if not begun:
        vm.glob.schedule_left[0] = vm.thread.op_start[t] + 1
    return t


def _is_done(threads: Threads, item: Item, t: int, op_start: int) -> bool:
    vm, ended = threads.vm, threads.vm.thread.state[t] == ENDED
    if item.kind == "op":
        return ended or vm.thread.op_start[t] != op_start
    if item.kind == "line":
        return ended or (vm.thread.op_start[t] != op_start and _at_line_start(threads, t))
    return ended if item.kind == "end" else not threads.can_run(t)


def _at_line_start(threads: Threads, t: int) -> bool:
    program, pc = threads.programs[t], threads.vm.thread.pc[t]
    return pc == 0 or program.line_at(pc) != program.line_at(pc - 1)


def _io(threads: Threads, item: Item) -> Event:
    pending = pending_ios(threads.vm)
    if not pending:
        raise _cannot_run(threads, item, "no I/O is pending")
    if item.number > len(pending):
        raise _cannot_run(threads, item, f"only {plural(len(pending), 'I/O')} pending")
    return Event("io", pending[item.number - 1])


def _timeout(threads: Threads, item: Item) -> Event:
    t = _named(threads, item)
    if threads.vm.thread.state[t] != SLEEPING:
        raise _cannot_run(threads, item, f"{item.name} is not asleep")
    return Event("timeout", t)


def _preempting(threads: Threads, item: Item) -> int:
    if item.number >= threads.vm.ncpus:
        raise _cannot_run(threads, item, f"there is no cpu {item.number}")
    t = next((other for other in threads.run_queue(item.number) if threads.can_run(other)), NULL)
    if t == NULL:
        raise _cannot_run(threads, item, f"no other thread of cpu {item.number} can run now")
    return t


def _named(threads: Threads, item: Item) -> int:
    try:
        return thread_named([program.name for program in threads.programs], item.name)
    except BadInput as error:
        raise _cannot_run(threads, item, error.message) from None


def _runnable_named(threads: Threads, item: Item, step: int) -> int:
    t = _named(threads, item)
    if not threads.can_run(t):
        raise _cannot_run(threads, item, f"{item.name} cannot run after step {step}")
    return t


def _cannot_run(threads: Threads, item: Item, why: str) -> BadInput:
    position = threads.vm.glob.schedule_item[0] + 1
    text = f"schedule item {position}, {item.word.text[:60]!r}, cannot run: {why}"
    return BadInput(text, file=item.word.file, line=item.word.line)
