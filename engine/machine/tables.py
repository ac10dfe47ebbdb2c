"""The tables of a machine: the columns of the kernel's structures and of the model's threads and I/O.

Field names are the kernel's. The tables of processes are in `engine.machine.process_tables`.
Source: spec 01.
"""

from __future__ import annotations

from typing import Final

from engine.constants import NULL, PAT_WRITE_BACK, Cpu, Obj, Page, Queue, Thread
from engine.memory.columns import Column, ColumnOf, Table, i32, i64, u8, u16, u32, u64

NO_PAGE: Final = Page(NULL)
NO_OBJECT: Final = Obj(NULL)
NO_THREAD: Final = Thread(NULL)
"""NULL, as a pointer of each kind."""

# thread.state
READY, SLEEPING, ENDED, PANICKED, EMPTY = range(5)
# process.state
SIDL, SACTIVE, SSTOP, SCORE, SZOMB = range(5)

# buf.kind: the kind of I/O.
BUF_UNUSED, BUF_SWAP_READ, BUF_SWAP_WRITE, BUF_VNODE_READ = range(4)

THREAD_STATES: Final = ("ready", "sleeping", "ended", "panicked", "empty")

# daemon.phase: the phase of a pageout daemon's loop (spec 22, section A).
(
    PHASE_START,
    PHASE_MONITOR,
    PHASE_HOLD,
    PHASE_IDLE,
    PHASE_STATS,
    PHASE_TARGET,
    PHASE_INACTIVE,
    PHASE_SHORTAGE,
    PHASE_ACTIVE,
    PHASE_ROLLUP,
    PHASE_CACHE,
    PHASE_CATASTROPHE,
    PHASE_DECIDE,
) = range(13)
DAEMONS: Final = ("pagedaemon", "emergpager")
DAEMON_PHASES: Final = (
    *("start", "monitor", "hold", "idle", "stats", "target", "inactive", "shortage", "active"),
    *("rollup", "cache", "catastrophe", "decide"),
)


class PageTable(Table):
    """struct vm_page."""

    title = "page"
    queue: ColumnOf[Queue] = u16()
    pc: Column = u16()
    next: ColumnOf[Page] = i64()
    prev: ColumnOf[Page] = i64()
    flags: Column = u32()
    busy_count: Column = u32()
    wire_count: Column = u32()
    hold_count: Column = i32()
    act_count: Column = u8()
    pat_mode: Column = u8(bias=PAT_WRITE_BACK)
    valid: Column = u8()
    dirty: Column = u8()
    object: ColumnOf[Obj] = i64(bias=NULL)
    pindex: Column = u64()
    spin: Column = i64()
    pmap_modified: Column = u8()
    pmap_referenced: Column = i32()
    pmap_count: Column = i32()
    writeable_count: Column = i32()
    fake_addr: Column = u64()


class QueueTable(Table):
    """struct vpgqueues, one per queue index."""

    title = "queue"
    head: ColumnOf[Page] = i64()
    tail: ColumnOf[Page] = i64()
    lcnt: Column = i64()
    adds: Column = i64()
    lastq: Column = i32()
    spin: Column = i64()


class VmstatsTable(Table):
    """The global struct vmstats: one cell per field, in the order of VMSTATS_FIELDS."""

    title = "vmstats"
    count: Column = i64()


class GdVmstatsTable(Table):
    """Each cpu's two copies of struct vmstats: field f of cpu c at c * VMSTATS_SIZE + f.

    taken: what rollups have taken from `adj` and not yet added to the global. In the kernel, this value is in
           a register of the thread that rolls up; only the check of the counters reads it.
    """

    title = "gd_vmstats"
    view: Column = i64()
    adj: Column = i64()
    taken: Column = i64()


