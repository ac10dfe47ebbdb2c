"""The results of checks: what the function then decides, by the condition in its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from engine.constants import (
    NULL,
    OBJPC_ALLOW_ACTIVE,
    OBJT_DEFAULT,
    OBJT_SWAP,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PG_WRITEABLE,
    PQ_ACTIVE,
    PQ_INACTIVE,
    SWB_DMMAX,
    VM_PAGE_BITS_ALL,
    Page,
)
from engine.kernel.memory_pressure import vm_paging_needed, vm_paging_target
from engine.kernel.pagers.swap_space import swap_block
from engine.kernel.queues import base_queue
from engine.machine.tables import DAEMON_PHASES, PHASE_ACTIVE, PHASE_ROLLUP, PHASE_SHORTAGE, PHASE_STATS
from engine.run.runner import PANIC
from engine.words import plural
from explorer.views.announced import third_person
from explorer.views.doing import Doing, Reason
from explorer.views.labels import flag_names

YES_IF: Final[Mapping[str, bool]] = {
    "_advise_page#1": False,
    "_advise_page#2": True,
    "_attempt#2": True,
    "_bypass#1": True,
    "_deactivate#1": True,
    "_finish_io#1": True,
    "_free_one_cached#2": False,
    "_give_page_up#1": False,
    "_grab_zero#1": True,
    "_joins#1": False,
    "_lock_vnode#1": False,
    "_look_again#1": True,
    "_look_again#2": True,
    "_make_dirty#1": True,
    "_map_writeable#1": False,
    "_page_to_read#1": True,
    "_prefault_here#1": False,
    "_prefault_zeros#1": False,
    "_relieve_shortage#2": True,
    "_relieve_shortage#3": True,
    "_skip#1": True,
    "_start#2": False,
    "_take_from_cache#1": True,
    "_unlock_things#1": True,
    "_write_succeeded#3": True,
    "pmap_object_init_pt#2": True,
    "pmap_object_init_pt#3": True,
    "pmap_remove#1": False,
    "swap_pager_getpage#3": True,
    "swap_pager_unswapped#1": False,
    "vm_fault_unwire#2": False,
    "vm_map_madvise#1": False,
    "vm_numa_organize#1": False,
    "vm_object_madvise#1": False,
    "vm_object_pip_wait#1": False,
    "vm_page_alloc_contig#2": False,
    "vm_page_dontneed#2": True,
    "vm_page_dontneed#4": False,
    "vm_page_free_contig#1": True,
    "vm_page_hash_enter#1": False,
    "vm_page_initfake#1": False,
    "vm_page_is_valid#1": True,
    "vm_page_lookup_sbusy_try#1": False,
    "vm_page_rename#2": True,
    "vm_page_test_dirty#1": True,
    "vm_page_try_to_cache#2": True,
    "vm_page_try_to_free#2": True,
    "vm_page_try_to_free#3": True,
    "vm_pageout_clean_helper#1": False,
    "vm_pageout_page_stats#1": False,
    "vm_prefault_quick#1": False,
    "vmspace_fork#1": False,
    "vnode_pager_getpage#3": False,
}
"""A check -> whether its answer is yes if the condition of its function holds, or if it does not."""

_THE_PAGE: Final = re.compile(r"\bthe page\b(?! size|'s)")


def _answer(doing: Doing, holds: bool | None, yes: str = "yes", no: str = "no") -> str:
    """The check in the third person and its answer; "" if the answer is not known."""
    if holds is None:
        return ""
    said = third_person(doing.action)
    if doing.values.get("m", NULL) != NULL:
        said = _THE_PAGE.sub(doing.page(), said, count=1)
    return f"{said}: {yes if holds else no}"


def _by_source(yes_if: bool) -> Reason:
    """The reason of a check whose answer is the condition in its function's source."""

    def reason(doing: Doing) -> str:
        holds = doing.decides()
        return _answer(doing, None if holds is None else holds == yes_if)

    return reason


def _which(yes: str, no: str, yes_if: bool = True) -> Reason:
    """As `_by_source`, with other words than yes and no."""

    def reason(doing: Doing) -> str:
        holds = doing.decides()
        return "" if holds is None else _answer(doing, holds == yes_if, yes, no)

    return reason


