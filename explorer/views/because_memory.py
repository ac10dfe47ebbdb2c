"""Why steps of an allocation or a wait for memory do what they do: colours, searches, limits, wakeups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.constants import (
    NULL,
    P_LOWMEMKILL,
    PG_MAPPED,
    PG_MARKER,
    PG_NEED_COMMIT,
    PG_WRITEABLE,
    TDF_PREEMPTED,
    V_CACHE_COUNT,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    V_INTERRUPT_FREE_MIN,
    V_PAGEOUT_FREE_MIN,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_SYSTEM,
    Cpu,
    Thread,
    queue_name,
)
from engine.errors import KernelPanic
from engine.kernel.color import PINDEX_MASK, vm_get_pg_color
from engine.kernel.memory_pressure import (
    vm_page_count_min,
    vm_page_count_severe,
    vm_page_count_target,
    vm_paging_needed,
)
from engine.kernel.memory_wait import is_pager, sleeps_by_nice, waits_by_nice
from engine.kernel.thresholds import nice_limit, vm_paging_min_nice
from engine.words import plural
from explorer.views.doing import Doing, Reason
from explorer.views.labels import flag_names

# --- the colour -------------------------------------------------------------------------------------------


def _choose_color(doing: Doing) -> str:
    """Say which colour is searched first: the cpu's first one, plus an offset that the page's place gives."""
    vm, obj, pindex, page_req = doing.vm, doing.obj, doing["pindex"], doing["page_req"]
    asked = bool(page_req & VM_ALLOC_CPU_SPEC)
    cpu = Cpu(page_req >> VM_ALLOC_CPU_SHIFT) if asked else Cpu(doing.cpu)
    offset = pindex if obj == NULL else pindex + vm.object.pg_color[obj]
    try:
        color = vm_get_pg_color(vm, cpu, obj, pindex)
        first = vm_get_pg_color(vm, cpu, obj, pindex - (offset & PINDEX_MASK))
    except KernelPanic:
        return "cannot choose a colour: a level of the topology has no part"
    whose = f"cpu {cpu}'s colours, which the request names," if asked else f"cpu {cpu}'s colours"
    if color == first:
        return f"takes colour {color}: {whose} start there"
    name = "" if obj == NULL else f" of {doing.labels.object(obj)}"
    base = vm.object.pg_color[obj] if obj != NULL else 0
    index = f"index {pindex}{name}" + (f" with the object's colour {base}" if base else "")
    return f"takes colour {color}: {whose} start at {first}, and {index} adds {color - first}"


# --- the class of the request -----------------------------------------------------------------------------


def _compare_with_reserve(doing: Doing) -> str:
    """Say which limit of its class the request is above or below."""
    page_req = doing["page_req"]
    free, cache = doing.view(V_FREE_COUNT), doing.view(V_CACHE_COUNT)
    reserved, least = doing.view(V_FREE_RESERVED), doing.view(V_INTERRUPT_FREE_MIN)
    have = f"{_counts(doing, free)}, v_free_reserved is {reserved:,}"
    if free >= reserved:
        return f"may take a free page: {have}"
    if page_req & VM_ALLOC_INTERRUPT and free > 0:
        return f"may take a free page, though few are left, as an interrupt's request: {have}"
    if page_req & VM_ALLOC_SYSTEM and cache == 0 and free > least:
        return (
            f"may take a free page, though few are left, as a system request while none is cached "
            f"and more than {least:,} are free: {have}"
        )
    if page_req & VM_ALLOC_SYSTEM:
        limit = (
            f"{plural(cache, 'page')} {'is' if cache == 1 else 'are'} cached"
            if cache
            else f"its limit is {least:,}"
        )
        return f"may not take a free page: {have}, and {limit}"
    return f"may not take a free page: {have}"


def _counts(doing: Doing, free: int) -> str:
    """The free pages as the thread's cpu counts them: its view can differ from the global counter."""
    return f"cpu {doing.cpu} counts {plural(free, 'free page')}"


