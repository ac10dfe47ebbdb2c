"""Pages that break the rules of busying, wiring, holding and freeing."""

from __future__ import annotations

from typing import Any

from engine.constants import PG_MAPPED, PG_NEED_COMMIT, PG_UNQUEUED


def test_a_queued_page_that_never_is(town: Any, finds: Any) -> None:
    town.vm.page.flags[town.first] = PG_UNQUEUED
    flags = f"{town.name(town.first)}.flags 0x800 contain FICTITIOUS or UNQUEUED"
    finds("unqueued", f"never queued: {flags}, but its queue is queue[INACTIVE,0]")


def test_a_free_page_in_an_object(town: Any, finds: Any) -> None:
    town.vm.page.object[town.free] = 1
    says = f"{town.name(town.free)}.object is object[file]"
    finds("free", f"a free page is in no object: {says}, but its queue is queue[FREE,0]", "residency")


def test_a_free_page_that_is_mapped(town: Any, finds: Any) -> None:
    town.vm.page.flags[town.free] |= PG_MAPPED
    finds("free", _in_use(town, town.free, "FREE"))


def test_a_page_on_hold_to_be_committed(town: Any, finds: Any) -> None:
    town.vm.page.flags[town.held] |= PG_NEED_COMMIT
    finds("free", _in_use(town, town.held, "HOLD"))


def _in_use(town: Any, m: int, queue: str) -> str:
    says = f"{town.name(m)}.flags {town.vm.page.flags[m]:#x} contain MAPPED, WRITEABLE or NEED_COMMIT"
    return f"a free page is not in use: {says}, but its queue is queue[{queue},0]"


def test_a_soft_busy_dropped_once_too_often(town: Any, finds: Any) -> None:
    town.vm.page.busy_count[town.first] = -1
    says = f"{town.name(town.first)}.busy_count is 0xffffffff"
    finds("busy", f"soft busy: {says}, but a soft-busy count is never below 0")


def test_a_wiring_undone_once_too_often(town: Any, finds: Any) -> None:
    town.vm.page.wire_count[town.first] = -1
    finds("wiring", f"wiring: {town.name(town.first)}.wire_count is -1, but a wire count is never below 0")


def test_a_free_page_that_is_wired(town: Any, finds: Any) -> None:
    town.vm.page.wire_count[town.free] = 1
    says = f"{town.name(town.free)}.wire_count is 1"
    finds("wiring", f"a free page is not wired: {says}, but its queue is queue[FREE,0]", "counters")


def test_a_hold_undone_once_too_often(town: Any, finds: Any) -> None:
    town.vm.page.hold_count[town.first] = -1
    finds(
        "holds",
        f"holds of a page: {town.name(town.first)}.hold_count is -1, but a hold count is never below 0",
    )


def test_an_object_dropped_once_too_often(town: Any, finds: Any) -> None:
    town.vm.object.hold_count[0] = -1
    finds("holds", "holds of an object: object[heap].hold_count is -1, but a hold count is never below 0")
