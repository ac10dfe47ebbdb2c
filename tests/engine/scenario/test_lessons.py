"""What the lessons of the library say is true: of their own runs, and of the scenario with a part changed."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import re

import pytest

from engine.constants import NULL, Cpu, Obj
from engine.debug.moments import find_step
from engine.kernel.boot.sequence import boot
from engine.kernel.color import stretch_of, vm_get_pg_color
from engine.reports.differences import differences
from engine.reports.lock_stats import lock_uses
from engine.run.history import History
from engine.scenario.library import OWN
from engine.scenario.loader import load, load_text
from tests.engine.scenario.lesson_texts import changed, holds, source_of

CLAIMS: dict[str, tuple[str, dict[str, str], str | int, str]] = {
    "a wired page that no scan met ends where one ends that a scan met": (
        "wired-but-still-queued",
        {"pager:end ": "tick "},
        "driver:16",
        "thread[pager].state == READY and queue[INACTIVE, setup.c].tail == setup.scanned",
    ),
    "without another free it is the timeout that ends the wait for memory": (
        "held-while-freed",
        {"m = vm_page_lookup_busy_wait(heap, 1, 1)\nvm_page_free(m)": "pass\npass"},
        "end",
        "waiter.m != NULL and cpu[0].v_ppwakeups == 0 and global.ticks >= 100",
    ),
    "without the tick the woken thread believes in 40 pages and sleeps again": (
        "held-while-freed",
        {"tick      ": "# tick    "},
        "end",
        "cpu[0].v_ppwakeups == 1 and global.vm_pageout_deficit == 2",
    ),
    "an original that was not used lately does not come back": (
        "copy-on-write-demotes",
        {"vm_pageout_scan_inactive(": "pmap_clear_reference(setup.original)\nvm_page_flag_clear(setup.original, PG_REFERENCED)\nvm_pageout_scan_inactive("},
        "end",
        "queue_of(setup.original) == PQ_INACTIVE and setup.original.flags & PG_WINATCFLS",
    ),
    "with one free page more the fault goes through": (
        "severe-with-a-full-cache",
        {"count(FREE) > 78": "count(FREE) > 79", "first:block ": "first:end ", "second:block ": "second:end ", "first:end\nsecond:end": ""},
        "pager:3",
        "not first.short",
    ),
    "by the document's rule nice -10 does not wait at 170, and only nice 10 does": (
        "nice-and-waiting",
        {'"formula"\n\n': '"monotone"\n\n'},
        "giver:3",
        "process[polite].minflt == 0 and process[plain].minflt == 2 and process[eager].minflt == 2",
    ),
    "in the kernel of 2020 no thread waits at 200 or at 170": (
        "nice-and-waiting",
        {'"formula"\n\n': '"none"\n\n'},
        "giver:3",
        "process[polite].minflt == 2 and process[plain].minflt == 2 and process[eager].minflt == 2",
    ),
    "by the document's rule an alignment counts, and two pages are to be had": (
        "dma-fragmentation",
        {'rules = "source"\n': 'rules = "document"\n'},
        "driver:12",
        "VM_PAGE_TO_PHYS(driver.b) == 8 * PAGE_SIZE and VM_PAGE_TO_PHYS(driver.two) == 6 * PAGE_SIZE",
    ),
    "a clean page that was not used is cached at its first visit": (
        "second-chance",
        {"unused = heap.page[2]\n": "unused = heap.page[2]\npmap_clear_modify(unused)\nvm_page_undirty(unused)\n"},
        "end",
        "queue_of(pager.unused) == PQ_CACHE",
    ),
    "without reclaim the process waits forever": (
        "why-manage-pages",
        {"pagedaemon()\n": "pass\n"},
        "end",
        "thread[users].state != ENDED and process[A].minflt == 15 and global.ticks > 100000",
    ),
    "vm_page_free() alone panics at a page of vm_page_alloczwq()": (
        "ways-to-allocate",
        {"vm_page_freezwq(z)": "vm_page_free(z)"},
        "end",
        "thread[app].state == PANICKED",
    ),
    "a tick before the request lets the other processor know": (
        "two-cpus-two-truths",
        {"giver:end, taker:end": "giver:end, tick, taker:end"},
        "taker:4",
        "taker.first != NULL and global.vm_pageout_deficit == 0",
    ),
    "a page of the colour itself clears the note of a far search": (
        "empty-colour",
        {
            "            y = p\n": "            y = p\n        if color == 5:\n            spare = p\n",
            "# No page is left now. Does it look at any queue?\n": "vm_page_free(setup.spare)\n",
        },
        "end",
        "queue[FREE, 5].lastq == -1",
    ),
    "a request of both classes gets a page as SYSTEM if none is cached": (
        "who-may-use-the-reserve",
        {"for i in range(2)": "for i in range(1)"},
        "asker:@normal-below",
        "asker.m != NULL and count(CACHE) == 0 and count(FREE) == 5",
    ),
    "with no page cached SYSTEM gets one below the reserve": (
        "who-may-use-the-reserve",
        {"for i in range(2)": "for i in range(1)"},
        "asker:@both",
        "asker.m != NULL and count(FREE) == 6",
    ),
    "the owner of a cached page waits too if fewer pages are free than v_free_reserved": (
        "rescue-or-steal",
        {"for i in range(10)": "for i in range(0)", "app:end         #": "app:block       #"},
        "end",
        "process[A].minflt == 0 and count(FREE) == 40 and thread[app].state != ENDED",
    ),
    "with a lookup after the wait the first thread finds the page of the second one": (
        "usage-pattern-fault-race",
        {
            "vm_wait_pfault(curproc, 0)  #@wait\n        m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)  #@again": 'vm_wait_pfault(curproc, 0)  #@wait\n        m = vm_page_lookup_busy_wait(heap, 0, TRUE)  #@again\n        if m == NULL:\n            m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)',
        },
        "end",
        "first.m == second.m and thread[first].state == ENDED",
    ),
    "vm_page_sbusy_drop would have woken the thread that waits for the write": (
        "io-finish-wakes-nothing",
        {"vm_page_io_finish(setup.m)": "vm_page_sbusy_drop(setup.m)"},
        "when thread[flusher].state == ENDED",
        "thread[user].state == READY and setup.m.busy_count == 0",
    ),
    "a caller that holds the page LOCKED and releases it after io_finish wakes the waiter": (
        "io-finish-wakes-nothing",
        {"vm_page_io_finish(setup.m)": "vm_page_busy_wait(setup.m, 0)\nvm_page_io_finish(setup.m)\nvm_page_wakeup(setup.m)"},
        "when thread[flusher].state == ENDED",
        "thread[user].state == READY and setup.m.busy_count == 0",
    ),
    "without the visitor both threads sleep for ever": (
        "io-finish-wakes-nothing",
        {"failed = vm_page_busy_try(setup.m, 1)": "failed = 1", "user:end\nlate:end\n": ""},
        "end",
        "setup.m.busy_count == PBUSY_WANTED and thread[user].state == SLEEPING and thread[late].state == SLEEPING",
    ),
    "with one free page more it is not the ninth page that makes a processor report": (
        "reporting-before-the-tick",
        {"count(FREE) > 3250": "count(FREE) > 3251", "v_free_count > 2132": "v_free_count > 2133"},
        "taker:@reported",
        "cpu[0].adj.v_free_count == -1119 and vmstats.v_free_count == 3251",
    ),
    "a page that joins a queue never reports, however many do": (
        "reporting-before-the-tick",
        {"# And the next one.\n": "for i in range(1110):\n    p = vm_page_lookup_busy_wait(heap, i, 1)\n    vm_page_free(p)\ntick()\nfor i in range(1040):\n    m = vm_page_alloc(heap, i, VM_ALLOC_NORMAL)\n    vm_page_wakeup(m)\ntick()\nfor i in range(1040):\n    p = vm_page_lookup_busy_wait(heap, i, 1)\n    vm_page_free(p)\n"},
        "taker:@next",
        "cpu[0].adj.v_free_count == 1040",
    ),
    "at nice 0 the backup would not be stopped at 133 pages": (
        "a-nice-hog",
        {"nice = 19\n": "nice = 0\n"},
        "editor:3",
        "process[backup].minflt == 40 and thread[hog].state == ENDED",
    ),
    "a thread that is woken and finds less than its limit goes back to sleep": (
        "nice-waits-first",
        {"for i in range(80)": "for i in range(46)"},
        "urgent:6",
        "thread[background].state == SLEEPING and count(FREE) == 86",
    ),
    "at 170 pages both that were woken would have gone back to sleep": (
        "nice-and-waiting",
        {"giver:end         # 257": "giver:27\nnice10:block\nminus10:block"},
        2800,
        "cpu[0].v_ppwakeups == 1 and thread[nice10].state == SLEEPING and thread[minus10].state == SLEEPING",
    ),
    "a page of a file ignores MADV_FREE": (
        "free-and-willneed",
        {'name = "heap"\nsize': 'name = "heap"\ntype = "vnode"\nsize'},
        "app:@reuse",
        "setup.unused.dirty == 0xFF and queue_of(setup.unused) == PQ_ACTIVE",
    ),
    "a single use adds 4 to an act_count instead of subtracting 1": (
        "anonymous-and-file-ageing",
        {"vm_pageout_scan_active(0, anon.pc, 0, 1)  #@anon-first": "vm_page_flag_set(anon, PG_REFERENCED)\nvm_pageout_scan_active(0, anon.pc, 0, 1)  #@anon-first"},
        "pager:@file-first",
        "pager.anon.act_count == 9",
    ),
    "without the store the page would be clean, and the daemon would cache it": (
        "modified-bit-and-dirty-byte",
        {"write(0x10000)  #@store": "pass  #@store"},
        "daemon:@scanned",
        "queue_of(app.m) == PQ_CACHE and cpu[1].cnt.v_swapout == 0",
    ),
    "the last unwire with 1 takes a page from no queue to ACTIVE": (
        "the-last-unwire",
        {"vm_page_unwire(setup.shared, 0)": "vm_page_unwire(setup.shared, 1)"},
        "end",
        "queue_of(setup.shared) == PQ_ACTIVE and queue[INACTIVE, setup.c].tail == setup.other",
    ),
    "the last unwire with 0 takes an active page to the tail of INACTIVE": (
        "the-last-unwire",
        {"vm_page_unwire(setup.drop, 0)": "vm_page_activate(setup.drop)\nvm_page_unwire(setup.drop, 0)"},
        "driver:@dropped",
        "queue[INACTIVE, setup.c].tail == setup.drop",
    ),
    "the variant that protects the end clears a first chunk that is only partly in the range": (
        "cleaning-part-of-a-page",
        {"vm_page_clear_dirty_beg_nonincl(c, 300, 1236)": "vm_page_clear_dirty_end_nonincl(c, 300, 1236)"},
        "saver:@c-done",
        "saver.c.dirty == 0",
    ),
    "a mark on a page that is inactive already stays when the page is deactivated": (
        "between-the-queues",
        {"vm_page_activate(m)  #@activate": "pass  #@activate"},
        "mover:@cache",
        "mover.m.flags & PG_WINATCFLS != 0 and queue_of(mover.m) == PQ_INACTIVE",
    ),
    "a page that a thread holds goes to HOLD when it is freed": (
        "life-of-a-page",
        {"    vm_page_free(m)  #@free": "    vm_page_hold(m)\n    vm_page_free(m)  #@free"},
        "when thread[pager].state == ENDED",
        "queue_of(app.m) == PQ_HOLD",
    ),
    "with a single list another processor waits for its lock": (
        "page-queues",
        {"colors = 16": "colors = 1"},
        "when thread[app].state == ENDED",
        "other.x == NULL",
    ),
    "without the hysteresis the first page above the limit wakes all that wait for memory": (
        "four-ways-to-wait",
        {"for i in range(2000):\n": 'sysctl("vm.page_free_hysteresis", 0)\nfor i in range(2000):\n'},
        "end",
        "giver.enough == 69 and global.ticks == 0",
    ),
    "with the interlock every thread ends under the same schedule": (
        "lost-wakeup",
        {"interlock = false": "interlock = true"},
        "end",
        "thread[waiter].state == ENDED and thread[hungry].state == ENDED",
    ),
    "a read saves the page that was to be the next victim": (
        "twenty-dontneeds",
        {"19 * 0x10000)  #@read": "19 * 0x10000)  #@read\nvm_pageout_scan_inactive(0, setup.c, 100)"},
        "end",
        "queue_of(setup.last) == PQ_ACTIVE and queue[INACTIVE, setup.c].lcnt == 5",
    ),
    "a page that was written asynchronously stays on INACTIVE": (
        "pageout-scan-done-right",
        {"# Three pages, each of a different colour.\n": 'sysctl("vm.swap_user_async", 1)\n'},
        "end",
        "queue_of(setup.dirty) == PQ_INACTIVE and queue_of(setup.clean) == PQ_CACHE",
    ),
    "a visit that is short of free pages caches a clean page that leaves ACTIVE": (
        "thrash",
        {"vm_pageout_scan_active(5, setup.severe.pc, 0, 1)": "vm_pageout_scan_active(5, setup.severe.pc, 1, 1)"},
        "probe:@mild",
        "queue_of(setup.severe) == PQ_CACHE",
    ),
    "with 24 free pages a normal request is refused": (
        "the-pager-waits-too",
        {"    m = vm_page_alloc(NULL, 0, VM_ALLOC_SYSTEM)  #@again": "    m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)  #@again"},
        "when thread[pager].op_start > 455 and thread[pager].state == SLEEPING",
        "pager.m == NULL",
    ),
    "a load faults and sleeps if the page is written to be cached": (
        "store-against-a-write",
        {
            "vm_page_deactivate(m)\n": "vm_page_deactivate(m)\nvm_page_flag_set(m, PG_WINATCFLS)\n",
            "app:line           # a load\napp:line\napp:block          # a store\n": "app:block\n",
        },
        "when thread[app].state == SLEEPING",
        "app.loaded == 0 and setup.m.busy_count & PBUSY_SWAPINPROG and process[program].pte[0x10] == 0",
    ),
    "a store to the page of the recipe sets only a bit of the page table": (
        "usage-pattern-fault",
        {"m = object[heap].page[1]  #@done": "m = object[heap].page[1]  #@done\nwrite(0x10000)"},
        "end",
        "recipe.m.dirty == 0 and process[app].pte[0x10] & PTE_M",
    ),
    "the next request after six stolen pages steals one": (
        "rescue-or-steal",
        {"stolen = 20 - count(CACHE)  #@got": "k = vm_page_alloc(NULL, 8, VM_ALLOC_NORMAL)\nstolen = 20 - count(CACHE)  #@got"},
        "kernel:@give",
        "kernel.stolen == 7",
    ),
    "a page that is unwired with activate set goes from no queue to ACTIVE": (
        "wired-but-still-queued",
        {"vm_page_unwire(setup.scanned, 0)": "vm_page_unwire(setup.scanned, 1)"},
        "driver:@missed",
        "queue_of(setup.scanned) == PQ_ACTIVE",
    ),
    "the document's loop caches a page that was used": (
        "usage-pattern-pageout-scan",
        {
            "        vm_pageout_clean(m)\n": "",
            "vm_page_deactivate(clean)\n": "vm_page_deactivate(clean)\nvm_page_flag_set(clean, PG_REFERENCED)\n",
        },
        "end",
        "queue_of(setup.clean) == PQ_CACHE and setup.clean.flags & PG_REFERENCED",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "changes", "at", "that"), CLAIMS.values(), ids=CLAIMS)
def test_a_lesson_is_right_about_what_else_would_happen(
    name: str, changes: dict[str, str], at: str | int, that: str
) -> None:
    assert holds(load_text(changed(name, changes)), at, that)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "at", "that"), [(name, at, that) for name, _, at, that in CLAIMS.values()])
def test_what_a_changed_lesson_shows_is_not_so_in_the_lesson_itself(
    name: str, at: str | int, that: str
) -> None:
    assert not holds(load_text(source_of(name)), at, that)


# --- sentences of a scenario's text, each with what proves it ------------------------------------------------

D, S, BOTH = ("document",), ("source",), ("document", "source")
TWENTY = "for i in range(20):\n    vm_page_activate(quiet)\n    vm_page_dontneed(quiet)\n"

# scenario, a sentence of its text, its rule sets, machine (None: its own), changes, moment, what holds then
SENTENCES: tuple[tuple[str, str, tuple[str, ...], str | None, dict[str, str], str | int, str], ...] = (
    ("sixteen-queues", "16 // 64 is 0 | one: 0", BOTH, "4MiB:1x64x1", {},
     "end", "w0.m.pc == 0 and w1.m.pc == 0 and w2.m.pc == 0 and w3.m.pc == 0"),
    ("a-thousand-queues", "256 for each of four cores", BOTH, None, {},
     "w3:3", "w3.m.pc // 256 == 3"),
    ("a-thousand-queues", "97 had no page at the start", BOTH, None, {},
     0, "count(FREE) == 1024 - 97 and queue[FREE, 63].lcnt == 0 and queue[FREE, 64].lcnt == 1"),
    ("a-thousand-queues", "all four threads end together", BOTH, "64MiB:1x4x1", {},
     "end", "thread[w3].op_start - thread[w0].op_start == 3"),
    ("four-ways-to-wait", "**or** with fewer than 41 free ones", S, None, {"if count(FREE) == 60": "if count(FREE) == 40"},
     "giver:2", "thread[fault].state == SLEEPING"),
    ("four-ways-to-wait", "**or** with fewer than 41 free ones", S, None, {"if count(FREE) == 60": "if count(FREE) == 41"},
     "giver:2", "thread[fault].state == ENDED"),
    ("four-ways-to-wait", "fewer than 34 free and cached pages", S, None,
     {"v_free_reserved = 41": "v_free_reserved = 30", "if count(FREE) == 60": "if count(FREE) == 33"},
     "giver:2", "thread[fault].state == SLEEPING"),
    ("four-ways-to-wait", "fewer than 34 free and cached pages", S, None,
     {"v_free_reserved = 41": "v_free_reserved = 30", "if count(FREE) == 60": "if count(FREE) == 34"},
     "giver:2", "thread[fault].state == ENDED"),
    ("usage-pattern-pageout-scan", "the scan never comes to the clean one", BOTH, None, {},
     "end", "scan.m == setup.dirty and setup.clean.busy_count == 0 and queue_of(setup.clean) == PQ_INACTIVE"),
    ("usage-pattern-pageout-scan", "it panics at the clean page, which `vm_page_cache()` has released", BOTH, None,
     {"        vm_pageout_clean(m)\n": ""},
     "end", "scan.m == setup.clean and thread[scan].state == PANICKED and queue_of(setup.clean) == PQ_CACHE"),
    ("usage-pattern-pageout-scan", "exchanges the hard busy for a soft busy", BOTH, None, {},
     "scan:11", "setup.dirty.busy_count == PBUSY_SWAPINPROG | 1 and setup.dirty.dirty == 0xFF"),
    ("usage-pattern-pageout-scan", "that lasts until the I/O is done", BOTH, None,
     {"    vm_page_wakeup(m)\n    m = m.next": "    tick(2)\n    break", "setup.dirty.pc\nm =": "setup.dirty.pc\nfirst = setup.dirty\nm ="},
     "end", "scan.first.busy_count == 0 and scan.first.dirty == 0 and thread[scan].state == ENDED"),
    ("usage-pattern-pageout-scan", "writes to swap are asynchronous", BOTH, None,
     {'sysctl("vm.swap_user_async", 1)': 'sysctl("vm.swap_user_async", 0)'},
     "end", "setup.dirty.busy_count == 0 and setup.dirty.dirty == 0 and thread[scan].state == PANICKED"),
    ("usage-pattern-dma-buffer", "ignored: the driver got the lowest free page", S, None, {},
     "driver:16", "VM_PAGE_TO_PHYS(driver.above) == 0x13000"),
    ("usage-pattern-dma-buffer", "By the rules of the document it gets the page at 0x20000", D, None, {},
     "driver:16", "VM_PAGE_TO_PHYS(driver.above) == 0x20000"),
    ("usage-pattern-dma-buffer", "aligned to 16 bytes, uncacheable", BOTH, None, {},
     "driver:12", "driver.m.pat_mode == VM_MEMATTR_UNCACHEABLE and driver.small.pat_mode == VM_MEMATTR_WRITE_BACK"),
    ("usage-pattern-dma-buffer", "The kernel never resets it", BOTH, None, {},
     "end", "driver.m.pat_mode == VM_MEMATTR_UNCACHEABLE and global.bl_free == 64"),
    ("low-high-and-boundary", "| 8, boundary 16 | 16 | 16 |", BOTH, None, {}, "end", "driver.within == page[16]"),
    ("low-high-and-boundary", "| 3 below 16 | 13 | NULL |", D, None, {}, "end", "driver.below == page[13]"),
    ("low-high-and-boundary", "| 3 below 16 | 13 | NULL |", S, None, {}, "end", "driver.below == NULL"),
    ("low-high-and-boundary", "| 1 from 32 on | 32 | 13 |", D, None, {}, "end", "driver.above == page[32]"),
    ("low-high-and-boundary", "| 1 from 32 on | 32 | 13 |", S, None, {}, "end", "driver.above == page[13]"),
    ("low-high-and-boundary", "| 2, multiple of 16 | 48 | 14 |", D, None, {}, "end", "driver.aligned == page[48]"),
    ("low-high-and-boundary", "| 2, multiple of 16 | 48 | 14 |", S, None, {}, "end", "driver.aligned == page[14]"),
    ("low-high-and-boundary", "the allocator looks for 4 and comes to page 24", S,  None,
     {"3 * PAGE_SIZE, VM_MEMATTR_DEFAULT)  #@high": "4 * PAGE_SIZE, VM_MEMATTR_DEFAULT)  #@high", "below = vm_page_alloc_contig(0, 0x10000": "below = vm_page_alloc_contig(0, 0xFFFFFFFF"},
     "end", "driver.below == page[24]"),
    ("waiting-leaves-a-footprint", "The next visit of the daemon does", BOTH, None, {},
     "pager:7", "setup.wanted.flags & PG_REFERENCED == 0"),
    ("waiting-leaves-a-footprint", "an allocation of the page after it was freed", BOTH, None,
     {"# The next visit to each.": "vm_page_busy_wait(wanted, 1)\nvm_page_free(wanted)\nagain = vm_page_alloc(file, 1, VM_ALLOC_NORMAL)"},
     "pager:6", "pager.again == setup.wanted and setup.wanted.flags & PG_REFERENCED == 0"),
    ("waiting-leaves-a-footprint", "`vm_page_dontneed()` for a page that is not inactive", BOTH, None,
     {"# The next visit to each.": f"{TWENTY}vm_page_busy_wait(wanted, 1)\nvm_page_activate(wanted)\nvm_page_dontneed(wanted)\nvm_page_wakeup(wanted)"},
     "pager:9", "setup.wanted.flags & PG_REFERENCED == 0"),
    ("waiting-leaves-a-footprint", "`vm_page_dontneed()` for a page that is not inactive", BOTH, None,
     {"# The next visit to each.": f"{TWENTY}vm_page_busy_wait(wanted, 1)\nvm_page_dontneed(wanted)\nvm_page_wakeup(wanted)"},
     "pager:8", "setup.wanted.flags & PG_REFERENCED"),
    ("lock-order-reversal", "925 pages are free, but on this machine `v_free_reserved` is 926", BOTH, None, {},
     0, "count(FREE) == 925 and cpu[0].view.v_free_count == 925 and vmstats.v_free_reserved == 926"),
    ("trylock-skips", "925 pages are free, one fewer than `v_free_reserved` on this machine", BOTH, None, {},
     0, "count(FREE) == 925 and vmstats.v_free_reserved == 926"),
    ("nice-waits-first", "Three threads call `vm_wait_pfault()`, as a page fault does", BOTH, None, {},
     "end", "cpu[0].cnt.v_vm_faults == 0 and process[urgent_process].minflt + process[urgent_process].majflt == 0"),
    ("empty-colour", "on the ninth or a later queue that it looked at", BOTH, None, {"if color == 32": "if color == 13"},
     "taker:6", "taker.first == setup.y and queue[FREE, 5].lastq == 13"),
    ("empty-colour", "on the ninth or a later queue that it looked at", BOTH, None, {"if color == 32": "if color == 12"},
     "taker:6", "taker.first == setup.y and queue[FREE, 5].lastq == -1"),
    ("freeing-and-waking", "free pages alone at least `v_free_reserved`", BOTH, None,
     {"v_free_reserved = 41": "v_free_reserved = 85", "vm_page_alloc(heap, i, VM_ALLOC_NORMAL)": "vm_page_alloc(heap, i, VM_ALLOC_INTERRUPT)"},
     "end", "needy.woken_at == 85 and global.ticks == 0"),
    ("freeing-and-waking", "free pages alone at least `v_free_reserved`", BOTH, None,
     {"v_free_reserved = 41": "v_free_reserved = 86", "vm_page_alloc(heap, i, VM_ALLOC_NORMAL)": "vm_page_alloc(heap, i, VM_ALLOC_INTERRUPT)"},
     "owner:10", "thread[needy].state == SLEEPING and count(FREE) == 85"),
    ("between-the-queues", "`mover` takes one page through all three", BOTH, None, {},
     "end", "object[heap].resident_page_count == 1 and object[heap].page[0] == mover.m"),
    ("swap-full", "43 pages are free, two more than the reserve", BOTH, None, {},
     0, "cpu[0].view.v_free_count == 43 and vmstats.v_free_reserved == 41"),
    ("swap-full", "pages in memory then", BOTH, None, {},
     6017, "object[heap30].resident_page_count == 500 and object[heap100].resident_page_count == 300"),
    ("swap-full", "Low pids are spared only *while some swap is free*", BOTH, None, {},
     6017, "process[big].p_flags & P_LOWMEMKILL != 0 and global.vm_swap_size == 0"),
    ("counting-on-each-processor", "not one write to the global counter", BOTH, None, {},
     "taker:6", "vmstats.v_free_count == taker.before and cpu[0].adj.v_free_count == -10"),
    ("a-nice-hog", "no fault waits as long as 41 pages are free", S, None, {},
     "end", "cpu[0].v_ppwakeups == 0 and global.vm_pages_waiting == 0 and process[compiler].minflt == 70"),
    ("lost-wakeup", "it woke up by itself after a second", BOTH, None, {}, "hungry:3", "global.ticks == 100"),
    ("thrash", "At level 0 it would have stayed", BOTH, None,
     {"while queue_of(setup.mild) == PQ_ACTIVE": "while setup.mild.act_count > 2"},
     "probe:10", "setup.mild.act_count == 2 and queue_of(setup.mild) == PQ_ACTIVE"),
    ("thrash", "its first page lost a point at each visit, from 10 to 0", BOTH, None, {},
     2507, "setup.severe.act_count == 0 and object[red].page[0] == setup.severe and daemon[0].passes == 10"),
    ("why-five-queues", "46 pages are free", BOTH, None, {}, 0, "count(FREE) == 46"),
    ("why-five-queues", "`PQ_HOLD` stays empty", BOTH, None, {}, "end", "count(HOLD) == 0"),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sentence", "rules", "machine", "changes", "at", "that"),
    [(name, said, rules, *rest) for name, said, rule_sets, *rest in SENTENCES for rules in rule_sets],
)
def test_a_sentence_is_in_the_text_and_true(
    name: str,
    sentence: str,
    rules: str,
    machine: str | None,
    changes: dict[str, str],
    at: str | int,
    that: str,
) -> None:
    assert sentence in " ".join(re.sub(r"\\\n", "", source_of(name)).split())
    assert holds(load_text(changed(name, changes), rules=rules, machine=machine), at, that)


@pytest.mark.parametrize(
    ("machine", "colours"),
    [
        ("4MiB:1x4x1", {0: 1, 4: 1, 8: 1, 12: 1}),
        ("4MiB:1x64x1", {0: 64}),
        ("4MiB:4x8x2", {0: 16, 4: 16, 8: 16, 12: 16}),
    ],
)
def test_sixteen_colours_run_out_when_they_are_divided_among_64_processors(
    machine: str, colours: dict[int, int]
) -> None:
    vm = boot(load("sixteen-queues", machine=machine).config)
    asked = [vm_get_pg_color(vm, Cpu(cpu), Obj(NULL), 0) for cpu in range(vm.ncpus)]
    assert {colour: asked.count(colour) for colour in asked} == colours


def test_with_64_processors_each_still_has_16_of_1024_colours() -> None:
    assert "with 64 processors, each still has 16 colours" in load("a-thousand-queues").form.whole_lesson
    vm = boot(load("a-thousand-queues", machine="4MiB:1x64x1").config)
    assert {stretch_of(vm, Cpu(cpu))[1] for cpu in range(vm.ncpus)} == {16}


# --- the daemon's passes ----------------------------------------------------------------------------------------


def passes(history: History) -> list[tuple[int, int]]:
    """Each change of `daemon[0].passes`: the step, and the new value."""
    cell = history.vm.memory.address("daemon.passes", 0)
    written = ((step, history.journal.writes_of(step)) for step in range(1, history.total + 1))
    return [(step, new) for step, writes in written for address, _, new in writes if address == cell]


@pytest.mark.parametrize("rules", BOTH)
def test_the_passes_of_thrash_rise_to_29_and_fall_back(rules: str) -> None:
    assert "`passes` rises, up to 29 at times, which is level 2" in load("thrash").form.whole_lesson
    scenario = load("thrash", rules=rules)
    history = scenario.start()
    scenario.run(history)
    found = [new for _, new in passes(history)]
    assert max(found) == 29
    assert found.count(0) > 2


@pytest.mark.slow
@pytest.mark.parametrize("rules", BOTH)
def test_swap_full_tries_to_write_from_the_sixth_pass_on(rules: str) -> None:
    lesson = " ".join(load("swap-full").form.whole_lesson.split())
    assert "In the first five, each old page got its second chance" in lesson
    assert "From the sixth on, the daemon tries to write" in lesson
    scenario = load("swap-full", rules=rules)
    history = scenario.start()
    scenario.run(history)
    asked = (s for s in range(1, history.total) if "ask for consecutive" in history.record(s).action)
    first = next(asked)
    assert [new for step, new in passes(history) if step < first] == [1, 2, 3, 4, 5]


# --- steps and levels -------------------------------------------------------------------------------------------


def labels(name: str, first: str | int, last: str, rules: str = "document") -> list[str]:
    """The labels of the steps of a scenario's run from one moment to another."""
    scenario = load(name, rules=rules)
    history = scenario.start()
    begin, end = find_step(history, first), find_step(history, last)
    return [history.record(step).action for step in range(begin + 1, end + 1)]


