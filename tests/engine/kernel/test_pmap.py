"""Mappings: the flags, the counts, and which pages can be freed (spec 01, pmap model)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_REFERENCED,
    PG_WRITEABLE,
    PQ_CACHE,
    PQ_FREE,
    VM_ALLOC_NORMAL,
    VM_PROT_NONE,
    VM_PROT_READ,
    VM_PROT_WRITE,
    Page,
    Thread,
)
from engine.errors import KernelPanic
from engine.kernel.age import vm_page_cache
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.free import vm_page_free_toq
from engine.kernel.pmap import (
    freeable,
    pmap_enter,
    pmap_mapped_sync,
    pmap_modify,
    pmap_reference,
    pmap_remove,
    vm_page_protect,
)
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.tables import NO_OBJECT
from engine.machine.topology import parse_spec
from tests.engine.kernel.checked_crew import Crew, unchecked

BOTH = ("advanced", "counted")
FLAGS = PG_MAPPED | PG_MAPPEDMULTI | PG_WRITEABLE


def machine(pmap_model: str) -> Machine:
    hardware = parse_spec("4MiB:1x2x1")
    assert hardware is not None
    vm = boot(MachineConfig(hardware, Rules().with_options({"pmap_model": pmap_model})))
    vm.curthread = Thread(0)
    return vm


def finish(steps: Any) -> Any:
    """Run a call to its end; its result."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def actions(steps: Any) -> list[str]:
    return [step if isinstance(step, str) else step[0] for step in steps]


def mapped_page(vm: Machine, *writeable: int) -> Page:
    """A new page, hard-busied, with a mapping for each argument."""
    m = Page(finish(vm_page_alloc(vm, NO_OBJECT, 0, VM_ALLOC_NORMAL)))
    for may_write in writeable:
        finish(pmap_enter(vm, m, may_write))
    return m


def state(vm: Machine, m: int) -> tuple[int, int, int, int]:
    """The mapping flags, both counts, and how many mappings were used."""
    page = vm.page
    return page.flags[m] & FLAGS, page.pmap_count[m], page.writeable_count[m], page.pmap_referenced[m]


ENTERED = [
    ("one that reads", (0,), PG_MAPPED, (1, 0)),
    ("one that writes", (1,), PG_MAPPED | PG_WRITEABLE, (1, 1)),
    ("two that read", (0, 0), PG_MAPPED | PG_MAPPEDMULTI, (2, 0)),
    ("one that writes, two that read", (0, 1, 0), FLAGS, (3, 1)),
]


@pytest.mark.parametrize("model", BOTH)
@pytest.mark.parametrize(
    ("writeable", "flags", "counts"), [row[1:] for row in ENTERED], ids=[row[0] for row in ENTERED]
)
def test_the_flags_are_the_same_in_both_models_and_only_one_counts(
    model: str, writeable: tuple[int, ...], flags: int, counts: tuple[int, int]
) -> None:
    vm = machine(model)
    m = mapped_page(vm, *writeable)
    assert state(vm, m) == (flags, *(counts if model == "counted" else (0, 0)), len(writeable))


REMOVED = [
    ("advanced: the only mapping takes the flags along", "advanced", (1,), 1, (0, 0, 0, 0)),
    ("advanced: one of two leaves all flags", "advanced", (1, 0), 1, (FLAGS, 0, 0, 1)),
    ("advanced: they linger when both are gone", "advanced", (1, 0), 2, (FLAGS, 0, 0, 0)),
    ("counted: the flags wait for the sync", "counted", (1,), 1, (PG_MAPPED | PG_WRITEABLE, 0, 0, 0)),
    ("counted: a mapping that reads goes first", "counted", (1, 0), 1, (FLAGS, 1, 1, 1)),
    ("counted: then the one that writes", "counted", (1, 0), 2, (FLAGS, 0, 0, 0)),
    ("counted: what is not mapped stays", "counted", (), 1, (0, 0, 0, 0)),
    ("advanced: what is not mapped stays", "advanced", (), 1, (0, 0, 0, 0)),
]


@pytest.mark.parametrize(
    ("model", "writeable", "times", "after"), [row[1:] for row in REMOVED], ids=[row[0] for row in REMOVED]
)
def test_removing_one_mapping(
    model: str, writeable: tuple[int, ...], times: int, after: tuple[int, int, int, int]
) -> None:
    vm = machine(model)
    m = mapped_page(vm, *writeable)
    for _ in range(times):
        finish(pmap_remove(vm, m))
    assert state(vm, m) == after


