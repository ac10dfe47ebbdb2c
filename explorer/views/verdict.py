"""The verdict on a page: whether it can be freed now, and if not, why, since when, and by which thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.debug.page_conditions import BUSIED, Condition
from engine.debug.whynot import Found, conditions, found_of, function_of
from engine.run.history import History
from explorer.views.changes import cell_words
from explorer.views.labels import Labels, busy_words
from explorer.views.rows import PageVerdict

DONE: Final = {
    "free": "freed",
    "cache": "cached",
    "pageout": "paged out",
    "alloc": "handed out",
    "wire": "wired",
}
"""What can be asked of `whynot` -> what would be done with the page."""

FunctionOf = Callable[[History, int], str]
"""Returns the kernel function of a step; "" if there is none, or it is not known."""


def made_by(found: Found, thread: str, origin: str) -> str:
    """Say since when a condition is as it is, and by which thread and kernel function.

    `so since` if the deciding cell has been written later. origin: see History.origin.
    """
    if found.step is None:
        return f"so since {origin}" if found.moved else f"from {origin}"
    who = f"({thread}{f', {found.function}' if found.function else ''})"
    return f"{'so ' * found.moved}since step {found.step:,} {who}"


def verdict_of(
    history: History, labels: Labels, m: int, function: FunctionOf = function_of
) -> PageVerdict | None:
    """The verdict on page `m` at the cursor; None for NULL and for the marker of a scan.

    Of several unmet conditions it names the first; that the page is not busied only if that is the only one.
    """
    if not 0 <= m < history.vm.marker_base:
        return None
    found = conditions(history, "free", m)
    busied = next(one for one in found if one.text == BUSIED)
    unmet = [one for one in found if not one.met]
    one = next((one for one in unmet if one is not busied), busied)
    words = _words(history, labels, one) if unmet else f"{busy_words(history.vm.page.busy_count[m])}"
    held = history.vm.page.hold_count[m]
    answer = "no" if unmet else "yes, to HOLD" if held else "yes"
    return PageVerdict(not unmet, f"freed: {answer} - {words}", _since(history, labels, one, function))


def _words(history: History, labels: Labels, one: Condition) -> str:
    """The deciding cell and its value: `wire_count 1`."""
    _, cell, value = cell_words(labels, one.address, history.vm.memory.cells[one.address])
    return f"{cell} {value}"


def _since(history: History, labels: Labels, one: Condition, function: FunctionOf) -> str:
    found = found_of(history, one, function)
    if found.step is None:
        return ""
    thread = "an event" if found.thread is None else labels.thread(found.thread)
    return f" {made_by(found, thread, history.origin)}"