def _count_deficit(doing: Doing) -> str:
    old = doing.vm.glob.vm_pageout_deficit[0]
    class_ = doing["page_req"] & VM_ALLOC_NORMAL
    why = (
        "no cached page can be reused either"
        if class_
        else "a request of its class may not take a cached page"
    )
    return f"gives up: {why}; vm_pageout_deficit {old} to {old + 1}"


def _preempting(doing: Doing) -> str:
    if doing.vm.thread.flags[doing.t] & TDF_PREEMPTED:
        return "may not take a cached page: it preempted another thread"
    return "may take a cached page: it did not preempt another thread"


def _cached_is_clean(doing: Doing) -> str:
    m = doing.m
    dirty, obj = doing.vm.page.dirty[m], doing.vm.page.object[m]
    if dirty:
        return f"finds the cached {doing.page()} dirty: dirty is {dirty:02x}"
    owner = (
        "it has no object" if obj == NULL else f"the token of {doing.labels.object(obj)} is needed to free it"
    )
    return f"finds the cached {doing.page()} clean: {owner}"


def _cached_is_mapped(doing: Doing) -> str:
    flags = doing.vm.page.flags[doing.m] & (PG_MAPPED | PG_WRITEABLE)
    if flags:
        return f"has to unmap {doing.page()}: {'|'.join(flag_names(flags))} is set"
    return f"does not have to unmap {doing.page()}: MAPPED and WRITEABLE are clear"


def _reusable(doing: Doing) -> str:
    m, page = doing.m, doing.vm.page
    if page.dirty[m] & page.valid[m]:
        return f"rejects {doing.page()}: it is dirty, {page.dirty[m]:02x}"
    for field in ("hold_count", "wire_count"):
        if count := getattr(page, field)[m]:
            return f"rejects {doing.page()}: {field} is {count}{doing.since(f'page.{field}', m)}"
    if page.flags[m] & PG_NEED_COMMIT:
        return f"rejects {doing.page()}: NEED_COMMIT is set"
    return f"reuses {doing.page()}: it is clean, not held and not wired"


# --- the search -------------------------------------------------------------------------------------------


def _first_on(doing: Doing, q: int, otherwise: str) -> str:
    head, vm = doing.vm.queue.head[q], doing.vm
    if head == NULL:
        return f"looks at {queue_name(q)}: it is empty, so {otherwise}"
    if vm.page.flags[head] & PG_MARKER:
        return f"looks at {queue_name(q)}: its first entry is the {doing.page_called(head)}"
    return f"looks at {queue_name(q)}: its first page is {doing.labels.page(head)}"


def _asked(doing: Doing) -> str:
    index = doing["index"] & doing.vm.color_mask
    said = _first_on(doing, doing["basequeue"] + index, "the search widens")
    return said.replace(":", ", the colour asked for:", 1)


def _window(doing: Doing) -> str:
    left = doing["left"]
    count = doing["mask"] + 1
    more = f"the next of the {count} colours around {doing['index']} follows"
    return _first_on(
        doing, doing["basequeue"] + doing["q"], more if left > 1 else "the search widens or ends"
    )


def _start(doing: Doing) -> str:
    index = doing["index"] & doing.vm.color_mask
    last = doing.vm.queue.lastq[doing["basequeue"] + index]
    if last >= 0:
        return f"starts at colour {last}: there the last far search for colour {index} ended"
    return f"starts at colour {index}: no far search for it is remembered"


def _remember(doing: Doing) -> str:
    asked, count = doing["asked"], doing["count"]
    return f"remembers colour {doing['q']} for {queue_name(asked)}: {plural(count, 'colour')} had no page"


# --- limits and wakeups -----------------------------------------------------------------------------------


def _available(doing: Doing) -> str:
    free, cache = doing.view(V_FREE_COUNT), doing.view(V_CACHE_COUNT)
    if not cache:
        return _counts(doing, free)
    return f"cpu {doing.cpu} counts {free + cache:,} free and cached pages"


