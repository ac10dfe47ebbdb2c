"""A machine: its configuration, and the columns of cells that hold all of its mutable state.

A page, queue, cpu, object or thread is represented by its index. Fake pages follow the real pages in the page
table; after them come the scan markers, one per thread, which keep a scan's place in a queue. Values that
boot sets once (the first page, the number of colours) are plain attributes of `Machine`.
Source: spec 01.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, fields
from typing import Final, TypeVar, cast

from engine.constants import (
    ALIST_BLOCKS,
    PAGE_SHIFT,
    PQ_COUNT,
    PQ_L2_SIZE,
    SWB_DMMAX,
    VM_PAGE_HASH_MAX,
    VM_PAGE_HASH_SET,
    VMSTATS_SIZE,
    Cpu,
    Obj,
    Page,
    Thread,
)
from engine.errors import BadInput
from engine.machine.counters import Counters
from engine.machine.process_tables import BackingTable, MapEntryTable, ProcessTable, PteTable
from engine.machine.rules import Rules
from engine.machine.tables import (
    NO_PAGE,
    NO_THREAD,
    AlistTable,
    BlistTable,
    BufTable,
    CpuTable,
    DaemonTable,
    GdVmstatsTable,
    HashTable,
    IoTable,
    KernelTable,
    ObjectTable,
    PageTable,
    QueueTable,
    ResidentTable,
    SwapTable,
    ThreadTable,
    TokenTable,
    VariableTable,
    VmstatsTable,
)
from engine.machine.topology import MAX_PAGES, Hardware, Node
from engine.memory import columns
from engine.memory.cells import AddressBook, Memory
from engine.memory.columns import Table

T = TypeVar("T")

Announcement = str | tuple[str, int]
"""A thread's next action; with the address of the lock if it takes one that may be held."""

Steps = Generator[Announcement, None, T]
"""A running kernel function: each value it yields announces its next atomic action (DESIGN, decision 2)."""

FAKE_PAGES: Final = 256
"""Maximum number of pages that vm_page_initfake can create."""

TOKENS_PER_THREAD: Final = 8


@dataclass(frozen=True, slots=True)
class Switches:
    """Switches that turn off one of the kernel's techniques, to show what it is for.

    interlock, trylock, token_release: precautions, without which something breaks.
    percpu_stats: whether a cpu collects its changes of counters until a rollup; off: each change is written
                  to the global counter in the step that makes it.
    numa_color:   whether colours depend on the topology; off: as if it was not known.
    """

    interlock: bool = True
    trylock: bool = True
    token_release: bool = True
    percpu_stats: bool = True
    numa_color: bool = True

    def off(self) -> tuple[str, ...]:
        """Return the names of the switches that are off."""
        return tuple(switch.name for switch in fields(self) if not getattr(self, switch.name))


@dataclass(frozen=True)
class Capacity:
    """Sizes of the tables that are reserved at boot; exceeding one is a clear error.

    places: how many pages of objects and of address spaces have room at least; there is room for four times
            the machine's pages, and for 65,536.
    """

    objects: int = 64
    threads: int = 64
    variables: int = 4096
    io: int = 1024
    processes: int = 16
    map_entries: int = 256
    bufs: int = 64
    places: int = 0