@pytest.mark.parametrize("model", BOTH)
def test_a_removed_mapping_transfers_its_bits_to_the_page(model: str) -> None:
    vm = machine(model)
    m = mapped_page(vm, 1)
    finish(pmap_modify(vm, m))
    assert (vm.page.dirty[m], vm.page.flags[m] & PG_REFERENCED) == (0, 0)
    finish(pmap_remove(vm, m))
    assert (vm.page.dirty[m], vm.page.flags[m] & PG_REFERENCED) == (0xFF, PG_REFERENCED)
    assert (vm.page.pmap_modified[m], vm.page.pmap_referenced[m]) == (0, 0)


@pytest.mark.parametrize("model", BOTH)
def test_an_unused_clean_mapping_leaves_no_trace_on_the_page(model: str) -> None:
    vm = machine(model)
    m = mapped_page(vm, 1)
    finish(pmap_reference(vm, m, 0))
    finish(pmap_remove(vm, m))
    assert (vm.page.dirty[m], vm.page.flags[m] & PG_REFERENCED) == (0, 0)


@pytest.mark.parametrize(("model", "left"), [("advanced", FLAGS), ("counted", 0)])
def test_the_sync_clears_lingering_flags_only_where_mappings_are_counted(model: str, left: int) -> None:
    vm = machine(model)
    m = mapped_page(vm, 1, 1)
    finish(pmap_remove(vm, m))
    assert finish(pmap_mapped_sync(vm, m)) == vm.page.flags[m]
    assert vm.page.flags[m] & FLAGS == FLAGS
    finish(pmap_remove(vm, m))
    assert finish(pmap_mapped_sync(vm, m)) & FLAGS == left
    assert vm.page.flags[m] & FLAGS == left


@pytest.mark.parametrize(
    ("model", "writeable", "removed", "free"),
    [
        ("advanced", (0,), 1, True),
        ("advanced", (0, 0), 2, False),
        ("counted", (0, 0), 1, False),
        ("counted", (0, 0), 2, True),
    ],
)
def test_a_page_is_freeable_by_its_flags_or_by_its_counts(
    model: str, writeable: tuple[int, ...], removed: int, free: bool
) -> None:
    vm = machine(model)
    m = mapped_page(vm, *writeable)
    for _ in range(removed):
        finish(pmap_remove(vm, m))
    assert freeable(vm, m) is free


def test_freeing_syncs_first_so_a_counted_page_whose_flags_linger_becomes_free() -> None:
    vm = machine("counted")
    m = mapped_page(vm, 1, 1)
    for _ in range(2):
        finish(pmap_remove(vm, m))
    told = actions(vm_page_free_toq(vm, m))
    assert told[1:5] == [
        "check that the page may be freed",
        "read the mapping flags",
        "clear the stale mapping flags",
        "check whether the page is still mapped",
    ]
    assert vm.page.queue[m] == PQ_FREE + vm.page.pc[m]


@pytest.mark.parametrize(("model", "removed"), [("advanced", 2), ("counted", 1)])
def test_freeing_a_page_that_still_looks_mapped_is_an_assertion(model: str, removed: int) -> None:
    vm = machine(model)
    m = mapped_page(vm, 1, 1)
    for _ in range(removed):
        finish(pmap_remove(vm, m))
    with pytest.raises(KernelPanic) as caught:
        finish(vm_page_free_toq(vm, m))
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_free_toq")


@pytest.mark.parametrize("model", BOTH)
def test_a_mapping_made_while_the_page_is_freed_is_a_panic(model: str) -> None:
    vm = machine(model)
    m = mapped_page(vm)
    freeing = vm_page_free_toq(vm, m)
    while next(freeing) != "clear valid and dirty":
        pass
    finish(pmap_enter(vm, m, 0))
    with pytest.raises(KernelPanic, match="still mapped"):
        finish(freeing)


