"""The library covers the design document: every heading up to debugging has a scenario."""

from __future__ import annotations

import re
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Final

import pytest

from engine.scenario.library import list_scenarios

HEADINGS: Final = (
    "The Life of a Page",
    "When You Need This",
    "Overview",
    "Key Design Principles",
    "Why Five Queues?",
    "DragonFly-Specific Design Choices",
    "1024-Color Page Queues",
    "Atomic Busy Counts vs. Locks",
    "Per-CPU Statistics",
    "NUMA-Aware Coloring",
    "Nice-Aware Paging Thresholds",
    "Data Structures",
    "Page Array",
    "Page Queues",
    "Page Hash Table",
    "Boot-Time Initialization",
    "`vm_page_startup()`",
    "Page Color Calculation",
    "NUMA Organization",
    "DMA Reserve",
    "Page Allocation",
    "`vm_page_alloc()`",
    "CPU-Localized Color Selection",
    "Queue Search Algorithm",
    "Contiguous Allocation",
    "Other Allocation Functions",
    "Page Freeing",
    "`vm_page_free_toq()`",
    "Free Wakeup Logic",
    "Page State Transitions",
    "Activation",
    "Deactivation",
    "Caching",
    "Busy State Management",
    "Hard Busy (`PBUSY_LOCKED`)",
    "Soft Busy (`PBUSY_MASK`)",
    "Waiting",
    "Wire/Unwire",
    "Hold/Unhold",
    "Page Lookup",
    "Standard Lookup",
    "Lookup + Busy",
    "Fast Heuristic Lookup",
    "Valid/Dirty Bit Management",
    "Functions",
    "Memory Pressure Handling",
    "Waiting Functions",
    "Nice-Aware Paging",
    "Low Memory Kill",
    "madvise Support",
    "`vm_page_dontneed()`",
    "Special Page Types",
    "Fictitious Pages",
    "Pages Requiring Commit",
    "Locking Rules",
    "Queue Operations",
    "Common Usage Patterns",
    "Pattern 1: Page Fault Allocation",
    "Pattern 2: Pageout Daemon Scanning",
    "Pattern 3: Driver DMA Buffer",
    "Pattern 4: Wiring Pages for I/O",
    "Debugging",
    "DDB Commands",
    "Sysctls",
)
"""The document's headings of every level, each once, in its order."""

FIRST, END = "The Life of a Page", "Further Reading"
DOCUMENT: Final = Path(__file__).resolve().parents[4] / "shared/document/physical-page-management.md"


def headings_of(text: str) -> tuple[str, ...]:
    """The headings of a Markdown text, outside code, from FIRST to the one before END, each once."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    all_of_them = re.findall(r"^#{2,} +(.+?) *$", prose, flags=re.MULTILINE)
    from_first = dropwhile(lambda heading: heading != FIRST, all_of_them)
    return tuple(dict.fromkeys(takewhile(lambda heading: heading != END, from_first)))


def test_every_heading_of_the_document_has_a_scenario() -> None:
    covered = {heading for listing in list_scenarios() for heading in listing.covers}
    assert [heading for heading in HEADINGS if heading not in covered] == []


def test_no_scenario_covers_a_heading_that_the_document_does_not_have() -> None:
    unknown = {
        (listing.name, heading)
        for listing in list_scenarios()
        for heading in listing.covers
        if heading not in HEADINGS
    }
    assert unknown == set()


def test_the_headings_are_the_documents() -> None:
    if not DOCUMENT.is_file():
        pytest.skip("the design document is not next to this checkout")
    assert headings_of(DOCUMENT.read_text("utf-8")) == HEADINGS


def test_a_comment_in_a_code_block_is_not_a_heading() -> None:
    text = f"## Before\n## {FIRST}\n```sh\n## not this\n```\n### Deeper\n### Deeper\n## {END}\n## After\n"
    assert headings_of(text) == (FIRST, "Deeper")