def _or_panic(doing: Doing) -> str:
    """The answer of a check that stops the kernel if it fails."""
    history = doing.history
    return _answer(doing, not (history.branch.outcome == PANIC and doing.step == history.total))


def _has_pager(doing: Doing) -> str:
    kind = doing.vm.object.type[doing.obj]
    return _answer(doing, kind != OBJT_DEFAULT, no="no, its type is default")


def _layer_has_page(doing: Doing) -> str:
    kind = doing.vm.object.type[doing.obj]
    if kind == OBJT_DEFAULT:
        return _answer(doing, False, no="no, it has no pager")
    empty = kind == OBJT_SWAP and swap_block(doing.vm, doing.obj, doing["pindex"]) == NULL
    return _answer(doing, not empty, no="no, it has no swap block")


def _next_block(doing: Doing) -> str:
    vm, obj, count, first = doing.vm, doing.obj, doing["count"], doing["first"]
    if count >= vm.glob.swap_burst_read[0]:
        return _answer(doing, False, no=f"no, one read takes at most {plural(count, 'page')}")
    if first + count >= vm.object.size[obj]:
        return _answer(doing, False, no="no, the object ends here")
    block = doing["block"] + count
    joins = swap_block(vm, obj, first + count) == block and block % SWB_DMMAX != 0
    return _answer(doing, joins, no="no, the next page is not in the next block")


def _neighbour_may_be_written(doing: Doing) -> str:
    refused, allowed = doing.decides(), [PQ_INACTIVE]
    if doing["vmflush_flags"] & OBJPC_ALLOW_ACTIVE:
        allowed.append(PQ_ACTIVE)
    return _answer(doing, not refused and base_queue(doing.vm, Page(doing["p"])) in allowed)


def _right_page(doing: Doing) -> str:
    m, page = doing.m, doing.vm.page
    right = (page.object[m], page.pindex[m]) == (doing.obj, doing["pindex"])
    found = "the right page" if right else "another page"
    return f"finds that {doing.page()}, which it has not locked, is {found}"


def _is_clean(doing: Doing) -> str:
    page, m = doing.vm.page, doing.m
    return _answer(doing, not page.dirty[m] and not page.flags[m] & PG_NEED_COMMIT)


def _may_give_up(doing: Doing) -> str:
    """Whether a page may be cached or freed, and what is against it."""
    m, page, refused = doing.m, doing.vm.page, doing.decides()
    why = f", dirty is {page.dirty[m]:02x}" if page.dirty[m] else ""
    for field in ("hold_count", "wire_count"):
        count = getattr(page, field)[m]
        why = why or (f", {field} is {count}{doing.since(f'page.{field}', m)}" if count else "")
    kept = flag_names(page.flags[m] & (PG_UNQUEUED | PG_NEED_COMMIT | PG_FICTITIOUS))
    why = why or (f", {'|'.join(kept)} is set" if kept else f", it is on {doing.queue(m)}")
    return "" if refused is None else _answer(doing, not refused, no=f"no{why}")


def _still_mapped(doing: Doing) -> str:
    mapped = flag_names(doing.vm.page.flags[doing.m] & (PG_MAPPED | PG_WRITEABLE))
    return _answer(doing, bool(mapped), f"yes, {'|'.join(mapped)} is set")


def _valid_already(doing: Doing) -> str:
    valid = doing.vm.page.valid[doing.m]
    return _answer(doing, valid == VM_PAGE_BITS_ALL, no=f"no, valid is {valid:02x}")


def _target_missed(doing: Doing) -> str:
    missing = vm_paging_target(doing.vm)
    more = f", with {plural(-missing, 'page')} more" if missing else ""
    return _answer(doing, missing > 0, f"yes, by {plural(missing, 'page')}", f"no, it is met{more}")


def _almost_full(doing: Doing) -> str:
    return _answer(doing, bool(doing.vm.glob.swap_pager_almost_full[0]))


def _still_needed(doing: Doing) -> str:
    return _answer(doing, vm_paging_needed(doing.vm, 0))


