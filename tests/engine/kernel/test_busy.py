"""Busying a page: which thread gets it, which ones wait and are woken, and what remains (spec 05)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import PBUSY_LOCKED, PBUSY_SWAPINPROG, PBUSY_WANTED, PG_REFERENCED
from engine.errors import KernelPanic
from engine.kernel.busy import (
    vm_page_busy_try,
    vm_page_busy_wait,
    vm_page_flash,
    vm_page_io_finish,
    vm_page_io_start,
    vm_page_sbusy_drop,
    vm_page_sbusy_hold,
    vm_page_sbusy_try,
    vm_page_sleep_busy,
    vm_page_wakeup,
)
from engine.machine.machine import Switches
from tests.engine.kernel.checked_crew import ASLEEP, DONE, THERE, Crew, configuration, unchecked

LOCKED, WANTED, SWAPIN = PBUSY_LOCKED, PBUSY_WANTED, PBUSY_SWAPINPROG

# also_m_busy means another thing to each: any bit to busy_wait, only the soft count to the two others.
FOUND = [
    # what busy_count is, also, busy_wait, busy_try fails, sleep_busy
    ("nothing", 0, 0, DONE, False, DONE),
    ("nothing, also", 0, 1, DONE, False, DONE),
    ("a hard busy", LOCKED, 0, ASLEEP, True, ASLEEP),
    ("a hard busy, also", LOCKED, 1, ASLEEP, True, ASLEEP),
    ("a soft busy", 1, 0, DONE, False, DONE),
    ("a soft busy, also", 1, 1, ASLEEP, True, ASLEEP),
    ("a stranded WANTED", WANTED, 0, DONE, False, DONE),
    ("a stranded WANTED, also", WANTED, 1, ASLEEP, False, DONE),
    ("a swap read", SWAPIN, 0, DONE, False, DONE),
    ("a swap read, also", SWAPIN, 1, ASLEEP, False, DONE),
    ("soft and hard", LOCKED | 2, 0, ASLEEP, True, ASLEEP),
]


@pytest.mark.parametrize(("busy", "also", "wait"), [(row[1], row[2], row[3]) for row in FOUND])
def test_busy_wait_sleeps_on_a_hard_busy_and_with_also_on_any_bit(busy: int, also: int, wait: str) -> None:
    crew = Crew()
    m = crew.page(busy_count=busy)
    assert crew.start(1, vm_page_busy_wait, m, also) == wait
    asleep = wait == ASLEEP
    assert crew.vm.page.busy_count[m] == busy | (WANTED if asleep else LOCKED)
    assert bool(crew.vm.page.flags[m] & PG_REFERENCED) is asleep


@pytest.mark.parametrize(("busy", "also", "fails"), [(row[1], row[2], row[4]) for row in FOUND])
def test_busy_try_fails_on_a_hard_busy_and_with_also_on_soft_ones(busy: int, also: int, fails: bool) -> None:
    crew = Crew()
    m = crew.page(busy_count=busy)
    assert crew.call(vm_page_busy_try, m, also) is fails
    assert crew.vm.page.busy_count[m] == (busy if fails else busy | LOCKED)
    assert not crew.vm.page.flags[m] & PG_REFERENCED


@pytest.mark.parametrize(("busy", "also", "sleeps"), [(row[1], row[2], row[5]) for row in FOUND])
def test_sleep_busy_sleeps_once_and_takes_nothing(busy: int, also: int, sleeps: str) -> None:
    crew = Crew()
    m = crew.page(busy_count=busy)
    assert crew.start(1, vm_page_sleep_busy, m, also) == sleeps
    assert crew.vm.page.busy_count[m] == busy | (WANTED if sleeps == ASLEEP else 0)
    if sleeps == ASLEEP:
        crew.call(vm_page_flash, m)
        assert crew.play(1) == DONE
        assert crew.vm.page.busy_count[m] == busy


@pytest.mark.parametrize("busy", [0, 1, SWAPIN | 3])
def test_the_release_wakes_every_waiter_and_one_of_them_gets_the_page(busy: int) -> None:
    crew = Crew(cpus=(0, 1, 1))
    m = crew.page(busy_count=LOCKED | busy)
    assert [crew.start(t, vm_page_busy_wait, m, 0) for t in (1, 2)] == [ASLEEP, ASLEEP]
    crew.call(vm_page_wakeup, m)
    assert crew.vm.page.busy_count[m] == busy
    assert crew.effects[-1][0::2] == ("wakeup", (1, 2))
    assert [crew.play(t) for t in (1, 2)] == [DONE, ASLEEP]
    assert crew.vm.page.busy_count[m] == LOCKED | WANTED | busy


def test_a_release_without_waiters_wakes_no_thread() -> None:
    crew = Crew()
    m = crew.page(busy_count=LOCKED)
    crew.effects.clear()
    crew.call(vm_page_wakeup, m)
    assert crew.vm.page.busy_count[m] == 0
    assert crew.effects == []


def test_a_release_keeps_what_came_between_its_read_and_its_compare_and_set() -> None:
    crew = Crew()
    m = crew.page(busy_count=LOCKED)
    crew.begin(0, vm_page_wakeup, m)
    assert crew.play(0, until="compare-and-clear LOCKED and WANTED") == THERE
    assert crew.start(1, vm_page_busy_wait, m, 0) == ASLEEP
    assert crew.play(0) == DONE
    assert crew.play(1) == DONE
    assert crew.vm.page.busy_count[m] == LOCKED


COMPARED = [
    ("busy_wait takes", vm_page_busy_wait, (0,), 0, "compare-and-set LOCKED", LOCKED | 1),
    ("busy_try takes", vm_page_busy_try, (0,), 0, "compare-and-set LOCKED", LOCKED | 1),
    ("busy_try with also, soft-busied meanwhile", vm_page_busy_try, (1,), 0, "compare-and-set LOCKED", 1),
    ("sbusy_try adds", vm_page_sbusy_try, (), 0, "compare-and-set the soft count + 1", 2),
    ("sleep_busy, released meanwhile", vm_page_sleep_busy, (0,), LOCKED, "compare-and-set WANTED", 0),
]


@pytest.mark.parametrize(
    ("function", "arguments", "before", "at", "after"),
    [row[1:] for row in COMPARED],
    ids=[row[0] for row in COMPARED],
)
def test_a_compare_and_set_that_fails_looks_again(
    function: Any, arguments: tuple[int, ...], before: int, at: str, after: int
) -> None:
    crew = Crew()
    m = crew.page(busy_count=before)
    crew.begin(0, function, m, *arguments)
    assert crew.play(0, until=at) == THERE
    crew.call(vm_page_wakeup if before else vm_page_sbusy_try, m, t=1)
    crew.step(0)
    assert crew.next_action(0) == "read busy_count"
    assert crew.play(0) == DONE
    assert crew.vm.page.busy_count[m] == after


INTERLOCK = [
    ("with the interlock it does not sleep at all", True, DONE),
    ("without it the wakeup is lost", False, ASLEEP),
]


@pytest.mark.parametrize(
    ("interlock", "ends"), [row[1:] for row in INTERLOCK], ids=[row[0] for row in INTERLOCK]
)
def test_a_wakeup_between_wanted_and_the_sleep(interlock: bool, ends: str) -> None:
    crew = Crew(configuration(switches=Switches(interlock=interlock)))
    m = crew.page(busy_count=LOCKED)
    crew.begin(1, vm_page_busy_wait, m, 0)
    assert crew.play(1, until="go to sleep") == THERE
    crew.call(vm_page_wakeup, m)
    assert crew.play(1) == ends
    assert crew.vm.page.busy_count[m] == (LOCKED if interlock else 0)


def test_an_interlocked_thread_that_got_the_page_stays_listed_and_is_only_delisted() -> None:
    crew = Crew()
    m = crew.page(busy_count=LOCKED)
    crew.begin(1, vm_page_busy_wait, m, 0)
    assert crew.play(1, until="compare-and-set WANTED") == THERE
    crew.call(vm_page_wakeup, m)
    assert crew.play(1) == DONE
    assert crew.vm.thread.chan[1] != 0
    crew.vm.page.busy_count[m] |= WANTED
    crew.call(vm_page_wakeup, m)
    assert crew.vm.thread.chan[1] == 0
    assert crew.effects[-1][0::2] == ("wakeup", ())


SOFT = [
    ("sbusy_try on an idle page", vm_page_sbusy_try, 0, False, 1),
    ("sbusy_try on a soft-busied page", vm_page_sbusy_try, 4, False, 5),
    ("sbusy_try keeps the other bits", vm_page_sbusy_try, WANTED | SWAPIN, False, WANTED | SWAPIN | 1),
    ("sbusy_try on a hard-busied page", vm_page_sbusy_try, LOCKED, True, LOCKED),
    ("sbusy_hold on a hard-busied page", vm_page_sbusy_hold, LOCKED, None, LOCKED | 1),
    ("io_start on a hard-busied page", vm_page_io_start, LOCKED | 1, None, LOCKED | 2),
    ("sbusy_drop of one of two", vm_page_sbusy_drop, 2, None, 1),
    ("sbusy_drop of the last", vm_page_sbusy_drop, 1, None, 0),
    ("sbusy_drop below 0 runs through all bits", vm_page_sbusy_drop, 0, None, 0xFFFFFFFF),
    ("io_finish of the last", vm_page_io_finish, LOCKED | 1, None, LOCKED),
]


@pytest.mark.parametrize(
    ("function", "before", "returned", "after"), [row[1:] for row in SOFT], ids=[row[0] for row in SOFT]
)
def test_the_soft_count(function: Any, before: int, returned: bool | None, after: int) -> None:
    crew = Crew(check=unchecked)  # one row damages busy_count, as the kernel does
    m = crew.page(busy_count=before)
    assert crew.call(function, m) is returned
    assert crew.vm.page.busy_count[m] == after


RELEASES = [
    # how the last soft busy goes, what else is set, who wakes, what is left
    ("sbusy_drop of the last one wakes", vm_page_sbusy_drop, 0, (1,), 0),
    ("sbusy_drop of one of two does not", vm_page_sbusy_drop, 1, None, WANTED | 1),
    ("sbusy_drop under a swap read does not", vm_page_sbusy_drop, SWAPIN, None, WANTED | SWAPIN),
    ("sbusy_drop under a hard busy does not", vm_page_sbusy_drop, LOCKED, None, WANTED | LOCKED),
    ("io_finish never does and strands WANTED", vm_page_io_finish, 0, None, WANTED),
]


@pytest.mark.parametrize(
    ("function", "beside", "woken", "left"), [row[1:] for row in RELEASES], ids=[row[0] for row in RELEASES]
)
def test_who_wakes_the_waiter_of_a_soft_busied_page(
    function: Any, beside: int, woken: tuple[int, ...] | None, left: int
) -> None:
    crew = Crew()
    m = crew.page(busy_count=1 + beside)
    assert crew.start(1, vm_page_busy_wait, m, 1) == ASLEEP
    crew.effects.clear()
    crew.call(function, m)
    assert crew.vm.page.busy_count[m] == left
    assert [effect[2] for effect in crew.effects if effect[0] == "wakeup"] == (
        [] if woken is None else [woken]
    )
    assert crew.asleep(1) is (woken is None)


def test_a_stranded_wanted_keeps_the_next_waiter_asleep_though_the_page_has_no_owner() -> None:
    crew = Crew()
    m = crew.page(busy_count=1)
    assert crew.start(1, vm_page_busy_wait, m, 1) == ASLEEP
    crew.call(vm_page_io_finish, m)
    assert crew.start(2, vm_page_busy_wait, m, 1) == ASLEEP
    crew.call(vm_page_flash, m)
    assert [crew.play(t) for t in (1, 2)] == [DONE, ASLEEP]


@pytest.mark.parametrize(("before", "after", "wakes"), [(LOCKED | WANTED, LOCKED, 1), (LOCKED, LOCKED, 0)])
def test_flash_wakes_without_releasing(before: int, after: int, wakes: int) -> None:
    crew = Crew()
    m = crew.page(busy_count=before)
    crew.effects.clear()
    crew.call(vm_page_flash, m)
    assert crew.vm.page.busy_count[m] == after
    assert len(crew.effects) == wakes


REFUSED = [
    ("waking a page that is not busied", vm_page_wakeup, 1, "panic", "vm_page_wakeup: page not busy!!!", 1),
    ("an I/O on a page that is not busied", vm_page_io_start, 0, "KKASSERT", "", 1),
    ("the end of an I/O that was not", vm_page_io_finish, LOCKED, "KKASSERT", "", LOCKED - 1),
]


@pytest.mark.parametrize(
    ("function", "before", "kind", "message", "after"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_a_busy_that_is_not_there_is_a_panic(
    function: Any, before: int, kind: str, message: str, after: int
) -> None:
    crew = Crew()
    m = crew.page(busy_count=before)
    with pytest.raises(KernelPanic) as caught:
        crew.call(function, m)
    panic = caught.value
    assert (panic.kind, panic.function, panic.message) == (kind, function.__name__, message)
    assert panic.page == m
    assert crew.vm.page.busy_count[m] == after
