"""The cache scan, and what follows a pass that was not enough: spec 22, section E; spec 24, section 1."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import HZ, PG_NEED_COMMIT
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.hold import vm_page_hold
from engine.kernel.memory_pressure import vm_paging_target
from engine.kernel.pageout import cache as pageout_cache
from engine.kernel.pageout.cache import _relieve_shortage, vm_pageout_scan_cache
from engine.kernel.sleep import CHAN_DAEMON_NEEDED, CHAN_PAGES_NEEDED
from engine.kernel.wire import vm_page_wire

Machine = Callable[..., Any]
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
WARNING = "Warning: system low on memory+swap shortage %ld for %d ticks!\n"


def scan(machine: Any, thread: int = PRIMARY) -> None:
    machine.do(vm_pageout_scan_cache, 0, 0, 0, 0, thread=thread)


def free_goal(machine: Any, missing: int) -> None:
    """Let the global free count be `missing` pages short of the middle of v_free_min and v_free_target."""
    goal = machine.free() + missing
    machine.limits(v_free_min=0, v_free_target=2 * goal, v_cache_min=0)


def cached(machine: Any, *colors: int, **fields: int) -> list[int]:
    return [machine.fill("CACHE", color, 1, **fields)[0] for color in colors]


def queues_of(machine: Any, pages: list[int]) -> list[str]:
    return [machine.queue_of(m) for m in pages]


# --- E1 ---------------------------------------------------------------------------------------------------


def test_the_goal_is_compared_with_the_global_count_which_own_frees_do_not_reach(paging: Machine) -> None:
    machine = paging()
    pages = cached(machine, 0, 7, 14, 5)
    free_goal(machine, 1)
    scan(machine)
    assert queues_of(machine, pages) == ["FREE"] * 4
    assert machine.vm.cpu.v_dfree[0] == 4


def test_with_the_goal_reached_nothing_is_freed(paging: Machine) -> None:
    machine = paging()
    pages = cached(machine, 0)
    free_goal(machine, 0)
    machine.view(v_free_target=1_000_000)
    scan(machine)
    assert queues_of(machine, pages) == ["CACHE"]


def freed_colors(machine: Any, thread: int) -> list[int]:
    """The colours from which a scan frees one page after another, each search starting at the rover."""
    order = []
    for action in machine.steps(vm_pageout_scan_cache, 0, 0, 0, 0, thread=thread, check=False):
        if action.endswith("the colour asked for"):
            order.append(int(action.split("[")[1].split("]")[0]))
    return order


@pytest.mark.parametrize(
    ("thread", "colors"),
    [
        pytest.param(PRIMARY, [0, 7, 14, 5], id="the primary daemon: 23 up, from 0"),
        pytest.param(EMERGENCY, [15, 8, 1, 10], id="the emergency pager: 23 down, from 511"),
    ],
)
def test_each_daemon_goes_through_the_colours_its_own_way(
    paging: Machine, thread: int, colors: list[int]
) -> None:
    machine = paging()
    cached(machine, *colors[:3])
    free_goal(machine, 1)
    assert freed_colors(machine, thread) == colors
    assert machine.vm.daemon.cache_rover[thread - PRIMARY] == [69, 511 - 69][thread - PRIMARY]


@pytest.mark.parametrize(("thread", "rovers"), [(PRIMARY, [16 + 23, 48]), (EMERGENCY, [16, 48 - 23])])
def test_two_rovers_on_one_colour_make_the_scan_step_its_own(
    paging: Machine, thread: int, rovers: list[int]
) -> None:
    machine = paging()
    rover = machine.vm.daemon.cache_rover
    rover[0], rover[1] = 16, 48
    free_goal(machine, 1)
    scan(machine, thread)
    assert [rover[0], rover[1]] == rovers


@pytest.mark.parametrize("thread", [PRIMARY, EMERGENCY])
@pytest.mark.parametrize("colors", [1, 2, 4])
@pytest.mark.parametrize("rovers", [(0, 511), (511, 0), (0, 0)])
def test_the_scan_frees_and_ends_with_few_colours(
    paging: Machine, thread: int, colors: int, rovers: tuple[int, int]
) -> None:
    machine = paging(colors=colors)
    pages = cached(machine, *[0] * 3)
    machine.vm.daemon.cache_rover[0], machine.vm.daemon.cache_rover[1] = rovers
    free_goal(machine, 1)
    steps = machine.steps(vm_pageout_scan_cache, 0, 0, 0, 0, thread=thread, check=False)
    assert len(list(itertools.islice(steps, 9999))) < 1000
    assert "FREE" in queues_of(machine, pages)


def wire(machine: Any, m: int) -> None:
    machine.do(vm_page_wire, machine.busied(m))
    machine.do(vm_page_wakeup, m)


def need_commit(machine: Any, m: int) -> None:
    machine.vm.page.flags[m] = PG_NEED_COMMIT


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda machine, m: machine.do(vm_page_hold, m), id="held"),
        pytest.param(wire, id="wired"),
        pytest.param(need_commit, id="to be committed"),
        pytest.param(lambda machine, m: machine.busied(m), id="busy"),
    ],
)
def test_a_cached_page_that_cannot_be_freed_is_deactivated_and_the_rover_stays(
    paging: Machine, spoil: Callable[[Any, int], object]
) -> None:
    machine = paging()
    m, other = cached(machine, 0, 7)
    spoil(machine, m)
    free_goal(machine, 1)
    assert freed_colors(machine, PRIMARY) == [0, 0, 7]
    assert (machine.queue_of(m), machine.queue_of(other)) == ("INACTIVE", "FREE")
    assert machine.vm.cpu.v_reactivated[0] == 0


def test_taking_a_cached_page_wakes_the_daemon_unless_it_is_the_primary_itself(paging: Machine) -> None:
    for thread, woken in ((EMERGENCY, True), (PRIMARY, False)):
        machine = paging()
        cached(machine, 15)
        free_goal(machine, 1)
        machine.view(v_free_min=100_000)
        scan(machine, thread)
        assert ((CHAN_PAGES_NEEDED, ()) in machine.effects("wakeup")) is woken


# --- E2: the syncer and the swapout thread ----------------------------------------------------------------


def relieve(machine: Any, thread: int = PRIMARY, **given: int) -> None:
    told = {"avail_shortage": 0, "level": 0, "vnodes_skipped": 0, "recycle_count": 0} | given
    machine.do(_relieve_shortage, *told.values(), thread=thread)


def missing(machine: Any, pages: int) -> None:
    """Let `pages` be missing to the paging target, with nothing else below its limit."""
    machine.limits(v_free_min=0, v_free_reserved=0, v_cache_min=0, v_free_target=0)
    machine.limits(v_free_target=pages - vm_paging_target(machine.vm))


@pytest.mark.parametrize(
    ("target", "least", "skipped", "prodded"),
    [
        pytest.param(1, 100_000, 1, True, id="all three"),
        pytest.param(0, 100_000, 1, False, id="the target is met"),
        pytest.param(1, 0, 1, False, id="memory is above its minimum"),
        pytest.param(1, 100_000, 0, False, id="no vnode was skipped"),
    ],
)
def test_when_the_syncer_is_prodded(
    paging: Machine, target: int, least: int, skipped: int, prodded: bool
) -> None:
    machine = paging()
    missing(machine, target)
    machine.view(v_free_min=least)
    relieve(machine, vnodes_skipped=skipped)
    assert bool(machine.effects("speedup_syncer")) is prodded


@pytest.mark.parametrize(
    ("ticks", "last", "asked"),
    [
        pytest.param(1000, 1000 - HZ - 1, True, id="more than a second ago"),
        pytest.param(1000, 1000 - HZ, False, id="a second ago, and no more"),
        pytest.param(1000, 1001, True, id="the clock has gone back"),
        pytest.param(1000, 1000, False, id="just now"),
    ],
)
def test_the_swapout_thread_is_asked_once_a_second(
    paging: Machine, ticks: int, last: int, asked: bool
) -> None:
    machine = paging()
    missing(machine, 1)
    machine.vm.glob.ticks[0] = ticks
    machine.vm.glob.vmdaemon_lastrun[0] = last
    relieve(machine, thread=EMERGENCY)
    assert ((CHAN_DAEMON_NEEDED, ()) in machine.effects("wakeup")) is asked
    assert machine.vm.glob.vmdaemon_lastrun[0] == (ticks if asked else last)


@pytest.mark.parametrize(
    ("target", "cache_min", "enabled", "asked"),
    [
        pytest.param(1, 0, 1, True, id="below v_free_target"),
        pytest.param(0, 0, 1, False, id="at the target"),
        pytest.param(-1, 2, 1, False, id="below the paging target alone"),
        pytest.param(1, 0, 0, False, id="swapping is off"),
    ],
)
def test_when_a_process_is_to_be_swapped_out(
    paging: Machine, target: int, cache_min: int, enabled: int, asked: bool
) -> None:
    machine = paging()
    missing(machine, target)
    machine.view(v_cache_min=cache_min)
    machine.vm.glob.vm_swap_enabled[0] = enabled
    relieve(machine)
    assert bool(machine.effects("wakeup")) is asked


# --- E3: the warning --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thread", "almost_full", "given", "warned"),
    [
        pytest.param(PRIMARY, 1, {"avail_shortage": 1, "level": 1}, True, id="a shortage at level 1"),
        pytest.param(PRIMARY, 0, {"avail_shortage": 1, "level": 1}, False, id="swap is not almost full"),
        pytest.param(PRIMARY, 1, {"avail_shortage": 1, "level": 0}, False, id="at level 0"),
        pytest.param(PRIMARY, 1, {"avail_shortage": 0, "level": 1}, False, id="no shortage"),
        pytest.param(PRIMARY, 1, {"level": 1, "recycle_count": 8}, True, id="the recycled pages are needed"),
        pytest.param(PRIMARY, 1, {"level": 1, "recycle_count": 7}, False, id="they are not"),
        pytest.param(EMERGENCY, 1, {"avail_shortage": 1, "level": 1}, False, id="the emergency pager"),
    ],
)
def test_when_the_daemon_warns(
    paging: Machine, thread: int, almost_full: int, given: dict[str, int], warned: bool
) -> None:
    machine = paging()
    machine.vm.glob.swap_pager_almost_full[0] = almost_full
    machine.vm.glob.swap_fail_ticks[0] = 900
    missing(machine, 0)
    machine.view(v_free_min=machine.free() - 7)
    relieve(machine, thread, **given)
    expected = [WARNING % (given.get("avail_shortage", 0), 100)] if warned else []
    assert [text.replace("%ld", "").replace("%d", "") for text, _ in machine.effects("kprintf")] == expected


# --- E4: the kill -----------------------------------------------------------------------------------------


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tick of each kill attempt."""
    attempts: list[int] = []

    def vm_pageout_oom(vm: Any) -> Any:
        yield "look for the largest process"
        attempts.append(vm.glob.ticks[0])

    monkeypatch.setattr(pageout_cache, "vm_pageout_oom", vm_pageout_oom)
    return attempts


