"""Looking pages up in their objects and busying them on the way (spec 06)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_SWAPINPROG,
    PBUSY_WANTED,
    PG_FICTITIOUS,
    PG_MAPPEDMULTI,
    PG_REFERENCED,
)
from engine.errors import KernelPanic
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.lookup import (
    vm_page_lookup,
    vm_page_lookup_busy_try,
    vm_page_lookup_busy_wait,
    vm_page_lookup_sbusy_try,
    vm_page_next,
)
from engine.kernel.objects import vm_page_remove
from engine.kernel.tokens import lwkt_gettoken_shared
from tests.engine.kernel.checked_crew import ASLEEP, DONE, THERE, Crew

OBJ = 1
LOCKED = PBUSY_LOCKED


def holding(mode: Any = lwkt_gettoken_shared) -> Crew:
    """A crew whose thread 0 has the token of OBJ."""
    crew = Crew()
    crew.call(mode, OBJ)
    return crew


def sharing_page(**fields: Any) -> tuple[Crew, int]:
    """A page of OBJ at 5, and thread 0 sharing the object's token."""
    crew = Crew()
    m = crew.page(obj=OBJ, pindex=5, **fields)
    crew.call(lwkt_gettoken_shared, OBJ)
    return crew, m


def test_a_lookup_finds_the_page_neither_busied_nor_held_and_hashes_it() -> None:
    crew, m = sharing_page(flags=PG_MAPPEDMULTI)
    assert crew.call(vm_page_lookup, OBJ, 5) == m
    assert (crew.vm.page.busy_count[m], crew.vm.page.hold_count[m]) == (0, 0)
    assert crew.vm.memory.vector("hash.m").any()
    assert crew.call(vm_page_lookup, OBJ, 6) == NULL


CALLS: list[tuple[Any, tuple[int, ...]]] = [
    (vm_page_lookup, (OBJ, 5)),
    (vm_page_lookup_busy_wait, (OBJ, 5, 0)),
    (vm_page_lookup_busy_try, (OBJ, 5, 0)),
    (vm_page_lookup_sbusy_try, (OBJ, 5, 0, 512)),
]


@pytest.mark.parametrize(("function", "arguments"), CALLS, ids=[row[0].__name__ for row in CALLS])
def test_every_lookup_asserts_the_token(function: Any, arguments: tuple[int, ...]) -> None:
    crew = Crew()
    with pytest.raises(KernelPanic) as caught:
        crew.call(function, *arguments)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", function.__name__)


BUSY = [
    ("an idle page", 0, 1, 0, LOCKED),
    ("a hard-busied page", LOCKED, 0, 1, LOCKED),
    ("a soft-busied page", 2, 0, 0, LOCKED | 2),
    ("a soft-busied page, also", 2, 1, 1, 2),
    ("a stranded WANTED, also: any bit counts", PBUSY_WANTED, 1, 1, PBUSY_WANTED),
    ("a swap read, also: any bit counts", PBUSY_SWAPINPROG, 1, 1, PBUSY_SWAPINPROG),
]


@pytest.mark.parametrize(
    ("busy", "also", "error", "after"), [row[1:] for row in BUSY], ids=[row[0] for row in BUSY]
)
def test_lookup_busy_try_returns_the_page_even_when_it_is_busy(
    busy: int, also: int, error: int, after: int
) -> None:
    crew, m = sharing_page(busy_count=busy)
    assert crew.call(vm_page_lookup_busy_try, OBJ, 5, also) == (m, error)
    assert crew.vm.page.busy_count[m] == after


@pytest.mark.parametrize(
    ("busy", "also", "error", "after"), [row[1:] for row in BUSY], ids=[row[0] for row in BUSY]
)
def test_lookup_busy_wait_sleeps_where_lookup_busy_try_fails(
    busy: int, also: int, error: int, after: int
) -> None:
    crew, m = sharing_page(busy_count=busy)
    assert crew.start(0, vm_page_lookup_busy_wait, OBJ, 5, also) == (ASLEEP if error else DONE)
    assert crew.vm.page.busy_count[m] == after | (PBUSY_WANTED if error else 0)
    assert bool(crew.vm.page.flags[m] & PG_REFERENCED) is bool(error)


