"""A machine: its configuration, and the columns of cells that hold everything that can change in it.

A page, queue, cpu, object or thread is its index. Fake pages follow the array of real ones. What boot fixes
for good (where the array begins, how many colours there are) is plain attributes of `Machine`.
Source: spec 01.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, fields, replace
from typing import Final, TypeVar

from engine import cells
from engine.cells import AddressBook, Column, Memory, Table, i32, i64, u8, u16, u32, u64
from engine.constants import (
    ALIST_BLOCKS,
    NULL,
    PAGE_SHIFT,
    PAT_WRITE_BACK,
    PQ_COUNT,
    PQ_L2_SIZE,
    VM_PAGE_HASH_MAX,
    VM_PAGE_HASH_SET,
    VMSTATS_SIZE,
)
from engine.errors import BadInput
from engine.topology import MAX_PAGES, Hardware

T = TypeVar("T")

Announcement = str | tuple[str, int]
"""What a thread does next; with the address of the lock when it is to take one that may be held."""

Steps = Generator[Announcement, None, T]
"""A kernel function: each value it yields announces its next atomic action (DESIGN, decision 2)."""

FAKE_PAGES: Final = 256
"""How many pages vm_page_initfake can make."""

TOKENS_PER_THREAD: Final = 8

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
    """Each cpu's two copies of struct vmstats: field f of cpu c at c * VMSTATS_SIZE + f."""

    title = "gd_vmstats"
    view: Column = i64()
    adj: Column = i64()


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


class ThreadTable(Table):
    """A simulated thread: where it is in its script, what it holds and what it waits for.

    page_spin: the page whose spinlock it holds, or NULL; queue_spin: the queue, or 0; contig_spin: 1 or 0.
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


class TokenTable(Table):
    """The tokens a thread holds, in order of taking: slot k of thread t at t * TOKENS_PER_THREAD + k."""

    title = "token"
    object: Column = i64(bias=NULL)
    mode: Column = u8()


class VariableTable(Table):
    """The scripts' variables, hidden loop counters and call results."""

    title = "variable"
    value: Column = i64()


@dataclass(frozen=True)
class Rules:
    """Where document and kernel source disagree, which of them this machine follows (DESIGN, decision 4)."""

    assoc_rule: str = "seed16"
    find2_full: bool = True
    finalize_offset_fix: bool = True
    contig_rule: str = "strict"
    zero_rule: str = "alloc"
    hash_rule: str = "lru"
    nice_rule: str = "monotone"
    thresholds: str = "2020"
    pmap_model: str = "advanced"

    @classmethod
    def named(cls, name: str) -> Rules:
        """The rule set `document` or `source`.

        Errors: BadInput for any other name.
        """
        if name == "document":
            return cls()
        if name == "source":
            return cls("source", False, False, "source", "grab-only", "source", "none")
        raise BadInput(f"no rule set is called {name!r}; there are document and source")

    def with_options(self, options: dict[str, object]) -> Rules:
        """Set some options alone.

        Errors: BadInput for an option or a value that does not exist.
        """
        for name, value in options.items():
            allowed = RULE_VALUES.get(name)
            if allowed is None:
                raise BadInput(f"no rule is called {name!r}; there are {', '.join(RULE_VALUES)}")
            if value not in allowed or isinstance(value, bool) != isinstance(allowed[0], bool):
                words = ", ".join(str(choice).lower() for choice in allowed)
                raise BadInput(f"{name} = {value!r} is not a rule; it is one of {words}")
        return replace(self, **options)  # type: ignore[arg-type]  # names and types were checked above

    def name(self) -> str:
        """`document`, `source`, or the nearer of them with its changed options."""
        for name in ("document", "source"):
            if self == Rules.named(name):
                return name
        changed = {
            name: [f"{f.name}={getattr(self, f.name)}" for f in fields(self) if self._differs(f.name, name)]
            for name in ("document", "source")
        }
        nearer = min(changed, key=lambda name: len(changed[name]))
        return f"{nearer}+{','.join(changed[nearer])}"

    def _differs(self, option: str, name: str) -> bool:
        return bool(getattr(self, option) != getattr(Rules.named(name), option))