def _limit(doing: Doing, short: bool, name: str, limit: int) -> str:
    """Say how free and cached pages compare with a limit; below v_free_reserved, free pages alone decide."""
    free, cache = doing.view(V_FREE_COUNT), doing.view(V_CACHE_COUNT)
    reserved = doing.view(V_FREE_RESERVED)
    if short and limit <= free + cache and reserved > free:
        return f"{_counts(doing, free)}, below v_free_reserved {reserved:,}"
    return f"{_available(doing)}, {'below' if short else 'not below'} {name} ({limit:,})"


def _minimum(doing: Doing, more: int = 0) -> str:
    limit = doing.view(V_FREE_MIN) + more
    return _limit(
        doing, vm_page_count_min(doing.vm, more), "v_free_min" + (f" + {more}" if more else ""), limit
    )


def _target(doing: Doing) -> str:
    return _limit(doing, vm_page_count_target(doing.vm), "v_free_target", doing.view(V_FREE_TARGET))


def _severe(doing: Doing) -> str:
    return _limit(doing, vm_page_count_severe(doing.vm), "v_free_severe", doing.view(V_FREE_SEVERE))


def _needed(doing: Doing) -> str:
    """How memory compares with the limits at which the pageout daemon runs."""
    free, least = doing.view(V_FREE_COUNT), doing.view(V_FREE_MIN)
    if least > free:
        return f"{_counts(doing, free)}, below v_free_min {least:,}"
    return _limit(
        doing, vm_paging_needed(doing.vm, 0), "v_free_min + v_cache_min", least + doing.view(V_CACHE_MIN)
    )


def _wake_daemon(doing: Doing) -> str:
    vm = doing.vm
    if not vm_paging_needed(vm, 0):
        return f"does not wake the pageout daemon: {_needed(doing)}"
    if doing.t == vm.pagethread:
        return "does not wake the pageout daemon: it is the daemon"
    count = vm.glob.vm_pages_needed[0]
    if count <= 1:
        return f"has to wake the pageout daemon: {_needed(doing)}"
    working = f"the pageout daemon is working, vm_pages_needed is {count}"
    return (
        f"counts one more request: {working}" if vm_page_count_min(vm, 0) else f"wakes no thread: {working}"
    )


def _wake_pager(doing: Doing) -> str:
    vm = doing.vm
    if not vm.glob.vm_pageout_pages_needed[0]:
        return "does not wake the pageout daemon: it does not wait for free pages"
    limit = doing.view(V_PAGEOUT_FREE_MIN)
    free = doing.view(V_FREE_COUNT) + doing.view(V_CACHE_COUNT)
    said = _limit(doing, free < limit, "v_pageout_free_min", limit)
    return (
        f"{'leaves the pageout daemon asleep' if free < limit else 'has to wake the pageout daemon'}: {said}"
    )


def _wake_waiters(doing: Doing) -> str:
    vm = doing.vm
    waiting = vm.glob.vm_pages_waiting[0]
    if not waiting:
        return "wakes no thread for memory: vm_pages_waiting is 0"
    more = vm.glob.vm_page_free_hysteresis[0]
    if not vm_page_count_min(vm, more):
        return f"has to wake the threads that wait for memory: {_minimum(doing, more)}"
    if not vm_page_count_target(vm):
        return f"has to wake the threads that wait for memory: {_target(doing)}"
    return f"leaves the threads that wait for memory asleep: {_minimum(doing, more)}"


# --- waits ------------------------------------------------------------------------------------------------


def _daemon_works(doing: Doing) -> str:
    needed = doing.vm.glob.vm_pages_needed[0]
    if needed <= 1:
        return f"asks the pageout daemon for memory: vm_pages_needed {needed} to {needed + 1}"
    return f"does not call the pageout daemon: it is working, vm_pages_needed is {needed}"


def _register(doing: Doing) -> str:
    waiting = doing.vm.glob.vm_pages_waiting[0]
    return f"registers as waiting for memory: vm_pages_waiting {waiting} to {waiting + 1}"