def test_there_is_nothing_to_busy_where_there_is_no_page() -> None:
    crew = holding()
    assert crew.call(vm_page_lookup_busy_try, OBJ, 9, 1) == (NULL, 0)
    assert crew.call(vm_page_lookup_busy_wait, OBJ, 9, 1) == NULL
    assert crew.call(vm_page_lookup_sbusy_try, OBJ, 9, 0, 512) == NULL


def test_after_the_sleep_the_page_is_looked_up_again_because_the_token_was_gone() -> None:
    crew, m = sharing_page(busy_count=LOCKED)
    assert crew.start(0, vm_page_lookup_busy_wait, OBJ, 5, 0) == ASLEEP
    assert crew.vm.object.token_shared[OBJ] == 0
    crew.call(vm_page_remove, m, t=1)
    crew.call(vm_page_wakeup, m, t=1)
    assert crew.play(0) == DONE
    assert crew.results[0] == NULL
    assert crew.vm.object.token_shared[OBJ] == 1


def test_after_the_sleep_another_page_may_be_there() -> None:
    crew, m = sharing_page(busy_count=LOCKED)
    assert crew.start(0, vm_page_lookup_busy_wait, OBJ, 5, 0) == ASLEEP
    crew.call(vm_page_remove, m, t=1)
    other = crew.page_by(1, OBJ, 5)
    crew.call(vm_page_wakeup, other, t=1)
    crew.call(vm_page_wakeup, m, t=1)
    assert crew.play(0) == DONE
    assert crew.results[0] == other
    assert crew.vm.page.busy_count[other] == LOCKED


def test_a_sleeper_that_lost_the_race_for_wanted_looks_at_the_same_page_without_a_new_search() -> None:
    crew, m = sharing_page(busy_count=LOCKED)
    crew.begin(0, vm_page_lookup_busy_wait, OBJ, 5, 0)
    assert crew.play(0, until="compare-and-set WANTED") == THERE
    crew.call(vm_page_wakeup, m, t=1)
    crew.step(0)
    assert crew.next_action(0) == "read busy_count"
    assert crew.play(0) == DONE
    assert crew.results[0] == m


SOFT = [
    # valid, offset, size, flags, busy, found
    ("a fully valid page", 0xFF, 0, 4096, 0, 0, True),
    ("the range of a fully valid page is not checked", 0xFF, 4000, 4096, 0, 0, True),
    ("a page valid where it matters", 0x02, 512, 512, 0, 0, True),
    ("a page that is not", 0x02, 512, 513, 0, 0, False),
    ("a page with nothing valid", 0x00, 0, 0, 0, 0, False),
    ("a fictitious page", 0xFF, 0, 512, PG_FICTITIOUS, 0, False),
    ("a hard-busied page", 0xFF, 0, 512, 0, LOCKED, False),
]


@pytest.mark.parametrize(
    ("valid", "offset", "size", "flags", "busy", "found"),
    [row[1:] for row in SOFT],
    ids=[row[0] for row in SOFT],
)
def test_lookup_sbusy_try(valid: int, offset: int, size: int, flags: int, busy: int, found: bool) -> None:
    crew, m = sharing_page(valid=valid, flags=flags, busy_count=busy)
    assert crew.call(vm_page_lookup_sbusy_try, OBJ, 5, offset, size) == (m if found else NULL)
    assert crew.vm.page.busy_count[m] == busy + found


def test_lookup_sbusy_try_checks_again_once_the_page_cannot_change() -> None:
    crew, m = sharing_page(valid=0xFF)
    crew.begin(0, vm_page_lookup_sbusy_try, OBJ, 5, 0, 4096)
    assert crew.play(0, until="check again now that the page cannot change") == THERE
    crew.vm.page.valid[m] = 0x7F
    assert crew.play(0) == DONE
    assert (crew.results[0], crew.vm.page.busy_count[m]) == (NULL, 0)


def test_next_is_the_page_at_the_next_pindex_and_no_other() -> None:
    crew = Crew()
    first, second, fourth = (crew.page(obj=OBJ, pindex=pindex) for pindex in (0, 1, 3))
    alone = crew.page()
    assert [crew.call(vm_page_next, m) for m in (first, second, fourth, alone)] == [second, *[NULL] * 3]


def test_next_of_the_last_possible_page_is_null() -> None:
    crew = Crew()
    last = crew.page(obj=OBJ, pindex=-1)
    first = crew.page(obj=OBJ, pindex=0)
    assert crew.call(vm_page_next, last) == NULL
    assert crew.call(vm_page_next, first) == NULL