@pytest.mark.parametrize("rules", BOTH)
def test_a_refused_request_looks_at_every_cache_queue_and_one_without_free_pages_at_none(rules: str) -> None:
    whys = {question.id: question.why for question in load("empty-colour").questions}
    assert "It looks for a cached page, on all 256 cache queues" in whys["normal-request"]
    refused = labels("empty-colour", "taker:2", "taker:4", rules)
    assert {f"look at CACHE[{color}]" for color in range(256)} <= set(refused)
    assert not [label for label in refused if label.startswith("look at FREE")]
    assert "This one did not look at a single queue" in whys["no-page-left"]
    assert not [label for label in labels("empty-colour", "taker:8", "end", rules) if "look at" in label]


def test_the_first_block_is_the_aligned_one_that_contains_the_colour() -> None:
    for name in ("empty-colour", "a-thousand-queues"):
        lesson = " ".join(load(name).form.whole_lesson.split())
        assert re.search(r"aligned\*? block of (16 )?colours that contains", lesson)
    looks = [label for label in labels("empty-colour", "taker:4", "taker:6") if "look at FREE" in label][1:]
    order = [*range(5, 16), *range(5), *range(16, 33)]
    assert looks == [f"look at FREE[{color}]" for color in order]
    at_once = [
        label for label in labels("empty-colour", "taker:4", "taker:6", "source") if "look at FREE" in label
    ]
    assert at_once[1:] == [f"look at FREE[{color}]" for color in range(5, 33)]


