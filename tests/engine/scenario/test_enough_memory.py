"""How much memory a machine with given queue lengths needs."""

from __future__ import annotations

import pytest

from engine.constants import V_PAGE_COUNT
from engine.errors import BadInput
from engine.kernel.boot.queue_lengths import missing_pages
from engine.kernel.boot.sequence import boot
from engine.machine.counters import Counters
from engine.machine.machine import MachineConfig
from engine.machine.topology import MAX_PAGES, parse_grid, regular
from engine.scenario.enough_memory import enough_memory, memory_of

ONE = parse_grid("1x1x1")


def counters_of(*inactive: int) -> Counters:
    none = (0,) * len(inactive)
    return Counters(none, none, none, inactive, none, "test")


@pytest.mark.parametrize("pages", [300, 1000, 4096, 12345])
def test_boot_adds_as_many_pages_as_are_wanted(pages: int) -> None:
    vm = boot(MachineConfig(regular("wanted", memory_of(pages), ONE)))
    assert vm.vmstats.count[V_PAGE_COUNT] == pages


@pytest.mark.parametrize(("grid", "colors"), [("1x1x1", 1), ("2x4x2", 16), ("3x2x1", 64)])
def test_the_machine_is_enough_and_one_of_two_mib_less_is_not(grid: str, colors: int) -> None:
    topology, counters = parse_grid(grid), counters_of(*[700] * min(colors, 60), *[0] * (colors - 60))
    size = enough_memory(counters, topology)
    for memory, enough in ((size, True), (size - (2 << 20), False)):
        vm = boot(MachineConfig(regular("tried", memory, topology), colors=colors))
        assert missing_pages(vm, counters).any() != enough


def test_a_reserve_and_a_number_of_pages_count() -> None:
    counters = counters_of(100, 100)
    assert enough_memory(counters, ONE) == 1 << 20
    assert enough_memory(counters, ONE, dma_reserved=4 << 20) == 2 << 20
    assert enough_memory(counters, ONE, page_count=4000) == memory_of(4000)
    for useless in (10, MAX_PAGES + 1, -5):
        assert enough_memory(counters, ONE, page_count=useless) == 1 << 20


def test_what_no_machine_has_is_refused_without_booting_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.scenario.enough_memory.boot", None)
    words = "no machine of up to 64 GiB with this topology has 8,388,609 pages of colour 1; use another"
    with pytest.raises(BadInput, match=words):
        enough_memory(counters_of(0, (MAX_PAGES >> 1) + 1), ONE)


def test_a_colour_that_no_socket_has_is_refused() -> None:
    with pytest.raises(BadInput, match="with this topology has 700 pages of colour 15; use another topology"):
        enough_memory(counters_of(*[700] * 16), parse_grid("3x2x1"))
