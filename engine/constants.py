"""The kernel's names and values: queues, page flags, busy bits, allocation classes, limits.

Spellings and values are the kernel's, so a search finds a name both here and in the kernel source.
Source: spec 01.
"""

from typing import Final, NewType

Page = NewType("Page", int)
"""A page: its row in the page table. Fake pages and markers follow the pages of memory."""
Obj = NewType("Obj", int)
"""A VM object: its row in the object table."""
Thread = NewType("Thread", int)
"""A simulated thread: its row in the thread table."""
Cpu = NewType("Cpu", int)
"""A processor, counted from 0."""
Queue = NewType("Queue", int)
"""A page queue: the first colour of its type (PQ_FREE, ...) plus a colour."""

PAGE_SHIFT: Final = 12
PAGE_SIZE: Final = 1 << PAGE_SHIFT
PAGE_MASK: Final = PAGE_SIZE - 1
DEV_BSHIFT: Final = 9
DEV_BSIZE: Final = 1 << DEV_BSHIFT
VM_PAGE_BITS_ALL: Final = 0xFF
VM_PAGE_STRUCT_SIZE: Final = 128
"""sizeof(struct vm_page): the cost of the page array in bytes per frame."""

HZ: Final = 100

NULL: Final = -1
"""No page, no object, no thread: every table starts at index 0."""

PQ_L2_SIZE: Final = 1024
PQ_L2_MASK: Final = PQ_L2_SIZE - 1
PQ_PRIME2: Final = 23

PQ_NONE: Final = Queue(0)
PQ_FREE: Final = Queue(1)
PQ_INACTIVE: Final = Queue(PQ_FREE + PQ_L2_SIZE)
PQ_ACTIVE: Final = Queue(PQ_INACTIVE + PQ_L2_SIZE)
PQ_CACHE: Final = Queue(PQ_ACTIVE + PQ_L2_SIZE)
PQ_HOLD: Final = Queue(PQ_CACHE + PQ_L2_SIZE)
PQ_COUNT: Final = PQ_HOLD + PQ_L2_SIZE

QUEUE_BASES: Final = {
    "NONE": PQ_NONE,
    "FREE": PQ_FREE,
    "INACTIVE": PQ_INACTIVE,
    "ACTIVE": PQ_ACTIVE,
    "CACHE": PQ_CACHE,
    "HOLD": PQ_HOLD,
}
"""Short name of each queue type and the index of its first colour."""

BASE_NAMES: Final[dict[int, str]] = {base: name for name, base in QUEUE_BASES.items()}

ACT_DECLINE: Final = 1
ACT_ADVANCE: Final = 3
ACT_INIT: Final = 5
ACT_MAX: Final = 64

PAT_WRITE_BACK: Final = 6

VM_MEMATTR_UNCACHEABLE: Final = 0
VM_MEMATTR_WRITE_COMBINING: Final = 1
VM_MEMATTR_WRITE_THROUGH: Final = 4
VM_MEMATTR_WRITE_PROTECTED: Final = 5
VM_MEMATTR_WRITE_BACK: Final = PAT_WRITE_BACK
VM_MEMATTR_WEAK_UNCACHEABLE: Final = 7
VM_MEMATTR_DEFAULT: Final = PAT_WRITE_BACK

PG_WINATCFLS: Final = 0x00000004
PG_FICTITIOUS: Final = 0x00000008
PG_WRITEABLE: Final = 0x00000010
PG_MAPPED: Final = 0x00000020
PG_MAPPEDMULTI: Final = 0x00000040
PG_REFERENCED: Final = 0x00000080
PG_CLEANCHK: Final = 0x00000100
PG_NOSYNC: Final = 0x00000400
PG_UNQUEUED: Final = 0x00000800
PG_MARKER: Final = 0x00001000
PG_RAM: Final = 0x00002000
PG_SWAPPED: Final = 0x00004000
PG_NOTMETA: Final = 0x00008000
PG_NEED_COMMIT: Final = 0x00040000

