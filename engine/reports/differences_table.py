"""What the design document says and what the kernel's source does, where the two disagree.

A row keeps the number it has in spec 11. `here` is what every machine of this program does; None where it
depends on the machine or on its rules: then engine.reports.differences_here works it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RULE: Final = "rule option"
SWITCH: Final = "machine switch"
SETTING: Final = "machine setting"

DOCUMENT: Final = "document"
SOURCE: Final = "source"
NEWER: Final = "newer kernel"
NEITHER: Final = "neither"


@dataclass(frozen=True)
class Row:
    """One disagreement.

    options: what decides which side a machine takes; none where it is always the same.
    kind:    what sort of options they are: RULE, SWITCH or SETTING.
    """

    row: int
    subject: str
    document: str
    source: str
    here: str | None = None
    options: tuple[str, ...] = ()
    kind: str = RULE
    follows: str = SOURCE


PRESSURE: Final = (
    Row(
        1,
        "Nice values and waiting for memory",
        "Page faults of a process with nice +10 wait earlier than those with nice 0, and those with nice -10 "
        "later: they may dig deeper into the reserve.",
        "The 2020 kernel looks at no nice value. The newer one adds nothing for nice 0 and -20 and a "
        "positive amount for every other value, so nice -10 waits earlier than nice 0.",
        options=("nice_rule",),
    ),
    Row(
        2,
        "The arguments of vm_wait_pfault",
        "It is called with the process and the flags of the fault.",
        "The 2020 function has no arguments and looks at the current process.",
        options=("nice_rule",),
    ),
    Row(
        3,
        "Where vm_wait_pfault waits",
        "At nice 0 a fault waits while memory is below v_free_min.",
        "Below v_free_min it goes as far as taking a token; it sleeps only while memory is severely short.",
        options=("nice_rule", "thresholds"),
    ),
    Row(
        4,
        "Who P_LOWMEMKILL lets go",
        "A process that is to be killed breaks out of the wait loops.",
        "Only the loop of vm_wait_pfault looks at the flag. vm_wait sleeps once and leaves the test to its "
        "callers.",
        "vm_wait_pfault leaves after a sleep when the flag is set; vm_wait and vm_wait_nominal never look.",
    ),
    Row(
        5,
        "The order of the lowest limits",
        "v_free_reserved is less than v_free_severe, and that less than v_free_min.",
        "The arithmetic makes v_free_reserved 7 pages more than v_free_severe.",
    ),
    Row(
        26,
        "When a freed page wakes the waiting",
        "vm_page_free_wakeup wakes them once memory is above a hysteresis.",
        "It does when somebody is registered and either v_free_min plus the hysteresis is reached or "
        "v_free_target is; then it wakes them all and forgets their number.",
    ),
    Row(
        46,
        "How large v_free_target is",
        "In the newer kernel it is twice v_free_min.",
        "In 2020 it is four times v_free_min, plus v_free_reserved.",
    ),
)

ALLOCATION: Final = (
    Row(
        6,
        "vm_page_alloczwq",
        "It allocates a page without an object and returns it wired.",
        "The 2020 kernel has no such function; the newer one has.",
        "vm_page_alloczwq and vm_page_freezwq are offered to scripts, and say that they are the newer "
        "kernel's.",
        follows=NEWER,
    ),
    Row(
        7,
        "What a search returns",
        "_vm_page_list_find returns a page that is off its queue, with its spinlock held.",
        "It leaves the page on its queue and holds both spinlocks; only vm_page_list_find, made for others, "
        "takes the page off.",
        "As the source, which a step through vm_page_select_free shows.",
    ),
    Row(
        8,
        "How wide a search begins",
        "After the exact colour it looks at 16 colours, then at 32, and so on.",
        "It begins with 1,024 colours divided by the number of cpus, at least 16: the intended upper limit "
        "was written as a lower one.",
        options=("assoc_rule",),
    ),
    Row(
        9,
        "How much of the cache a search sees",
        "Free pages are searched for, and optionally cached ones.",
        "The search for both ends when all free colours are done. By then half of the cache colours have "
        "been looked at, and none at all on one cpu; the caller then rolls up the counters and tries again.",
        options=("find2_full",),
    ),
    Row(
        10,
        "What lastq is",
        "It lets a search skip queues that are known to be empty.",
        "It remembers, for each colour asked for, where a far search ended. A failed search does not clear "
        "it.",
        "As the source: queue[FREE,C].lastq changes when the ninth or a later queue has a page.",
    ),
    Row(
        11,
        "Reusing a cached page",
        "A cached page is freed first, and the allocation tried again.",
        "So it is, if the token of the page's object can be had without waiting. If not, the page goes to "
        "the inactive queue instead.",
        "As the source.",
    ),
    Row(
        12,
        "VM_ALLOC_ZERO",
        "The allocated page is zeroed.",
        "vm_page_alloc does not look at the flag; only vm_page_grab and vm_page_alloczwq do.",
        options=("zero_rule",),
    ),
    Row(
        13,
        "Where a new page is",
        "An allocated page is on the active queue.",
        "It is on no queue until somebody activates or deactivates it.",
        "As the source: it is on PQ_NONE, which the screen shows as a row of its own.",
    ),
    Row(
        23,
        "Allocating in a page fault (pattern 1)",
        "The fault allocates without VM_ALLOC_NULL_OK.",
        "If the place in the object was taken meanwhile, the kernel panics with PAGE RACE.",
        "As the source: a script panics without the flag, and gets NULL with it.",
    ),
    Row(
        43,
        "vm_page_grab when it had to wait",
        "It returns NULL if it blocked.",
        "A page that was busy, with VM_ALLOC_RETRY not given, is a NULL pointer that it then reads.",
        "As the source: that is a finding of the kind fault, and names vm_page_grab.",
    ),
    Row(
        45,
        "Where a stolen cached page goes",
        "It goes to the free queue and is allocated.",
        "It goes to the head of the free queue of its own colour; the second attempt may take another page.",
        "As the source.",
    ),
)

BOOT: Final = (
    Row(
        14,
        "The parts of a requested colour",
        "A colour has bit fields for socket, core, thread and set.",
        "It is a number in mixed radix, made by divisions that drop their remainder. Some of the highest "
        "colours may never be asked for.",
    ),
    Row(
        15,
        "What a page's own colour says",
        "It encodes the topology of the cpus.",
        "It encodes the page's address and, once the memory of several sockets is organized, the socket. "
        "Core and thread appear only in the colour that an allocation asks for.",
    ),
    Row(
        16,
        "What finalize averages",
        "vm_numa_organize_finalize levels the queues so that none is empty.",
        "It forgets where the free queues begin: the average counts queue 0, which is always empty, and "
        "leaves out the last colour. Pages are taken from all colours in turn.",
        options=("finalize_offset_fix",),
    ),
    Row(
        17,
        "vm_low_phys_reserved",
        "By default it is 65,536 pages.",
        "It is an address in bytes, 256 MiB or a quarter of memory, whichever is less; the end of boot "
        "lowers it.",
    ),
    Row(
        18,
        "vm_dma_reserved",
        "It is 128 MiB on machines of 2 GiB and more.",
        "It is 128 MiB or a sixteenth of memory, whichever is less, unless a boot tunable sets it.",
    ),
    Row(
        19,
        "How many vm_page structures there are",
        "One for each physical page.",
        "Also for holes between the ranges of memory, and for the memory that boot keeps for itself.",
    ),
)

CONTIGUOUS: Final = (
    Row(
        20,
        "What vm_page_alloc_contig honours",
        "The lowest and the highest address, the alignment and the boundary.",
        "Only the highest address, and that after it has chosen; the rest is ignored. The alignment is what "
        "rounding up to a power of two gives. Only the drivers' reserve is searched.",
        options=("contig_rule",),
    ),
    Row(
        39,
        "Where fictitious pages are",
        "They are not in the page array.",
        "The pages of the drivers' reserve are in it and fictitious.",
    ),
)

FREEING: Final = (
    Row(
        24,
        "pmap_mapped_sync before a page is freed",
        "Freeing a page calls it if needed, and asserts then that nothing maps the page.",
        "In the shipped kernel it only reads the flags: a mapping flag that lingers fails the assertion. "
        "Another build counts mappings, and clears such flags there.",
        options=("pmap_model",),
    ),
    Row(
        25,
        "The order of freeing",
        "Whoever waits for the page is woken, then whoever waits for memory.",
        "The page is unbusied while its spinlock is held, before anybody is woken. The freed page is counted "
        "first of all, and some panics come when the page has left its object and queue already.",
        "As the source, step by step.",
    ),
    Row(
        27,
        "What the hold queues are for",
        "They hold pages that are pinned for a while.",
        "Only a page that is freed while somebody holds it goes there; a hold alone moves nothing. Such "
        "pages count as active.",
        "As the source: v_active_count counts pages on PQ_HOLD.",
    ),
    Row(
        28,
        "The last unhold",
        "It moves the page from the hold to the free queue.",
        "It does, unless the page is on its way to the hold queue at that moment: the pageout daemon finds "
        "it there later. Nobody is woken.",
        "As the source; vm_pageout_scan_hold frees what was left behind.",
    ),
    Row(
        29,
        "Deactivating at the head",
        "vm_page_deactivate has an optional argument athead.",
        "The public function always uses the tail; vm_page_dontneed alone uses the head.",
        "As the source.",
    ),
    Row(
        30,
        "The chances of vm_page_dontneed",
        "A page is deactivated with a chance of 3/32, and at the head with one of 28/32.",
        "A counter decides, in runs of 16 out of 512 calls; 1/32 of the pages are left alone. A dirty page "
        "goes to the tail, and an inactive or cached one stays where it is.",
        "As the source: nothing is random, and the counter is global.dontneed_weight.",
    ),
    Row(
        31,
        "Which pages vm_page_cache takes",
        "It moves clean pages to the cache queue.",
        "It declines wired, held, soft-busied, fictitious and uncommitted pages, decides what is dirty only "
        "after unmapping, and takes pages that hold no valid data.",
        "As the source.",
    ),
)

BUSY: Final = (
    Row(
        21,
        "The pageout scan (pattern 2)",
        "A clean page is cached with vm_page_cache and then released with vm_page_wakeup.",
        "vm_page_cache always unbusies the page, so that the second release is a failed assertion.",
        "As the source: a script that releases the page again panics.",
    ),
    Row(
        22,
        "Wiring for I/O (pattern 4)",
        "Pages are wired and unwired without being busied.",
        "Both functions assert that the page is hard-busied; the quick ones need a page that is wired "
        "already.",
        "As the source: a script busies each page first, or panics.",
    ),
    Row(
        32,
        "Who wakes those that wait for a soft-busied page",
        "The release of a soft busy wakes them.",
        "vm_page_sbusy_drop does, when nothing but WANTED is left; vm_page_io_finish never does.",
        "As the source.",
    ),
    Row(
        33,
        "What waiting for a page does to it",
        "Nothing: waiting is passive.",
        "Everyone who sleeps on a busy page sets PG_REFERENCED on it.",
        "As the source.",
    ),
    Row(
        34,
        "What also_m_busy means",
        "Waiting for a busy page and trying it look at the same bits.",
        "vm_page_busy_wait and both lookups look at every bit of busy_count; vm_page_busy_try and "
        "vm_page_sleep_busy at the soft count alone.",
        "As the source.",
    ),
    Row(
        37,
        "Where an unwired page goes",
        "It is activated or deactivated, as the caller says.",
        "PG_NEED_COMMIT forces it to the active queue, PG_UNQUEUED keeps it off all queues, and a page may "
        "sit on a queue while it is wired.",
        "As the source.",
    ),
    Row(
        44,
        "The order of spinlocks",
        "The page's spinlock is taken first, then its queue's.",
        "A search holds the queue's lock and only tries the page's, the other way round.",
        options=("trylock",),
        kind=SWITCH,
    ),
)

STATISTICS: Final = (
    Row(
        35,
        "When a cpu's statistics reach the global",
        "From time to time, or when a threshold is exceeded.",
        "At each clock tick and each rollup; at once only when a removal leaves more than 1,024 pages owed "
        "and memory would be short with 1,024 pages fewer for each cpu. Never for additions and wirings.",
        options=("steps_per_tick",),
        kind=SETTING,
    ),
    Row(
        36,
        "What wiring does to the statistics",
        "It adjusts vmstats.",
        "It changes what the cpu has pending and not even that cpu's own view.",
        "As the source: cpu[N].adj.v_wire_count changes, cpu[N].view.v_wire_count does not.",
    ),
)

STATE: Final = (
    Row(
        38,
        "Which element of the page hash is replaced",
        "The hash is 4-way set associative, and its ticks make the least recently used element the victim.",
        "The sets of four overlap, and the rule finds the oldest element only by chance: it compares each "
        "one with the first alone.",
        options=("hash_rule",),
    ),
    Row(
        40,
        "Valid and dirty bits",
        "vm_page_set_validclean makes the range clean.",
        "It cleans chunks too that the range only touches in part, against a comment of its own. "
        "vm_page_set_valid leaves the dirty bits alone, though a comment promises otherwise.",
        "As the source.",
    ),
)

DEBUGGER: Final = (
    Row(
        41,
        "show pageq",
        "It shows the length of the queues.",
        "It shows free, cache, active and inactive queues, and not the hold queues.",
        "As the source; `pageq show pageq --hold` adds a line that says it is an addition.",
    ),
    Row(
        42,
        "show page",
        "It shows the counters.",
        "It shows the global ones, without what the cpus have pending.",
        "As the source.",
    ),
)

GROUPS: Final = {
    "Memory pressure": PRESSURE,
    "Allocation and search": ALLOCATION,
    "Colours and boot": BOOT,
    "Contiguous and fictitious memory": CONTIGUOUS,
    "Freeing, holding and ageing": FREEING,
    "Busy, wired and locked pages": BUSY,
    "Statistics": STATISTICS,
    "Page hash, valid and dirty bits": STATE,
    "The debugger": DEBUGGER,
}
"""The rows by subject."""
