"""Freeing: the order of its effects, what it refuses, and what it has done by then (spec 04)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_SWAPINPROG,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_UNQUEUED,
    PG_WRITEABLE,
    V_ACTIVE_COUNT,
    V_FREE_COUNT,
    V_INACTIVE_COUNT,
)
from engine.errors import KernelPanic
from engine.kernel.busy import vm_page_busy_wait
from engine.kernel.free import vm_page_free, vm_page_free_toq
from engine.kernel.hold import vm_page_hold
from engine.kernel.tokens import lwkt_gettoken
from tests.engine.kernel.checked_crew import ASLEEP, DONE, THERE, Crew, unchecked

LOCKED = PBUSY_LOCKED
OBJ = 1


@pytest.mark.parametrize("queue", ["NONE", "ACTIVE", "INACTIVE", "CACHE", "HOLD"])
def test_a_freed_page_goes_to_the_head_of_free_from_anywhere(queue: str) -> None:
    crew = Crew(check=unchecked)  # in the kernel no thread busies and marks a page on HOLD
    vm = crew.vm
    m = crew.page(queue, obj=NULL if queue == "HOLD" else OBJ, busy=True)
    vm.page.hold_count[m] = 0
    vm.page.valid[m], vm.page.dirty[m], vm.page.act_count[m] = 0xFF, 0x01, 9
    kept = PG_REFERENCED | PG_MAPPEDMULTI
    vm.page.flags[m] = kept | PG_NEED_COMMIT
    freed, free = vm.cpu.v_tfree[0], crew.total(V_FREE_COUNT)
    crew.call(vm_page_free_toq, m)
    assert crew.pages("FREE", vm.page.pc[m])[0] == m
    assert (vm.page.valid[m], vm.page.dirty[m], vm.page.busy_count[m]) == (0, 0, 0)
    assert (vm.page.object[m], vm.page.act_count[m], vm.page.flags[m]) == (NULL, 9, kept)
    assert (vm.cpu.v_tfree[0], crew.total(V_FREE_COUNT)) == (freed + 1, free + 1)
    assert vm.find_page(OBJ, 0) == NULL


def test_a_held_page_goes_to_the_tail_of_hold() -> None:
    crew = Crew()
    first = crew.page("HOLD")
    second = crew.page(pindex=16, busy=True)
    crew.call(vm_page_hold, second)
    active = crew.total(V_ACTIVE_COUNT)
    crew.call(vm_page_free, second)
    assert crew.pages("HOLD", crew.vm.page.pc[second]) == [first, second]
    assert crew.total(V_ACTIVE_COUNT) == active + 1


def test_the_usual_name_is_the_same_function() -> None:
    assert vm_page_free is vm_page_free_toq


def test_an_unqueued_page_is_queued_again_when_it_is_freed() -> None:
    crew = Crew()
    m = crew.page(busy_count=LOCKED, flags=PG_UNQUEUED)
    crew.call(vm_page_free, m)
    assert (crew.queue_of(m), crew.vm.page.flags[m]) == ("FREE", 0)


def test_a_waiter_is_woken_and_gets_the_page_on_free() -> None:
    crew = Crew()
    m = crew.page(busy_count=LOCKED)
    assert crew.start(1, vm_page_busy_wait, m, 0) == ASLEEP
    crew.effects.clear()
    crew.call(vm_page_free, m)
    assert crew.vm.page.busy_count[m] == 0
    assert [effect[2] for effect in crew.effects if effect[0] == "wakeup"] == [(1,)]
    assert crew.play(1) == DONE
    assert (crew.queue_of(m), crew.vm.page.busy_count[m]) == ("FREE", LOCKED)


def test_the_busy_is_cleared_before_the_pages_spinlock_and_the_waiter_woken_after_it() -> None:
    crew = Crew()
    m = crew.page(busy_count=LOCKED)
    assert crew.start(1, vm_page_busy_wait, m, 0) == ASLEEP
    crew.begin(0, vm_page_free, m)
    assert crew.play(0, until="release the page's spinlock") == THERE
    assert (crew.vm.page.busy_count[m], crew.asleep(1)) == (0, True)
    assert crew.vm.thread.queue_spin[0] == 0
    crew.step(0)
    assert crew.asleep(1)
    crew.step(0)
    assert not crew.asleep(1)


def test_a_swap_read_bit_survives_the_free() -> None:
    crew = Crew(check=unchecked)
    m = crew.page(busy_count=LOCKED | PBUSY_SWAPINPROG)
    crew.call(vm_page_free, m)
    assert crew.vm.page.busy_count[m] == PBUSY_SWAPINPROG


def test_a_fictitious_page_only_leaves_its_object_and_is_released() -> None:
    crew = Crew()
    flags = PG_FICTITIOUS | PG_UNQUEUED
    m = crew.page(obj=OBJ, busy_count=LOCKED, flags=flags, wire_count=1, valid=0xFF, dirty=1)
    crew.call(vm_page_free, m)
    page = crew.vm.page
    assert (page.object[m], page.busy_count[m], crew.queue_of(m)) == (NULL, 0, "NONE")
    assert (page.wire_count[m], page.valid[m], page.dirty[m], page.flags[m]) == (1, 0xFF, 1, flags)


def test_freeing_waits_for_the_token_of_the_pages_object() -> None:
    crew = Crew()
    m = crew.page("INACTIVE", obj=OBJ, busy=True)
    crew.call(lwkt_gettoken, OBJ, t=1)
    assert crew.start(0, vm_page_free, m) == "waits for a lock"
    assert (crew.vm.page.object[m], crew.queue_of(m)) == (OBJ, "INACTIVE")


REFUSED = [
    # queue, fields, kind, message, whether object and queue are gone by then
    ("a mapped page", "ACTIVE", {"flags": PG_MAPPED}, "KKASSERT", "", False),
    (
        "a mapped page that is not busied either",
        "ACTIVE",
        {"flags": PG_MAPPED, "busy_count": 0},
        0,
        "",
        False,
    ),
    ("a page that is not busied", "ACTIVE", {"busy_count": 0}, "KKASSERT", "", False),
    (
        "a soft-busied page",
        "ACTIVE",
        {"busy_count": LOCKED | 1},
        "panic",
        "vm_page_free: freeing busy page",
        False,
    ),
    ("a free page", "FREE", {}, "panic", "vm_page_free: freeing free page", False),
    (
        "a free page that is soft-busied too",
        "FREE",
        {"busy_count": LOCKED | 1},
        "panic",
        "vm_page_free: freeing free page",
        False,
    ),
    ("a wired page", "ACTIVE", {"wire_count": 1}, "panic", "vm_page_free: freeing wired page", True),
    ("a page wired twice", "ACTIVE", {"wire_count": 2}, "panic", "vm_page_free: invalid wire count (", True),
    (
        "a page with a stale WRITEABLE",
        "ACTIVE",
        {"flags": PG_WRITEABLE},
        "panic",
        "vm_page_free: page ",
        True,
    ),
]


@pytest.mark.parametrize(
    ("queue", "fields", "kind", "message", "gone"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_a_free_refuses_and_how_far_it_has_come(
    queue: str, fields: dict[str, Any], kind: str, message: str, gone: bool
) -> None:
    crew = Crew(check=unchecked)  # some of these states no kernel call leads to
    vm = crew.vm
    m = crew.page(queue, obj=NULL if queue == "FREE" else OBJ)
    for name, value in ({"busy_count": LOCKED, "valid": 0xFF, "dirty": 0x10} | fields).items():
        getattr(vm.page, name)[m] = value
    freed, inactive = vm.cpu.v_tfree[0], crew.total(V_INACTIVE_COUNT)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_free, m)
    panic = caught.value
    assert (panic.kind, panic.function, panic.message) == (kind or "KKASSERT", "vm_page_free_toq", message)
    assert vm.cpu.v_tfree[0] == freed + 1
    assert crew.queue_of(m) == ("NONE" if gone else queue)
    assert (vm.find_page(OBJ, 0) == m) is (not gone and queue != "FREE")
    assert (vm.page.valid[m], vm.page.dirty[m]) == ((0, 0) if gone else (0xFF, 0x10))
    assert crew.total(V_INACTIVE_COUNT) == inactive


def test_a_free_or_busy_page_is_described_on_the_console_before_the_panic() -> None:
    crew = Crew(check=unchecked)
    m = crew.page("FREE", pindex=3)
    crew.vm.page.busy_count[m] = LOCKED
    with pytest.raises(KernelPanic):
        crew.call(vm_page_free, m)
    assert crew.effects[-1][:2] == ("kprintf", "vm_page_free: pindex(3), busy 80000000, hold(0)")