RULE_VALUES: Final[dict[str, tuple[object, ...]]] = {
    "assoc_rule": ("seed16", "source"),
    "find2_full": (True, False),
    "finalize_offset_fix": (True, False),
    "contig_rule": ("strict", "source"),
    "zero_rule": ("alloc", "grab-only"),
    "hash_rule": ("lru", "source"),
    "nice_rule": ("monotone", "none", "formula"),
    "thresholds": ("2020", "newer"),
    "pmap_model": ("advanced", "counted"),
}
"""Every rule option and the values it may have."""


@dataclass(frozen=True)
class Switches:
    """Demonstration switches: what breaks when one of the kernel's precautions is left out."""

    interlock: bool = True
    trylock: bool = True
    token_release: bool = True


@dataclass(frozen=True)
class Capacity:
    """What is reserved at boot; exceeding it is a clear message."""

    objects: int = 64
    threads: int = 64
    variables: int = 4096


@dataclass(frozen=True)
class MachineConfig:
    """Everything that decides what a machine does, apart from its scripts.

    colors: queues of each type, a power of two from 1 to 1,024.
    thresholds: vmstats limits by name, set in the global and in every cpu's view after boot.
    """

    hardware: Hardware
    rules: Rules = field(default_factory=Rules)
    colors: int = PQ_L2_SIZE
    switches: Switches = field(default_factory=Switches)
    capacity: Capacity = field(default_factory=Capacity)
    thresholds: tuple[tuple[str, int], ...] = ()
    ticks: int = 0
    steps_per_tick: int = 0
    io_delay: int = 1
    swap_blocks: int = 0

    def __post_init__(self) -> None:
        colors = self.colors
        if not 1 <= colors <= PQ_L2_SIZE or colors & (colors - 1):
            raise BadInput(f"colors = {colors} is not possible; it is a power of two from 1 to {PQ_L2_SIZE}")


