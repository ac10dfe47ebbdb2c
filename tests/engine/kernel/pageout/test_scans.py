"""The scans of one queue: inactive (spec 22 B), active (H), statistics (G) and hold (F)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJPC_ALLOW_ACTIVE,
    OBJPC_TRY_TO_CACHE,
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_MARKER,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_WINATCFLS,
    PQ_HOLD,
    PQ_INACTIVE,
)
from engine.errors import KernelPanic
from engine.kernel.age import vm_page_deactivate
from engine.kernel.busy import vm_page_busy_try, vm_page_busy_wait, vm_page_sbusy_try, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.hold import vm_page_hold, vm_page_unhold
from engine.kernel.memory_pressure import vm_paging_target
from engine.kernel.objects import vm_object_drop, vm_object_hold, vm_page_remove
from engine.kernel.pageout.active import vm_pageout_scan_active
from engine.kernel.pageout.hold import vm_pageout_scan_hold
from engine.kernel.pageout.inactive import launder_budget, vm_pageout_scan_inactive
from engine.kernel.pageout.marker import _insert_marker, _remove_marker
from engine.kernel.pageout.stats import vm_pageout_page_stats
from engine.kernel.search import vm_page_list_find
from engine.kernel.wire import vm_page_wire

Machine = Callable[..., Any]
ANON, FILE, DEVICE = 0, 1, 2
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
COLOR = 5
PLENTY = 1000
MOVE = "move the marker past the next page"


def inactive(machine: Any, level: int = 0, quota: int = PLENTY, thread: int = PRIMARY) -> tuple[int, ...]:
    found: tuple[int, ...] = machine.do(vm_pageout_scan_inactive, level, COLOR, quota, thread=thread)
    return found


def active(
    machine: Any, level: int = 0, avail: int = 0, need: int = PLENTY, thread: int = PRIMARY
) -> tuple[int, int]:
    found: tuple[int, int] = machine.do(vm_pageout_scan_active, level, COLOR, avail, need, thread=thread)
    return found


def short_of_memory(machine: Any) -> None:
    """Let the paging target be missed by far, so that no scan stops early."""
    machine.view(v_free_target=100_000)


def gone(machine: Any, m: int) -> None:
    """Take a page out of its object."""
    machine.do(vm_object_hold, machine.vm.page.object[m])
    obj = machine.vm.page.object[m]
    machine.do(vm_page_remove, machine.busied(m))
    machine.do(vm_object_drop, obj)
    machine.do(vm_page_wakeup, m)


def wired(machine: Any, m: int) -> None:
    machine.do(vm_page_wire, machine.busied(m))
    machine.do(vm_page_wakeup, m)


# --- markers ----------------------------------------------------------------------------------------------


def test_a_marker_is_a_page_that_no_one_counts_and_nothing_is_left_of_it(paging: Machine) -> None:
    machine = paging()
    vm, q = machine.vm, PQ_INACTIVE + COLOR
    (m,) = machine.fill("INACTIVE", COLOR, 1)
    mark = vm.marker_of(PRIMARY)
    before = vm.memory.digest()
    machine.do(_insert_marker, q, thread=PRIMARY)
    assert (machine.order("INACTIVE", COLOR), vm.queue.lcnt[q]) == ([mark, m], 1)
    assert vm.page.flags[mark] == PG_FICTITIOUS | PG_MARKER
    assert (vm.page.busy_count[mark], vm.page.wire_count[mark]) == (PBUSY_LOCKED, 1)
    machine.do(_remove_marker, q, thread=PRIMARY)
    machine.occupy(OTHER)
    assert vm.memory.digest() == before


def test_a_search_does_not_find_a_marker(paging: Machine) -> None:
    machine = paging()
    machine.vm.page.flags[machine.vm.marker_of(PRIMARY)] = 0
    machine.do(_insert_marker, PQ_INACTIVE + COLOR, thread=PRIMARY)
    machine.vm.queue.spin[PQ_INACTIVE + COLOR] = 0
    machine.vm.thread.queue_spin[PRIMARY] = 0
    assert machine.do(vm_page_list_find, PQ_INACTIVE, COLOR, check=False) == NULL


def test_a_scan_hops_over_the_marker_of_another_one_at_the_cost_of_an_entry(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    first, second = machine.fill("INACTIVE", COLOR, 2)
    hopped = []
    for action in machine.steps(vm_pageout_scan_inactive, 0, COLOR, PLENTY, thread=PRIMARY, check=False):
        if action == "let other threads run":
            # The primary daemon's marker stands behind the first page, which is cached by now.
            hopped.append(inactive(machine, thread=EMERGENCY)[0])
            machine.occupy(PRIMARY)
    # lcnt is 1, so the emergency pager looks at one entry only: the marker.
    assert (machine.value[0], hopped) == (1, [0])
    assert (machine.queue_of(first), machine.queue_of(second)) == ("CACHE", "INACTIVE")


# --- B: the inactive scan ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("launder", "level", "budget"),
    [
        pytest.param(16384, 0, 102, id="a tenth of a queue's share"),
        pytest.param(16384, 3, 409, id="four times as much at level 3"),
        pytest.param(16384, 8, 921, id="just below a sixteenth of all"),
        pytest.param(16384, 9, 1025, id="at a sixteenth of all it is that and one"),
        pytest.param(16384, 5000, 1025, id="however high the level"),
        pytest.param(512, 0, 3, id="a machine of 2 GiB and 16 colours"),
        pytest.param(80, 0, 1, id="at least 1"),
        pytest.param(32, 0, 1, id="16 MiB: 1 < 2"),
        pytest.param(20, 0, 2, id="below 16 MiB: a sixteenth is 1, so 2"),
        pytest.param(0, 0, 1, id="before the setup"),
        pytest.param(-80, 0, -4, id="below zero nothing is written at all"),
    ],
)
def test_the_launder_budget(paging: Machine, launder: int, level: int, budget: int) -> None:
    machine = paging()
    machine.vm.glob.vm_max_launder[0] = launder
    assert launder_budget(machine.vm, level) == budget


@pytest.mark.parametrize(("pages", "looked_at"), [(9, 1), (10, 2), (29, 3)])
def test_a_scan_looks_at_a_tenth_of_the_queue_and_one(paging: Machine, pages: int, looked_at: int) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.fill("INACTIVE", COLOR, pages)
    assert inactive(machine) == (looked_at, 0, 0, looked_at, 0, 0)
    assert machine.vm.cpu.v_pdpages[0] == looked_at


def test_the_inactive_scan_stops_at_its_quota(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.fill("INACTIVE", COLOR, 30)
    assert inactive(machine, quota=2)[0] == 2


def test_the_inactive_scan_counts_every_kind_of_decision(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.vm.glob.vm_max_launder[0] = 16384
    machine.fill("INACTIVE", COLOR, 1, FILE, dirty=0xFF, flags=PG_WINATCFLS)
    machine.fill("INACTIVE", COLOR, 1)
    machine.fill("INACTIVE", COLOR, 1, dirty=0xFF)
    machine.fill("INACTIVE", COLOR, 1, flags=PG_REFERENCED)
    machine.fill("INACTIVE", COLOR, 1, ANON, dirty=0xFF, flags=PG_WINATCFLS)
    machine.fill("INACTIVE", COLOR, 40)
    machine.vm.object.vget_fails[FILE] = 1
    machine.vm.object.flags[FILE] = 0x100
    assert inactive(machine) == (2, 1, 1, 1, 1, 1)


def test_a_dirty_page_is_written_by_the_scan_and_stays_in_its_place(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.vm.glob.vm_pageout_allow_active[0] = 1
    first, *_ = machine.fill("INACTIVE", COLOR, 3, dirty=0xFF, flags=PG_WINATCFLS)
    machine.vm.object.put_result[ANON] = 3
    assert inactive(machine)[:3] == (1, 0, 1)
    flags = OBJPC_ALLOW_ACTIVE | OBJPC_TRY_TO_CACHE
    assert machine.effects("put_pages") == [(ANON, flags, (first,))]
    assert machine.order("INACTIVE", COLOR)[0] == first


def test_the_budget_is_for_the_whole_scan(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.vm.glob.vm_max_launder[0] = 512
    machine.fill("INACTIVE", COLOR, 40, dirty=0xFF, flags=PG_WINATCFLS)
    found = inactive(machine)
    assert (found[0], found[2], len(machine.effects("put_pages"))) == (3, 3, 3)


@pytest.mark.parametrize(
    ("mode", "allow", "mark", "flags"),
    [
        (2, 1, PG_WINATCFLS, OBJPC_ALLOW_ACTIVE | OBJPC_TRY_TO_CACHE),
        (2, 0, PG_WINATCFLS, OBJPC_TRY_TO_CACHE),
        (2, 1, 0, OBJPC_ALLOW_ACTIVE),
        (3, 1, 0, OBJPC_ALLOW_ACTIVE | OBJPC_TRY_TO_CACHE),
    ],
    ids=["second lap", "active pages not allowed", "first lap", "memuse_mode 3"],
)
def test_how_a_page_is_written(paging: Machine, mode: int, allow: int, mark: int, flags: int) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.vm.glob.vm_pageout_memuse_mode[0] = mode
    machine.vm.glob.vm_pageout_allow_active[0] = allow
    machine.fill("INACTIVE", COLOR, 1, dirty=0xFF, flags=mark)
    inactive(machine, level=1)
    assert [effect[1] for effect in machine.effects("put_pages")] == [flags]


def test_memuse_mode_3_spares_dirty_pages_the_second_lap(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.vm.glob.vm_pageout_memuse_mode[0] = 3
    machine.fill("INACTIVE", COLOR, 1, dirty=0xFF)
    assert inactive(machine) == (1, 0, 1, 0, 0, 0)


@pytest.mark.parametrize("how", [vm_page_busy_try, vm_page_sbusy_try], ids=["hard", "soft"])
def test_a_busy_page_stays_where_it_is(paging: Machine, how: Any) -> None:
    machine = paging()
    short_of_memory(machine)
    pages = machine.fill("INACTIVE", COLOR, 12)
    machine.do(how, pages[0], *([0] if how is vm_page_busy_try else []))
    assert inactive(machine)[0] == 1
    assert machine.order("INACTIVE", COLOR) == [pages[0], *pages[2:]]


@pytest.mark.parametrize(
    ("surplus", "cached", "delta"),
    [
        pytest.param(10, 4, 4, id="to the end: 14 pages too many are not more than 20"),
        pytest.param(19, 2, PLENTY, id="20 are not either, but 21 are"),
    ],
)
def test_a_scan_that_finds_memory_plentiful_says_that_its_quota_is_reached(
    paging: Machine, surplus: int, cached: int, delta: int
) -> None:
    machine = paging()
    machine.vm.glob.vm_max_launder[0] = 20
    machine.fill("INACTIVE", COLOR, 30)
    machine.limits(v_cache_min=0, v_free_target=0)
    machine.limits(v_free_target=-vm_paging_target(machine.vm) - surplus)
    assert inactive(machine)[0] == delta
    assert len(machine.order("CACHE", COLOR)) == cached


@pytest.mark.parametrize(("obj", "touched"), [(ANON, True), (FILE, False), (DEVICE, False), (NULL, True)])
def test_the_emergency_pager_keeps_to_anonymous_pages(paging: Machine, obj: int, touched: bool) -> None:
    machine = paging()
    short_of_memory(machine)
    m, other = machine.fill("INACTIVE", COLOR, 2, max(obj, 0))
    if obj == NULL:
        gone(machine, m)
    found = inactive(machine, thread=EMERGENCY)
    assert found[0] == int(touched)
    assert machine.vm.page.busy_count[m] == 0
    assert (machine.order("INACTIVE", COLOR) == [m, other]) is not touched


def test_the_primary_daemon_takes_pages_of_devices_too(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.fill("INACTIVE", COLOR, 1, DEVICE)
    assert inactive(machine)[0] == 1


def test_a_vnode_that_failed_is_remembered_for_the_rest_of_the_scan(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.fill("INACTIVE", COLOR, 12, FILE, dirty=0xFF, flags=PG_WINATCFLS)
    machine.vm.object.vget_fails[FILE] = 1
    actions = machine.steps(vm_pageout_scan_inactive, 0, COLOR, PLENTY, thread=PRIMARY, check=False)
    asked = [action for action in actions if "the vnode's lock" in action]
    assert asked == ["wait a while for the vnode's lock", "try the vnode's lock"]


def test_the_queue_is_unlocked_while_a_page_is_dealt_with(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    machine.fill("INACTIVE", COLOR, 1)
    locked = {}
    for action in machine.steps(vm_pageout_scan_inactive, 0, COLOR, PLENTY, thread=PRIMARY):
        locked[action] = machine.vm.queue.spin[PQ_INACTIVE + COLOR]
    assert locked["see whether the page is wired or held"] == 0
    assert locked["let other threads run"] == 0
    assert locked[MOVE] == PRIMARY + 1


def test_somebody_who_waited_for_a_page_saves_it_from_the_next_scan(paging: Machine) -> None:
    """Waiting leaves PG_REFERENCED behind, even if the waiter never touches the page."""
    machine = paging()
    short_of_memory(machine)
    (m,) = machine.fill("INACTIVE", COLOR, 1)
    machine.busied(m)
    for _ in machine.steps(vm_page_busy_wait, m, 0, thread=EMERGENCY):
        pass_by = machine.vm.thread.chan[EMERGENCY]
        if pass_by and machine.vm.page.flags[m] & PG_REFERENCED:
            break
    machine.do(vm_page_wakeup, m, check=False)
    assert inactive(machine) == (0, 0, 0, 0, 0, 1)
    assert (machine.queue_of(m), machine.vm.page.act_count[m]) == ("ACTIVE", 9)


# --- H: the active scan -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("obj", "visits"), [(ANON, 5), (FILE, 3)], ids=["anonymous", "file"])
def test_on_which_visit_an_unused_page_leaves(paging: Machine, obj: int, visits: int) -> None:
    machine = paging()
    (m,) = machine.fill("ACTIVE", COLOR, 1, obj, act_count=5)
    for _ in range(visits - 1):
        assert active(machine) == (0, 0)
    assert active(machine) == (1, 0)
    assert machine.queue_of(m) == "INACTIVE"


@pytest.mark.parametrize(("act_count", "leaves"), [(5, True), (6, False)])
def test_a_higher_level_raises_the_bar(paging: Machine, act_count: int, leaves: bool) -> None:
    machine = paging()
    machine.fill("ACTIVE", COLOR, 1, act_count=act_count)
    assert active(machine, level=4) == (int(leaves), 0)


@pytest.mark.parametrize(
    ("tunable", "obj", "left"), [("vm_anonmem_decline", ANON, 1), ("vm_filemem_decline", DEVICE, 1)]
)
def test_the_declines_are_tunable(paging: Machine, tunable: str, obj: int, left: int) -> None:
    machine = paging()
    getattr(machine.vm.glob, tunable)[0] = 4
    (m,) = machine.fill("ACTIVE", COLOR, 1, obj, act_count=5)
    active(machine)
    assert machine.vm.page.act_count[m] == left


def test_a_decline_below_zero_takes_everything(paging: Machine) -> None:
    machine = paging()
    machine.vm.glob.vm_anonmem_decline[0] = -1
    machine.fill("ACTIVE", COLOR, 1, act_count=60)
    assert active(machine) == (1, 0)


@pytest.mark.parametrize(
    ("flags", "accessed", "act_count", "expected"),
    [
        pytest.param(PG_REFERENCED, 0, 5, 9, id="5 + 3 + 1"),
        pytest.param(PG_REFERENCED | PG_MAPPED, 2, 5, 11, id="5 + 3 + 1 + 2"),
        pytest.param(PG_MAPPED, 9, 5, 13, id="at most five mappings"),
        pytest.param(PG_REFERENCED | PG_MAPPED, 5, 60, 64, id="at most ACT_MAX"),
        pytest.param(PG_REFERENCED, 0, 64, 64, id="not beyond it"),
    ],
)
def test_a_used_page_rises_and_goes_to_the_tail(
    paging: Machine, flags: int, accessed: int, act_count: int, expected: int
) -> None:
    machine = paging()
    m, other = machine.fill("ACTIVE", COLOR, 2)
    for name, value in (("flags", flags), ("pmap_referenced", accessed), ("act_count", act_count)):
        getattr(machine.vm.page, name)[m] = value
    assert active(machine) == (0, 0)
    assert machine.order("ACTIVE", COLOR) == [other, m]
    assert machine.vm.page.act_count[m] == expected
    assert not machine.vm.page.flags[m] & PG_REFERENCED


def test_a_page_of_an_object_that_nothing_refers_to_leaves_at_once_its_references_unheard(
    paging: Machine,
) -> None:
    machine = paging()
    machine.vm.object.ref_count[ANON] = 0
    flags = PG_REFERENCED | PG_MAPPED
    (m,) = machine.fill("ACTIVE", COLOR, 1, act_count=60, flags=flags, pmap_referenced=2)
    assert active(machine) == (1, 0)
    assert machine.queue_of(m) == "INACTIVE"
    # Unmapping hands the accessed bit over; the flag that the page had was cleared before.
    assert machine.vm.page.flags[m] == PG_REFERENCED
    assert machine.vm.page.act_count[m] == 59


def test_the_algorithm_tunable_deactivates_whatever_is_unused(paging: Machine) -> None:
    machine = paging()
    machine.vm.glob.vm_pageout_algorithm[0] = 1
    machine.fill("ACTIVE", COLOR, 1, act_count=60)
    assert active(machine) == (1, 0)


@pytest.mark.parametrize(
    ("avail", "fields", "queue", "mapped"),
    [
        pytest.param(0, {}, "INACTIVE", PG_MAPPED, id="no shortage: deactivated, still mapped"),
        pytest.param(1, {}, "CACHE", 0, id="a shortage: straight to the cache"),
        pytest.param(1, {"dirty": 1}, "INACTIVE", 0, id="dirty: unmapped and deactivated"),
        pytest.param(1, {"pmap_modified": 1}, "INACTIVE", 0, id="dirty once unmapped"),
        pytest.param(1, {"flags": PG_MAPPED | PG_NEED_COMMIT}, "INACTIVE", 0, id="needs a commit"),
    ],
)
def test_where_a_page_goes_that_leaves(
    paging: Machine, avail: int, fields: dict[str, int], queue: str, mapped: int
) -> None:
    machine = paging()
    (m,) = machine.fill("ACTIVE", COLOR, 1, **{"flags": PG_MAPPED, "act_count": 1, **fields})
    assert active(machine, avail=avail) == (1, avail)
    assert machine.queue_of(m) == queue
    assert machine.vm.page.flags[m] & PG_MAPPED == mapped


def test_the_shortage_is_looked_at_before_the_page_that_leaves_is_counted(paging: Machine) -> None:
    machine = paging()
    pages = machine.fill("ACTIVE", COLOR, 30, act_count=1)
    assert active(machine, avail=2) == (4, 2)
    assert [machine.queue_of(m) for m in pages[:4]] == ["CACHE", "CACHE", "INACTIVE", "INACTIVE"]


@pytest.mark.parametrize(
    ("avail", "need", "left"), [(0, 2, 2), (2, 0, 2), (2, 1, 2), (1, 3, 3), (0, 0, 0), (-1, -1, 0)]
)
def test_the_active_scan_goes_on_while_either_quota_is_open(
    paging: Machine, avail: int, need: int, left: int
) -> None:
    machine = paging()
    machine.fill("ACTIVE", COLOR, 50, act_count=1)
    assert active(machine, avail=avail, need=need)[0] == left


def test_a_held_page_may_leave_and_a_wired_one_is_unqueued(paging: Machine) -> None:
    machine = paging()
    held, pinned, *_ = machine.fill("ACTIVE", COLOR, 12, act_count=1)
    machine.do(vm_page_hold, held)
    wired(machine, pinned)
    assert active(machine)[0] == 1
    assert (machine.queue_of(held), machine.queue_of(pinned)) == ("INACTIVE", "NONE")
    assert machine.vm.cpu.v_pdpages[0] == 1


@pytest.mark.parametrize(("obj", "leaves"), [(FILE, 0), (DEVICE, 1), (ANON, 1)])
def test_the_emergency_pager_puts_pages_of_files_alone_to_the_tail(
    paging: Machine, obj: int, leaves: int
) -> None:
    machine = paging()
    m, other = machine.fill("ACTIVE", COLOR, 2, obj, act_count=1)
    assert active(machine, thread=EMERGENCY)[0] == leaves
    if not leaves:
        assert machine.order("ACTIVE", COLOR) == [other, m]
    assert machine.vm.cpu.v_pdpages[0] == leaves
    assert machine.vm.page.busy_count[m] == 0


def test_an_active_page_without_an_object_is_a_null_dereference(paging: Machine) -> None:
    machine = paging()
    (m,) = machine.fill("ACTIVE", COLOR, 1, flags=PG_REFERENCED)
    gone(machine, m)
    with pytest.raises(KernelPanic) as found:
        active(machine)
    assert (found.value.kind, found.value.page) == ("fault", m)
    assert machine.vm.page.flags[m] == 0


# --- G: the statistics scan -------------------------------------------------------------------------------


def idle(machine: Any, **limits: int) -> Any:
    """A machine whose inactive pages are short, with the intervals of the daemon's setup."""
    machine.limits(v_inactive_target=100_000, **limits)
    return machine


