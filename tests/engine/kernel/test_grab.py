"""Grabbing a page: finding it, or waiting for memory and allocating it (spec 03)."""

from __future__ import annotations

import pytest

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_SWAPINPROG,
    PBUSY_WANTED,
    V_WIRE_COUNT,
    VM_ALLOC_FORCE_ZERO,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_QUICK,
    VM_ALLOC_RETRY,
    VM_ALLOC_SYSTEM,
    VM_ALLOC_ZERO,
)
from engine.errors import KernelPanic
from engine.kernel.busy import vm_page_busy_try, vm_page_wakeup
from engine.kernel.grab import vm_page_alloczwq, vm_page_freezwq, vm_page_grab
from tests.engine.kernel.checked_crew import ASLEEP, DONE, THERE, Crew, configuration

NORMAL, QUICK, SYSTEM, INTERRUPT = VM_ALLOC_NORMAL, VM_ALLOC_QUICK, VM_ALLOC_SYSTEM, VM_ALLOC_INTERRUPT
OBJ = 1


def test_grabbing_finds_a_page_or_makes_one() -> None:
    crew = Crew()
    there = crew.page(obj=OBJ, pindex=1)
    assert crew.call(vm_page_grab, OBJ, 1, NORMAL) == there
    made = crew.call(vm_page_grab, OBJ, 2, NORMAL)
    assert crew.vm.find_page(OBJ, 2) == made
    assert [crew.vm.page.busy_count[m] for m in (there, made)] == [PBUSY_LOCKED] * 2
    assert (crew.vm.object.hold_count[OBJ], crew.vm.object.token_owner[OBJ]) == (0, 0)
    assert crew.vm.object.token_shared[OBJ] == 0


ZEROING = [
    # valid, flags, zeroed, valid after
    ("nothing asked", 0x00, 0, False, 0x00),
    ("zero an invalid page", 0x00, VM_ALLOC_ZERO, True, 0xFF),
    ("do not zero one that holds data", 0x01, VM_ALLOC_ZERO, False, 0x01),
    ("unless forced", 0x01, VM_ALLOC_FORCE_ZERO, True, 0xFF),
]


@pytest.mark.parametrize(
    ("valid", "flags", "zeroed", "after"), [row[1:] for row in ZEROING], ids=[row[0] for row in ZEROING]
)
def test_when_a_grab_zeroes(valid: int, flags: int, zeroed: bool, after: int) -> None:
    crew = Crew()
    m = crew.page(obj=OBJ, valid=valid)
    crew.effects.clear()
    crew.call(vm_page_grab, OBJ, 0, NORMAL | flags)
    assert (("zero_page", m) in crew.effects, crew.vm.page.valid[m]) == (zeroed, after)


@pytest.mark.parametrize("retry", [0, VM_ALLOC_RETRY])
def test_grabbing_a_busy_page_sleeps_and_only_with_retry_survives(retry: int) -> None:
    crew = Crew()
    m = crew.page(obj=OBJ, busy=True)
    assert crew.start(1, vm_page_grab, OBJ, 0, NORMAL | retry) == ASLEEP
    crew.call(vm_page_wakeup, m)
    if retry:
        assert crew.play(1) == DONE
        assert crew.results[1] == m
        return
    with pytest.raises(KernelPanic) as caught:
        crew.play(1)
    assert (caught.value.kind, caught.value.function) == ("fault", "vm_page_grab")


@pytest.mark.parametrize("bits", [PBUSY_WANTED, PBUSY_SWAPINPROG])
def test_a_stranded_bit_makes_a_grab_with_retry_loop_forever(bits: int) -> None:
    crew = Crew()
    crew.page(obj=OBJ, busy_count=bits)
    crew.begin(0, vm_page_grab, OBJ, 0, NORMAL | VM_ALLOC_RETRY)
    with pytest.raises(AssertionError, match="not done after 500 steps"):
        crew.play(0, limit=500)


@pytest.mark.parametrize("retry", [0, VM_ALLOC_RETRY])
def test_grabbing_when_memory_is_short_waits_and_only_with_retry_tries_again(retry: int) -> None:
    crew = Crew(configuration(limits={"v_free_reserved": 10_000, "v_free_target": 10_000}))
    assert crew.start(0, vm_page_grab, OBJ, 0, NORMAL | retry) == ASLEEP
    crew.set_limits(v_free_reserved=10, v_free_target=20)
    crew.tick(100)
    assert crew.play(0) == DONE
    assert (crew.results[0] != NULL) is bool(retry)
    assert crew.vm.object.hold_count[OBJ] == 0


def test_a_grab_releases_the_object_between_its_lookup_and_its_allocation() -> None:
    crew = Crew()
    crew.begin(0, vm_page_grab, OBJ, 0, NORMAL)
    assert crew.play(0, until="take the object token") == THERE
    there = crew.allocate(OBJ, 0, t=1)
    assert there != NULL
    with pytest.raises(KernelPanic) as caught:
        crew.play(0)
    assert caught.value.message == "PAGE RACE "


@pytest.mark.parametrize("flags", [QUICK, VM_ALLOC_ZERO])
def test_a_grab_requires_an_allocation_class_other_than_quick(flags: int) -> None:
    with pytest.raises(KernelPanic) as caught:
        Crew().call(vm_page_grab, OBJ, 0, flags)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_grab")


@pytest.mark.parametrize("zero", [0, VM_ALLOC_ZERO])
def test_alloczwq_gives_a_wired_unqueued_page_that_is_not_busy_and_freezwq_takes_it_back(zero: int) -> None:
    crew = Crew()
    wired = crew.total(V_WIRE_COUNT)
    m = crew.call(vm_page_alloczwq, 3, NORMAL | zero)
    page = crew.vm.page
    assert (page.wire_count[m], page.busy_count[m], crew.queue_of(m)) == (1, 0, "NONE")
    assert page.valid[m] == (0xFF if zero else 0)
    assert crew.total(V_WIRE_COUNT) == wired + 1
    crew.call(vm_page_freezwq, m)
    assert (crew.queue_of(m), page.wire_count[m]) == ("FREE", 0)
    assert crew.total(V_WIRE_COUNT) == wired


@pytest.mark.parametrize("retry", [0, VM_ALLOC_RETRY])
def test_alloczwq_waits_for_memory_and_only_with_retry_tries_again(retry: int) -> None:
    crew = Crew(configuration(limits={"v_free_reserved": 10_000, "v_free_target": 10_000}))
    assert crew.start(0, vm_page_alloczwq, 0, NORMAL | retry) == ASLEEP
    crew.set_limits(v_free_reserved=10, v_free_target=20)
    crew.tick(100)
    assert crew.play(0) == DONE
    assert (crew.results[0] != NULL) is bool(retry)


def test_freezwq_waits_for_a_busied_page() -> None:
    crew = Crew()
    m = crew.call(vm_page_alloczwq, 0, NORMAL)
    crew.call(vm_page_busy_try, m, 0)
    assert crew.start(1, vm_page_freezwq, m) == ASLEEP
    crew.call(vm_page_wakeup, m)
    assert crew.play(1) == DONE
    assert crew.queue_of(m) == "FREE"
