"""LWKT tokens: modes, recursion, and what a sleep does to them (spec 06)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import PBUSY_LOCKED, Obj, Thread
from engine.errors import CapacityError, KernelPanic
from engine.kernel.busy import vm_page_busy_wait, vm_page_wakeup
from engine.kernel.tokens import (
    EXCLUSIVE,
    SHARED,
    held_mode,
    held_tokens,
    lwkt_gettoken,
    lwkt_gettoken_shared,
    lwkt_reltoken,
    lwkt_trytoken,
)
from engine.machine.machine import TOKENS_PER_THREAD, Switches
from engine.run.threads import Deadlock
from tests.engine.kernel.checked_crew import ASLEEP, DONE, WAITS, Crew, configuration

OBJ = 1
GET, SHARE = lwkt_gettoken, lwkt_gettoken_shared


def owner(crew: Crew, obj: int = OBJ) -> tuple[int, int, int]:
    """(owning thread + 1, depth, sharers)."""
    table = crew.vm.object
    return table.token_owner[obj], table.token_depth[obj], table.token_shared[obj]


PAIRS: list[tuple[str, Any, Any, str]] = [
    ("exclusive keeps exclusive out", GET, GET, WAITS),
    ("exclusive keeps shared out", GET, SHARE, WAITS),
    ("shared keeps exclusive out", SHARE, GET, WAITS),
    ("shared goes with shared", SHARE, SHARE, DONE),
]


@pytest.mark.parametrize(
    ("first", "second", "ends"), [row[1:] for row in PAIRS], ids=[row[0] for row in PAIRS]
)
def test_what_a_held_token_keeps_out(first: Any, second: Any, ends: str) -> None:
    crew = Crew()
    crew.call(first, OBJ)
    assert crew.start(1, second, OBJ) == ends
    crew.call(lwkt_reltoken, OBJ)
    assert crew.play(1) == DONE
    mode = EXCLUSIVE if second is GET else SHARED
    assert (held_mode(crew.vm, Thread(0), Obj(OBJ)), held_mode(crew.vm, Thread(1), Obj(OBJ))) == (0, mode)


def test_the_exclusive_owner_takes_it_again_in_either_mode_and_releases_it_level_by_level() -> None:
    crew = Crew()
    for function in (GET, GET, SHARE):
        crew.call(function, OBJ)
    assert owner(crew) == (1, 3, 0)
    for left in (2, 1):
        crew.call(lwkt_reltoken, OBJ)
        assert owner(crew) == (1, left, 0)
    assert crew.start(1, GET, OBJ) == WAITS
    crew.call(lwkt_reltoken, OBJ)
    assert crew.play(1) == DONE
    assert owner(crew) == (2, 1, 0)


TRIES: list[tuple[str, Any, int, bool]] = [
    ("a free one", None, 0, True),
    ("one's own", GET, 0, True),
    ("one that another thread has", GET, 1, False),
    ("one that another thread shares", SHARE, 1, False),
    ("one that one shares oneself", SHARE, 0, False),
]


@pytest.mark.parametrize(("holder", "by", "taken"), [row[1:] for row in TRIES], ids=[row[0] for row in TRIES])
def test_trying_for_a_token(holder: Any, by: int, taken: bool) -> None:
    crew = Crew()
    if holder is not None:
        crew.call(holder, OBJ, t=by)
    assert crew.call(lwkt_trytoken, OBJ) is taken
    assert (held_mode(crew.vm, Thread(0), Obj(OBJ)) == EXCLUSIVE) is taken


@pytest.mark.parametrize(("function", "mode"), [(GET, EXCLUSIVE), (SHARE, SHARED)])
def test_a_sleep_releases_tokens_and_takes_them_again_in_the_order_of_acquisition(
    function: Any, mode: int
) -> None:
    crew = Crew()
    m = crew.page(busy_count=PBUSY_LOCKED)
    for obj in (3, OBJ):
        crew.call(function, obj)
    assert crew.start(0, vm_page_busy_wait, m, 0) == ASLEEP
    assert [owner(crew, obj) for obj in (3, OBJ)] == [(0, 0, 0)] * 2
    crew.call(GET, OBJ, t=1)
    crew.call(vm_page_wakeup, m, t=1)
    assert crew.play(0) == WAITS
    assert held_mode(crew.vm, Thread(1), Obj(OBJ)) == EXCLUSIVE
    assert owner(crew, 3) != (0, 0, 0), "the first token is had again while the second is waited for"
    crew.call(lwkt_reltoken, OBJ, t=1)
    assert crew.play(0) == DONE
    assert held_tokens(crew.vm, Thread(0)) == [(3, mode), (OBJ, mode)]
    assert crew.vm.page.busy_count[m] == PBUSY_LOCKED


def test_a_token_taken_twice_is_held_twice_after_the_sleep() -> None:
    crew = Crew()
    m = crew.page(busy_count=PBUSY_LOCKED)
    crew.call(GET, OBJ)
    crew.call(GET, OBJ)
    assert crew.start(0, vm_page_busy_wait, m, 0) == ASLEEP
    assert owner(crew) == (0, 0, 0)
    crew.call(vm_page_wakeup, m, t=1)
    assert crew.play(0) == DONE
    assert owner(crew) == (1, 2, 0)


def test_without_the_release_a_sleeper_keeps_its_tokens() -> None:
    crew = Crew(configuration(switches=Switches(token_release=False)))
    m = crew.page(busy_count=PBUSY_LOCKED)
    crew.call(GET, OBJ)
    assert crew.start(0, vm_page_busy_wait, m, 0) == ASLEEP
    assert owner(crew) == (1, 1, 0)
    crew.call(vm_page_wakeup, m, t=1)
    assert crew.play(0) == DONE
    assert owner(crew) == (1, 1, 0)


def test_two_threads_that_wait_for_each_others_token_are_a_deadlock() -> None:
    crew = Crew()
    crew.call(GET, 1)
    crew.call(GET, 2, t=1)
    assert crew.start(0, GET, 2) == WAITS
    crew.begin(1, GET, 1)
    with pytest.raises(Deadlock, match="t0 waits for token of object 2 held by t1"):
        crew.step(1)


def test_releasing_a_token_that_is_not_held_is_a_panic() -> None:
    with pytest.raises(KernelPanic) as caught:
        Crew().call(lwkt_reltoken, OBJ)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "lwkt_reltoken")


def test_a_thread_keeps_eight_tokens_and_no_more() -> None:
    crew = Crew()
    for _ in range(TOKENS_PER_THREAD):
        crew.call(GET, OBJ)
    with pytest.raises(CapacityError, match="holds 8 tokens"):
        crew.call(GET, OBJ)