PG_NAMES: Final = {
    name: value for name, value in sorted(globals().items(), key=str) if name.startswith("PG_")
}

PBUSY_LOCKED: Final = 0x80000000
PBUSY_WANTED: Final = 0x40000000
PBUSY_SWAPINPROG: Final = 0x20000000
PBUSY_MASK: Final = 0x1FFFFFFF

PBUSY_NAMES: Final = {
    "PBUSY_LOCKED": PBUSY_LOCKED,
    "PBUSY_WANTED": PBUSY_WANTED,
    "PBUSY_SWAPINPROG": PBUSY_SWAPINPROG,
}
"""The bits of busy_count above its soft count, highest first."""

VM_ALLOC_NORMAL: Final = 0x001
VM_ALLOC_SYSTEM: Final = 0x002
VM_ALLOC_INTERRUPT: Final = 0x004
VM_ALLOC_ZERO: Final = 0x008
VM_ALLOC_QUICK: Final = 0x010
VM_ALLOC_FORCE_ZERO: Final = 0x020
VM_ALLOC_NULL_OK: Final = 0x040
VM_ALLOC_RETRY: Final = 0x080
VM_ALLOC_USE_GD: Final = 0x100
VM_ALLOC_CPU_SPEC: Final = 0x200
VM_ALLOC_CPU_SHIFT: Final = 16

OBJ_DEAD: Final = 0x0008
OBJ_WRITEABLE: Final = 0x0080
OBJ_MIGHTBEDIRTY: Final = 0x0100
OBJ_ONEMAPPING: Final = 0x2000

OBJT_DEFAULT: Final = 0
OBJT_SWAP: Final = 1
OBJT_VNODE: Final = 2
OBJT_DEVICE: Final = 3
OBJT_MGTDEVICE: Final = 4
OBJT_PHYS: Final = 5
OBJT_DEAD: Final = 6
OBJT_MARKER: Final = 7

OBJECT_TYPES: Final = {
    "default": OBJT_DEFAULT,
    "swap": OBJT_SWAP,
    "vnode": OBJT_VNODE,
    "device": OBJT_DEVICE,
    "mgtdevice": OBJT_MGTDEVICE,
    "phys": OBJT_PHYS,
    "dead": OBJT_DEAD,
    "marker": OBJT_MARKER,
}

OBJPC_SYNC: Final = 0x01
OBJPC_TRY_TO_CACHE: Final = 0x20
OBJPC_ALLOW_ACTIVE: Final = 0x40

# A pager's result for each page it was asked to write.
VM_PAGER_OK: Final = 0
VM_PAGER_BAD: Final = 1
VM_PAGER_FAIL: Final = 2
VM_PAGER_PEND: Final = 3
VM_PAGER_ERROR: Final = 4
VM_PAGER_AGAIN: Final = 5

BLIST_MAX_ALLOC: Final = 64
"""Size of the largest cluster that is written at once, in pages."""

MAXSCAN_DIVIDER: Final = 10
"""One scan covers 1/MAXSCAN_DIVIDER of a queue; MAXSCAN_DIVIDER pageout passes make one level."""

SWB_DMMAX: Final = 64
"""Blocks in a stripe: swap space is interleaved over the devices stripe by stripe."""

NSWDEV: Final = 4
"""Number of swap device slots; the model has one device, in slot 0."""

SWAP_META_PAGES: Final = 32
"""How many consecutive pages of an object one swap metadata node covers."""

VM_PROT_NONE: Final = 0
VM_PROT_READ: Final = 1
VM_PROT_WRITE: Final = 2
VM_PROT_EXECUTE: Final = 4
VM_PROT_ALL: Final = VM_PROT_READ | VM_PROT_WRITE | VM_PROT_EXECUTE