def look_at(machine: Any) -> None:
    machine.do(vm_pageout_page_stats, COLOR, thread=PRIMARY)


def test_every_fourth_queue_is_looked_at_as_a_whole(paging: Machine) -> None:
    machine = idle(paging())
    machine.vm.glob.vm_pageout_stats_max[0] = 300
    pages = machine.fill("ACTIVE", COLOR, 12, act_count=9)
    seen = []
    for _ in range(8):
        before = sum(machine.vm.page.act_count[m] for m in pages)
        look_at(machine)
        seen.append(before - sum(machine.vm.page.act_count[m] for m in pages))
    some = 300 * 12 // machine.vm.vmstats.count[0] + 1
    assert some < 12
    assert seen == [some, some, some, 12] * 2


def test_without_intervals_every_call_looks_at_the_whole_queue(paging: Machine) -> None:
    machine = idle(paging())
    machine.vm.glob.vm_pageout_stats_interval[0] = 0
    machine.vm.glob.vm_pageout_full_stats_interval[0] = 0
    pages = machine.fill("ACTIVE", COLOR, 12, act_count=9)
    look_at(machine)
    assert [machine.vm.page.act_count[m] for m in pages] == [8] * 12


def test_a_machine_said_to_have_no_pages_crashes_the_idle_daemon(paging: Machine) -> None:
    machine = idle(paging(), v_page_count=0)
    with pytest.raises(KernelPanic, match="division by v_page_count"):
        look_at(machine)