@pytest.mark.parametrize("rules", BOTH)
def test_a_request_below_the_reserve_looks_at_cache_queues_only(rules: str) -> None:
    assert "without a look at any free queue" in source_of("two-cpus-two-truths")
    looks = [
        label for label in labels("two-cpus-two-truths", "taker:3", "taker:4", rules) if "look at" in label
    ]
    assert looks
    assert not [label for label in looks if not label.startswith("look at CACHE[")]


@pytest.mark.parametrize(
    ("name", "waits"), [("one-queue-or-1024", True), ("sixteen-queues", False), ("a-thousand-queues", False)]
)
@pytest.mark.parametrize("rules", BOTH)
def test_processors_wait_for_one_list_and_not_for_sixteen_or_1024(name: str, waits: bool, rules: str) -> None:
    scenario = load(name, rules=rules)
    history = scenario.start()
    scenario.run(history)
    assert (sum(use.contended for use in lock_uses(history)) > 0) == waits


@pytest.mark.parametrize("rules", BOTH)
def test_three_handovers_of_a_busy_page_take_six_sleeps_and_no_lock(rules: str) -> None:
    lesson = " ".join(load("busy-without-a-lock").form.whole_lesson.split())
    assert "there were six sleeps: 3 + 2 + 1" in lesson
    assert "One of them took two steps to get in, the other took four" in lesson
    scenario = load("busy-without-a-lock", rules=rules)
    history = scenario.start()
    scenario.run(history)
    actions = [history.record(step).action for step in range(1, history.total + 1)]
    assert actions.count("go to sleep") == 6
    assert not lock_uses(history)


