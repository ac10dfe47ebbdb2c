"""Contiguous memory: the range of the reserve that a request gets under both rules (spec 03)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    PAGE_SIZE,
    PAT_WRITE_BACK,
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    V_WIRE_COUNT,
)
from engine.errors import KernelPanic
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.contig import vm_contig_avail_pages, vm_page_alloc_contig, vm_page_free_contig
from tests.engine.kernel.checked_crew import ASLEEP, DONE, Crew, configuration, unchecked

K = PAGE_SIZE
UNCACHED = 0


def crew_of(rule: str, taken: tuple[int, ...] = ()) -> Crew:
    """A machine whose reserve is the pages 0 to 63, some of them taken."""
    crew = Crew(configuration("4MiB:1x2x1", contig_rule=rule))
    assert [block for block in range(65536) if crew.vm.alist.free[block]] == list(range(64))
    for block in taken:
        crew.vm.alist.free[block] = 0
        crew.vm.glob.bl_free[0] -= 1
    return crew


REQUESTS = [
    # taken, low, high, alignment, boundary, bytes, block by the source, block under strict
    ("a page", (), 0, -1, 0, 0, K, 0, 0),
    ("one byte is a page", (), 0, -1, 0, 0, 1, 0, 0),
    ("the allocator rounds up to a power of two", (0,), 0, -1, 0, 0, 3 * K, 4, 1),
    ("an alignment that its rounding does not give", (0,), 0, -1, 4 * K, 0, K, 1, 4),
    ("a low limit", (), 8 * K, -1, 0, 0, 2 * K, 0, 8),
    ("a low limit inside a page", (), 8 * K + 1, -1, 0, 0, K, 0, 9),
    ("a high limit that the lowest meets", (), 0, 2 * K, 0, 0, 2 * K, 0, 0),
    ("a high limit that cannot be met", (0, 1), 0, 2 * K, 0, 0, K, NULL, NULL),
    ("no high limit is 0 too", (), 0, 0, 0, 0, K, 0, 0),
    ("a boundary in the way", (0, 1, 2), 0, -1, 0, 4 * K, 2 * K, 4, 4),
    ("a boundary that an odd stretch would cross", (0, 1, 2), 0, -1, 0, 4 * K, 3 * K, 4, 4),
    ("a boundary smaller than the request", (), 0, -1, 0, K, 2 * K, 0, NULL),
    ("more than there is", (), 0, -1, 0, 0, 65 * K, NULL, NULL),
    ("all there is", (), 0, -1, 0, 0, 64 * K, 0, 0),
]


@pytest.mark.parametrize("rule", ["source", "strict"])
@pytest.mark.parametrize(
    ("taken", "low", "high", "alignment", "boundary", "size", "source", "strict"),
    [row[1:] for row in REQUESTS],
    ids=[row[0] for row in REQUESTS],
)
def test_which_range_a_request_gets(
    rule: str,
    taken: tuple[int, ...],
    low: int,
    high: int,
    alignment: int,
    boundary: int,
    size: int,
    source: int,
    strict: int,
) -> None:
    crew = crew_of(rule, taken)
    expected = source if rule == "source" else strict
    available = crew.call(vm_contig_avail_pages)
    m = crew.call(vm_page_alloc_contig, low, high, alignment, boundary, size, PAT_WRITE_BACK)
    assert (m if m == NULL else m + crew.vm.first_page) == expected
    pages = 0 if m == NULL else -(-size // K)
    assert crew.call(vm_contig_avail_pages) == available - pages
    assert crew.vm.glob.contig_spin[0] == 0
    if m == NULL:
        return
    assert all(crew.vm.page.flags[page] == PG_FICTITIOUS | PG_UNQUEUED for page in range(m, m + pages))
    assert all(crew.vm.page.wire_count[page] == 1 for page in range(m, m + pages))
    assert crew.vm.page.busy_count[m] == 0
    crew.call(vm_page_free_contig, m, size)
    assert crew.call(vm_contig_avail_pages) == available


def test_a_memory_attribute_is_set_on_every_page() -> None:
    crew = crew_of("source")
    m = crew.call(vm_page_alloc_contig, 0, -1, 0, 0, 3 * K, UNCACHED)
    assert [crew.vm.page.pat_mode[page] for page in range(m, m + 4)] == [UNCACHED] * 3 + [PAT_WRITE_BACK]


def test_a_refusal_is_announced_when_the_kernel_is_verbose() -> None:
    crew = crew_of("source", taken=(0, 1))
    crew.vm.glob.bootverbose[0] = 1
    crew.call(vm_page_alloc_contig, 0, 2 * K, 0, 0, K, PAT_WRITE_BACK)
    crew.call(vm_page_alloc_contig, 0, -1, 0, 0, 65 * K, PAT_WRITE_BACK)
    texts = [effect[1] for effect in crew.effects if effect[0] == "kprintf"]
    assert texts == [
        "vm_page_alloc_contig: 4k high 0000000000002000 failed",
        "vm_page_alloc_contig: 260k nospace",
    ]


REFUSED = [
    # the page's fields, block, bytes, kind, function
    ("a page of the reserve that is not wired", {"wire_count": 0}, 0, K, "KKASSERT", "vm_page_free_contig"),
    ("one that is not fictitious", {"flags": PG_UNQUEUED}, 0, K, "KKASSERT", "vm_page_free_contig"),
    ("a range that leaves the reserve", {}, 60, 5 * K, "KKASSERT", "vm_page_free_contig"),
    ("a page that is free", {}, 3, K, "panic", "alst_radix_free"),
    ("a whole leaf that is free", {}, 32, 32 * K, "KKASSERT", "alst_meta_free"),
]


@pytest.mark.parametrize(
    ("fields", "block", "size", "kind", "function"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_free_contig_refuses(
    fields: dict[str, Any], block: int, size: int, kind: str, function: str
) -> None:
    crew = Crew(configuration(), check=unchecked)
    m = block - crew.vm.first_page
    for name, value in fields.items():
        getattr(crew.vm.page, name)[m] = value
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_free_contig, m, size)
    assert (caught.value.kind, caught.value.function) == (kind, function)


def test_asking_for_nothing_is_a_panic() -> None:
    for rule in ("source", "strict"):
        with pytest.raises(KernelPanic) as caught:
            crew_of(rule).call(vm_page_alloc_contig, 0, -1, 0, 0, 0, PAT_WRITE_BACK)
        assert (caught.value.kind, caught.value.function) == ("KKASSERT", "alist_alloc")


def test_above_the_reserve_pages_are_waited_for_unwired_and_freed_one_by_one() -> None:
    crew = Crew()
    m = crew.page(wire_count=1, busy_count=PBUSY_LOCKED)
    wired = crew.total(V_WIRE_COUNT)
    assert crew.vm.phys_addr(m) >= crew.vm.glob.vm_low_phys_reserved[0]
    assert crew.start(1, vm_page_free_contig, m, K) == ASLEEP
    crew.call(vm_page_wakeup, m)
    assert crew.play(1) == DONE
    assert (crew.queue_of(m), crew.vm.page.wire_count[m]) == ("FREE", 0)
    assert crew.total(V_WIRE_COUNT) == wired - 1


def test_a_range_that_leaves_memory_is_a_fault() -> None:
    crew = Crew(check=unchecked)
    last = crew.vm.vm_page_array_size - 1
    crew.vm.page.wire_count[last] = 1
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_free_contig, last, 2 * K)
    assert (caught.value.kind, caught.value.function) == ("fault", "vm_page_free_contig")


def test_a_memory_attribute_asserts_that_the_page_is_in_the_reserve() -> None:
    crew = Crew(check=unchecked)
    crew.vm.page.flags[0] = 0
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_alloc_contig, 0, -1, 0, 0, K, UNCACHED)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_alloc_contig")