def test_with_enough_inactive_and_cached_pages_nothing_is_looked_at_or_counted(paging: Machine) -> None:
    machine = paging()
    (m,) = machine.fill("ACTIVE", COLOR, 1, act_count=9)
    count = machine.vm.vmstats.count
    machine.limits(v_cache_max=40, v_free_min=60)
    machine.limits(v_inactive_target=count[10] + count[14] + count[15] - 100)
    look_at(machine)
    assert (machine.vm.page.act_count[m], machine.vm.glob.fullintervalcount[0]) == (9, 0)
    machine.vm.vmstats.count[13] += 1
    machine.view(v_inactive_target=0)
    look_at(machine)
    assert (machine.vm.page.act_count[m], machine.vm.glob.fullintervalcount[0]) == (8, 5)


@pytest.mark.parametrize(
    ("fields", "act_count", "queue"),
    [
        pytest.param({"act_count": 5, "flags": PG_REFERENCED}, 9, "ACTIVE", id="used: 5 + 3 + 1"),
        pytest.param({"act_count": 63, "flags": PG_REFERENCED}, 64, "ACTIVE", id="at most ACT_MAX"),
        pytest.param({"act_count": 5}, 4, "ACTIVE", id="unused: one less, of whatever object"),
        pytest.param(
            {"act_count": 0, "flags": PG_MAPPED}, 0, "INACTIVE", id="used up: unmapped, deactivated"
        ),
    ],
)
@pytest.mark.parametrize("obj", [ANON, FILE], ids=["anonymous", "file"])
def test_how_the_idle_daemon_ages_a_page(
    paging: Machine, obj: int, fields: dict[str, int], act_count: int, queue: str
) -> None:
    machine = idle(paging())
    m, other = machine.fill("ACTIVE", COLOR, 2, obj, act_count=30)
    for name, value in fields.items():
        getattr(machine.vm.page, name)[m] = value
    look_at(machine)
    assert (machine.vm.page.act_count[m], machine.queue_of(m)) == (act_count, queue)
    assert machine.order(queue, COLOR)[-1] == m
    assert machine.vm.page.flags[m] == 0
    assert machine.queue_of(other) == "ACTIVE"