QUOTED_STEP = re.compile(
    r"(?:(?<!\*)\*|`)((?:look at|take|try|ask|check|read|leave|join|release) [^*`\n]+)[*`]"
)


@pytest.mark.slow
def test_every_step_that_a_lesson_names_is_a_step_of_its_run() -> None:
    named = {}
    for listing in OWN.listings():
        found = QUOTED_STEP.findall(load(listing.name).form.whole_lesson)
        if found:
            named[listing.name] = [label.replace("[...]", "[") for label in found]
    assert {"empty-colour", "one-queue-or-1024", "trylock-skips", "swap-full"} <= set(named)
    for name, steps in named.items():
        taken = set(labels(name, 0, "end"))
        assert [step for step in steps if not any(label.startswith(step) for label in taken)] == [], name


MULTI = """
format = 1
title = "Two mappings of one process"
[machine]
memory = "4 MiB"
[[object]]
name = "heap"
[[process]]
name = "p"
pid = 100
maps = [{ object = "heap", start = 0x10000, pages = 4 }, { object = "heap", start = 0x20000, pages = 4 }]
[[thread]]
name = "app"
process = "p"
script = '''
write(0x10000)
m = heap.page[0]
once = m.flags & PG_MAPPEDMULTI
read(0x20000)
twice = m.flags & PG_MAPPEDMULTI
munmap(0x20000, 4)
after = m.flags & PG_MAPPEDMULTI
'''
"""


@pytest.mark.parametrize("rules", [*BOTH, "document+pmap_model=counted"])
def test_a_second_mapping_of_the_same_process_sets_mappedmulti_and_it_stays(rules: str) -> None:
    lesson = " ".join(load("finding-a-page").form.whole_lesson.split())
    assert "PG_MAPPEDMULTI with its second mapping, by another process or by the same one" in lesson
    assert "keeps it when a mapping is removed" in lesson
    that = "app.once == 0 and app.twice != 0 and app.after != 0"
    assert holds(load_text(MULTI, rules=rules), "end", that)


def test_the_function_that_the_kernel_of_2020_does_not_have_is_named() -> None:
    lesson = load("ways-to-allocate").form.whole_lesson
    assert "from `vm_page_alloczwq()`. This is a function of the newer kernel" in lesson
    row = next(row for row in differences(load("ways-to-allocate").start().vm) if row.row == 6)
    assert (row.subject, row.follows) == ("vm_page_alloczwq", "newer kernel")


def test_what_takes_several_threads_and_attempts_is_not_for_beginners() -> None:
    levels = {listing.name: listing.level for listing in OWN.listings()}
    assert levels["from-fault-to-swap-and-back"] == levels["reading-maps-nothing"] == "intermediate"
