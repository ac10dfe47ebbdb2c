"""One kernel function called to completion, with nothing else running."""

from __future__ import annotations

import pytest

from engine.constants import NULL, VM_ALLOC_NORMAL, Page
from engine.errors import KernelPanic
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.busy import vm_page_busy_try, vm_page_busy_wait, vm_page_wakeup
from engine.kernel.locks import vm_page_spin_lock, vm_page_spin_unlock
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec
from engine.run.call import WouldBlockError, call
from tests.engine.run.thread_calls import nap

PAGE = Page(900)


@pytest.fixture
def vm() -> Machine:
    """A booted machine without threads."""
    hardware = parse_spec("4MiB:1x2x1")
    assert hardware is not None
    return boot(MachineConfig(hardware))


def test_a_call_returns_the_result_of_the_function(vm: Machine) -> None:
    m = call(vm, vm_page_alloc, NULL, 5, VM_ALLOC_NORMAL)
    assert (vm.page.pindex[m], vm.page.object[m]) == (5, NULL)
    assert call(vm, vm_page_wakeup, m) is None
    assert call(vm, vm_page_busy_try, m, 0) == 0


def test_a_call_runs_as_thread_0_on_the_cpu_that_is_named(vm: Machine) -> None:
    call(vm, vm_page_alloc, NULL, 0, VM_ALLOC_NORMAL, cpu=1)
    assert (vm.curthread, vm.mycpu, vm.thread.cpu[0], vm.cpu.current[1]) == (0, 1, 1, 0)


def test_locks_that_are_free_are_taken_and_released_without_a_wait(vm: Machine) -> None:
    call(vm, vm_page_spin_lock, PAGE)
    assert vm.page.spin[PAGE] == 1  # thread 0, and one
    call(vm, vm_page_spin_unlock, PAGE)
    assert vm.page.spin[PAGE] == 0


def test_waiting_for_a_held_lock_is_an_error(vm: Machine) -> None:
    call(vm, vm_page_spin_lock, PAGE)
    words = f"the call waits for page {vm.page_number(PAGE):#x}, and nothing else runs"
    with pytest.raises(WouldBlockError, match=words):
        call(vm, vm_page_spin_lock, PAGE)


def test_going_to_sleep_is_an_error(vm: Machine) -> None:
    with pytest.raises(WouldBlockError, match=r"the call sleeps on v_free_count, and nothing else runs"):
        call(vm, nap, 0)


def test_a_channel_with_a_number_is_named_with_it(vm: Machine) -> None:
    call(vm, vm_page_busy_try, PAGE, 0)
    words = f"the call sleeps on page {vm.page_number(PAGE):#x}, and nothing else runs"
    with pytest.raises(WouldBlockError, match=words):
        call(vm, vm_page_busy_wait, PAGE, 0)


def test_a_panic_of_the_function_is_not_caught(vm: Machine) -> None:
    with pytest.raises(KernelPanic, match="LOCKED is not set"):
        call(vm, vm_page_wakeup, PAGE)
