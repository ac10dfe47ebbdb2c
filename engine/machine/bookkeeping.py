"""Groups of bookkeeping columns: list links, locks, counters, and the progress of threads and the schedule.

Code that hides cells from the user names the groups that it hides.
"""

from __future__ import annotations

from typing import Final

from engine.machine.tables import CpuTable, DaemonTable

LISTS: Final = frozenset(
    {"page.next", "page.prev", "queue.head", "queue.tail", "thread.sleep_next", "thread.sleep_prev"}
    | {"global.sleepq_head", "global.sleepq_tail", "cpu.runq_head", "cpu.runq_tail", "thread.run_next"}
)
"""Heads and links of lists."""

SPINLOCKS: Final = frozenset({"page.spin", "queue.spin", "global.contig_spin"})
"""The owner of each spinlock."""

TOKENS: Final = frozenset({"object.token_owner", "object.token_shared"})
"""The owner of each object's token, or how many threads share it."""

LOCK_RECORDS: Final = frozenset(
    {"thread.page_spin", "thread.queue_spin", "thread.contig_spin", "token.object", "token.mode"}
    | {"object.token_depth"}
)
"""The locks that each thread holds: the same facts, by thread."""

LOCKS: Final = SPINLOCKS | TOKENS | LOCK_RECORDS | {"object.locked_elsewhere"}

STATES: Final = frozenset({"thread.state", "thread.cpu", "thread.chan", "thread.wake"})
"""The state of each thread."""

PROGRESS: Final = frozenset(
    {"thread.pc", "thread.op_start", "thread.timo", "thread.slept_at", "thread.tokens_released"}
    | {"cpu.current"}
)
"""The position of each thread in its program, its sleep and its cpu."""

SCHEDULE: Final = frozenset(
    {"global.schedule_item", "global.schedule_left", "global.schedule_random", "global.schedule_tick"}
)
"""The progress of the schedule, and of the steps to the next clock tick."""

COUNTERS: Final = frozenset(
    {"vmstats.count", "gd_vmstats.view", "gd_vmstats.adj", "gd_vmstats.taken", "queue.lcnt", "queue.adds"}
    | {"object.generation", "object.resident_page_count", "object.hold_count", "cpu.t_rm"}
    | {"object.ref_count", "object.paging_in_progress", "object.pip_wanted", "object.swblock_count"}
    | {"global.vm_pages_needed", "global.vm_pages_waiting", "global.vm_pageout_pages_needed"}
    | {"global.vm_pageout_deficit", "global.vm_swap_size", "global.bl_free", "global.nsw_wcount_async"}
    | {"global.ticks", "global.dontneed_weight", "global.fullintervalcount", "global.buf_sequence"}
    | {"process.minflt", "process.majflt", "process.resident"}
    | {f"cpu.{name}" for name in CpuTable.specs() if name.startswith("v_")}
)
"""How many pages, calls or references there are: kept beside what is counted."""

MAP_LOCKS: Final = frozenset({"process.map_readers", "process.map_writer", "process.map_wanted"})
"""The locks of address maps."""

MAP_LISTS: Final = frozenset({"process.first_entry", "map_entry.next", "backing.next"})
"""Heads and links of the lists of mappings."""

DAEMON_PROGRESS: Final = frozenset(f"daemon.{name}" for name in DaemonTable.specs())
"""How far the pageout daemons are in their passes, and what they count there."""

FIXED: Final = frozenset(
    {
        "page.pc",
        "page.fake_addr",
        "object.pg_color",
        "object.address",
        "thread.flags",
        "global.set_assoc_mask",
    }
    | {f"global.cpu_topology_{level}_ids" for level in ("phys", "core", "ht")}
)
"""What is so from the start: colours, addresses, the topology, and which threads belong to the kernel."""

PLUMBING: Final = LISTS | LOCK_RECORDS | PROGRESS | SCHEDULE | {"gd_vmstats.taken"}
"""Columns that are rarely of interest to a reader of a step."""