READY = {"thread": PRIMARY, "full": 1, "level": 2, "avail_shortage": 1, "target": 1, "ago": HZ}
"""All that a kill needs, each at its limit."""


@pytest.mark.parametrize(
    ("changed", "killed"),
    [
        pytest.param({}, True, id="all conditions hold"),
        pytest.param({"full": 0}, False, id="swap is not full"),
        pytest.param({"level": 1}, False, id="fewer than 20 passes failed"),
        pytest.param({"avail_shortage": 0}, False, id="the pass was enough"),
        pytest.param({"target": 0}, False, id="the paging target is met"),
        pytest.param({"ago": HZ - 1}, False, id="less than a second since the last attempt"),
        pytest.param({"ago": -5}, True, id="the clock has wrapped since"),
        pytest.param({"thread": EMERGENCY}, False, id="the emergency pager"),
    ],
)
def test_when_the_daemon_kills(
    paging: Machine, kills: list[int], changed: dict[str, int], killed: bool
) -> None:
    machine, state = paging(), READY | changed
    missing(machine, state["target"])
    machine.vm.glob.swap_pager_full[0] = state["full"]
    machine.vm.glob.lastkillticks[0] = 1000 - state["ago"]
    given = {"avail_shortage": state["avail_shortage"], "level": state["level"]}
    relieve(machine, state["thread"], **given)
    assert kills == ([1000] if killed else [])
    assert machine.vm.glob.lastkillticks[0] == (1000 if killed else 1000 - state["ago"])


def test_an_attempt_without_a_victim_still_counts_for_the_pause(paging: Machine) -> None:
    machine = paging()
    missing(machine, 1)
    machine.vm.glob.swap_pager_full[0] = 1
    relieve(machine, avail_shortage=1, level=2)
    assert machine.vm.glob.lastkillticks[0] == 1000