VM_FAULT_NORMAL: Final = 0x00
VM_FAULT_WIRE: Final = 0x01
VM_FAULT_UNWIRE: Final = 0x02
VM_FAULT_DIRTY: Final = 0x08
VM_FAULT_BURST: Final = 0x20
VM_FAULT_USERMODE: Final = 0x40

KERN_SUCCESS: Final = 0
KERN_INVALID_ADDRESS: Final = 1
KERN_PROTECTION_FAILURE: Final = 2
KERN_NO_SPACE: Final = 3
KERN_FAILURE: Final = 5

MADV_NORMAL: Final = 0
MADV_RANDOM: Final = 1
MADV_SEQUENTIAL: Final = 2
MADV_WILLNEED: Final = 3
MADV_DONTNEED: Final = 4
MADV_FREE: Final = 5
MADV_NOSYNC: Final = 6
MADV_AUTOSYNC: Final = 7

# Bits of a page table entry: the processor's, and one that the kernel defines (PTE_W, wired).
PTE_V: Final = 0x001
PTE_RW: Final = 0x002
PTE_A: Final = 0x020
PTE_M: Final = 0x040
PTE_W: Final = 0x200

SIGKILL: Final = 9
SIGBUS: Final = 10
SIGSEGV: Final = 11

TDF_SYSTHREAD: Final = 1
TDF_PREEMPTED: Final = 2
P_LOWMEMKILL: Final = 0x00010000

EWOULDBLOCK: Final = 35

VM_PAGE_HASH_SET: Final = 4
VM_PAGE_HASH_MAX: Final = 8388608
ALIST_BLOCKS: Final = 65536
VM_PAGE_FREE_HYSTERESIS: Final = 16

# The fields of struct vmstats in the kernel's order; each V_ constant is a field's index in one copy.
VMSTATS_FIELDS: Final = (
    "v_page_count",
    "v_free_reserved",
    "v_free_target",
    "v_free_min",
    "v_cache_min",
    "v_cache_max",
    "v_pageout_free_min",
    "v_interrupt_free_min",
    "v_free_severe",
    "v_dma_pages",
    "v_free_count",
    "v_wire_count",
    "v_active_count",
    "v_inactive_target",
    "v_inactive_count",
    "v_cache_count",
    "v_dma_avail",
)
VMSTATS_SIZE: Final = len(VMSTATS_FIELDS)
(
    V_PAGE_COUNT,
    V_FREE_RESERVED,
    V_FREE_TARGET,
    V_FREE_MIN,
    V_CACHE_MIN,
    V_CACHE_MAX,
    V_PAGEOUT_FREE_MIN,
    V_INTERRUPT_FREE_MIN,
    V_FREE_SEVERE,
    V_DMA_PAGES,
    V_FREE_COUNT,
    V_WIRE_COUNT,
    V_ACTIVE_COUNT,
    V_INACTIVE_TARGET,
    V_INACTIVE_COUNT,
    V_CACHE_COUNT,
    V_DMA_AVAIL,
) = range(VMSTATS_SIZE)

ROLLED_UP: Final = (
    V_FREE_COUNT,
    V_CACHE_COUNT,
    V_INACTIVE_COUNT,
    V_ACTIVE_COUNT,
    V_WIRE_COUNT,
)
"""The counters that a rollup moves from a cpu's adjustments to the global, in the order it moves them."""


def base_and_color(q: int) -> tuple[int, int]:
    """Split a queue index into the first index of its type and its colour; PQ_NONE has colour 0."""
    color = (q - PQ_FREE) & PQ_L2_MASK if q else 0
    return q - color, color


def type_and_color(q: int) -> tuple[str, int]:
    """Split a queue index into the name of its type and its colour: `FREE`, 5; `NONE`, 0."""
    base, color = base_and_color(q)
    return BASE_NAMES[base], color


def queue_name(q: int) -> str:
    """Return the display name of a queue: `FREE[5]`, or `NONE`."""
    name, color = type_and_color(q)
    return f"{name}[{color}]" if q else name
