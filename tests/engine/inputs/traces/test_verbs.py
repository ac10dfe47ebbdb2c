"""The driver's verbs: what each does to the machine, as golden/FORMAT.md section 5 says."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJPC_TRY_TO_CACHE,
    OBJT_SWAP,
    OBJT_VNODE,
    P_LOWMEMKILL,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PG_SWAPPED,
    V_FREE_MIN,
    Obj,
    Page,
    Thread,
)
from engine.inputs.traces import verbs
from engine.inputs.traces.values import Impossible
from engine.kernel.age import vm_page_deactivate
from engine.kernel.memory_wait import vm_wait
from engine.kernel.pageout.flush import vm_pageout_flush
from engine.kernel.valid_dirty import vm_page_dirty, vm_page_set_valid
from engine.machine.machine import Machine
from engine.machine.tables import READY, SLEEPING
from tests.engine.kernel.checked_crew import ASLEEP, Crew, unchecked

OBJ = Obj(0)


@pytest.fixture
def crew() -> Crew:
    """A machine of plenty; its pager is the recording harness's."""
    crew = Crew(check=unchecked)
    crew.vm.pager_as_recorded = True
    crew.set_limits(v_free_reserved=1, v_free_min=1, v_free_severe=1)
    verbs.object_create(crew.vm, OBJ, OBJT_SWAP, 3, 100, 0xFFFF0000)
    return crew


def test_an_object_is_created_empty_with_one_reference(crew: Crew) -> None:
    table = crew.vm.object
    assert (table.type[0], table.pg_color[0], table.size[0]) == (OBJT_SWAP, 3, 100)
    assert (table.address[0], table.ref_count[0], table.resident_page_count[0]) == (0xFFFF0000, 1, 0)


@pytest.mark.parametrize(
    ("verb", "value", "column"),
    [
        (verbs.object_set_ref, 7, "ref_count"),
        (verbs.object_set_size, 9, "size"),
        (verbs.object_set_flags, 0x80, "flags"),
        (verbs.object_lock_foreign, 1, "locked_elsewhere"),
        (verbs.object_set_pager, 3, "put_result"),
        (verbs.object_set_vnode, 1, "vget_fails"),
    ],
)
def test_a_plain_store_stores_in_its_own_field_alone(crew: Crew, verb: Any, value: int, column: str) -> None:
    table = crew.vm.object
    others = {name: getattr(table, name)[0] for name in table.specs() if name != column}
    verb(crew.vm, OBJ, value)
    assert getattr(table, column)[0] == value
    assert {name: getattr(table, name)[0] for name in others} == others


def test_a_threshold_is_stored_where_no_cpu_sees_it_yet(crew: Crew) -> None:
    verbs.set_threshold(crew.vm, V_FREE_MIN, 55)
    assert crew.vm.vmstats.count[V_FREE_MIN] == 55
    assert [crew.viewed(cpu, V_FREE_MIN) for cpu in (0, 1)] == [1, 1]


@pytest.mark.parametrize(
    ("flags", "thread_flags", "process_flags"),
    [(0, 0, 0), (3, 3, 0), (4, 0, P_LOWMEMKILL), (7, 3, P_LOWMEMKILL)],
)
def test_the_kind_of_a_thread_is_split_between_it_and_its_process(
    crew: Crew, flags: int, thread_flags: int, process_flags: int
) -> None:
    verbs.thread_flags(crew.vm, Thread(1), 7)
    verbs.thread_flags(crew.vm, Thread(1), flags)
    assert (crew.vm.thread.flags[1], crew.vm.thread.p_flags[1]) == (thread_flags, process_flags)


def test_a_spinlock_is_held_from_outside_once(crew: Crew) -> None:
    vm, m = crew.vm, Page(5)
    with pytest.raises(Impossible, match="its spinlock is free"):
        verbs.spin_release(vm, m)
    verbs.spin_hold(vm, m)
    assert vm.page.spin[m] > vm.thread.length, "a thread of the machine holds it"
    with pytest.raises(Impossible, match="its spinlock is already held"):
        verbs.spin_hold(vm, m)
    verbs.spin_release(vm, m)
    assert vm.page.spin[m] == 0


def test_a_swap_block_is_given_to_a_place(crew: Crew) -> None:
    verbs.swap_assign(crew.vm, OBJ, 12)
    slot = crew.vm.swap_slots.slots[0, 12]
    assert crew.vm.swap.block[slot] != NULL
    assert crew.vm.object.swblock_count[0] == 1


# --- time ---------------------------------------------------------------------------------------------------


def asleep_for(crew: Crew, t: int, ticks: int) -> None:
    """Let thread `t` sleep for memory, `ticks` at most."""
    crew.set_limits(v_free_reserved=100_000, v_free_min=100_000)
    assert crew.start(t, vm_wait, ticks) == ASLEEP


def wakeups(vm: Machine) -> list[tuple[Any, ...]]:
    return [effect[2:] for effect in vm.effects if effect[0] == "wakeup"]