def _still_in_object(doing: Doing) -> str:
    m, page = doing.m, doing.vm.page
    if page.object[m] != doing.obj:
        return _answer(doing, False, no="no, it has left")
    count = page.wire_count[m]
    return _answer(doing, True, f"it is, and wire_count is {count}")


# --- the daemon -------------------------------------------------------------------------------------------


def _phase_after(doing: Doing) -> int:
    return doing.after("daemon.phase", doing["d"])


def _enough(following: int) -> Reason:
    """The reason of the check after a scan: whether the next phase begins, or the next queue is scanned."""

    def reason(doing: Doing) -> str:
        ends, left = _phase_after(doing) == following, doing.vm.daemon.left[doing["d"]] - 1
        if not ends:
            return _answer(doing, False, no=f"no, and {plural(left, 'queue')} may still be scanned")
        return _answer(doing, left > 0, "yes", "every queue is scanned")

    return reason


def _start_active(doing: Doing) -> str:
    need = doing.after("daemon.inactive_shortage", doing["d"])
    if _phase_after(doing) == PHASE_ACTIVE:
        return (
            f"starts the active scan: {plural(need, 'page')} {'is' if need == 1 else 'are'} to be deactivated"
        )
    return "skips the active scan: there are enough inactive pages"


def _why_awake(doing: Doing) -> str:
    if _phase_after(doing) == PHASE_STATS:
        return "starts to age the active queues: its timeout ran out, and no pages are needed"
    how = "its timeout ran out, but pages are needed" if doing["timed_out"] else "it was woken"
    return f"starts a pass: {how}"


def _end_of_loop(doing: Doing) -> str:
    return f"ends the loop: the next phase is {DAEMON_PHASES[_phase_after(doing)]}"


# --- look-ups ---------------------------------------------------------------------------------------------


def _swap_block(doing: Doing) -> str:
    block = swap_block(doing.vm, doing.obj, doing["first"])
    return f"finds {'no swap block' if block == NULL else f'swap block {block}'} of {doing.page()}"


def _same_element(doing: Doing) -> str:
    holds = doing.decides()
    return (
        ""
        if holds is None
        else f"compares the element's object and pindex: {'they differ' if holds else 'they match'}"
    )


REASONS: Final[Mapping[str, Reason]] = {
    **{key: _by_source(yes_if) for key, yes_if in YES_IF.items()},
    "_active#2": _enough(PHASE_ROLLUP),
    "_deactivate#2": _is_clean,
    "_fork_entry#1": _which("copied", "shared"),
    "_idle#2": _why_awake,
    "_inactive#2": _enough(PHASE_SHORTAGE),
    "_look_in_layer#1": _which("it is dead", "it is not"),
    "_relieve_shortage#1": _target_missed,
    "_satisfied#1": _still_needed,
    "_shortage#3": _start_active,
    "_start_io#1": _or_panic,
    "vm_page_alloc_contig#3": _or_panic,
    "vm_page_protect#1": _or_panic,
    "vm_page_rename#1": _or_panic,
    "vm_page_unwire_quick#1": _or_panic,
    "vm_set_page_size#1": _or_panic,
    "biodone#1": _which("there is none, so it sleeps", "there is one"),
    "_ask_pager#1": _has_pager,
    "_worth_asking#1": _layer_has_page,
    "_extend_burst#1": _next_block,
    "_joins#2": _neighbour_may_be_written,
    "vm_page_hash_get#4": _right_page,
    "_terminate_page#2": _still_in_object,
    "_warn#1": _almost_full,
    "swap_pager_getpage#1": _valid_already,
    "swap_pager_getpage#2": _swap_block,
    "_decide#2": _end_of_loop,
    "vm_page_try_to_cache#1": _may_give_up,
    "vm_page_try_to_free#1": _may_give_up,
    "vm_page_free_toq#3": _still_mapped,
    "vm_page_hash_get#2": _same_element,
    "vm_page_hash_get#5": _which("it is still the right page", "it is another one"),
    "vm_page_lookup_sbusy_try#2": _which("it is still valid", "it is no longer valid"),
    "vm_req_vmdaemon#1": _which(
        "it is long ago, so processes may be swapped out", "it is less than a second ago"
    ),
}
"""The reason of each check, by function and number of the action."""
