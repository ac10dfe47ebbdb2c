"""The glossary: the words of the screen, the lessons and the kernel, each in a sentence or two."""

from __future__ import annotations

from typing import Final

QUEUES: Final = {
    "FREE": "Pages without content, ready to be allocated. One list for each colour.",
    "NONE": "Pages in use that are not on a queue, as after an allocation, or while wired.",
    "ACTIVE": (
        "Pages in use, recently referenced. The pageout daemon scans them, lowers the act_count of those "
        "that were not used, and moves them to INACTIVE at 0."
    ),
    "INACTIVE": (
        "Pages that were not used for a while. The pageout daemon frees or caches the clean ones and writes "
        "the dirty ones."
    ),
    "CACHE": (
        "Clean pages that still hold their data. An allocation may take them when FREE has no page; a fault "
        "that needs the data reactivates them."
    ),
    "HOLD": (
        "Pages that were freed while held. The last vm_page_unhold moves them to FREE. They count as active."
    ),
}
"""Each queue type."""

LIMITS: Final = {
    "v_dma_pages": "Pages of the contiguous reserve at boot.",
    "v_dma_avail": "Pages of the contiguous reserve that are free.",
}
"""The fields of struct vmstats without a sysctl; the others have the text of theirs."""

_SCREEN: Final = {
    ("addr", "address"): "The physical address of the page, and the node whose memory it is in.",
    ("act",): "Short for act_count in the inspector: how active the page was recently, 0 to 64.",
    ("badge", "badges"): (
        "Letters on a tile: L locked, S soft busy, W wanted, w wired, h held, D dirty, M mapped, "
        "R referenced."
    ),
    ("blocked",): "How a run ends in which every remaining thread sleeps, and nothing wakes it.",
    ("bound",): "How a run ends that reaches the limit of steps of its scenario.",
    ("completed",): "How a run ends in which every thread has ended, or is a kernel thread that idles.",
    ("counts",): "The line of the inspector with wire_count, hold_count and act_count.",
    ("complete", "bounded"): (
        "In the lens explore: complete, if every schedule was searched; else bounded, and what ended the "
        "search. Of a bounded search, no outcome is known to be impossible."
    ),
    ("decisions", "decision"): (
        "In the lens explore: the choices of a thread after which fewer outcomes are possible than before; "
        "the letters are those of the funnel."
    ),
    ("ended",): "In the threads panel: the thread's script is at its end.",
    ("event",): "A step that no thread took: a tick, the end of an I/O, a timeout, a preemption.",
    ("experiment", "experiments"): (
        "A claim of the document, measured: its points are the combinations of settings that vary, each run "
        "once; the verdicts say whether the numbers show the claim. :experiment NAME measures one."
    ),
    ("finding", "findings"): "◆ on the timeline: a bad end of a run, such as a panic, a deadlock or a leak.",
    ("freed", "verdict"): (
        "The first line of the page panel: whether vm_page_free can be called for the page now, else the "
        "first condition that is not met, and the step that made it so. :whynot has all conditions, and "
        "those of caching, pageout, allocation and wiring."
    ),
    ("follows",): "The inspector shows the page of the last step. Esc returns to it from a pinned page.",
    ("free",): "In the status line: the pages on the free queues of all colours.",
    ("funnel", "states by depth"): (
        "In the lens explore: a column for each depth, the fewest steps from step 0. Its height is the "
        "number of states there; a letter says which outcomes are still possible from them: small "
        "for one outcome, a capital for several. A click goes to that step of the opened schedule."
    ),
    ("holds",): "In the threads panel: the spinlocks, tokens and busy pages that the thread has now.",
    ("in",): "In the threads panel: the kernel functions that the thread is in, the outermost first.",
    ("lane",): "A row of the stage: one queue type with its pages in play as tiles and the rest as a strip.",
    ("leak", "leaks"): (
        "How a run ends whose threads have ended with a lock, or with a page left busy or held."
    ),
    ("lens",): "A view of the run in the place of the log. v shows the next one, :view NAME the named one.",
    ("mark", "marks"): "A step that you marked with m, with or without a letter. ' goes to it.",
    ("min",): "In the status line: v_free_min, below which memory is low.",
    ("move", "moves"): "A page that comes to another queue type; playback by moves shows each for a moment.",
    ("next",): "In the threads panel: the atomic action that the thread takes with its next step.",
    ("of",): "In the inspector: the object and the index whose data the page holds.",
    ("outcome",): (
        "How a run ended: completed, blocked, deadlock, livelock, panic, unlock_order, leak, or bound, the "
        "limit of steps."
    ),
    ("pinned",): "The inspector keeps showing a page that you chose. Esc follows the steps again.",
    ("point of no return", "inevitable"): (
        "The step of a schedule after which its outcome is the only one left: before it, another thread's "
        "step still leads to another outcome."
    ),
    ("predicted", "score"): "In the status line: your right answers, of those that you gave.",
    ("question", "questions", "learn mode"): (
        "? on the timeline: a moment at which the scenario asks what will happen. In learn mode a run stops "
        "there once; digits answer, and the run goes to the step that decides it. Esc leaves it, p asks it "
        "again, ! continues past it. :questions lists them, :learn off turns learn mode off."
    ),
    ("runs",): "In the threads panel: the thread can take a step; then the function of its next step.",
    ("random run", "random runs"): (
        "A run in which each step is taken by a thread that is chosen by lot, with equal chances, from those "
        "that can run. Short schedules are likelier than long ones."
    ),
    ("reserve", "reserved", "dma"): (
        "The lane reserve has the contiguous memory for drivers. In the status line, reserved is "
        "v_free_reserved: the free pages that a normal allocation does not use."
    ),
    ("since",): "The step that gave a value, or brought a tile into its lane.",
    ("sleeping",): "In the threads panel: the thread waits for a wakeup; then the message of its sleep.",
    ("state", "states"): (
        "In the lens explore: what the machine and the threads hold at a moment. Schedules that come to the "
        "same state have the same future, so it is searched once."
    ),
    ("strip",): "The pages of a lane that are not in play, as a level for each colour or group of colours.",
    ("t",): "In the status line: the step at the cursor, and the number of recorded steps.",
    ("unlock_order", "unlock order"): "How a run ends whose script releases locks in the wrong order.",
    ("writes",): "The first line of the timeline: how many cells each part of the run wrote.",
    ("in play",): (
        "A page is in play once a thread's step has written it, and while a variable holds it: it is a tile."
    ),
    ("special",): (
        "The filter of :pages if none is named: busy, held and dirty pages, and wired pages outside the "
        "reserve."
    ),
    ("tile",): "A page in play on the stage, with its name, its colour and its badges.",
    ("waits",): "In the threads panel: what the thread waits for, and which thread has it.",
    ("wire",): "Short for wire_count in the inspector: how many times the page is wired.",
    ("hold",): "Short for hold_count in the inspector: the number of holds on the page.",
}  # fmt: skip
"""Labels of the screen."""

