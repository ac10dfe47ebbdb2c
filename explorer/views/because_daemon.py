"""Why steps of the pageout daemon, of its writes and of page faults do what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.constants import (
    NULL,
    OBJ_DEAD,
    OBJT_VNODE,
    PG_MARKER,
    PG_NEED_COMMIT,
    PG_RAM,
    PG_REFERENCED,
    PG_WINATCFLS,
    PQ_CACHE,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_TARGET,
    V_INACTIVE_COUNT,
    V_INACTIVE_TARGET,
    VM_PAGE_BITS_ALL,
    queue_name,
)
from engine.kernel.memory_pressure import quotient, vm_page_count_min, vm_page_count_severe, vm_paging_target
from engine.kernel.memory_wait import pfault_waits
from engine.kernel.object_life import ANONYMOUS
from engine.kernel.pageout.daemon import EMERGENCY, PRIMARY
from engine.kernel.pageout.marker import marker
from engine.kernel.queues import base_queue
from engine.machine.tables import DAEMON_PHASES, PHASE_TARGET
from engine.words import plural
from explorer.views.doing import Doing, Reason

# --- the scans --------------------------------------------------------------------------------------------


def _next_page(doing: Doing) -> str:
    """Say which page the marker passes, or why the scan of this queue ends."""
    vm, values = doing.vm, doing.values
    m = vm.page.next[marker(vm)]
    if m == NULL:
        return f"ends the scan of {_scanned(doing)}: no page is left"
    if values.get("maxscan", values.get("pcount", 1)) <= 0:
        return f"ends the scan of {_scanned(doing)}: it has looked at as many pages as one scan may"
    missing = values.get("avail_shortage", 1) - values.get("delta", 0)
    if missing <= 0 and values.get("inactive_shortage", 0) <= 0:
        return f"ends the scan of {_scanned(doing)}: it has found enough pages"
    if vm.page.flags[m] & PG_MARKER:
        return f"passes the {doing.page_called(m)} on {_scanned(doing)}"
    return f"looks at {doing.page_called(m)} on {_scanned(doing)}"


def _marker_in(doing: Doing) -> str:
    length = doing.vm.queue.lcnt[doing.q]
    pages = plural(length, "page")
    return f"puts its marker at the head of {_scanned(doing)}: it has to scan {pages} from there"


def _marker_out(doing: Doing) -> str:
    return f"takes its marker off {_scanned(doing)}: the scan has ended"


def _requeue(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    if base_queue(vm, m) == doing["base"]:
        return f"moves {doing.page()} to the tail of {doing.queue(m)}"
    return f"leaves {doing.page()} where it is: it has left its queue, it is on {doing.queue(m)}"


def _scanned(doing: Doing) -> str:
    return queue_name(doing.q)


def _wired_or_held(doing: Doing) -> str:
    m, page = doing.m, doing.vm.page
    for field, result in (("wire_count", "takes {} off its queue"), ("hold_count", "leaves {} alone")):
        if count := getattr(page, field)[m]:
            since = doing.since(f"page.{field}", m)
            return f"{result.format(doing.page())}: {field} is {count}{since}"
    return f"may continue with {doing.page()}: it is not wired and not held"


def _wired_or_off_limits(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    if vm.page.wire_count[m]:
        return _wired_or_held(doing)
    obj = vm.page.object[m]
    if doing.t == vm.emergpager and obj != NULL and vm.object.type[obj] == OBJT_VNODE:
        name = doing.labels.object(obj)
        return f"leaves {doing.page()} alone: {name} is a file, and this is the emergency pager"
    return f"may continue with {doing.page()}: it is not wired"


def _object_referenced(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    obj = vm.page.object[m]
    if obj == NULL:
        return f"ignores references to {doing.page()}: it has no object"
    count = vm.object.ref_count[obj]
    if not count:
        return f"ignores references to {doing.page()}: nothing refers to {doing.labels.object(obj)}"
    name = doing.labels.object(obj)
    return f"has to ask whether {doing.page()} was used: {name} has {plural(count, 'reference')}"


def _was_referenced(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    if vm.page.flags[m] & PG_REFERENCED:
        return f"finds {doing.page()} used: REFERENCED is set{doing.since('page.flags', m)}"
    return f"finds REFERENCED of {doing.page()} clear: only its mappings can say that it was used"


def _raise_activity(doing: Doing) -> str:
    m = doing.m
    old, new = doing.vm.page.act_count[m], doing.after("page.act_count", m)
    return f"raises act_count of {doing.page()}, {old} to {new}: it was used"


def _lower_activity(doing: Doing) -> str:
    m = doing.m
    old, new = doing.vm.page.act_count[m], doing.after("page.act_count", m)
    return f"lowers act_count of {doing.page()}, {old} to {new}: it was not used"


def _age(doing: Doing) -> str:
    if doing["used"]:
        return _raise_activity(doing)
    if doing.vm.page.act_count[doing.m]:
        return _lower_activity(doing)
    return f"has to deactivate {doing.page()}: it was not used, and act_count is 0"


def _low_enough(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    act, limit = vm.page.act_count[m], doing["pass_"] + 1
    if vm.object.ref_count[vm.page.object[m]] == 0:
        return f"has to deactivate {doing.page()}: nothing refers to its object"
    if vm.glob.vm_pageout_algorithm[0]:
        return f"has to deactivate {doing.page()}: vm_pageout_algorithm does not count activity"
    if act < limit:
        return f"has to deactivate {doing.page()}: act_count is {act}, below {limit}"
    return f"keeps {doing.page()} active: act_count is {act}, not below {limit}"


def _is_dirty(doing: Doing) -> str:
    dirty = doing.vm.page.dirty[doing.m]
    if dirty:
        return f"finds {doing.page()} dirty: dirty is {dirty:02x}, so the whole page counts as dirty"
    return f"finds dirty of {doing.page()} clear: only its mappings can say that it was written"


def _invalid_or_clean(doing: Doing) -> str:
    m, page = doing.m, doing.vm.page
    if page.flags[m] & PG_NEED_COMMIT:
        return f"may not reclaim {doing.page()} yet: NEED_COMMIT is set"
    if not page.valid[m]:
        return f"has to free {doing.page()}: it has no valid data"
    if page.dirty[m]:
        return f"may not reclaim {doing.page()} yet: dirty is {page.dirty[m]:02x}"
    return f"has to cache {doing.page()}: it is valid and clean"


def _chance(doing: Doing) -> str:
    if doing.vm.page.flags[doing.m] & PG_WINATCFLS:
        return f"has to write {doing.page()}: WINATCFLS says that it had its second chance"
    if doing["pass_"]:
        return f"has to write {doing.page()}: at level {doing['pass_']} no page has a second chance"
    return f"gives {doing.page()} a second chance: WINATCFLS is clear, so it has not had one"


def _may_write(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    obj = vm.page.object[m]
    if obj == NULL:
        return f"does not write {doing.page()}: it has no object"
    name = doing.labels.object(obj)
    if vm.object.flags[obj] & OBJ_DEAD:
        return f"does not write {doing.page()}: {name} is dead"
    if vm.object.type[obj] in ANONYMOUS:
        if vm.glob.disable_swap_pageouts[0]:
            return f"does not write {doing.page()}: disable_swap_pageouts is set"
        if vm.glob.defer_swap_pageouts[0] and not vm_page_count_min(vm, 0):
            return f"does not write {doing.page()} yet: defer_swap_pageouts is set, and memory is not short"
    return f"may write {doing.page()}: {name} is alive"


def _plentiful(doing: Doing) -> str:
    missing, launder = vm_paging_target(doing.vm), doing.vm.glob.vm_max_launder[0]
    if missing < -launder:
        return (
            f"stops the scan: {plural(-missing, 'page')} more than the target, above vm_max_launder {launder}"
        )
    if missing > 0:
        return f"continues the scan: {_against_target(doing)}"
    return f"continues the scan: {_against_target(doing)}, and vm_max_launder {launder} more are allowed"


def _against_target(doing: Doing) -> str:
    missing = vm_paging_target(doing.vm)
    if missing > 0:
        return f"{plural(missing, 'page')} {'is' if missing == 1 else 'are'} missing from the paging target"
    more = f", with {plural(-missing, 'page')} more" if missing else ""
    return f"the paging target is met{more}"


# --- the daemon's loop ------------------------------------------------------------------------------------


def _phase(doing: Doing) -> str:
    d = EMERGENCY if doing.t == doing.vm.emergpager else PRIMARY
    return f"continues with its phase: {DAEMON_PHASES[doing.vm.daemon.phase[d]]}"


def _may_touch(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    obj = vm.page.object[m]
    if doing.t != vm.emergpager:
        return f"may handle {doing.page()}: the primary daemon handles every page"
    if obj == NULL or vm.object.type[obj] in ANONYMOUS:
        return f"may handle {doing.page()}: it is anonymous"
    return (
        f"leaves {doing.page()} alone: {doing.labels.object(obj)} is a file, and this is the emergency pager"
    )


def _fully_valid(doing: Doing) -> str:
    valid = doing.vm.page.valid[doing.m]
    if valid == VM_PAGE_BITS_ALL:
        return f"uses {doing.page()} as it is: it is fully valid"
    return f"has to zero the rest of {doing.page()}: valid is {valid:02x}"


def _pages_needed(doing: Doing) -> str:
    needed = doing.vm.glob.vm_pages_needed[0]
    if needed:
        return f"starts a pass: vm_pages_needed is {needed}{doing.since('global.vm_pages_needed')}"
    return "has nothing to do: vm_pages_needed is 0"


def _shortage(doing: Doing) -> str:
    deficit = doing.vm.glob.vm_pageout_deficit[0]
    extra = f", and failed allocations ask for {deficit}" if deficit else ""
    avail = vm_paging_target(doing.vm) + deficit
    what = f"has to reclaim {plural(avail, 'page')}" if avail > 0 else "has no page to reclaim"
    return f"{what}: {_against_target(doing)}{extra}"


def _inactive_shortage(doing: Doing) -> str:
    count, target = doing.vm.vmstats.count[V_INACTIVE_COUNT], doing.vm.vmstats.count[V_INACTIVE_TARGET]
    avail = doing.vm.daemon.avail_shortage[doing["d"]]
    need = target - count + (min(2 * avail, quotient(target, 10)) if avail > 0 else 0)
    more = f", and {plural(avail, 'page')} could not be reclaimed" if avail > 0 else ""
    have = f"{plural(count, 'page')} {'is' if count == 1 else 'are'} inactive, the target is {target:,}"
    what = f"has to deactivate {plural(need, 'page')}" if need > 0 else "has no page to deactivate"
    return f"{what}: {have}{more}"


def _decide(doing: Doing) -> str:
    avail = doing.vm.daemon.avail_shortage[doing["d"]]
    if avail > 0:
        return f"has to try again: {plural(avail, 'page')} {'is' if avail == 1 else 'are'} still missing"
    return "is satisfied: the pass found what was missing"


def _stalled(doing: Doing) -> str:
    vm = doing.vm
    needed, silent = vm.glob.vm_pages_needed[0], vm.glob.ticks[0] - vm.glob.vm_pagedaemon_time[0]
    if needed == 0:
        return "does nothing: vm_pages_needed is 0"
    silent &= 0xFFFFFFFF
    stalled = doing.after("daemon.phase", EMERGENCY) == PHASE_TARGET
    ago = f"it has been silent for {'' if stalled else 'only '}{plural(silent, 'tick')}"
    if stalled:
        return f"starts a pass instead of the primary daemon: {ago}"
    return f"leaves the work to the primary daemon: {ago}"


def _primary_ready(doing: Doing) -> str:
    if doing.vm.glob.sequence_emerg_pager[0]:
        return "starts: the primary daemon has finished its setup"
    return "has to wait: the primary daemon has not finished its setup"


def _free_target(doing: Doing) -> str:
    count = doing.vm.vmstats.count
    limit = quotient(count[V_FREE_MIN] + count[V_FREE_TARGET], 2)
    if count[V_FREE_COUNT] >= limit:
        return f"frees no cached page: {_free(count[V_FREE_COUNT])}, the limit is {limit:,}"
    return f"has to free a cached page: {_free(count[V_FREE_COUNT])}, below {limit:,}"


def _free(count: int) -> str:
    return f"{plural(count, 'page')} {'is' if count == 1 else 'are'} free"


# --- I/O and faults ---------------------------------------------------------------------------------------


def _throttle(doing: Doing) -> str:
    left = doing.vm.glob.nsw_wcount_async[0]
    if left:
        return f"may start a write: {plural(left, 'more write')} may be pending"
    return "has to wait before it writes: as many writes as may be pending are"


def _io_done(doing: Doing) -> str:
    if doing.vm.buf.done[doing["row"]]:
        return f"does not wait: the I/O is done{doing.since('buf.done', doing['row'])}"
    return "has to wait: the I/O is not done"


def _resident(doing: Doing) -> str:
    m, vm = doing.m, doing.vm
    cached = doing.values.get("old") == PQ_CACHE
    if cached and vm_page_count_severe(vm):
        return f"gives {doing.page()} back: it was cached, and memory is severely short"
    found = f"rescues {doing.page()} from CACHE" if cached else f"takes {doing.page()}"
    if vm.page.valid[m] != VM_PAGE_BITS_ALL:
        return f"{found}, but has to ask the pager for its data: valid is {vm.page.valid[m]:02x}"
    if vm.page.flags[m] & PG_RAM:
        return f"{found}, and asks the pager to read ahead: RAM is set"
    return f"{found}: it is fully valid"


def _may_allocate(doing: Doing) -> str:
    obj, pindex, vm = doing.obj, doing["pindex"], doing.vm
    size = vm.object.size[obj]
    if pindex >= size:
        return f"fails: index {pindex} is beyond {doing.labels.object(obj)}, which has {plural(size, 'page')}"
    if pfault_waits(vm, vm.curthread):
        return f"has to wait for memory before it allocates index {pindex} of {doing.labels.object(obj)}"
    return f"may allocate index {pindex} of {doing.labels.object(obj)}: memory is not too short"


REASONS: Final[Mapping[str, Reason]] = {
    "vm_pageout_scan_active#1": _next_page,
    "vm_pageout_scan_inactive#2": _next_page,
    "vm_pageout_scan_inactive#3": _plentiful,
    "vm_pageout_page_stats#3": _next_page,
    "_insert_marker#1": _marker_in,
    "_remove_marker#1": _marker_out,
    "_requeue#1": _requeue,
    "_age#1": _wired_or_held,
    "_age#3": _age,
    "_unusable#1": _wired_or_held,
    "_leaves#1": _wired_or_off_limits,
    "_leaves#3": _low_enough,
    "_still_used#1": _object_referenced,
    "_still_used#2": _was_referenced,
    "_was_used#1": _was_referenced,
    "_was_used#2": _raise_activity,
    "_decline#1": _lower_activity,
    "_reactivate#1": _raise_activity,
    "_refresh_dirty#1": _is_dirty,
    "_reclaim_clean#1": _invalid_or_clean,
    "_second_chance#1": _chance,
    "_launder#1": _may_write,
    "_may_touch#1": _may_touch,
    "_prepare_found#1": _fully_valid,
    "vm_pageout_thread#1": _phase,
    "_idle#1": _pages_needed,
    "_target#2": _shortage,
    "_shortage#1": _inactive_shortage,
    "_decide#1": _decide,
    "_monitor#2": _stalled,
    "_await_primary#1": _primary_ready,
    "_free_one_cached#1": _free_target,
    "getpbuf#1": _throttle,
    "getpbuf#2": _throttle,
    "biowait#1": _io_done,
    "biowait#2": _io_done,
    "_take_resident#1": _resident,
    "_allocate#2": _may_allocate,
}
"""The reason of each deciding action, by function and number of the action."""