@dataclass(frozen=True)
class MachineConfig:
    """Everything that determines what a machine does, except its scripts.

    colors:     number of queues of each type, a power of two from 1 to 1,024.
    thresholds: vmstats limits by name, set in the global and in every cpu's view after boot.
    stepped_boot: whether boot is part of the run; its steps are then small enough to watch.
    counters:   the queue lengths that replace those of boot before the run begins; None: boot's stay.
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
    stepped_boot: bool = False
    counters: Counters | None = None

    def __post_init__(self) -> None:
        colors = self.colors
        if not 1 <= colors <= PQ_L2_SIZE or colors & (colors - 1):
            raise BadInput(f"colors = {colors} is not possible; use a power of two from 1 to {PQ_L2_SIZE}")

    @property
    def swap_usable(self) -> int:
        """Number of swap blocks that can be allocated: the first stripe of a device is never used."""
        return max(0, self.swap_blocks - SWB_DMMAX)


class Machine:
    """The columns of one machine, bound to one memory, and the few numbers that boot sets.

    vm_page_array_size: number of entries of the kernel's page array; it ends with the last memory range.
    page_entries: number of entries that pages can have. It is larger if an earlier range ends after the last
                  one: the kernel then writes entries past its array, into memory that reads as zeros.
    page_spin_at, queue_spin_at, contig_spin_at: the addresses of the first lock of each kind.
    vm_token: the row of the object table that is used for vm_token, the token of memory waits.
    pagethread, emergpager: the pageout daemons, NULL if the machine runs none.
    pager_as_recorded: whether pagers return object.put_result, as the pagers of the recorded traces did.
    biothread: the interrupt thread that completes I/O, NULL if the machine has none.
    cpus, threads: all rows of their tables, in order; a thread's row may be empty.
    processes: the number of processes; they use the first rows of their table.
    curthread, mycpu: the thread and cpu of the current step; set by the code that runs the step.
    effects: what the current step did besides writing cells (console messages, wakeups, zeroed pages), in
             order; for observers only. The code that runs the step clears it; the kernel never reads it.
    object_names, thread_names, process_names: their names in the scenario, for messages only.
    """

    def __init__(self, config: MachineConfig) -> None:
        self.config = config
        self.rules = config.rules
        self.switches = config.switches
        self.topology = config.hardware.topology
        self.ncpus = self.topology.ncpus
        self.cpus = cast(Sequence[Cpu], range(self.ncpus))
        self.threads = cast(Sequence[Thread], range(config.capacity.threads))
        self.colors = config.colors
        self.color_mask = config.colors - 1
        self._size_pages(config.hardware)
        self.curthread = NO_THREAD
        self.mycpu = Cpu(0)
        self.runnable_changed = False
        self.effects: list[tuple[object, ...]] = []
        self.object_names: tuple[str, ...] = ()
        self.thread_names: tuple[str, ...] = ()
        self.process_names: tuple[str, ...] = ()
        self.memory = Memory()
        self._lay_out()
        self.memory.allocate()
        self.page_spin_at = self.memory.address("page.spin", 0)
        self.queue_spin_at = self.memory.address("queue.spin", 0)
        self.contig_spin_at = self.memory.address("global.contig_spin", 0)
        self.vm_token = Obj(config.capacity.objects)
        self.pagethread = NO_THREAD
        self.emergpager = NO_THREAD
        self.pager_as_recorded = False
        self.biothread = NO_THREAD
        self.processes = 0
        self.warnings: list[str] = list(config.hardware.warnings)

    def _size_pages(self, hardware: Hardware) -> None:
        # Aligned as boot aligns: start up, end down, an empty range kept in place.
        spans = [(-(-beg >> PAGE_SHIFT), end >> PAGE_SHIFT) for beg, end in hardware.phys_avail]
        spans = [(beg, max(beg, end)) for beg, end in spans]
        if not spans:
            raise BadInput("the machine has no memory; give it at least one range")
        self.first_page = spans[0][0]
        self.vm_page_array_size = spans[-1][1] - self.first_page
        self.page_entries = max(end for _, end in spans) - self.first_page
        if not 0 < self.vm_page_array_size <= self.page_entries <= MAX_PAGES:
            size = self.page_entries if self.vm_page_array_size > 0 else self.vm_page_array_size
            raise BadInput(f"the ranges span {size} pages; the model holds 1 to {MAX_PAGES}")
        self.fake_base = self.page_entries
        self.marker_base = self.fake_base + FAKE_PAGES

    @property
    def colors_by_topology(self) -> bool:
        """Whether each hardware thread has colours by its place in the topology, else by its cpu's number."""
        return self.topology.known and self.switches.numa_color

    @property
    def colors_by_socket(self) -> bool:
        """Whether boot gives memory that belongs to a socket the colours of that socket."""
        sockets, cores = self.topology.phys_ids, self.topology.core_ids
        return self.switches.numa_color and cores > 0 and 1 < sockets <= self.colors

    @property
    def hash_capacity(self) -> int:
        """Number of elements of the page hash that boot creates: a power of two, at least 4,096."""
        size = 4096
        while size < self.vm_page_array_size // 16:
            size <<= 1
        return min(size, VM_PAGE_HASH_MAX)

    def _lay_out(self) -> None:
        capacity = self.config.capacity
        self.page = self._add("page", PageTable(self.marker_base + capacity.threads))
        self.queue = self._add("queue", QueueTable(PQ_COUNT))
        self.vmstats = self._add("vmstats", VmstatsTable(VMSTATS_SIZE))
        self.gd_vmstats = self._add("gd_vmstats", GdVmstatsTable(self.ncpus * VMSTATS_SIZE))
        self.cpu = self._add("cpu", CpuTable(self.ncpus))
        self.glob = self._add("global", KernelTable(1))
        self.daemon = self._add("daemon", DaemonTable(2))
        self.alist = self._add("alist", AlistTable(ALIST_BLOCKS))
        self.hash = self._add("hash", HashTable(self.hash_capacity + VM_PAGE_HASH_SET))
        self.object = self._add("object", ObjectTable(capacity.objects + 1))
        self.io = self._add("io", IoTable(capacity.io))
        self.thread = self._add("thread", ThreadTable(capacity.threads))
        self.token = self._add("token", TokenTable(capacity.threads * TOKENS_PER_THREAD))
        self.variable = self._add("variable", VariableTable(capacity.variables))
        keys = max(4 * self.page_entries, 1 << 16, capacity.places)
        self.resident = self._add("resident", ResidentTable(keys))
        self.resident_slots = AddressBook("pages of objects", keys)
        self.memory.book(self.resident_slots, "resident.page")
        self.swap = self._add("swap", SwapTable(keys))
        self.swap_slots = AddressBook("swap blocks of objects", keys)
        self.memory.book(self.swap_slots, "swap.block")
        self._lay_out_processes(keys)

    def _lay_out_processes(self, keys: int) -> None:
        """Add the tables of address spaces, swap space and swap I/O; a machine without them pays nothing."""
        capacity = self.config.capacity
        self.process = self._add("process", ProcessTable(capacity.processes))
        self.map_entry = self._add("map_entry", MapEntryTable(capacity.map_entries))
        self.backing = self._add("backing", BackingTable(4 * capacity.map_entries))
        self.blist = self._add("blist", BlistTable(max(1, self.config.swap_usable)))
        self.buf = self._add("buf", BufTable(capacity.bufs))
        self.pte = self._add("pte", PteTable(keys))
        self.pte_slots = AddressBook("page table entries", keys)
        self.memory.book(self.pte_slots, "pte.entry")

    _Table = TypeVar("_Table", bound=Table)

    def _add(self, name: str, table: _Table) -> _Table:
        self.memory.add(name, table)
        return table

    cmpset = staticmethod(columns.cmpset)
    fetchadd = staticmethod(columns.fetchadd)

    def marker_of(self, t: Thread) -> Page:
        """Return the marker page with which thread `t` keeps its place in a queue that it scans."""
        return Page(self.marker_base + t)

    def is_fake(self, m: int) -> bool:
        """Whether page `m` is not a page of physical memory."""
        return m >= self.fake_base

    def phys_addr(self, m: int) -> int:
        """Return the physical address of page `m`, in bytes."""
        return self.page.fake_addr[m] if m >= self.fake_base else (self.first_page + m) << PAGE_SHIFT

    def node_of(self, m: int) -> Node | None:
        """Return the NUMA node that page `m` belongs to; None if firmware assigned it to no node."""
        address = self.phys_addr(m)
        nodes = self.config.hardware.nodes
        return next((node for node in nodes if any(beg <= address < end for beg, end in node.ranges)), None)

    def page_number(self, m: int) -> int:
        """Return the public number of page `m`: its physical page number; -1, -2, ... for fake pages."""
        return self.fake_base - 1 - m if m >= self.fake_base else self.first_page + m

    def page_word(self, m: int) -> str:
        """Return the display name of page `m`: `0x3f21`; for a fake page, its rank: `fake 1`."""
        number = self.page_number(m)
        return f"{number:#x}" if number >= 0 else f"fake {-number}"

    def page_index(self, number: int) -> Page:
        """Return the index of the page with the public number `number`, or NULL; markers have no number."""
        m = self.fake_base - 1 - number if number < 0 else number - self.first_page
        inside = m < self.marker_base if number < 0 else 0 <= m < self.page_entries
        return Page(m) if inside else NO_PAGE

    def find_page(self, obj: int, pindex: int) -> Page:
        """Return the page of object `obj` at `pindex`, or NULL: the result of the kernel's tree search."""
        slot = self.resident_slots.slots.get((obj, pindex))
        return NO_PAGE if slot is None else self.resident.page[slot]