class CpuTable(Table):
    """struct globaldata: the event counters of a cpu, its current thread and its run queue."""

    title = "cpu"
    v_tfree: Column = u32()
    v_reactivated: Column = u32()
    v_ppwakeups: Column = u32()
    v_pdwakeups: Column = u32()
    v_pdpages: Column = u32()
    v_dfree: Column = u32()
    v_intrans: Column = u32()
    v_pfree: Column = u32()
    v_vm_faults: Column = u32()
    v_cow_faults: Column = u32()
    v_zfod: Column = u32()
    v_swapin: Column = u32()
    v_swapout: Column = u32()
    v_swappgsin: Column = u32()
    v_swappgsout: Column = u32()
    v_vnodein: Column = u32()
    v_vnodepgsin: Column = u32()
    t_rm: Column = i64()
    quick_color: Column = i32()
    current: ColumnOf[Thread] = i64(bias=NULL)
    runq_head: ColumnOf[Thread] = i64(bias=NULL)
    runq_tail: ColumnOf[Thread] = i64(bias=NULL)


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
    cpu_topology_phys_ids: Column = i32()
    cpu_topology_core_ids: Column = i32()
    cpu_topology_ht_ids: Column = i32()
    vm_low_phys_reserved: Column = i64()
    vm_dma_reserved: Column = i64()
    vm_page_hash_size: Column = i64()
    vm_page_dump_size: Column = i64()
    bl_free: Column = i64()
    contig_spin: Column = i64()
    vm_page_max_wired: Column = i64()
    vm_max_launder: Column = i64()
    vm_emerg_launder: Column = i64()
    vm_anonmem_decline: Column = i32()
    vm_filemem_decline: Column = i32()
    vm_pageout_algorithm: Column = i32()
    vm_pageout_allow_active: Column = i32()
    vm_pageout_memuse_mode: Column = i32()
    vm_pageout_stats_max: Column = i64()
    vm_pageout_stats_interval: Column = i32()
    vm_pageout_full_stats_interval: Column = i32()
    fullintervalcount: Column = i32()
    vm_swap_enabled: Column = i32()
    disable_swap_pageouts: Column = i32()
    defer_swap_pageouts: Column = i32()
    swap_pager_full: Column = i32()
    swap_pager_almost_full: Column = i32()
    swap_fail_ticks: Column = i32()
    lastkillticks: Column = i32()
    vmdaemon_lastrun: Column = i32()
    sequence_emerg_pager: Column = i32()
    bootverbose: Column = i32()
    dontneed_weight: Column = i32()
    preempt_warnings: Column = i32()
    vm_swap_max: Column = i64()
    vm_swap_size: Column = i64()
    swap_burst_read: Column = i32()
    swap_user_async: Column = i32()
    nsw_wcount_async: Column = i32()
    buf_sequence: Column = i64()
    sleepq_head: ColumnOf[Thread] = i64(bias=NULL)
    sleepq_tail: ColumnOf[Thread] = i64(bias=NULL)
    schedule_item: Column = i64()
    schedule_left: Column = i64()
    schedule_random: Column = u64()
    schedule_tick: Column = i64()


class DaemonTable(Table):
    """The progress of the two pageout daemons in their loops: primary in row 0, emergency pager in row 1.

    phase:       the next part of the loop.
    left:        how many more queues that part may scan.
    passes:      the kernel's `pass`.
    q1, q2, q3:  the queues to continue with (inactive, active, hold).
    delta:       what the part has achieved so far.
    cache_rover: the colour at which the cache scan continues; each daemon also reads the other's.
    """

    title = "daemon"
    phase: Column = u8()
    left: Column = i32()
    passes: Column = i32()
    q1: Column = i32()
    q2: Column = i32()
    q3: Column = i32()
    avail_shortage: Column = i64()
    inactive_shortage: Column = i64()
    delta: Column = i64()
    vnodes_skipped: Column = i64()
    recycle_count: Column = i64()
    cache_rover: Column = i32()