class Machine:
    """The columns of one machine, bound to one memory, and the few numbers that boot fixes.

    page_spin_at, queue_spin_at, contig_spin_at: the addresses of the first lock of each kind.
    vm_token: the row of the object table that stands for the token of memory waits.
    pagethread, emergpager: the pageout daemons, NULL when the machine runs none.
    curthread, mycpu: who takes the current step; set by whoever runs the step, as the processor would.
    effects: what the current step did besides writing cells (console messages, wakeups, zeroed pages), in
             order; a report for the observer, emptied by whoever runs the step, never read by the kernel.
    """

    def __init__(self, config: MachineConfig) -> None:
        self.config = config
        self.rules = config.rules
        self.switches = config.switches
        self.topology = config.hardware.topology
        self.ncpus = self.topology.ncpus
        self.colors = config.colors
        self.color_mask = config.colors - 1
        self._size_pages(config.hardware)
        self.curthread = NULL
        self.mycpu = 0
        self.runnable_changed = False
        self.effects: list[tuple[object, ...]] = []
        self.memory = Memory()
        self._lay_out()
        self.memory.allocate()
        self.page_spin_at = self.memory.address("page.spin", 0)
        self.queue_spin_at = self.memory.address("queue.spin", 0)
        self.contig_spin_at = self.memory.address("global.contig_spin", 0)
        self.vm_token = config.capacity.objects
        self.pagethread = NULL
        self.emergpager = NULL
        self.warnings: list[str] = list(config.hardware.warnings)

    def _size_pages(self, hardware: Hardware) -> None:
        # Aligned as boot aligns: begin up, end down, an empty range kept in place.
        spans = [(-(-beg >> PAGE_SHIFT), end >> PAGE_SHIFT) for beg, end in hardware.phys_avail]
        spans = [(beg, max(beg, end)) for beg, end in spans]
        if not spans:
            raise BadInput("the machine has no memory; give it at least one range")
        self.first_page = spans[0][0]
        self.vm_page_array_size = spans[-1][1] - self.first_page
        if not 0 < self.vm_page_array_size <= MAX_PAGES:
            size = self.vm_page_array_size
            raise BadInput(f"the ranges span {size} page numbers; the model holds from 1 to {MAX_PAGES}")
        self.fake_base = self.vm_page_array_size

    @property
    def hash_capacity(self) -> int:
        """Elements of the page hash once boot makes it: a power of two, at least 4,096."""
        size = 4096
        while size < self.vm_page_array_size // 16:
            size <<= 1
        return min(size, VM_PAGE_HASH_MAX)

    def _lay_out(self) -> None:
        capacity = self.config.capacity
        self.page = self._add("page", PageTable(self.vm_page_array_size + FAKE_PAGES))
        self.queue = self._add("queue", QueueTable(PQ_COUNT))
        self.vmstats = self._add("vmstats", VmstatsTable(VMSTATS_SIZE))
        self.gd_vmstats = self._add("gd_vmstats", GdVmstatsTable(self.ncpus * VMSTATS_SIZE))
        self.cpu = self._add("cpu", CpuTable(self.ncpus))
        self.glob = self._add("global", KernelTable(1))
        self.alist = self._add("alist", AlistTable(ALIST_BLOCKS))
        self.hash = self._add("hash", HashTable(self.hash_capacity + VM_PAGE_HASH_SET))
        self.object = self._add("object", ObjectTable(capacity.objects + 1))
        self.thread = self._add("thread", ThreadTable(capacity.threads))
        self.token = self._add("token", TokenTable(capacity.threads * TOKENS_PER_THREAD))
        self.variable = self._add("variable", VariableTable(capacity.variables))
        keys = max(4 * self.vm_page_array_size, 1 << 16)
        self.resident = self._add("resident", ResidentTable(keys))
        self.resident_slots = AddressBook("pages of objects", keys)
        self.memory.book(self.resident_slots, "resident.page")
        self.swap = self._add("swap", SwapTable(keys))
        self.swap_slots = AddressBook("swap blocks of objects", keys)
        self.memory.book(self.swap_slots, "swap.block")

    _Table = TypeVar("_Table", bound=Table)

    def _add(self, name: str, table: _Table) -> _Table:
        self.memory.add(name, table)
        return table

    cmpset = staticmethod(cells.cmpset)
    fetchadd = staticmethod(cells.fetchadd)

    def is_fake(self, m: int) -> bool:
        """Whether page `m` lies outside vm_page_array."""
        return m >= self.fake_base

    def phys_addr(self, m: int) -> int:
        """The physical address of page `m`, in bytes."""
        return self.page.fake_addr[m] if m >= self.fake_base else (self.first_page + m) << PAGE_SHIFT

    def page_number(self, m: int) -> int:
        """How page `m` is called outside: its physical page number; a fake page is -1, -2, ..."""
        return self.fake_base - 1 - m if m >= self.fake_base else self.first_page + m

    def page_index(self, number: int) -> int:
        """The array index of the page called `number` outside, or NULL when there is none."""
        m = self.fake_base - 1 - number if number < 0 else number - self.first_page
        inside = m < self.page.length if number < 0 else 0 <= m < self.vm_page_array_size
        return m if inside else NULL

    def find_page(self, obj: int, pindex: int) -> int:
        """The page of object `obj` at `pindex`, or NULL: what the kernel's tree search would find."""
        slot = self.resident_slots.slots.get((obj, pindex))
        return NULL if slot is None else self.resident.page[slot]

    def kprintf(self, text: str) -> None:
        """Print on the console: an effect of this step."""
        self.effects.append(("kprintf", text))