@pytest.mark.parametrize(
    ("model", "prot", "after"),
    [
        ("advanced", VM_PROT_NONE, (0, 0, 0, 0)),
        ("counted", VM_PROT_NONE, (0, 0, 0, 0)),
        ("advanced", VM_PROT_READ, (PG_MAPPED | PG_MAPPEDMULTI, 0, 0, 2)),
        ("counted", VM_PROT_READ, (PG_MAPPED | PG_MAPPEDMULTI, 2, 0, 2)),
    ],
)
def test_protecting_a_page(model: str, prot: int, after: tuple[int, int, int, int]) -> None:
    vm = machine(model)
    m = mapped_page(vm, 1, 1)
    finish(pmap_modify(vm, m))
    finish(vm_page_protect(vm, m, prot))
    assert state(vm, m) == after
    assert vm.page.dirty[m] == 0xFF


def test_protecting_finds_by_the_counts_that_nothing_is_left_to_remove() -> None:
    vm = machine("counted")
    m = mapped_page(vm, 0)
    finish(pmap_remove(vm, m))
    assert "remove every mapping" not in actions(vm_page_protect(vm, m, VM_PROT_NONE))
    assert vm.page.flags[m] & FLAGS == 0


@pytest.mark.parametrize("model", BOTH)
def test_caching_a_mapped_page_unmaps_it_and_syncs(model: str) -> None:
    vm = machine(model)
    m = mapped_page(vm, 0, 0)
    told = actions(vm_page_cache(vm, m))
    assert told.count("read the mapping flags") == 2
    assert vm.page.queue[m] == PQ_CACHE + vm.page.pc[m]


def test_each_change_of_a_mapping_is_a_separate_step() -> None:
    vm = machine("counted")
    m = mapped_page(vm)
    assert actions(pmap_enter(vm, m, 1)) == [
        "set the mapping flags",
        "count the mapping",
        "count it as a writable mapping",
        "use the mapping",
    ]
    assert actions(pmap_remove(vm, m)) == [
        "check whether the page is mapped",
        "collect the modified bit",
        "collect the mapping's accessed bit",
        "drop the mapping",
        "drop it from the writable mappings",
    ]


W, M, MM, R = PG_WRITEABLE, PG_MAPPED, PG_MAPPEDMULTI, PG_REFERENCED
PROTECTED = [
    # prot, (flags, modified, referenced) before and after, dirty after
    ("removing everything", VM_PROT_NONE, (W | M | MM, 1, 2), (R, 0, 0), 0xFF),
    ("removing what was only looked at", VM_PROT_NONE, (M, 0, 1), (R, 0, 0), 0),
    ("removing what was not even looked at", VM_PROT_NONE, (M, 0, 0), (0, 0, 0), 0),
    ("removing nothing", VM_PROT_NONE, (0, 1, 1), (0, 1, 1), 0),
    ("a stale WRITEABLE without a mapping stays", VM_PROT_NONE, (W, 1, 1), (W, 1, 1), 0),
    ("allowing reading only", VM_PROT_READ, (W | M, 1, 1), (M, 0, 1), 0xFF),
    ("allowing reading where no mapping is writable", VM_PROT_READ, (M, 1, 1), (M, 1, 1), 0),
    ("any other protection does nothing", VM_PROT_WRITE, (W | M, 1, 1), (W | M, 1, 1), 0),
]


@pytest.mark.parametrize(
    ("prot", "before", "after", "dirty"), [row[1:] for row in PROTECTED], ids=[row[0] for row in PROTECTED]
)
def test_restricting_the_mappings(
    prot: int, before: tuple[int, int, int], after: tuple[int, int, int], dirty: int
) -> None:
    crew = Crew()
    page = crew.vm.page
    m = crew.page(busy=True, flags=before[0], pmap_modified=before[1], pmap_referenced=before[2])
    crew.call(vm_page_protect, m, prot)
    assert (page.flags[m], page.pmap_modified[m], page.pmap_referenced[m]) == after
    assert page.dirty[m] == dirty


@pytest.mark.parametrize("prot", [VM_PROT_NONE, VM_PROT_READ, VM_PROT_WRITE])
def test_restricting_asserts_that_the_page_is_busied(prot: int) -> None:
    crew = Crew()
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_protect, crew.page(), prot)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_protect")


def test_unmapping_a_modified_cached_page_is_a_panic() -> None:
    crew = Crew(check=unchecked)
    m = crew.page("CACHE", busy=True, flags=M | W, pmap_modified=1)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_protect, m, VM_PROT_NONE)
    assert caught.value.function == "vm_page_dirty"