def test_ticks_end_only_due_sleeps(crew: Crew) -> None:
    asleep_for(crew, 0, 8)
    asleep_for(crew, 1, 5)
    begin = crew.vm.glob.ticks[0]
    crew.vm.effects.clear()
    verbs.tick(crew.vm, 4)
    assert (crew.asleep(0), crew.asleep(1), wakeups(crew.vm)) == (True, True, [])
    verbs.tick(crew.vm, 1)
    assert (crew.asleep(0), wakeups(crew.vm)) == (True, [((1,), "timeout")])
    verbs.tick(crew.vm, 100)
    assert wakeups(crew.vm)[1:] == [((0,), "timeout")]
    assert crew.vm.glob.ticks[0] == begin + 105


def test_sleeps_end_in_the_order_of_their_deadlines_however_many_ticks_pass_at_once(crew: Crew) -> None:
    asleep_for(crew, 0, 8)
    asleep_for(crew, 1, 5)
    crew.vm.effects.clear()
    verbs.tick(crew.vm, 100)
    assert wakeups(crew.vm) == [((1,), "timeout"), ((0,), "timeout")]


def test_a_timeout_ends_one_sleep_and_no_time_passes(crew: Crew) -> None:
    asleep_for(crew, 0, 8)
    before = crew.vm.glob.ticks[0]
    verbs.timeout(crew.vm, Thread(0))
    assert (crew.vm.thread.state[0], crew.vm.glob.ticks[0]) == (READY, before)
    with pytest.raises(Impossible, match="the thread does not sleep"):
        verbs.timeout(crew.vm, Thread(0))


# --- the pager ----------------------------------------------------------------------------------------------


def dirty_page(crew: Crew, pindex: int, obj: int = OBJ) -> int:
    """A busied, valid, dirty page of an object."""
    m = crew.allocate(obj, pindex)
    crew.call(vm_page_set_valid, m, 0, 4096)
    crew.call(vm_page_dirty, m)
    return m


def written(crew: Crew, flags: int, *pages: int) -> None:
    """Hand pages to a pager that takes them and has not written them yet."""
    verbs.object_set_pager(crew.vm, OBJ, 3)
    crew.call(vm_pageout_flush, pages, flags)


def test_writes_are_completed_in_order_and_their_pages_are_clean_and_free_to_take(crew: Crew) -> None:
    one, other = dirty_page(crew, 0), dirty_page(crew, 1)
    written(crew, 0, one, other)
    assert crew.vm.object.paging_in_progress[0] == 2
    assert crew.call(verbs.io_complete, OBJ) == 2
    assert crew.vm.object.paging_in_progress[0] == 0
    for m in (one, other):
        assert crew.vm.page.dirty[m] == 0
        assert crew.vm.page.flags[m] & PG_SWAPPED
        assert crew.queue_of(m) != "CACHE"
        assert crew.vm.page.busy_count[m] & (PBUSY_LOCKED | PBUSY_MASK) == 0
    assert crew.call(verbs.io_complete, OBJ) == 0


def test_a_page_to_be_cached_is_cached_when_its_write_is_done(crew: Crew) -> None:
    m = dirty_page(crew, 0)
    written(crew, OBJPC_TRY_TO_CACHE, m)
    assert crew.queue_of(m) != "CACHE"
    crew.call(verbs.io_complete, OBJ)
    assert crew.queue_of(m) == "CACHE"


def test_a_vnodes_page_gets_no_swap_block(crew: Crew) -> None:
    m = dirty_page(crew, 0)
    written(crew, 0, m)
    crew.vm.object.type[0] = OBJT_VNODE
    crew.call(verbs.io_complete, OBJ)
    assert not crew.vm.page.flags[m] & PG_SWAPPED


def test_writes_of_another_object_stay_under_way(crew: Crew) -> None:
    m = dirty_page(crew, 0)
    written(crew, 0, m)
    assert crew.call(verbs.io_complete, Obj(1)) == 0
    assert crew.vm.object.paging_in_progress[0] == 1
    assert crew.call(verbs.io_complete, OBJ) == 1


def test_a_completion_waits_for_the_thread_that_busied_the_page(crew: Crew) -> None:
    m = dirty_page(crew, 0)
    written(crew, 0, m)
    crew.vm.page.busy_count[m] |= PBUSY_LOCKED
    assert crew.start(1, verbs.io_complete, OBJ) == ASLEEP
    assert crew.vm.thread.state[1] == SLEEPING
    assert [effect[2] for effect in crew.vm.effects if effect[0] == "sleep"] == ["swadpg"]


def test_the_result_of_pageout_page_omits_the_failed_vnode(crew: Crew) -> None:
    m = dirty_page(crew, 0)
    crew.call(vm_page_deactivate, m)
    # One page counts, one of the budget of 5 is spent, and it was flushed.
    assert crew.call(verbs.pageout_page, m, 5, 1, 0) == (1, 4, 0, 1, 0, 0, 0)
