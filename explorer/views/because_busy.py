"""Why a step that reads or writes a page's busy_count or flags does what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.constants import (
    PBUSY_LOCKED,
    PBUSY_MASK,
    PBUSY_WANTED,
)
from explorer.views.doing import Doing, Reason
from explorer.views.labels import busy_words, flag_names


def _look_at_busy(doing: Doing, refused: int, result: str) -> str:
    """Say whether any of the bits `refused` is set, and what follows from it."""
    m = doing.m
    busy = doing.vm.page.busy_count[m]
    if busy & refused:
        return f"finds {doing.page()} busy, {doing.busy(m)}: {result}"
    return f"finds {doing.page()} not {'hard-busied' if busy else 'busy'}: busy_count is {busy_words(busy)}"


def _all_bits(doing: Doing, soft: int = PBUSY_MASK) -> int:
    return PBUSY_LOCKED | (soft if doing.values.get("also_m_busy") else 0)


def _wait_if_busy(doing: Doing) -> str:
    return _look_at_busy(doing, _all_bits(doing, ~PBUSY_LOCKED), "it has to wait")


def _sleep_if_busy(doing: Doing) -> str:
    return _look_at_busy(doing, _all_bits(doing), "it has to wait")


def _try_busy(doing: Doing) -> str:
    return _look_at_busy(doing, _all_bits(doing), "the try fails")


def _try_any_busy(doing: Doing) -> str:
    return _look_at_busy(doing, _all_bits(doing, ~PBUSY_LOCKED), "the try fails")


def _try_soft(doing: Doing) -> str:
    return _look_at_busy(doing, PBUSY_LOCKED, "the try fails")


def _set_busy(doing: Doing) -> str:
    return _compare_and_set(doing, "hard-busies")


def _set_soft(doing: Doing) -> str:
    return _compare_and_set(doing, "soft-busies")


def _release_busy(doing: Doing) -> str:
    return _compare_and_set(doing, "releases")


def _compare_and_set(doing: Doing, verb: str) -> str:
    """Say what busy_count becomes, or who changed it since it was read."""
    m = doing.m
    now, new = doing.vm.page.busy_count[m], doing.after("page.busy_count", m)
    seen = doing.values.get("busy", doing.values.get("seen", now))
    if now != seen:
        since = doing.since("page.busy_count", m)
        return (
            f"fails: busy_count of {doing.page()} is {busy_words(now)}, no longer {busy_words(seen)}{since}"
        )
    return f"{verb} {doing.page()}: busy_count {busy_words(now)} to {busy_words(new)}"


def _want(doing: Doing) -> str:
    m = doing.m
    if doing.vm.page.busy_count[m] != doing["seen"]:
        return _compare_and_set(doing, "")
    return f"sets WANTED on {doing.page()}, so that its release wakes the sleepers"


def _want_read(doing: Doing) -> str:
    m = doing.m
    if doing.vm.page.busy_count[m] != doing["busy"]:
        return _compare_and_set(doing, "")
    return f"sets WANTED on {doing.page()}, so that the end of its read wakes the sleepers"


def _set_flags(doing: Doing) -> str:
    return f"sets {'|'.join(flag_names(doing['bits']))} of {doing.page()}"


def _clear_flags(doing: Doing) -> str:
    return f"clears {'|'.join(flag_names(doing['bits']))} of {doing.page()}"


def _read_busy(doing: Doing) -> str:
    return f"reads busy_count of {doing.page()}: {busy_words(doing.vm.page.busy_count[doing.m])}"


def check_hard(doing: Doing) -> str:
    """Say whether the page is hard-busied, and since when."""
    m = doing.m
    if doing.vm.page.busy_count[m] & PBUSY_LOCKED:
        return f"finds {doing.page()} hard-busied: {doing.locked_since(m)}"
    return f"finds {doing.page()} not hard-busied: busy_count is {doing.busy(m)}"


def _drop_soft(doing: Doing) -> str:
    m = doing.m
    busy = doing.vm.page.busy_count[m]
    left = busy_words(busy - 1 & 0xFFFFFFFF)
    wakes = ", so the waiters are woken" if busy - 1 == PBUSY_WANTED else ""
    return f"drops a soft busy of {doing.page()}: busy_count {busy_words(busy)} to {left}{wakes}"


REASONS: Final[Mapping[str, Reason]] = {
    "vm_page_busy_wait#1": _wait_if_busy,
    "vm_page_busy_wait#2": _set_busy,
    "vm_page_busy_try#1": _try_busy,
    "vm_page_busy_try#2": _set_busy,
    "vm_page_lookup_busy_wait#1": _wait_if_busy,
    "vm_page_lookup_busy_wait#2": _set_busy,
    "vm_page_lookup_busy_try#1": _try_any_busy,
    "vm_page_lookup_busy_try#2": _set_busy,
    "vm_page_sleep_busy#1": _sleep_if_busy,
    "vm_page_sbusy_try#1": _try_soft,
    "vm_page_sbusy_try#2": _set_soft,
    "vm_page_sbusy_drop#1": _drop_soft,
    "_sleep_on_page#1": _want,
    "_await_read#1": _read_busy,
    "_await_read#2": _want_read,
    "vm_page_flash#1": _read_busy,
    "vm_page_flag_set#1": _set_flags,
    "vm_page_flag_clear#1": _clear_flags,
    "_clear_locked#1": _read_busy,
    "_clear_locked#2": _release_busy,
    "vm_page_wakeup#1": check_hard,
    "vm_page_wire#1": check_hard,
}
"""The reason of each deciding action, by function and number of the action."""
