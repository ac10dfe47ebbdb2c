"""Wiring: the count, where it is accounted, and where a page goes after its last wiring (spec 05)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PQ_INACTIVE,
    V_WIRE_COUNT,
)
from engine.errors import KernelPanic
from engine.kernel.wire import vm_page_unwire, vm_page_unwire_quick, vm_page_wire, vm_page_wire_quick
from tests.engine.kernel.checked_crew import DONE, THERE, Crew, unchecked

BUSY = PBUSY_LOCKED


@pytest.mark.parametrize(("before", "counted"), [(0, 1), (1, 0), (5, 0)])
def test_the_first_wiring_is_counted_in_this_cpus_adjustment_alone(before: int, counted: int) -> None:
    crew = Crew()
    m = crew.page("ACTIVE", busy_count=BUSY, wire_count=before)
    view, pending = crew.viewed(1, V_WIRE_COUNT), crew.adjusted(0, V_WIRE_COUNT)
    crew.call(vm_page_wire, m, t=1)
    assert crew.vm.page.wire_count[m] == before + 1
    assert crew.adjusted(1, V_WIRE_COUNT) == counted
    assert (crew.viewed(1, V_WIRE_COUNT), crew.adjusted(0, V_WIRE_COUNT)) == (view, pending)
    assert crew.queue_of(m) == "ACTIVE"


UNWIRED = [
    # where it was, wirings before, flags, activate, where it is, counted off, adds
    ("the last wiring deactivates", "NONE", 1, 0, 0, "INACTIVE", -1, 1),
    ("or activates if asked to", "NONE", 1, 0, 1, "ACTIVE", -1, 0),
    ("or if the page needs a commit", "NONE", 1, PG_NEED_COMMIT, 0, "ACTIVE", -1, 0),
    ("an unqueued page goes nowhere", "NONE", 1, PG_UNQUEUED, 1, "NONE", -1, 0),
    ("an inactive page stays", "INACTIVE", 1, 0, 0, "INACTIVE", -1, 0),
    ("an active one is deactivated", "ACTIVE", 1, 0, 0, "INACTIVE", -1, 1),
    ("one wiring of two moves nothing", "ACTIVE", 2, 0, 0, "ACTIVE", 0, 0),
    ("a fictitious page is left alone", "NONE", 1, PG_FICTITIOUS, 1, "NONE", 0, 0),
]


@pytest.mark.parametrize(
    ("queue", "wired", "flags", "activate", "ends", "counted", "adds"),
    [row[1:] for row in UNWIRED],
    ids=[row[0] for row in UNWIRED],
)
def test_where_a_page_goes_when_it_is_unwired(
    queue: str, wired: int, flags: int, activate: int, ends: str, counted: int, adds: int
) -> None:
    crew = Crew()
    m = crew.page(queue, busy_count=BUSY, wire_count=wired, flags=flags)
    inactive = PQ_INACTIVE + crew.vm.page.pc[m]
    before = crew.vm.queue.adds[inactive]
    crew.call(vm_page_unwire, m, activate)
    fictitious = bool(flags & PG_FICTITIOUS)
    assert crew.vm.page.wire_count[m] == (wired if fictitious else wired - 1)
    assert crew.queue_of(m) == ends
    assert crew.adjusted(0, V_WIRE_COUNT) == counted
    assert crew.vm.queue.adds[inactive] == before + adds
    assert crew.vm.page.busy_count[m] == BUSY


def test_a_fictitious_page_is_not_wired() -> None:
    crew = Crew()
    m = crew.page(busy_count=BUSY, flags=PG_FICTITIOUS, wire_count=1)
    crew.call(vm_page_wire, m)
    assert (crew.vm.page.wire_count[m], crew.adjusted(0, V_WIRE_COUNT)) == (1, 0)


def test_wiring_and_unwiring_on_two_cpus_cancel_out() -> None:
    crew = Crew()
    m = crew.page(busy_count=BUSY)
    before = crew.total(V_WIRE_COUNT)
    crew.call(vm_page_wire, m)
    assert crew.total(V_WIRE_COUNT) == before + 1
    crew.call(vm_page_unwire, m, 0, t=1)
    assert (crew.adjusted(0, V_WIRE_COUNT), crew.adjusted(1, V_WIRE_COUNT)) == (1, -1)
    assert crew.total(V_WIRE_COUNT) == before


@pytest.mark.parametrize(("before", "last", "after"), [(1, True, 1), (2, False, 1), (9, False, 8)])
def test_the_quick_unwire_leaves_the_last_wiring_to_a_busied_caller(
    before: int, last: bool, after: int
) -> None:
    crew = Crew()
    m = crew.page(wire_count=before)
    assert crew.call(vm_page_unwire_quick, m) is last
    assert crew.vm.page.wire_count[m] == after


def test_the_quick_wire_changes_no_statistics() -> None:
    crew = Crew()
    m = crew.page(wire_count=1)
    crew.call(vm_page_wire_quick, m)
    assert (crew.vm.page.wire_count[m], crew.adjusted(0, V_WIRE_COUNT)) == (2, 0)


def test_two_quick_unwires_at_once_leave_one_wiring() -> None:
    crew = Crew()
    m = crew.page(wire_count=2)
    crew.begin(0, vm_page_unwire_quick, m)
    assert crew.play(0, until="compare-and-set wire_count - 1") == THERE
    assert crew.call(vm_page_unwire_quick, m, t=1) is False
    assert crew.play(0) == DONE
    assert crew.results[0] is True
    assert crew.vm.page.wire_count[m] == 1


REFUSED: list[tuple[str, Any, tuple[int, ...], dict[str, Any], str, str, int]] = [
    ("wire without busy", vm_page_wire, (), {"wire_count": 1}, "KKASSERT", "", 1),
    ("unwire without busy", vm_page_unwire, (0,), {"wire_count": 1}, "KKASSERT", "", 1),
    (
        "unwire without busy or wiring: busy is looked at first",
        vm_page_unwire,
        (0,),
        {},
        "KKASSERT",
        "",
        0,
    ),
    (
        "unwire of an unwired page",
        vm_page_unwire,
        (0,),
        {"busy_count": BUSY},
        "panic",
        "vm_page_unwire: invalid wire count: ",
        0,
    ),
    (
        "unwire of a count that is negative when signed",
        vm_page_unwire,
        (0,),
        {"busy_count": BUSY, "wire_count": 1 << 31},
        "panic",
        "vm_page_unwire: invalid wire count: ",
        1 << 31,
    ),
    (
        "wire until the count wraps",
        vm_page_wire,
        (),
        {"busy_count": BUSY, "wire_count": 0xFFFFFFFF},
        "panic",
        "vm_page_wire: wire_count overflow m=",
        0,
    ),
    (
        "wire_quick of an unwired page, which it has wired by then",
        vm_page_wire_quick,
        (),
        {},
        "panic",
        "vm_page_wire_quick: wire_count was 0",
        1,
    ),
    ("unwire_quick of an unwired page", vm_page_unwire_quick, (), {}, "KKASSERT", "", 0),
]


@pytest.mark.parametrize(
    ("function", "arguments", "fields", "kind", "message", "after"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_wiring_refuses(
    function: Any, arguments: tuple[int, ...], fields: dict[str, Any], kind: str, message: str, after: int
) -> None:
    crew = Crew(check=unchecked)  # no run is long enough for some of these counts
    m = crew.page(**fields)
    with pytest.raises(KernelPanic) as caught:
        crew.call(function, m, *arguments)
    panic = caught.value
    assert (panic.kind, panic.function, panic.message) == (kind, function.__name__, message)
    assert crew.vm.page.wire_count[m] == after