def test_the_idle_daemon_skips_busy_and_held_pages_in_place_and_unqueues_wired_ones(paging: Machine) -> None:
    machine = idle(paging())
    machine.vm.glob.fullintervalcount[0] = 15
    busy, held, pinned, plain = machine.fill("ACTIVE", COLOR, 4, act_count=5)
    machine.busied(busy)
    machine.do(vm_page_hold, held)
    wired(machine, pinned)
    look_at(machine)
    assert machine.order("ACTIVE", COLOR) == [busy, held, plain]
    assert [machine.vm.page.act_count[m] for m in (busy, held, plain)] == [5, 5, 4]
    assert machine.vm.cpu.v_pdpages[0] == 0


# --- F: the hold scan -------------------------------------------------------------------------------------


def stranded(machine: Any, color: int = COLOR) -> int:
    """A page on HOLD that nobody holds: its last hold ended while it was being freed."""
    (m,) = machine.fill("INACTIVE", color, 1)
    machine.do(vm_page_hold, m)
    machine.do(vm_page_free, machine.busied(m))
    machine.vm.page.hold_count[m] = 0
    return int(m)


def test_a_stranded_page_is_freed_one_a_call_without_waking_anybody(paging: Machine) -> None:
    machine = paging()
    first, second = stranded(machine), stranded(machine)
    machine.vm.glob.vm_pages_waiting[0] = 1
    machine.do(vm_pageout_scan_hold, COLOR, thread=PRIMARY)
    assert (machine.queue_of(first), machine.queue_of(second)) == ("FREE", "HOLD")
    assert machine.order("FREE", COLOR)[0] == first
    assert machine.vm.page.hold_count[first] == 0
    ((_, fmt),) = machine.effects("kprintf")
    assert fmt.startswith("DEBUG: pageout HOLD->FREE")
    assert machine.effects("wakeup") == []


