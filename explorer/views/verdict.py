"""The verdict on a page: whether it can be freed now, and if not, why, since when, and by which thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from engine.constants import Page
from engine.debug.page_conditions import BUSIED, Cells, Condition
from engine.debug.whynot import Found, conditions, found_of, function_of
from engine.run.history import History
from explorer.views.labels import Labels
from explorer.views.rows import PageVerdict

DONE: Final = {
    "free": "freed",
    "cache": "cached",
    "pageout": "paged out",
    "alloc": "handed out",
    "wire": "wired",
}
"""What can be asked of `whynot` -> what would be done with the page."""

ASKED: Final = {
    "free": "free",
    "cache": "cache",
    "pageout": "page out",
    "alloc": "hand out",
    "wire": "wire",
}
"""What can be asked of `whynot` -> what the kernel function would do, before the page's name."""


class Judged(Protocol):
    """A condition that is met or not; needed: see engine.debug.page_conditions.Condition."""

    @property
    def met(self) -> bool:
        """Whether it is met."""

    @property
    def needed(self) -> bool:
        """Whether the function demands it."""


def goes(conditions: Iterable[Judged]) -> str:
    """Say where a page goes instead of to a free list, as `, to HOLD`; "" if each condition is met."""
    return "" if all(one.met or one.needed for one in conditions) else ", to HOLD"


FunctionOf = Callable[[History, int], str]
"""Returns the kernel function of a step; "" if there is none, or it is not known."""


def made_by(found: Found, thread: str, origin: str) -> str:
    """Say since when a condition is as it is, and by which thread and kernel function.

    `so since` if the deciding cell has been written later. origin: see History.origin.
    """
    if found.step is None:
        return f"so since {origin}" if found.moved else f"from {origin}"
    return f"{'so ' * found.moved}since step {found.step:,} {_maker(found, thread)}"


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
    unmet = [one for one in found if one.needed and not one.met]
    one = next((one for one in unmet if one is not busied), busied)
    answer = "no" if unmet else f"yes{goes(found)}"
    if not unmet and goes(found):
        one = Cells(history.vm, Page(m)).unheld()
    return PageVerdict(
        not unmet, f"freed: {answer} - {state_of(one)}", _since(history, labels, one, function)
    )


def state_of(one: Condition) -> str:
    """What the page is, by a condition: `wired` if it is not met that the page is not wired."""
    text = one.text
    for start, met, not_met in (("it is not ", "not ", ""), ("it is ", "", "not "), ("no ", "no ", "a ")):
        if text.startswith(start):
            return f"{met if one.met else not_met}{text.removeprefix(start)}"
    return text


def _since(history: History, labels: Labels, one: Condition, function: FunctionOf) -> str:
    found = found_of(history, one, function)
    if found.step is None:
        return ""
    thread = "an event" if found.thread is None else labels.thread(found.thread)
    return f" since step {found.step:,} {_maker(found, thread)}"


def _maker(found: Found, thread: str) -> str:
    """The thread and the kernel function that made a condition so: `(freer, vm_page_wire)`."""
    return f"({thread}{f', {found.function}' if found.function else ''})"