def _by_nice(doing: Doing, nice: int) -> str:
    limit = nice_limit(doing.vm, nice)
    short = vm_paging_min_nice(doing.vm, nice)
    return _limit(doing, short, f"nice {nice}'s limit", limit)


def _wait(doing: Doing) -> str:
    """Say whether vm_wait sleeps: the limit depends on the rules and on the thread."""
    vm = doing.vm
    if is_pager(vm, Thread(doing.t)):
        short, said = vm_page_count_min(vm, 0), _minimum(doing)
    elif sleeps_by_nice(vm):
        nice = vm.thread.nice[doing.t] + 1
        short, said = vm_paging_min_nice(vm, nice), _by_nice(doing, nice)
    else:
        short, said = vm_page_count_target(vm), _target(doing)
    return f"{'has to wait' if short else 'does not wait'}: {said}"


def _nice(doing: Doing) -> int:
    p, process = doing["p"], doing["process"]
    if p != NULL:
        return doing.vm.process.nice[p]
    return doing.vm.thread.nice[doing.t if process == NULL else process]


def _fault_looks(doing: Doing) -> str:
    if waits_by_nice(doing.vm):
        short, said = vm_paging_min_nice(doing.vm, _nice(doing)), _by_nice(doing, _nice(doing))
    else:
        short, said = vm_page_count_min(doing.vm, 0), _minimum(doing)
    return f"{'may have to wait' if short else 'does not wait'}: {said}"


def _fault_waits(doing: Doing) -> str:
    if waits_by_nice(doing.vm):
        short, said = vm_paging_min_nice(doing.vm, _nice(doing)), _by_nice(doing, _nice(doing))
    else:
        short, said = vm_page_count_severe(doing.vm), _severe(doing)
    return f"{'has to wait' if short else 'does not wait'}: {said}"


def _fault_target(doing: Doing) -> str:
    short = vm_page_count_target(doing.vm)
    return f"{'sleeps next' if short else 'looks again without sleeping'}: {_target(doing)}"


def _nominal(doing: Doing) -> str:
    short = vm_page_count_min(doing.vm, 0)
    return f"{'has to wait' if short else 'does not wait'}: {_minimum(doing)}"


def _killed(doing: Doing) -> str:
    p, process = doing.values.get("p", NULL), doing.values.get("process", NULL)
    flags = doing.vm.process.p_flags[p] if p != NULL else 0
    if p == NULL:
        flags = doing.vm.thread.p_flags[doing.t if process == NULL else process]
    if flags & P_LOWMEMKILL:
        return "stops waiting: its process is being killed for lack of memory"
    return "tries again: its process is not being killed"


REASONS: Final[Mapping[str, Reason]] = {
    "vm_page_alloc#1": _choose_color,
    "_select_page#1": _compare_with_reserve,
    "_select_page#2": _count_deficit,
    "_select_cache_unless_preempting#1": _preempting,
    "_free_cache_page#1": _cached_is_clean,
    "_free_cache_page#2": _cached_is_mapped,
    "vm_page_select_cache#1": _reusable,
    "vm_page_select_free_or_cache#1": _reusable,
    "_vm_page_list_find#1": _asked,
    "_vm_page_list_find2#1": _asked,
    "_vm_page_list_find2#3": _start,
    "_vm_page_list_find_wide#1": _start,
    "_search_window#1": _window,
    "_search_window#2": _remember,
    "pagedaemon_wakeup#1": _wake_daemon,
    "vm_page_free_wakeup#1": _wake_pager,
    "vm_page_free_wakeup#2": _wake_waiters,
    "_sleep_for_memory#1": _daemon_works,
    "_sleep_for_memory#2": _register,
    "vm_wait#1": _wait,
    "vm_wait_pfault#1": _fault_looks,
    "vm_wait_pfault#2": _fault_waits,
    "vm_wait_pfault#3": _fault_target,
    "vm_wait_pfault#4": _killed,
    "_wait_for_memory#1": _killed,
    "vm_wait_nominal#1": _nominal,
}
"""The reason of each deciding action, by function and number of the action."""
