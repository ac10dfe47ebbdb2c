"""The conditions of handing out a page: its state, and that the search meets no other page first.

That they are the kernel's is proved in test_whynot.
"""

from __future__ import annotations

import pytest

from engine.constants import NULL, PQ_CACHE, PQ_FREE, VM_ALLOC_NORMAL, Page
from engine.debug.alloc_conditions import _order, alloc_conditions
from engine.kernel import alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.search import LOOKS, _vm_page_list_find2
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.topology import parse_spec
from engine.run.call import call

FIRST = "the search for its colour meets no other page first"


def unmet(vm: Machine, m: Page) -> list[str]:
    return [one.text for one in alloc_conditions(vm, m) if not one.met]


def machine(rules: str) -> Machine:
    hardware = parse_spec("16MiB:1x1x1")
    assert hardware is not None
    return boot(MachineConfig(hardware, rules=Rules.named(rules)))


@pytest.fixture
def vm() -> Machine:
    return machine("document")


def test_only_the_first_page_of_a_free_queue_is_handed_out(vm: Machine) -> None:
    q = PQ_FREE + next(color for color in range(vm.colors) if vm.queue.lcnt[PQ_FREE + color] > 1)
    first = vm.queue.head[q]
    second = vm.page.next[first]
    assert unmet(vm, first) == []
    assert unmet(vm, second) == [FIRST]
    vm.page.busy_count[first] = 1
    assert unmet(vm, first) == ["it is not soft-busied"]
    assert unmet(vm, second) == []


def test_a_page_in_use_is_not_handed_out(vm: Machine) -> None:
    m = call(vm, alloc.vm_page_alloc, NULL, 5, VM_ALLOC_NORMAL)
    assert unmet(vm, m)[0] == "it is free or cached"


@pytest.mark.parametrize("rules", ["document", "source"])
@pytest.mark.parametrize("last", [-1, 700])
def test_the_order_of_the_search_is_the_kernels(rules: str, last: int) -> None:
    vm = machine(rules)
    for base in (PQ_FREE, PQ_CACHE):
        for q in range(base, base + vm.colors):
            vm.queue.head[q] = NULL
    vm.queue.lastq[PQ_FREE + 37] = last
    looked = [LOOKS[text][0] for text in _vm_page_list_find2(vm, PQ_FREE, PQ_CACHE, 37) if text in LOOKS]
    assert list(_order(vm, 37)) == looked
