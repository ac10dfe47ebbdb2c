"""The tables of a machine: the columns of each of the kernel's structures, and of what runs on it.

Source: spec 01; names of fields are the kernel's.
"""

from __future__ import annotations

from typing import Final

from engine.cells import Column, Table, i32, i64, u8, u16, u32, u64
from engine.constants import NULL, PAT_WRITE_BACK

# thread.state
READY, SLEEPING, ENDED, PANICKED, EMPTY = range(5)
THREAD_STATES: Final = ("ready", "sleeping", "ended", "panicked", "empty")


class PageTable(Table):
    """struct vm_page."""

    title = "page"
    queue: Column = u16()
    pc: Column = u16()
    next: Column = i64()
    prev: Column = i64()
    flags: Column = u32()
    busy_count: Column = u32()
    wire_count: Column = u32()
    hold_count: Column = i32()
    act_count: Column = u8()
    pat_mode: Column = u8(bias=PAT_WRITE_BACK)
    valid: Column = u8()
    dirty: Column = u8()
    object: Column = i64(bias=NULL)
    pindex: Column = u64()
    spin: Column = i64()
    pmap_modified: Column = u8()
    pmap_referenced: Column = i32()
    fake_addr: Column = u64()


class QueueTable(Table):
    """struct vpgqueues, one per queue index."""

    title = "queue"
    head: Column = i64()
    tail: Column = i64()
    lcnt: Column = i64()
    adds: Column = i64()
    lastq: Column = i32()
    spin: Column = i64()


class VmstatsTable(Table):
    """The global struct vmstats: one cell a field, in the order of VMSTATS_FIELDS."""

    title = "vmstats"
    count: Column = i64()


class GdVmstatsTable(Table):
    """Each cpu's two copies of struct vmstats: field f of cpu c at c * VMSTATS_SIZE + f.

    taken: what rollups have taken from `adj` and not yet added to the global. In the kernel it is in a
           register of whoever rolls up; nothing reads it but the check that no page goes uncounted.
    """

    title = "gd_vmstats"
    view: Column = i64()
    adj: Column = i64()
    taken: Column = i64()


class CpuTable(Table):
    """struct globaldata: event counters and what runs on the cpu."""

    title = "cpu"
    v_tfree: Column = u32()
    v_reactivated: Column = u32()
    v_ppwakeups: Column = u32()
    v_pdwakeups: Column = u32()
    v_pdpages: Column = u32()
    v_dfree: Column = u32()
    v_intrans: Column = u32()
    t_rm: Column = i64()
    quick_color: Column = i32()
    current: Column = i64(bias=NULL)
    runq_head: Column = i64(bias=NULL)
    runq_tail: Column = i64(bias=NULL)


class KernelTable(Table):
    """The kernel's global variables; each column has one cell."""

    title = "global"
    vm_pages_needed: Column = i32()
    vm_pages_waiting: Column = i32()
    vm_pageout_deficit: Column = i32()
    vm_pageout_pages_needed: Column = i32()
    vm_page_free_hysteresis: Column = i32()
    vm_page_hash_vnode_only: Column = i32()
    vm_pagedaemon_time: Column = i32()
    ticks: Column = i32()
    set_assoc_mask: Column = i32()
    vm_low_phys_reserved: Column = i64()
    vm_dma_reserved: Column = i64()
    vm_page_hash_size: Column = i64()
    vm_page_dump_size: Column = i64()
    bl_free: Column = i64()
    contig_spin: Column = i64()
    bootverbose: Column = i32()
    dontneed_weight: Column = i32()
    preempt_warnings: Column = i32()
    sleepq_head: Column = i64(bias=NULL)
    sleepq_tail: Column = i64(bias=NULL)
    schedule_item: Column = i64()
    schedule_left: Column = i64()
    schedule_random: Column = u64()


class AlistTable(Table):
    """vm_contig_alist as a flat bitmap: 1 = the block (a page below 256 MiB) is free."""

    title = "alist"
    free: Column = u8()


class HashTable(Table):
    """struct vm_page_hash_elm."""

    title = "hash"
    m: Column = i64(bias=NULL)
    object: Column = i64(bias=NULL)
    pindex: Column = u64()
    ticks: Column = i32()


class ObjectTable(Table):
    """struct vm_object; its pages are the cells of `ResidentTable`. The last row stands for vm_token."""

    title = "object"
    type: Column = i32()
    flags: Column = u32()
    size: Column = i64()
    pg_color: Column = u16()
    generation: Column = i32()
    resident_page_count: Column = i64()
    ref_count: Column = i32()
    hold_count: Column = i32()
    paging_in_progress: Column = i32()
    swblock_count: Column = i32()
    vnode_dirty: Column = u8()
    put_result: Column = u8()
    vget_fails: Column = u8()
    address: Column = u64()
    token_owner: Column = i64()
    token_depth: Column = i32()
    token_shared: Column = i32()
    locked_elsewhere: Column = u8()


class ResidentTable(Table):
    """The page at each (object, pindex) of the machine's address book, or NULL."""

    title = "resident"
    page: Column = i64(bias=NULL)


class SwapTable(Table):
    """The swap block at each (object, pindex), or NULL."""

    title = "swap"
    block: Column = i64(bias=NULL)


class IoTable(Table):
    """The pages that pagers are writing, in the order of their begin; the rows in use come first."""

    title = "io"
    object: Column = i64(bias=NULL)
    page: Column = i64(bias=NULL)
    flags: Column = u32()


class ThreadTable(Table):
    """A simulated thread: where it is in its script, what it holds and what it waits for.

    page_spin: the page whose spinlock it holds, or NULL; queue_spin: the queue, or 0; contig_spin: 1 or 0.
    tokens_released: how many of its tokens, the last ones, a sleep released and it has yet to take again.
    """

    title = "thread"
    state: Column = u8(bias=EMPTY)
    cpu: Column = i32()
    pc: Column = i64()
    op_start: Column = i64()
    wake: Column = i32()
    flags: Column = u32()
    p_flags: Column = u32()
    nice: Column = i32()
    chan: Column = i64()
    timo: Column = i32()
    slept_at: Column = i32()
    sleep_next: Column = i64(bias=NULL)
    sleep_prev: Column = i64(bias=NULL)
    run_next: Column = i64(bias=NULL)
    page_spin: Column = i64(bias=NULL)
    queue_spin: Column = i64()
    contig_spin: Column = u8()
    tokens_released: Column = u8()


class TokenTable(Table):
    """The tokens a thread holds, in order of taking: slot k of thread t at t * TOKENS_PER_THREAD + k."""

    title = "token"
    object: Column = i64(bias=NULL)
    mode: Column = u8()


class VariableTable(Table):
    """The scripts' variables, hidden loop counters and call results."""

    title = "variable"
    value: Column = i64()