_KERNEL: Final = {
    ("allocation",): "Taking a page from FREE, or from CACHE if FREE is empty: vm_page_alloc.",
    ("atomic action", "step"): (
        "The smallest visible effect of a function. A step is one atomic action of one thread, or an event; "
        "other threads can run between any two."
    ),
    ("ballast",): "Pages that a setup takes only so that few are left; the stage draws them grey.",
    ("race", "races"): (
        "Two accesses of two threads to one cell, at least one of them a write, whose order decides the "
        "outcome. :explore names the two of each outcome's point of no return."
    ),
    ("schedule", "schedules"): (
        "Who takes each step of a run, from step 0 to its end. :explore searches all schedules of a "
        "scenario, counts their outcomes, and opens the simplest one of each: the fewest switches, then the "
        "fewest steps."
    ),
    ("branch",): "A run that shares its first steps with another one and continues differently.",
    ("breakpoint", "breakpoints"): "Where a run stops by itself: a function, a line, an action, a panic.",
    ("busy", "hard busy", "locked"): (
        "The state in which one thread owns a page and may change everything about it: LOCKED in busy_count."
    ),
    ("soft busy", "soft"): (
        "A count in busy_count of users that need the page to stay as it is, as during a write to disk; "
        "others may still read it."
    ),
    ("clean",): "A page whose data is the same as in its backing store: dirty is 0.",
    ("colour", "color", "page colour"): (
        "A number derived from the page's physical address. Pages of different colours do not compete for "
        "the same cache sets, so each queue type has one list for each colour."
    ),
    ("contiguous memory", "alist"): (
        "Physically adjacent pages for drivers. Boot keeps a reserve of them in an alist, a tree of free "
        "blocks of powers of two."
    ),
    ("cpu", "core", "socket"): (
        "A cpu is one hardware thread. Cores have one or more, sockets have cores, and each socket is a node "
        "of memory."
    ),
    ("deadlock",): "Threads that wait for each other in a cycle: none of them can ever run.",
    ("dirty page",): "A page changed since it was last written to its backing store.",
    ("emergency pager",): "A second pageout daemon that runs when the first one is itself out of memory.",
    ("fault", "page fault", "faults"): (
        "A process touches an address without a usable mapping: vm_fault finds or allocates the page, reads "
        "it if needed, and enters it into the page table."
    ),
    ("frame", "page frame"): "4,096 bytes of physical memory at an aligned address; a page describes one.",
    ("fictitious page",): "A struct vm_page for memory that the kernel does not manage, such as a device's.",
    ("free page",): "A page on a FREE queue: it has no object and no valid data.",
    ("hold a page", "held"): "Keep a page from being reused without busying it: see hold_count.",
    ("kernel thread",): "A thread without a process, such as the pageout daemon.",
    ("laundry",): "Dirty inactive pages that the pageout daemon has to write before it can reuse them.",
    ("livelock",): "A run that repeats itself, or a call that does not return: steps without progress.",
    ("local", "remote"): (
        "A page is local for a cpu if it is in the memory of the cpu's own node, else remote and slower."
    ),
    ("lock", "spinlock"): (
        "A lock that a thread waits for by trying again. Pages and queues have one each; the page's is taken "
        "first."
    ),
    ("token",): (
        "DragonFly's lock of an object, exclusive or shared. A thread gives up its tokens while it sleeps "
        "and takes them again before it continues."
    ),
    ("marker",): "A fake page that a scan puts into a queue to remember its position.",
    ("memory pressure", "pressure"): "So few pages are free that threads wait or the pageout daemon runs.",
    ("nice",): "The priority that a process gives up: with a higher value it waits for memory earlier.",
    ("node", "numa"): "A socket with its own memory. A cpu reaches memory of another node more slowly.",
    ("object", "vm_object"): (
        "What pages are parts of: a file (vnode), anonymous memory (default, swap), a device. It finds a "
        "page by its index."
    ),
    ("page",): "The kernel's description of one page frame: struct vm_page.",
    ("page hash",): "A table that finds mapped pages by object and index without a lock. Its hits are hints.",
    ("page table", "pmap", "pte"): (
        "The processor's map from the addresses of a process to page frames; pte is one entry of it."
    ),
    ("pageout daemon", "pagedaemon", "pageout", "daemon"): (
        "The kernel thread that makes pages free: it scans INACTIVE and ACTIVE, writes dirty pages, and "
        "wakes the threads that wait for memory."
    ),
    ("pager",): "The code that reads and writes an object's pages: from swap, a file or a device.",
    ("panic", "panicked"): "The kernel stops because a check failed. Here it ends the run; S steps back.",
    ("pindex", "index"): "The page's number within its object, from 0.",
    ("queue", "queues"): (
        "A list of pages of one type and one colour. The types are FREE, INACTIVE, ACTIVE, CACHE and HOLD."
    ),
    ("rules", "document", "source"): (
        "The two rule sets: document models what the document says, source what the kernel's code does. "
        "pageq differences lists where they differ."
    ),
    ("scan",): "A walk of the pageout daemon along the queues of one type.",
    ("schedule",): "The order in which threads take steps and events occur.",
    ("sleep", "sleeps", "tsleep", "wakeup", "wakeups"): (
        "A thread that sleeps takes no step until a wakeup on its channel, a timeout or a signal."
    ),
    ("state string",): "One word, pq1-..., that names a moment of a run and can be opened anywhere.",
    ("swapinprog",): "A bit of busy_count: the page is being read from swap or written to it.",
    ("swap",): "Disk blocks for anonymous memory. Pages are written there when memory is short.",
    ("thrashing",): "Pages are read back soon after they were written or dropped, again and again.",
    ("thread",): "What runs functions of the kernel: a script of the scenario, or a daemon. It has one cpu.",
    ("tick", "ticks"): "A clock interrupt. It adds the cpu's counts to the global ones, and ends timeouts.",
    ("valid page",): "A page whose bits in valid are set holds data; 0 means that nothing was read yet.",
    ("wake", "wanted"): "WANTED in busy_count: a thread sleeps on the page and has to be woken.",
    ("watchpoint",): "A breakpoint on a cell: the run stops after a step that changes it.",
    ("wired", "wired page"): "A page with a wire_count above 0: it is never paged out.",
    ("zeroing",): "Filling a page with zeros before a process sees it.",
    ("vmstats", "adj", "view", "taken"): (
        "The kernel's counts of pages. Each cpu has its own view of them and an adj of changes that it has "
        "not added to the global ones yet; taken is what a tick took from adj and has not added yet."
    ),
}  # fmt: skip
"""Terms of the kernel and of this program."""

TERMS: Final = {name: text for names, text in (*_SCREEN.items(), *_KERNEL.items()) for name in names}
"""Each term in lower case, under each of its names."""
