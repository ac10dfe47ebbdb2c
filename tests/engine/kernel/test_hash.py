"""The page hash: positions, replacement, and why a stale element does no harm (spec 06)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import NULL, OBJT_VNODE, PBUSY_LOCKED, PG_MAPPEDMULTI, Obj, Page
from engine.kernel.busy import vm_page_busy_try
from engine.kernel.hash import crc32c, hash_position, vm_page_hash_enter, vm_page_hash_get
from engine.kernel.objects import vm_page_insert, vm_page_remove
from engine.kernel.tokens import lwkt_gettoken
from engine.machine.machine import Machine
from tests.engine.kernel.checked_crew import DONE, THERE, Crew, configuration, unchecked

OBJ, PINDEX = 1, 7


def crew_of(rule: str = "source") -> Crew:
    return Crew(configuration(hash_rule=rule))


def entered(crew: Crew, **fields: Any) -> int:
    """A page of OBJ at PINDEX that may be in the hash."""
    crew.vm.page.flags[m := crew.page(obj=OBJ, pindex=PINDEX, **fields)] |= PG_MAPPEDMULTI
    crew.call(vm_page_hash_enter, m)
    return m


def element(vm: Machine, slot: int) -> tuple[int, int, int, int]:
    return vm.hash.m[slot], vm.hash.object[slot], vm.hash.pindex[slot], vm.hash.ticks[slot]


def filled(crew: Crew) -> list[int]:
    """The elements in use."""
    return [slot for slot in range(crew.vm.hash.length) if crew.vm.hash.m[slot] != NULL]


def test_the_checksum_is_castagnolis() -> None:
    assert crc32c(b"123456789") == 0xE3069283


@pytest.mark.parametrize(
    ("address", "crc", "position"),
    [(0xFFFFF80012345600, 0xFC44444B, 1700), (0xFFFFF800000010C0, 0xD5192D69, 1799)],
)
def test_positions_of_known_objects(address: int, crc: int, position: int) -> None:
    crew = crew_of()
    crew.vm.object.address[OBJ] = address
    assert crew.vm.glob.vm_page_hash_size[0] == 4096
    assert crc32c(address.to_bytes(8, "little")) == crc
    assert hash_position(crew.vm, Obj(OBJ), 0) == position
    assert hash_position(crew.vm, Obj(OBJ), 3) == position + 12
    assert hash_position(crew.vm, Obj(OBJ), 1024) == position


# Which of the four elements each of nine entries goes to, from an empty set.
ORDERS = [
    ("source, time passing", "source", 1, [0, 3, 2, 1, 0, 3, 2, 1, 0]),
    ("source, all at one tick", "source", 0, [0, 3, 2, 1, 0, 0, 0, 0, 0]),
    ("lru, time passing", "lru", 1, [0, 1, 2, 3, 0, 1, 2, 3, 0]),
    ("lru, all at one tick", "lru", 0, [0, 1, 2, 3, 0, 0, 0, 0, 0]),
]


@pytest.mark.parametrize(
    ("rule", "passing", "order"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
def test_the_order_in_which_elements_are_replaced(rule: str, passing: int, order: list[int]) -> None:
    crew = crew_of(rule)
    crew.vm.glob.ticks[0] = 1000
    first = hash_position(crew.vm, Obj(OBJ), 0)
    went = []
    for entry in range(len(order)):
        m = crew.page(obj=OBJ, pindex=entry * 1024, flags=PG_MAPPEDMULTI)
        crew.call(vm_page_hash_enter, m)
        went += [slot - first for slot in range(first, first + 4) if crew.vm.hash.m[slot] == m]
        crew.vm.glob.ticks[0] += passing
    assert went == order


VICTIMS = [
    # rule, ticks of the four elements (all in use), now, the element replaced
    ("the last one older than the first", "source", (50, 10, 20, 60), 100, 2),
    ("the first if none is older", "source", (10, 20, 30, 40), 100, 0),
    ("one from the future", "source", (10, 20, 200, 40), 100, 2),
    ("one tick ahead is not in the future", "source", (10, 20, 101, 40), 100, 0),
    ("plain comparison across the wrap", "source", (-(1 << 31), *[(1 << 31) - 7] * 3), -(1 << 31) + 1, 0),
    ("the oldest", "lru", (50, 10, 20, 60), 100, 1),
    ("the oldest across the wrap", "lru", (-(1 << 31), *[(1 << 31) - 7] * 3), -(1 << 31) + 1, 1),
]


@pytest.mark.parametrize(
    ("rule", "ticks", "now", "victim"), [row[1:] for row in VICTIMS], ids=[row[0] for row in VICTIMS]
)
def test_the_victim_among_four_elements_in_use(
    rule: str, ticks: tuple[int, ...], now: int, victim: int
) -> None:
    crew = crew_of(rule)
    first = hash_position(crew.vm, Obj(OBJ), PINDEX)
    for slot, stamp in enumerate(ticks, first):
        crew.vm.hash.m[slot], crew.vm.hash.object[slot] = 3, 2
        crew.vm.hash.ticks[slot] = stamp
    crew.vm.glob.ticks[0] = now
    m = entered(crew)
    assert element(crew.vm, first + victim) == (m, OBJ, PINDEX, now)
    assert [crew.vm.hash.m[slot] for slot in range(first, first + 4)].count(Page(3)) == 3


def test_entering_a_page_again_only_refreshes_its_ticks() -> None:
    crew = crew_of()
    m = entered(crew)
    crew.vm.glob.ticks[0] += 5
    crew.call(vm_page_hash_enter, m)
    assert [element(crew.vm, slot) for slot in filled(crew)] == [(m, OBJ, PINDEX, crew.vm.glob.ticks[0])]


IGNORED = [
    ("a page that is not mapped more than once", {"flags": 0}, {}),
    ("a page without an object", {"object": NULL}, {}),
    ("any page before boot has made the table", {}, {"vm_page_hash_size": 0}),
    ("a page of no vnode, if only those are wanted", {}, {"vm_page_hash_vnode_only": 1}),
]


@pytest.mark.parametrize(("page", "glob"), [row[1:] for row in IGNORED], ids=[row[0] for row in IGNORED])
def test_what_the_hash_does_not_take(page: dict[str, Any], glob: dict[str, Any]) -> None:
    crew = Crew(configuration(), check=unchecked)
    m = crew.page(obj=OBJ, pindex=PINDEX, **({"flags": PG_MAPPEDMULTI} | page))
    for name, value in glob.items():
        getattr(crew.vm.glob, name)[0] = value
    crew.call(vm_page_hash_enter, m)
    assert filled(crew) == []


def test_a_vnodes_page_is_taken_even_if_only_those_are_wanted() -> None:
    crew = crew_of()
    crew.vm.glob.vm_page_hash_vnode_only[0] = 1
    crew.vm.object.type[OBJ] = OBJT_VNODE
    m = entered(crew)
    assert [crew.vm.hash.m[slot] for slot in filled(crew)] == [m]


def test_the_hash_finds_a_page_and_soft_busies_it() -> None:
    crew = crew_of()
    m = entered(crew)
    crew.vm.glob.ticks[0] += 3
    assert crew.call(vm_page_hash_get, OBJ, PINDEX) == m
    assert crew.vm.page.busy_count[m] == 1
    assert [crew.vm.hash.ticks[slot] for slot in filled(crew)] == [crew.vm.glob.ticks[0]]


MISSES = [
    ("another pindex", (OBJ, PINDEX + 1), {}),
    ("another object", (OBJ + 1, PINDEX), {}),
    ("a hard-busied page", (OBJ, PINDEX), {"busy_count": PBUSY_LOCKED}),
    ("a page that has left its object", (OBJ, PINDEX), {"object": NULL}),
    ("a page that is elsewhere in it", (OBJ, PINDEX), {"pindex": PINDEX + 1}),
]


@pytest.mark.parametrize(("asked", "fields"), [row[1:] for row in MISSES], ids=[row[0] for row in MISSES])
def test_what_the_hash_does_not_find(asked: tuple[int, int], fields: dict[str, Any]) -> None:
    crew = Crew(configuration(), check=unchecked)
    m = entered(crew)
    for name, value in fields.items():
        getattr(crew.vm.page, name)[m] = value
    busy = crew.vm.page.busy_count[m]
    assert crew.call(vm_page_hash_get, *asked) == NULL
    assert crew.vm.page.busy_count[m] == busy


def test_without_a_table_nothing_is_found() -> None:
    crew = crew_of()
    entered(crew)
    crew.vm.glob.vm_page_hash_size[0] = 0
    assert crew.call(vm_page_hash_get, OBJ, PINDEX) == NULL


def test_a_page_that_leaves_before_it_is_soft_busied_is_given_back_by_the_second_look() -> None:
    crew = crew_of()
    m = entered(crew)
    crew.begin(1, vm_page_hash_get, OBJ, PINDEX)
    assert crew.play(1, until="read busy_count") == THERE
    crew.call(vm_page_busy_try, m, 0)
    crew.call(vm_page_remove, m)
    crew.vm.page.busy_count[m] = 0
    assert crew.play(1) == DONE
    assert crew.results[1] == NULL
    assert crew.vm.page.busy_count[m] == 0


def test_a_reader_sees_half_an_element_and_finds_nothing() -> None:
    crew = crew_of()
    m = crew.page(obj=OBJ, pindex=PINDEX, flags=PG_MAPPEDMULTI)
    crew.begin(0, vm_page_hash_enter, m)
    assert crew.play(0, until="write the element's pindex") == THERE
    assert crew.call(vm_page_hash_get, OBJ, PINDEX, t=1) == NULL
    assert crew.play(0) == DONE
    assert crew.call(vm_page_hash_get, OBJ, PINDEX, t=1) == m


def test_an_element_outlives_its_page_and_is_true_again_when_the_page_comes_back() -> None:
    crew = crew_of()
    m = entered(crew)
    crew.call(vm_page_busy_try, m, 0)
    crew.call(vm_page_remove, m)
    crew.vm.page.busy_count[m] = 0
    assert len(filled(crew)) == 1
    assert crew.call(vm_page_hash_get, OBJ, PINDEX) == NULL
    crew.call(lwkt_gettoken, OBJ)
    crew.call(vm_page_insert, m, OBJ, PINDEX)
    assert crew.call(vm_page_hash_get, OBJ, PINDEX) == m
