"""Inconsistent swap space."""

from __future__ import annotations

import pytest

from engine.constants import Obj
from engine.invariants.swap import swap_violations
from engine.kernel.boot.sequence import boot
from engine.kernel.pagers.swap_space import swp_pager_getswapspace, swp_pager_meta_build
from engine.machine.machine import Capacity, Machine, MachineConfig
from engine.machine.topology import parse_spec

FIRST, SECOND = (0, 9), (0, 10)
"""The pindexes of object 0 with blocks 256 and 257; a swap of 256 blocks has 192 usable ones."""


def machine(swap: int = 256) -> Machine:
    """A machine with two blocks of swap in use, if it has swap."""
    hardware = parse_spec("tiny")
    assert hardware is not None
    vm = boot(MachineConfig(hardware, colors=16, swap_blocks=swap, capacity=Capacity(objects=8, threads=8)))
    if swap:
        for _, pindex in (FIRST, SECOND):
            swp_pager_meta_build(vm, Obj(0), pindex, swp_pager_getswapspace(vm, 1))
    return vm


def found(vm: Machine) -> list[str]:
    return [str(violation) for violation in swap_violations(vm)]


@pytest.mark.parametrize("swap", [0, 256])
def test_consistent_swap_and_a_machine_without_swap_have_no_violations(swap: int) -> None:
    assert found(machine(swap)) == []


def test_a_wrong_count_of_free_blocks_is_found() -> None:
    vm = machine()
    vm.glob.vm_swap_size[0] += 1
    assert found(vm) == ["free swap: vm_swap_size is 191, but 190 blocks are free"]


def test_an_owned_block_that_is_free_is_found() -> None:
    vm = machine()
    vm.blist.used[1] = 0
    vm.glob.vm_swap_size[0] += 1
    assert found(vm) == ["a swap block: block 257 has an owner, but it is free"]


def test_a_block_of_two_owners_is_found() -> None:
    vm = machine()
    first, second = (vm.swap_slots.slot(place) for place in (FIRST, SECOND))
    vm.swap.block[second] = vm.swap.block[first]
    assert found(vm) == ["a swap block: block 256 has two owners, but a block has only one"]


def test_an_allocated_block_without_owner_is_not_a_violation() -> None:
    vm = machine()
    swp_pager_getswapspace(vm, 1)
    assert found(vm) == []
