"""The operations of traces that the model implements: function, arguments and result of each.

An operation that is not in these tables is not covered: the replay of its segment ends there.
Source: golden/FORMAT.md sections 3 and 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import isgeneratorfunction
from typing import Any, Final

from engine.constants import PQ_L2_MASK
from engine.inputs.traces import values as of
from engine.inputs.traces import verbs
from engine.inputs.traces.values import COUNT, FLAG, INT, LONG, UNSIGNED, Reader
from engine.kernel import (
    age,
    alist,
    alloc,
    busy,
    color,
    contig,
    fictitious,
    free,
    grab,
    hash,
    hold,
    lookup,
    memory_pressure,
    memory_wait,
    objects,
    pmap,
    queues,
    rename,
    search,
    stats,
    valid_dirty,
    wire,
)
from engine.kernel.pageout import active as pageout_active
from engine.kernel.pageout import cache as pageout_cache
from engine.kernel.pageout import daemon
from engine.kernel.pageout import flush as pageout_flush
from engine.kernel.pageout import hold as pageout_hold
from engine.kernel.pageout import inactive as pageout_inactive
from engine.kernel.pageout import setup as pageout_setup
from engine.kernel.pageout import stats as pageout_stats

VOID: Final = "void"
NUMBER: Final = "number"
PAGE: Final = "page"
PAGE_AND_ERROR: Final = "page and error"
NUMBERS: Final = "numbers"


@dataclass(frozen=True, slots=True)
class Operation:
    """How to run an operation of a trace.

    parameters: the names in `args` and the reader of each, in the order of the function's arguments.
    result:     the type of `ret`: VOID, NUMBER, PAGE, PAGE_AND_ERROR or NUMBERS (a list of them).
    tokens:     the positions of the parameters whose object's token the driver holds around the call: an
                object's own token, or that of the object that contains a page.
    in_steps:   whether the function is a generator of atomic actions, not a plain function.
    """

    name: str
    function: Callable[..., Any]
    parameters: tuple[tuple[str, Reader], ...]
    result: str = VOID
    tokens: tuple[int, ...] = ()
    in_steps: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "in_steps", isgeneratorfunction(self.function))


_PAGE: Final = (("page", of.page),)
_OBJECT: Final = ("object", of.known_object)
_PINDEX: Final = ("pindex", of.pindex)
_ALSO: Final = ("also_m_busy", INT)
_BYTES: Final = (("base", COUNT), ("size", COUNT))
_SOUGHT: Final = (_OBJECT, _PINDEX)
_QUEUE: Final = (("q", of.between(0, PQ_L2_MASK)),)
_LEVEL: Final = (("pass", INT),)
_SHORTAGE: Final = ("avail_shortage", LONG)
_FLUSH_FLAGS: Final = ("vmflush_flags", INT)

_KERNEL: Final = (
    # age
    Operation("vm_page_activate", age.vm_page_activate, _PAGE),
    Operation("vm_page_soft_activate", age.vm_page_soft_activate, _PAGE),
    Operation("vm_page_deactivate", age.vm_page_deactivate, _PAGE),
    Operation("vm_page_cache", age.vm_page_cache, _PAGE),
    Operation("vm_page_try_to_cache", age.vm_page_try_to_cache, _PAGE, NUMBER),
    Operation("vm_page_dontneed", age.vm_page_dontneed, _PAGE),
    Operation("vm_page_try_to_free", age.vm_page_try_to_free, _PAGE, NUMBER),
    # alloc, free, queues, search
    Operation(
        "vm_page_alloc",
        alloc.vm_page_alloc,
        (("object", of.object_or_null), _PINDEX, ("page_req", of.request)),
        PAGE,
        (0,),
    ),
    Operation("vm_page_free", free.vm_page_free, _PAGE),
    Operation("vm_page_free_toq", free.vm_page_free_toq, _PAGE),
    Operation("vm_page_unqueue", queues.vm_page_unqueue, _PAGE),
    Operation("vm_page_unqueue_nowakeup", queues.vm_page_unqueue_nowakeup, _PAGE),
    Operation(
        "vm_page_list_find",
        search.vm_page_list_find,
        (("basequeue", of.base_queue), ("index", COUNT)),
        PAGE,
    ),
    # bits
    Operation("vm_page_bits", valid_dirty.vm_page_bits, _BYTES, NUMBER),
    Operation("vm_page_set_valid", valid_dirty.vm_page_set_valid, (*_PAGE, *_BYTES)),
    Operation("vm_page_set_validclean", valid_dirty.vm_page_set_validclean, (*_PAGE, *_BYTES)),
    Operation("vm_page_set_validdirty", valid_dirty.vm_page_set_validdirty, (*_PAGE, *_BYTES)),
    Operation("vm_page_clear_dirty", valid_dirty.vm_page_clear_dirty, (*_PAGE, *_BYTES)),
    Operation(
        "vm_page_clear_dirty_end_nonincl", valid_dirty.vm_page_clear_dirty_end_nonincl, (*_PAGE, *_BYTES)
    ),
    Operation(
        "vm_page_clear_dirty_beg_nonincl", valid_dirty.vm_page_clear_dirty_beg_nonincl, (*_PAGE, *_BYTES)
    ),
    Operation("vm_page_undirty", valid_dirty.vm_page_undirty, _PAGE),
    Operation("vm_page_set_invalid", valid_dirty.vm_page_set_invalid, (*_PAGE, *_BYTES)),
    Operation("vm_page_zero_invalid", valid_dirty.vm_page_zero_invalid, (*_PAGE, ("setvalid", INT))),
    Operation("vm_page_is_valid", valid_dirty.vm_page_is_valid, (*_PAGE, *_BYTES), NUMBER),
    Operation("vm_page_copy", valid_dirty.vm_page_copy, (("src_page", of.page), ("dest_page", of.page))),
    Operation("vm_page_zero_fill", valid_dirty.vm_page_zero_fill, _PAGE, NUMBER),
    Operation("vm_page_dirty", valid_dirty.vm_page_dirty, _PAGE),
    Operation("vm_page_test_dirty", valid_dirty.vm_page_test_dirty, _PAGE),
    Operation("vm_page_flag_set", valid_dirty.vm_page_flag_set, (*_PAGE, ("bits", UNSIGNED))),
    Operation("vm_page_flag_clear", valid_dirty.vm_page_flag_clear, (*_PAGE, ("bits", UNSIGNED))),
    # busy
    Operation("vm_page_busy_wait", busy.vm_page_busy_wait, (*_PAGE, _ALSO)),
    Operation("vm_page_busy_try", busy.vm_page_busy_try, (*_PAGE, _ALSO), NUMBER),
    Operation("vm_page_wakeup", busy.vm_page_wakeup, _PAGE),
    Operation("vm_page_sleep_busy", busy.vm_page_sleep_busy, (*_PAGE, _ALSO)),
    Operation("vm_page_sbusy_try", busy.vm_page_sbusy_try, _PAGE, NUMBER),
    Operation("vm_page_sbusy_hold", busy.vm_page_sbusy_hold, _PAGE),
    Operation("vm_page_sbusy_drop", busy.vm_page_sbusy_drop, _PAGE),
    Operation("vm_page_io_start", busy.vm_page_io_start, _PAGE),
    Operation("vm_page_io_finish", busy.vm_page_io_finish, _PAGE),
    Operation("vm_page_flash", busy.vm_page_flash, _PAGE),
    # color, contig
    Operation(
        "vm_get_pg_color",
        color.vm_get_pg_color,
        (("cpuid", of.cpu), ("object", of.object_or_null), _PINDEX),
        NUMBER,
    ),
    Operation("vm_contig_avail_pages", contig.vm_contig_avail_pages, (), NUMBER),
    Operation(
        "vm_page_alloc_contig",
        contig.vm_page_alloc_contig,
        (
            ("low", of.pindex),
            ("high", of.pindex),
            ("alignment", of.pindex),
            ("boundary", of.pindex),
            ("size", LONG),
            ("memattr", of.between(0, 0xFF)),
        ),
        PAGE,
    ),
    Operation("vm_page_free_contig", contig.vm_page_free_contig, (*_PAGE, ("size", LONG))),
    Operation(
        "vm_page_initfake",
        fictitious.vm_page_initfake,
        (*_PAGE, ("paddr", of.pindex), ("memattr", of.between(0, 0xFF))),
    ),
    # hold, wire
    Operation("vm_page_hold", hold.vm_page_hold, _PAGE),
    Operation("vm_page_unhold", hold.vm_page_unhold, _PAGE),
    Operation("vm_page_need_commit", hold.vm_page_need_commit, _PAGE),
    Operation("vm_page_clear_commit", hold.vm_page_clear_commit, _PAGE),
    Operation("vm_page_wire_quick", wire.vm_page_wire_quick, _PAGE),
    Operation("vm_page_unwire_quick", wire.vm_page_unwire_quick, _PAGE, NUMBER),
    Operation("vm_page_wire", wire.vm_page_wire, _PAGE),
    Operation("vm_page_unwire", wire.vm_page_unwire, (*_PAGE, ("activate", INT))),
    # hash, lookup, grab, objects, rename
    Operation("vm_page_hash_get", hash.vm_page_hash_get, _SOUGHT, PAGE),
    Operation("vm_page_lookup", lookup.vm_page_lookup, _SOUGHT, PAGE, (0,)),
    Operation("vm_page_next", lookup.vm_page_next, _PAGE, PAGE),
    Operation("vm_page_lookup_busy_wait", lookup.vm_page_lookup_busy_wait, (*_SOUGHT, _ALSO), PAGE, (0,)),
    Operation(
        "vm_page_lookup_busy_try",
        lookup.vm_page_lookup_busy_try,
        (*_SOUGHT, _ALSO),
        PAGE_AND_ERROR,
        (0,),
    ),
    Operation(
        "vm_page_lookup_sbusy_try",
        lookup.vm_page_lookup_sbusy_try,
        (*_SOUGHT, ("pgoff", COUNT), ("pgbytes", COUNT)),
        PAGE,
        (0,),
    ),
    Operation("vm_page_grab", grab.vm_page_grab, (*_SOUGHT, ("allocflags", of.request)), PAGE),
    Operation("vm_page_insert", objects.vm_page_insert, (*_PAGE, *_SOUGHT), NUMBER, (1,)),
    Operation("vm_page_remove", objects.vm_page_remove, _PAGE),
    Operation(
        "vm_page_rename",
        rename.vm_page_rename,
        (*_PAGE, ("new_object", of.known_object), ("new_pindex", of.pindex)),
        VOID,
        (1, 0),
    ),
    # pmap, pressure, waiting, stats, pageout
    Operation("vm_page_protect", pmap.vm_page_protect, (*_PAGE, ("prot", INT))),
    Operation("pagedaemon_wakeup", memory_pressure.pagedaemon_wakeup, ()),
    Operation("vm_page_count_severe", memory_pressure.vm_page_count_severe, (), NUMBER),
    Operation("vm_page_count_min", memory_pressure.vm_page_count_min, (("donotcount", INT),), NUMBER),
    Operation("vm_page_count_target", memory_pressure.vm_page_count_target, (), NUMBER),
    Operation("vm_paging_needed", memory_pressure.vm_paging_needed, (("adj", INT),), NUMBER),
    Operation("vm_paging_target", memory_pressure.vm_paging_target, (), NUMBER),
    Operation("vm_wait", memory_wait.vm_wait, (("timo", COUNT),)),
    Operation("vm_wait_pfault", memory_wait.vm_wait_pfault, ()),
    Operation("vm_wait_nominal", memory_wait.vm_wait_nominal, ()),
    Operation("vm_test_nominal", memory_wait.vm_test_nominal, (), NUMBER),
    Operation("hardclock", stats.hardclock, ()),
    Operation("vmstats_rollup", stats.vmstats_rollup, ()),
    Operation("PQAVERAGE", daemon.PQAVERAGE, (("n", LONG),), NUMBER),
    # the pageout daemon
    Operation("vm_pageout_thread", daemon.vm_pageout_thread, ()),
    Operation("vm_pageout_scan_hold", pageout_hold.vm_pageout_scan_hold, (("q", COUNT),)),
    Operation("vm_pageout_page_stats", pageout_stats.vm_pageout_page_stats, _QUEUE),
    Operation(
        "vm_pageout_scan_inactive",
        pageout_inactive.vm_pageout_scan_inactive,
        (*_LEVEL, *_QUEUE, _SHORTAGE),
        NUMBERS,
    ),
    Operation(
        "vm_pageout_scan_active",
        pageout_active.vm_pageout_scan_active,
        (*_LEVEL, *_QUEUE, _SHORTAGE, ("inactive_shortage", LONG)),
        NUMBERS,
    ),
    Operation(
        "vm_pageout_scan_cache",
        pageout_cache.vm_pageout_scan_cache,
        (_SHORTAGE, *_LEVEL, ("vnodes_skipped", LONG), ("recycle_count", LONG)),
    ),
    Operation(
        "vm_pageout_page",
        verbs.pageout_page,
        (*_PAGE, ("max_launder", LONG), *_LEVEL, _FLUSH_FLAGS),
        NUMBERS,
    ),
    Operation(
        "vm_pageout_flush", pageout_flush.vm_pageout_flush, (("pages", of.pages), _FLUSH_FLAGS), NUMBER
    ),
    Operation("vm_pageout_free_page_calc", pageout_setup.vm_pageout_free_page_calc, (("count", LONG),)),
)

_VERBS: Final = (
    Operation(
        "object_create",
        verbs.object_create,
        (
            ("object", of.new_object),
            ("type", of.object_type),
            ("pg_color", of.between(0, 0xFFFF)),
            ("size", LONG),
            ("addr", of.pindex),
        ),
    ),
    Operation("object_set_ref", verbs.object_set_ref, (_OBJECT, ("ref_count", INT))),
    Operation("object_set_size", verbs.object_set_size, (_OBJECT, ("size", LONG))),
    Operation("object_set_flags", verbs.object_set_flags, (_OBJECT, ("flags", UNSIGNED))),
    Operation("object_lock_foreign", verbs.object_lock_foreign, (_OBJECT, ("locked", FLAG))),
    Operation("object_set_pager", verbs.object_set_pager, (_OBJECT, ("mode", of.between(0, 5)))),
    Operation("object_set_vnode", verbs.object_set_vnode, (_OBJECT, ("vget_fails", FLAG))),
    Operation("io_complete", verbs.io_complete, (_OBJECT,), NUMBER),
    Operation("swap_assign", verbs.swap_assign, _SOUGHT),
    Operation("set_threshold", verbs.set_threshold, (("name", of.threshold), ("value", LONG))),
    Operation("thread_flags", verbs.thread_flags, (("thread", of.thread), ("flags", of.between(0, 7)))),
    Operation("spin_hold", verbs.spin_hold, _PAGE),
    Operation("spin_release", verbs.spin_release, _PAGE),
    Operation("tick", verbs.tick, (("n", of.between(0, 1 << 62)),)),
    Operation("timeout", verbs.timeout, (("thread", of.thread),)),
    Operation("pmap_enter", pmap.pmap_enter, (*_PAGE, ("writeable", FLAG))),
    Operation("pmap_modify", pmap.pmap_modify, _PAGE),
    Operation("pmap_reference", pmap.pmap_reference, (*_PAGE, ("count", INT))),
    Operation("alist_alloc", alist.alist_alloc, (("start", COUNT), ("count", COUNT)), NUMBER),
    Operation("alist_free", alist.alist_free, (("blkno", COUNT), ("count", COUNT))),
)

OPERATIONS: Final = {operation.name: operation for operation in _KERNEL + _VERBS}

TUNABLES: Final = frozenset(
    {
        "bootverbose",
        "defer_swap_pageouts",
        "disable_swap_pageouts",
        "swap_pager_almost_full",
        "swap_pager_full",
        "vm_anonmem_decline",
        "vm_emerg_launder",
        "vm_filemem_decline",
        "vm_max_launder",
        "vm_page_free_hysteresis",
        "vm_page_hash_vnode_only",
        "vm_page_max_wired",
        "vm_pageout_algorithm",
        "vm_pageout_allow_active",
        "vm_pageout_deficit",
        "vm_pageout_full_stats_interval",
        "vm_pageout_memuse_mode",
        "vm_pageout_stats_interval",
        "vm_pageout_stats_max",
        "vm_pages_needed",
        "vm_swap_enabled",
    }
)
"""The variables that set_tunable can set; all are global variables of the model."""

DRIVER_MESSAGE: Final = frozenset({"vm_page_busy_wait", "vm_page_sleep_busy", "vm_page_lookup_busy_wait"})
"""The calls whose sleep message comes from the recording driver and is not compared."""
