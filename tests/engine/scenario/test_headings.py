"""The library teaches the design document: every heading up to debugging has a page or a question."""

from __future__ import annotations

import re
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Final

import pytest

from engine.scenario.headings import HEADINGS
from engine.scenario.library import OWN
from engine.scenario.loader import load

TAUGHT: Final = {
    "Why Physical Page Management Matters": ("contiguous", "starve", "contention"),
    "The Life of a Page": ("full cycle",),
    "When You Need This": ("wire_count", "hold_count"),
    "Overview": ("struct vm_page",),
    "Key Design Principles": ("contention", "colour"),
    "Why Five Queues?": ("LRU", "FIFO", "second chance"),
    "DragonFly-Specific Design Choices": ("1,024", "lock"),
    "1024-Color Page Queues": ("1,024", "PQ_L2_SIZE"),
    "Atomic Busy Counts vs. Locks": ("compare-and-set", "compare and set", "atomic"),
    "Per-CPU Statistics": ("vmstats", "adjustment", "adj"),
    "NUMA-Aware Coloring": ("socket",),
    "Nice-Aware Paging Thresholds": ("nice",),
    "Data Structures": ("vm_page_array", "vm_page_queues", "vpgqueues"),
    "Page Array": ("PHYS_TO_VM_PAGE", "vm_page_array"),
    "Page Queues": ("lcnt", "lastq"),
    "Page Hash Table": ("vm_page_hash", "PG_MAPPEDMULTI"),
    "Boot-Time Initialization": ("vm_page_startup",),
    "`vm_page_startup()`": ("vm_page_startup", "vm_page_array"),
    "Page Color Calculation": ("vm_get_pg_color", "vm_page_alloc"),
    "NUMA Organization": ("vm_numa_organize", "finalize"),
    "DMA Reserve": ("reserve",),
    "Page Allocation": ("vm_page_alloc",),
    "`vm_page_alloc()`": ("VM_ALLOC_",),
    "CPU-Localized Color Selection": ("vm_get_pg_color", "socket", "home"),
    "Queue Search Algorithm": ("lastq", "colour"),
    "Contiguous Allocation": ("vm_page_alloc_contig",),
    "Other Allocation Functions": ("vm_page_grab", "vm_page_alloczwq"),
    "Page Freeing": ("vm_page_free",),
    "`vm_page_free_toq()`": ("vm_page_free_toq", "vm_page_free"),
    "Free Wakeup Logic": ("vm_page_free_wakeup", "vm_pages_waiting", "vm_pages_needed"),
    "Page State Transitions": ("vm_page_activate", "vm_page_deactivate", "vm_page_cache"),
    "Activation": ("vm_page_activate",),
    "Deactivation": ("vm_page_deactivate",),
    "Caching": ("vm_page_cache", "vm_page_try_to_cache"),
    "Busy State Management": ("busy_count",),
    "Hard Busy (`PBUSY_LOCKED`)": ("LOCKED", "hard-bus"),
    "Soft Busy (`PBUSY_MASK`)": ("soft",),
    "Waiting": ("WANTED",),
    "Wire/Unwire": ("vm_page_wire", "vm_page_unwire"),
    "Hold/Unhold": ("vm_page_hold", "vm_page_unhold"),
    "Page Lookup": ("vm_page_lookup",),
    "Standard Lookup": ("vm_page_lookup",),
    "Lookup + Busy": ("vm_page_lookup_busy_wait", "vm_page_lookup_busy_try"),
    "Fast Heuristic Lookup": ("vm_page_hash_get",),
    "Valid/Dirty Bit Management": ("valid", "dirty"),
    "Functions": ("vm_page_set_valid", "vm_page_clear_dirty", "vm_page_test_dirty"),
    "Memory Pressure Handling": ("v_free_min", "v_free_severe", "v_free_target", "pageout daemon"),
    "Waiting Functions": ("vm_wait", "vm_wait_pfault"),
    "Nice-Aware Paging": ("nice",),
    "Low Memory Kill": ("kill",),
    "madvise Support": ("MADV_", "madvise"),
    "`vm_page_dontneed()`": ("vm_page_dontneed",),
    "Special Page Types": ("fictitious", "PG_FICTITIOUS"),
    "Fictitious Pages": ("fictitious", "PG_FICTITIOUS"),
    "Pages Requiring Commit": ("PG_NEED_COMMIT", "vm_page_need_commit"),
    "Locking Rules": ("spinlock",),
    "Queue Operations": ("spinlock",),
    "Common Usage Patterns": ("pattern",),
    "Pattern 1: Page Fault Allocation": ("vm_page_alloc", "vm_page_grab"),
    "Pattern 2: Pageout Daemon Scanning": ("vm_page_busy_try", "vm_page_try_to_free", "marker"),
    "Pattern 3: Driver DMA Buffer": ("vm_page_alloc_contig",),
    "Pattern 4: Wiring Pages for I/O": ("vm_page_wire",),
    "Debugging": ("show pageq", "show page", "DDB"),
    "DDB Commands": ("show pageq",),
    "Sysctls": ("sysctl",),
}
"""The document's headings, and functions, fields or claims of each.

A lesson that covers a heading names one of them.
"""

FIRST, END = "Why Physical Page Management Matters", "Further Reading"
DOCUMENT: Final = Path(__file__).resolve().parents[4] / "shared/document/physical-page-management.md"


def headings_of(text: str) -> tuple[str, ...]:
    """The headings of a Markdown text, outside code, from FIRST to the one before END, each once."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    all_of_them = re.findall(r"^#{2,} +(.+?) *$", prose, flags=re.MULTILINE)
    from_first = dropwhile(lambda heading: heading != FIRST, all_of_them)
    return tuple(dict.fromkeys(takewhile(lambda heading: heading != END, from_first)))


def texts_of(name: str) -> list[str]:
    """What the pages and the questions of a scenario say."""
    form = load(name).form
    return [*(page.say for page in form.pages), *(f"{one.ask} {one.why}" for one in form.questions)]


def test_every_heading_of_the_document_is_taught_by_a_page_or_a_question() -> None:
    texts = {listing.name: " ".join(" ".join(texts_of(listing.name)).split()) for listing in OWN.listings()}
    covers = {listing.name: listing.covers for listing in OWN.listings()}
    untaught = [
        heading
        for heading, words in TAUGHT.items()
        if not any(
            heading in covers[name] and any(word in text for word in words) for name, text in texts.items()
        )
    ]
    assert untaught == []


def test_no_scenario_covers_a_heading_that_the_document_does_not_have() -> None:
    unknown = {
        (listing.name, heading)
        for listing in OWN.listings()
        for heading in listing.covers
        if heading not in HEADINGS
    }
    assert unknown == set()


def test_the_headings_are_the_documents() -> None:
    if not DOCUMENT.is_file():
        pytest.skip("the design document is not next to this checkout")
    assert headings_of(DOCUMENT.read_text("utf-8")) == HEADINGS


def test_each_heading_has_words_that_a_lesson_about_it_says() -> None:
    assert tuple(TAUGHT) == HEADINGS


def test_a_comment_in_a_code_block_is_not_a_heading() -> None:
    text = f"## Before\n## {FIRST}\n```sh\n## not this\n```\n### Deeper\n### Deeper\n## {END}\n## After\n"
    assert headings_of(text) == (FIRST, "Deeper")
