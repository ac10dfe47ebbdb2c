"""The conditions of freeing, caching, paging out and wiring a page, in the order of the kernel's tests.

That they are the kernel's is proved in test_whynot.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import (
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_REFERENCED,
    PG_WINATCFLS,
    PQ_INACTIVE,
    VM_ALLOC_NORMAL,
    Obj,
    Page,
)
from engine.debug.page_conditions import (
    Cells,
    cache_conditions,
    free_conditions,
    pageout_conditions,
    wire_conditions,
)
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.topology import Hardware, parse_spec
from engine.run.call import call


def small() -> Hardware:
    """A machine of 4 MiB."""
    hardware = parse_spec("4MiB:1x1x1")
    assert hardware is not None
    return hardware


def machine(**options: object) -> tuple[Machine, Page]:
    """A machine with a new page without an object, hard-busied."""
    vm = boot(MachineConfig(small(), rules=Rules().with_options(options)))
    return vm, call(vm, vm_page_alloc, -1, 5, VM_ALLOC_NORMAL)


def unmet(found: object) -> list[str]:
    return [one.text for one in found if not one.met]  # type: ignore[attr-defined]


def test_a_new_page_may_be_freed_cached_and_wired() -> None:
    vm, m = machine()
    assert (
        unmet(free_conditions(vm, m)) == unmet(cache_conditions(vm, m)) == unmet(wire_conditions(vm, m)) == []
    )
    assert unmet(pageout_conditions(vm, m)) == ["it is inactive", "it is not hard-busied"]


def test_the_conditions_of_freeing_come_in_the_kernels_order() -> None:
    vm, m = machine()
    vm.page.busy_count[m], vm.page.wire_count[m] = 1, 1
    assert unmet(free_conditions(vm, m)) == ["it is hard-busied", "it is not soft-busied", "it is not wired"]


@pytest.mark.parametrize(("model", "unmapped"), [("advanced", False), ("counted", True)])
def test_a_stale_flag_prevents_a_free_unless_mappings_are_counted(model: str, unmapped: bool) -> None:
    vm, m = machine(pmap_model=model)
    vm.page.flags[m] |= PG_MAPPED
    assert ("it is not mapped" not in unmet(free_conditions(vm, m))) == unmapped


def test_a_fictitious_page_is_freed_though_it_is_wired() -> None:
    vm, m = machine()
    vm.page.flags[m] |= PG_FICTITIOUS
    vm.page.wire_count[m] = 1
    assert unmet(free_conditions(vm, m)) == []
    assert unmet(wire_conditions(vm, m)) == ["it is not fictitious, which is never wired again"]


def test_a_dirty_page_is_paged_out_at_the_second_visit() -> None:
    vm, m = machine()
    vm.page.queue[m], vm.page.busy_count[m] = PQ_INACTIVE + vm.page.pc[m], 0
    vm.page.object[m] = Obj(0)
    vm.page.valid[m] = vm.page.dirty[m] = 0xFF
    lap = "it is clean, or was met dirty before (PG_WINATCFLS)"
    assert lap in unmet(pageout_conditions(vm, m))
    vm.page.flags[m] |= PG_WINATCFLS
    assert lap not in unmet(pageout_conditions(vm, m))


def test_uses_of_a_page_count_only_while_its_object_is_in_use() -> None:
    vm, m = machine()
    vm.page.flags[m] |= PG_REFERENCED
    texts = [one.text for one in pageout_conditions(vm, m)]
    assert "it has no object, so that uses of the page do not count" in texts
    vm.page.object[m] = Obj(0)
    vm.object.ref_count[0] = 1
    assert "it was not referenced" in unmet(pageout_conditions(vm, m))
    vm.object.ref_count[0] = 0
    assert "it was not referenced" not in unmet(pageout_conditions(vm, m))


def test_a_condition_tests_one_value_as_it_tests_many() -> None:
    vm, m = machine()
    values = np.array([0, 1, PBUSY_LOCKED, PBUSY_LOCKED | 2])
    for one in (Cells(vm, m).locked(), Cells(vm, m).not_soft(), Cells(vm, m).unheld()):
        assert one.test(values).tolist() == [bool(one.test(int(value))) for value in values]
        assert one.met == bool(one.test(vm.memory.cells[one.address]))
