"""Why a page's steps do what they do: queues, wire and hold counts, freeing, caching, objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PG_WRITEABLE,
    PQ_ACTIVE,
    PQ_CACHE,
    PQ_FREE,
    PQ_HOLD,
    PQ_INACTIVE,
    queue_name,
)
from engine.kernel.queues import base_queue, never_queued
from engine.words import plural
from explorer.views.because_busy import check_hard
from explorer.views.doing import Doing, Reason
from explorer.views.labels import busy_words, flag_names

# --- queues -----------------------------------------------------------------------------------------------


def _leave(doing: Doing) -> str:
    m = doing.m
    q = doing.vm.page.queue[m]
    if not q:
        return f"leaves {doing.page()} as it is: it is on no queue"
    length = doing.vm.queue.lcnt[q]
    return f"takes {doing.page()} off {queue_name(q)}: length {length} to {length - 1}"


def _join(doing: Doing) -> str:
    q = doing.q
    length = doing.vm.queue.lcnt[q]
    head = doing.values.get("athead") or PQ_FREE <= q < PQ_INACTIVE
    end = "at the head" if head else "at the tail"
    return f"puts {doing.page()} {end} of {queue_name(q)}: length {length} to {length + 1}"


def _stays(doing: Doing, base: int) -> str:
    """Why a page does not have to move to a queue of this type; "" if it moves."""
    m = doing.m
    if base_queue(doing.vm, m) == base:
        return f"is already on {doing.queue(m)}"
    if never_queued(doing.vm, m):
        names = flag_names(doing.vm.page.flags[m] & (PG_FICTITIOUS | PG_UNQUEUED))
        return f"never goes on a queue: {'|'.join(names)}"
    return ""


def _look_at_queue(doing: Doing, base: int) -> str:
    if stays := _stays(doing, base):
        return f"leaves {doing.page()} where it is: it {stays}"
    locked = doing.vm.page.spin[doing.m] == doing.t + 1
    found = f"finds {doing.page()} on {doing.queue(doing.m)}"
    return (
        f"{found}: its spinlock keeps it there"
        if locked
        else f"{found}, and has to look again with its spinlock"
    )


def _to_active(doing: Doing) -> str:
    return _look_at_queue(doing, PQ_ACTIVE)


def _to_inactive(doing: Doing) -> str:
    return _look_at_queue(doing, PQ_INACTIVE)


# --- counts -----------------------------------------------------------------------------------------------


def _count(doing: Doing, field: str, by: int, verb: str) -> str:
    m = doing.m
    old = getattr(doing.vm.page, field)[m]
    return f"{verb} {doing.page()}: {field} {old} to {old + by}"


def _wire(doing: Doing) -> str:
    first = ", its first wiring" if doing.vm.page.wire_count[doing.m] == 0 else ""
    return _count(doing, "wire_count", 1, "wires") + first


def _unwire(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    said = _count(doing, "wire_count", -1, "unwires")
    if vm.page.wire_count[m] != 1:
        return f"{said}, so it stays wired"
    if vm.page.flags[m] & PG_UNQUEUED:
        return f"{said}, and it never goes on a queue"
    active = doing.values.get("activate") or vm.page.flags[m] & PG_NEED_COMMIT
    return f"{said}, so it is {'activated' if active else 'deactivated'}"


def _check_wired(doing: Doing) -> str:
    m = doing.m
    wired = doing.vm.page.wire_count[m]
    if not doing.vm.page.busy_count[m] & PBUSY_LOCKED:
        return check_hard(doing)
    return f"finds {doing.page()} hard-busied and {'' if wired else 'not '}wired: wire_count is {wired}"


def _unwire_quick(doing: Doing) -> str:
    now, seen = doing.vm.page.wire_count[doing.m], doing["wired"]
    if now != seen:
        return f"fails: wire_count of {doing.page()} is {now}, no longer {seen}"
    return f"unwires {doing.page()}: wire_count {now} to {now - 1}"


def _hold(doing: Doing) -> str:
    return _count(doing, "hold_count", 1, "holds")


def _unhold(doing: Doing) -> str:
    return _count(doing, "hold_count", -1, "drops a hold of")


def _check_held(doing: Doing) -> str:
    held = doing.vm.page.hold_count[doing.m]
    return f"finds {doing.page()} {'' if held > 0 else 'not '}held: hold_count is {held}"


def _last_hold(doing: Doing) -> str:
    m, old = doing.m, doing["old"]
    if old != 1:
        return f"leaves {doing.page()} where it is: {plural(old - 1, 'other hold')} kept it then"
    if base_queue(doing.vm, m) != PQ_HOLD:
        return f"leaves {doing.page()} where it is: it was not freed, it is on {doing.queue(m)}"
    return f"finds {doing.page()} on {doing.queue(m)} after its last hold, so it has to become free"


def _still_on_hold(doing: Doing) -> str:
    m = doing.m
    held = doing.vm.page.hold_count[m]
    if held == 0 and base_queue(doing.vm, m) == PQ_HOLD:
        return f"moves {doing.page()} from {doing.queue(m)} to FREE: nothing holds it, and it is locked now"
    why = (
        f"hold_count is {held} again{doing.since('page.hold_count', m)}"
        if held
        else f"it is on {doing.queue(m)}"
    )
    return f"leaves {doing.page()} where it is: {why}"


# --- freeing and caching ----------------------------------------------------------------------------------


def _may_be_freed(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    mapped = flag_names(vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE))
    if mapped:
        return f"finds {doing.page()} perhaps still mapped: {'|'.join(mapped)} is set"
    soft = vm.page.busy_count[m] & PBUSY_MASK
    if soft or not vm.page.busy_count[m] & PBUSY_LOCKED:
        return f"may not free {doing.page()}: busy_count is {busy_words(vm.page.busy_count[m])}"
    if base_queue(vm, m) == PQ_FREE:
        return f"may not free {doing.page()}: it is free, on {doing.queue(m)}"
    return f"may free {doing.page()}: it is hard-busied, not soft-busied and not mapped"


def _fictitious(doing: Doing) -> str:
    if doing.vm.page.flags[doing.m] & PG_FICTITIOUS:
        return f"only releases {doing.page()}: it is fictitious and belongs on no queue"
    return f"has to put {doing.page()} on a queue: it is not fictitious"


def _fit(doing: Doing) -> str:
    m, page = doing.m, doing.vm.page
    flags = page.flags[m] & (PG_UNQUEUED | PG_NEED_COMMIT)
    if flags or page.hold_count[m] or page.wire_count[m]:
        return f"may not use {doing.page()}: {_kept_by(doing, flags)}"
    return f"may use {doing.page()}: it is not held and not wired"


def _free_or_hold(doing: Doing) -> str:
    m = doing.m
    held = doing.vm.page.hold_count[m]
    if held:
        return f"sends {doing.page()} to HOLD: hold_count is {held}{doing.since('page.hold_count', m)}"
    return f"sends {doing.page()} to FREE: nothing holds it"


def _may_be_cached(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    why = _kept_by(doing, PG_UNQUEUED | PG_NEED_COMMIT | PG_FICTITIOUS)
    if why:
        return f"does not cache {doing.page()}: {why}"
    if base_queue(vm, m) == PQ_CACHE:
        return f"leaves {doing.page()} where it is: it is already on {doing.queue(m)}"
    mapped = "|".join(flag_names(vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE)))
    how = f", once it is unmapped: {mapped} is set" if mapped else ": it is not in use"
    return f"may cache {doing.page()}{how}"


def _cache_now(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    if why := _kept_by(doing, PG_UNQUEUED | PG_MAPPED):
        return f"does not cache {doing.page()}: {why}"
    if vm.page.dirty[m] or vm.page.flags[m] & PG_NEED_COMMIT:
        why = f"dirty is {vm.page.dirty[m]:02x}" if vm.page.dirty[m] else "NEED_COMMIT is set"
        return f"deactivates {doing.page()} instead: {why}"
    return f"caches {doing.page()}: it is clean and nothing maps it"


def _kept_by(doing: Doing, flags: int) -> str:
    """What keeps a page from being cached: flags, soft busy, wire or hold count; "" for nothing."""
    m, page = doing.m, doing.vm.page
    if page.flags[m] & flags:
        return f"{'|'.join(flag_names(page.flags[m] & flags))} is set"
    if soft := page.busy_count[m] & PBUSY_MASK:
        return f"it is soft-busied, {plural(soft, 'time')}"
    for field in ("wire_count", "hold_count"):
        if count := getattr(page, field)[m]:
            return f"{field} is {count}{doing.since(f'page.{field}', m)}"
    return ""


# --- objects ----------------------------------------------------------------------------------------------


def _insert(doing: Doing) -> str:
    obj, pindex = doing.obj, doing["pindex"]
    name = doing.labels.object(obj)
    there = doing.vm.find_page(obj, pindex)
    if there != NULL:
        return f"cannot insert {doing.page()}: {doing.page_called(there)} has index {pindex} of {name}"
    return f"inserts {doing.page()} into {name} at index {pindex}, which is free"


def _has_object(doing: Doing) -> str:
    obj = doing.vm.page.object[doing.m]
    if obj == NULL:
        return f"finds {doing.page()} in no object, so there is nothing to remove"
    return f"finds {doing.page()} in {doing.labels.object(obj)}, from which it has to be removed"


def _find(doing: Doing) -> str:
    name, pindex = doing.labels.object(doing.obj), doing["pindex"]
    there = doing.vm.find_page(doing.obj, pindex)
    return f"finds {'no page' if there == NULL else doing.page_called(there)} at index {pindex} of {name}"


def _remove(doing: Doing) -> str:
    m = doing.m
    return f"removes {doing.page()} from {doing.labels.object(doing.obj)}, index {doing.vm.page.pindex[m]}"


REASONS: Final[Mapping[str, Reason]] = {
    "vm_page_unwire_quick#3": _unwire_quick,
    "vm_page_wire#2": _wire,
    "vm_page_unwire#1": _check_wired,
    "vm_page_unwire#2": _unwire,
    "vm_page_hold#1": _hold,
    "vm_page_unhold#1": _check_held,
    "vm_page_unhold#2": _unhold,
    "vm_page_unhold#3": _last_hold,
    "vm_page_unhold#4": _still_on_hold,
    "_vm_page_rem_queue_spinlocked#1": _leave,
    "_vm_page_add_queue_spinlocked#1": _join,
    "vm_page_activate#1": _to_active,
    "_activate_locked#1": _to_active,
    "vm_page_deactivate#1": _to_inactive,
    "_vm_page_deactivate_locked#1": _to_inactive,
    "vm_page_free_toq#2": _may_be_freed,
    "vm_page_free_toq#4": _fictitious,
    "vm_page_free_toq#6": _free_or_hold,
    "vm_page_cache#1": _may_be_cached,
    "vm_page_cache#2": _cache_now,
    "_accept_free_page#1": _fit,
    "vm_page_insert#2": _insert,
    "_find#1": _find,
    "vm_page_remove#1": _has_object,
    "vm_page_remove#2": _remove,
}
"""The reason of each deciding action, by function and number of the action."""
