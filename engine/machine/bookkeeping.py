"""The columns with which a machine keeps its own order: lists, locks, how far threads and a schedule are.

Code that leaves cells out of what it tells a reader says which of these groups.
"""

from __future__ import annotations

from typing import Final

LISTS: Final = frozenset(
    {"page.next", "page.prev", "queue.head", "queue.tail", "thread.sleep_next", "thread.sleep_prev"}
    | {"global.sleepq_head", "global.sleepq_tail", "cpu.runq_head", "cpu.runq_tail", "thread.run_next"}
)
"""Heads and links of lists."""

SPINLOCKS: Final = frozenset({"page.spin", "queue.spin", "global.contig_spin"})
"""Which thread has a spinlock."""

TOKENS: Final = frozenset({"object.token_owner", "object.token_shared"})
"""Which thread has an object's token, or how many share it."""

LOCK_RECORDS: Final = frozenset(
    {"thread.page_spin", "thread.queue_spin", "thread.contig_spin", "token.object", "token.mode"}
    | {"object.token_depth"}
)
"""The same once more, by thread."""

LOCKS: Final = SPINLOCKS | TOKENS | LOCK_RECORDS | {"object.locked_elsewhere"}

STATES: Final = frozenset({"thread.state", "thread.cpu", "thread.chan", "thread.wake"})
"""What a thread does."""

PROGRESS: Final = frozenset(
    {"thread.pc", "thread.op_start", "thread.timo", "thread.slept_at", "thread.tokens_released"}
    | {"cpu.current"}
)
"""Where it is in that."""

SCHEDULE: Final = frozenset({"global.schedule_item", "global.schedule_left", "global.schedule_random"})
"""How far the schedule is gone."""

PLUMBING: Final = LISTS | LOCK_RECORDS | PROGRESS | SCHEDULE | {"gd_vmstats.taken"}
"""True, but seldom what a reader of a step looks for."""
