"""The statistics scan: how the idle daemon ages active pages (spec 22, section G)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import PG_MAPPED, PG_REFERENCED
from engine.errors import KernelPanic
from engine.kernel.hold import vm_page_hold
from engine.kernel.pageout.stats import vm_pageout_page_stats

Machine = Callable[..., Any]
ANON, FILE, DEVICE = 0, 1, 2
OTHER, PRIMARY, EMERGENCY = 0, 1, 2
COLOR = 5


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


def test_a_page_count_of_0_crashes_the_idle_daemon(paging: Machine) -> None:
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
    machine.wired(pinned)
    look_at(machine)
    assert machine.order("ACTIVE", COLOR) == [busy, held, plain]
    assert [machine.vm.page.act_count[m] for m in (busy, held, plain)] == [5, 5, 4]
    assert machine.vm.cpu.v_pdpages[0] == 0
