"""Differences between two moments on the map: the colours whose queues or pages differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.constants import PQ_NONE, type_and_color
from engine.debug.compare import Difference
from engine.machine.bookkeeping import PLUMBING
from engine.machine.machine import Machine

Colors = dict[str, frozenset[int]]
"""Colours by queue type."""


def differing_colors(vm: Machine, found: Iterable[Difference]) -> Colors:
    """The colours, by type, of queues that differ and of queues with a page that differs."""
    colors: dict[str, set[int]] = {}
    for difference in found:
        for name, color in _places(vm, difference):
            colors.setdefault(name, set()).add(color)
    return {name: frozenset(numbers) for name, numbers in colors.items()}


def differing_pages(vm: Machine, found: Iterable[Difference]) -> frozenset[int]:
    """The pages that differ in more than a lock or a link."""
    places = (vm.memory.place_of(difference.address) for difference in found)
    return frozenset(
        m
        for place, m in places
        if place.table == "page" and m < vm.marker_base and f"page.{place.name}" not in PLUMBING
    )


def _places(vm: Machine, difference: Difference) -> Iterator[tuple[str, int]]:
    place, index = vm.memory.place_of(difference.address)
    if f"{place.table}.{place.name}" in PLUMBING:
        return
    if place.table == "queue" and index != PQ_NONE:
        yield type_and_color(index)
    elif place.table == "page" and index < vm.vm_page_array_size:
        moved = place.name == "queue"
        queues = {difference.left, difference.right} if moved else {vm.page.queue[index]}
        for q in queues:
            yield ("NONE", vm.page.pc[index]) if q == PQ_NONE else type_and_color(q)
