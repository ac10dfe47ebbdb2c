"""The condition after an action, read from the source and evaluated in the machine's memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.constants import PG_SWAPPED
from engine.debug.decisions import Decision, decision_after
from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import source_of_function
from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec


def decision(key: str) -> Decision | None:
    name, number = key.split("#")
    function = kernel_functions()[name]
    source = source_of_function(function)
    assert source is not None
    return decision_after(function.__code__, source.actions[int(number) - 1].line)


@pytest.fixture
def vm() -> Machine:
    hardware = parse_spec("4MiB:1x1x1")
    assert hardware is not None
    return boot(MachineConfig(hardware, colors=64))


def test_a_condition_holds_or_not_in_the_memory_now(vm: Machine) -> None:
    found = decision("_make_dirty#1")
    assert found is not None
    before = vm.memory.digest()
    assert found.holds(vm, {"m": 70}) is False
    assert vm.memory.digest() == before
    vm.page.flags[70] |= PG_SWAPPED
    assert found.holds(vm, {"m": 70}) is True
    assert found.holds(vm, {"m": 71}) is False


def test_a_returned_condition_is_a_decision_too(vm: Machine) -> None:
    found = decision("swap_pager_getpage#3")
    assert found is not None
    vm.page.valid[70] = 0xFF
    assert (found.holds(vm, {"m": 70}), found.holds(vm, {"m": 71})) == (True, False)


def test_a_condition_that_needs_more_than_integers_is_not_known(vm: Machine) -> None:
    found = decision("_ask_pager#1")
    assert found is not None
    assert found.holds(vm, {"obj": 0}) is None
    assert found.holds(vm, {}) is None


def test_an_action_that_writes_first_or_only_asserts_decides_nothing() -> None:
    assert decision("_active#2") is None
    assert decision("vm_page_protect#1") is None
    assert decision("vm_page_unwire_quick#3") is None
    assert decision_after(kernel_functions()["vm_page_wire"].__code__, 1) is None
    assert decision_after(compile("def f(): yield 1", "nowhere.py", "exec").co_consts[0], 1) is None


def all_decisions() -> Iterator[Decision]:
    for function in kernel_functions().values():
        source = source_of_function(function)
        for action in source.actions if source is not None else ():
            if (found := decision_after(function.__code__, action.line)) is not None:
                yield found


@pytest.mark.slow
def test_no_condition_writes_a_cell(vm: Machine) -> None:
    """Each is evaluated with the values that a call could have; whatever it raises, it leaves the memory."""
    values = dict.fromkeys(("m", "p", "q", "obj", "pindex", "entry", "d", "slot", "layer", "vpn", "cpu"), 0)
    before = vm.memory.digest()
    found = [each.holds(vm, values) for each in all_decisions()]
    assert len(found) > 100
    assert vm.memory.digest() == before
