"""Whether a kernel function would free, cache, page out, hand out or wire a page now, and what prevents it.

`engine.debug.page_conditions` and `engine.debug.alloc_conditions` name the conditions. Here the journal says
of each which step made it so: the last step whose write of the deciding cell made the condition true or
false. Writes that leave the condition as it is, such as one more wiring of a wired page, do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import Cpu, Page
from engine.debug.alloc_conditions import alloc_conditions
from engine.debug.call_stack import LONGEST, call_of_boot, frames, in_place, operation_begin
from engine.debug.entry_points import only_function
from engine.debug.journal_search import Steps, last_turn
from engine.debug.page_conditions import (
    Condition,
    cache_conditions,
    free_conditions,
    pageout_conditions,
    wire_conditions,
)
from engine.debug.per_history import Remembered
from engine.errors import BadInput
from engine.language.expressions import compile_expression
from engine.language.symbols import NUMBER, Kind, Names, page_at, read_number
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.run.history import History
from engine.run.suspended import kernel_function

CONDITIONS: Final[dict[str, Callable[[Machine, Page], Iterator[Condition]]]] = {
    "free": free_conditions,
    "cache": cache_conditions,
    "pageout": pageout_conditions,
    "alloc": alloc_conditions,
    "wire": wire_conditions,
}
"""What can be asked -> the conditions of the kernel function that does it."""

FUNCTIONS: Final = {
    "free": "vm_page_free_toq",
    "cache": "vm_page_try_to_cache",
    "pageout": "vm_pageout_page",
    "alloc": "vm_page_alloc",
    "wire": "vm_page_wire",
}
"""What can be asked -> the kernel function that does it."""

_MADE: Final = Remembered[tuple[int, str, bool, int], int](most=4096)
"""The step that made a condition so, by its cell, its text, whether it is met, and the cell's last write.

0 if no step did.
"""


_NAMED: Final = Remembered[int, str](most=50_000)
"""The kernel function that took a step."""


@dataclass(frozen=True)
class Found:
    """A condition at a moment, and what made it so.

    value: the raw value of the deciding cell, without the column's bias.
    step:     the step that made it true or false; None if it is so since boot or setup.
    thread:   the thread that took that step; None for an event.
    function: the kernel function that took it; "" if that is not known, or a script line did it.
    moved:    whether a later step wrote the cell, and the condition stayed as it was.
    needed:   see Condition.
    """

    condition: str
    met: bool
    address: int
    value: int
    step: int | None
    thread: int | None
    function: str
    moved: bool = False
    needed: bool = True


def check_what(what: str) -> str:
    """Return the word if it is one of CONDITIONS.

    Errors: BadInput if it is not.
    """
    if what not in CONDITIONS:
        raise BadInput(f"{what[:40]!r} is not a question; use {', '.join(CONDITIONS)}")
    return what


def conditions(history: History, what: str, m: int) -> list[Condition]:
    """Return the conditions at the cursor, in the kernel's order, as the cpu of the last step sees them.

    what: a key of CONDITIONS; m: the index of a page.
    """
    with _as_last_cpu(history):
        return list(CONDITIONS[what](history.vm, Page(m)))


def allowed(found: Sequence[Condition | Found]) -> bool:
    """Whether every condition that is needed is met."""
    return all(one.met or not one.needed for one in found)


def whynot(history: History, what: str, m: int) -> list[Found]:
    """Return every condition of the function at the cursor, met or not, with the step that made it so.

    The page may be freed, cached, paged out, handed out or wired exactly if all needed ones are met.
    what: a key of CONDITIONS; m: the index of a page.
    """
    return [found_of(history, one) for one in conditions(history, what, m)]


def found_of(
    history: History, one: Condition, function: Callable[[History, int], str] | None = None
) -> Found:
    """Return a condition at the cursor with the step that made it so.

    function: how the kernel function of a step is found; default `function_of`.
    """
    step = since(history, one)
    thread = None if step is None else history.record(step).thread
    named = "" if step is None else (function or function_of)(history, step)
    value, moved = history.vm.memory.cells[one.address], history.writer(one.address, history.step) != step
    return Found(one.text, one.met, one.address, value, step, thread, named, moved, one.needed)


def since(history: History, one: Condition) -> int | None:
    """Return the last step up to the cursor that made the condition so; None for boot and setup."""
    last = history.writer(one.address, history.step)
    if last is None:
        return None
    key = one.address, one.text, one.met, last
    return _MADE.get(history, key, lambda: {key: _made(history, one, last)}) or None


def _made(history: History, one: Condition, last: int) -> int:
    bias = _bias(history, one.address)

    def turns(old: Steps, new: Steps) -> npt.NDArray[np.bool_]:
        before, after = np.asarray(one.test(old + bias), bool), np.asarray(one.test(new + bias), bool)
        differs: npt.NDArray[np.bool_] = before != after
        return differs

    return last_turn(history, one.address, last, turns) or 0


def function_of(history: History, step: int) -> str:
    """Return the kernel function that took a step; "" for an event and for a script line that called none.

    Of a step deep in a long operation, such as that of a daemon, it is the only kernel function that has an
    action of this name; "" if several have.
    """
    return _NAMED.get(history, step, lambda: {step: _function(history, step)})


def _function(history: History, step: int) -> str:
    t = history.journal.thread(step)
    if t == EVENT:
        return ""
    if history.programs[t].boot:
        return kernel_function(call_of_boot(history, step))
    if step - operation_begin(history, t, step) > LONGEST:
        return only_function(history.journal.label(step))
    with in_place(history):
        return kernel_function(frames(history, step))


def _bias(history: History, address: int) -> int:
    return history.vm.memory.place_of(address)[0].spec.bias


@contextmanager
def _as_last_cpu(history: History) -> Iterator[None]:
    """Context manager in which the machine's current cpu is that of the last step, or 0."""
    vm, t = history.vm, history.journal.thread(history.step) if history.step else EVENT
    kept, vm.mycpu = vm.mycpu, Cpu(0 if t == EVENT else history.programs[t].cpu)
    try:
        yield
    finally:
        vm.mycpu = kept


def page_asked(history: History, text: str, names: Names) -> int:
    """Return the index of the page that a text names at the cursor: a page number, or an EXPR.

    Errors: BadInput if this machine does not have the page, or the EXPR does not give one.
    """
    vm = history.vm
    if NUMBER.fullmatch(text.strip()):
        m = page_at(vm, read_number(text, "a page"))
    else:
        value = compile_expression(text, names)
        if value.kind is not Kind.PAGE:
            raise BadInput(f"{text[:60]!r} does not give a page; use a page number, or a variable like app.m")
        m = value.evaluate(vm)
    if not 0 <= m < vm.marker_base:
        raise BadInput(f"{text[:60]} is not a page at step {history.step:,}; name a page that exists then")
    return m