class AlistTable(Table):
    """vm_contig_alist as a flat bitmap: 1 if the block (a page below 256 MiB) is free."""

    title = "alist"
    free: Column = u8()


class HashTable(Table):
    """struct vm_page_hash_elm."""

    title = "hash"
    m: ColumnOf[Page] = i64(bias=NULL)
    object: ColumnOf[Obj] = i64(bias=NULL)
    pindex: Column = u64()
    ticks: Column = i32()


class ObjectTable(Table):
    """struct vm_object; its pages are the cells of `ResidentTable`. The last row represents vm_token."""

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
    pip_wanted: Column = u8()
    unclaimed: Column = u8()
    io_fails: Column = u8()


class ResidentTable(Table):
    """The page at each (object, pindex) of the machine's address book, or NULL."""

    title = "resident"
    page: ColumnOf[Page] = i64(bias=NULL)


class SwapTable(Table):
    """The swap block at each (object, pindex), or NULL."""

    title = "swap"
    block: Column = i64(bias=NULL)


class IoTable(Table):
    """The pages that pagers are writing, in the order in which the writes started; used rows come first."""

    title = "io"
    object: ColumnOf[Obj] = i64(bias=NULL)
    page: ColumnOf[Page] = i64(bias=NULL)
    flags: Column = u32()


class ThreadTable(Table):
    """A simulated thread: its position in its script, what it holds and what it waits for.

    page_spin:       the page whose spinlock it holds, or NULL.
    queue_spin:      the queue whose spinlock it holds, or 0; contig_spin: 1 if it holds that lock, or 0.
    tokens_released: how many of its tokens, the last ones, a sleep released and it has not retaken yet.
    process:         the process whose address space it uses, NULL for a kernel thread.
    signal:          SIGKILL if it has to exit.
    """

    title = "thread"
    state: Column = u8(bias=EMPTY)
    cpu: ColumnOf[Cpu] = i32()
    pc: Column = i64()
    op_start: Column = i64()
    wake: Column = i32()
    flags: Column = u32()
    p_flags: Column = u32()
    nice: Column = i32()
    chan: Column = i64()
    timo: Column = i32()
    slept_at: Column = i32()
    sleep_next: ColumnOf[Thread] = i64(bias=NULL)
    sleep_prev: ColumnOf[Thread] = i64(bias=NULL)
    run_next: ColumnOf[Thread] = i64(bias=NULL)
    page_spin: ColumnOf[Page] = i64(bias=NULL)
    queue_spin: ColumnOf[Queue] = i64()
    contig_spin: Column = u8()
    tokens_released: Column = u8()
    process: Column = i64(bias=NULL)
    signal: Column = u8()


class TokenTable(Table):
    """The tokens each thread holds, in the order taken: slot k of thread t at t * TOKENS_PER_THREAD + k."""

    title = "token"
    object: ColumnOf[Obj] = i64(bias=NULL)
    mode: Column = u8()


class VariableTable(Table):
    """The variables of scripts, hidden loop counters and call results."""

    title = "variable"
    value: Column = i64()


class BlistTable(Table):
    """Which usable swap blocks are in use, in allocation order."""

    title = "blist"
    used: Column = u8()


class BufTable(Table):
    """struct buf: a pending I/O of `count` pages of an object, starting at `pindex`.

    requested:   the page that the caller waits for, or NULL.
    sequence:    increases with each I/O in the order in which they start.
    sync:        whether the thread that started it also completes it.
    done, error: the device's result.
    """

    title = "buf"
    kind: Column = u8()
    object: ColumnOf[Obj] = i64(bias=NULL)
    pindex: Column = u64()
    count: Column = i32()
    block: Column = i64(bias=NULL)
    requested: ColumnOf[Page] = i64(bias=NULL)
    flags: Column = u32()
    sync: Column = u8()
    done: Column = u8()
    error: Column = u8()
    started: Column = i32()
    sequence: Column = i64()