def test_a_held_page_at_the_head_hides_what_is_behind_it(paging: Machine) -> None:
    machine = paging()
    first, second = stranded(machine), stranded(machine)
    machine.vm.page.hold_count[first] = 1
    machine.do(vm_pageout_scan_hold, COLOR, thread=PRIMARY)
    assert machine.order("HOLD", COLOR) == [first, second]
    machine.do(vm_page_unhold, first)
    machine.do(vm_pageout_scan_hold, COLOR, thread=PRIMARY)
    assert machine.vm.queue.lcnt[PQ_HOLD + COLOR] == 0


def test_only_the_colour_asked_for_is_looked_at(paging: Machine) -> None:
    machine = paging()
    m = stranded(machine, COLOR)
    machine.do(vm_pageout_scan_hold, COLOR + 1, thread=PRIMARY)
    assert machine.queue_of(m) == "HOLD"
    machine.do(vm_pageout_scan_hold, COLOR + machine.vm.colors, thread=PRIMARY)
    assert machine.queue_of(m) == "FREE"


def test_a_page_that_left_the_queue_before_it_is_moved_to_the_tail_is_left_alone(paging: Machine) -> None:
    machine = paging()
    short_of_memory(machine)
    (m,) = machine.fill("ACTIVE", COLOR, 1, flags=PG_REFERENCED)
    for action in machine.steps(vm_pageout_scan_active, 0, COLOR, 0, PLENTY, thread=PRIMARY, check=False):
        if action == "raise act_count":
            machine.do(vm_page_deactivate, m, thread=OTHER)
            machine.occupy(PRIMARY)
    assert machine.queue_of(m) == "INACTIVE"
