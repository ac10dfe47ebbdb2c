"""Waiting for memory: which threads wait, on which channel and until when (spec 08)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import NULL, P_LOWMEMKILL
from engine.kernel.free import vm_page_free
from engine.kernel.memory_wait import vm_test_nominal, vm_wait, vm_wait_nominal, vm_wait_pfault
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGEOUT_PAGES_NEEDED, wakeup
from tests.engine.kernel.checked_crew import ASLEEP, DONE, THERE
from tests.engine.kernel.limited_crew import crew_with


@pytest.mark.parametrize(("free", "short"), [(39, True), (40, False)])
def test_memory_is_not_nominal_below_the_minimum(free: int, short: bool) -> None:
    assert crew_with(free).call(vm_test_nominal) is short


def test_a_wait_for_memory_registers_wakes_the_daemon_and_sleeps_a_second() -> None:
    crew = crew_with(50)
    assert crew.start(0, vm_wait, 0) == ASLEEP
    glob, thread = crew.vm.glob, crew.vm.thread
    assert (glob.vm_pages_needed[0], glob.vm_pages_waiting[0]) == (1, 1)
    assert (thread.chan[0], thread.timo[0]) == (CHAN_FREE_COUNT, 100)
    assert crew.vm.object.token_owner[crew.vm.vm_token] == 0
    crew.tick(99)
    assert crew.asleep(0)
    crew.tick()
    assert crew.play(0) == DONE
    assert crew.vm.object.token_owner[crew.vm.vm_token] == 0


WAITED = [
    ("there is enough", 100, {}, DONE),
    ("there is not", 99, {}, ASLEEP),
    ("the later kernel asks for the minimum and nice + 1", 40, {"thresholds": "newer"}, DONE),
    ("the later kernel, below", 39, {"thresholds": "newer"}, ASLEEP),
    ("by the formula for nice 1: 20 more", 60, {"nice_rule": "formula"}, DONE),
    ("by the formula, one less", 59, {"nice_rule": "formula"}, ASLEEP),
]


@pytest.mark.parametrize(
    ("free", "options", "ends"), [row[1:] for row in WAITED], ids=[row[0] for row in WAITED]
)
def test_whether_a_wait_sleeps(free: int, options: dict[str, Any], ends: str) -> None:
    assert crew_with(free, **options).start(0, vm_wait, 5) == ends


def test_a_wait_sleeps_only_once() -> None:
    crew = crew_with(50)
    assert crew.start(0, vm_wait, 7) == ASLEEP
    assert crew.vm.thread.timo[0] == 7
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE


@pytest.mark.parametrize(("free", "ends"), [(39, ASLEEP), (40, DONE)])
def test_a_pager_waits_on_its_own_channel_below_the_minimum(free: int, ends: str) -> None:
    for role in ("pagethread", "emergpager"):
        crew = crew_with(free)
        setattr(crew.vm, role, 0)
        assert crew.start(0, vm_wait, 0) == ends
        asleep = ends == ASLEEP
        assert crew.vm.glob.vm_pageout_pages_needed[0] == int(asleep)
        assert crew.vm.thread.chan[0] == (CHAN_PAGEOUT_PAGES_NEEDED if asleep else 0)
        assert crew.vm.glob.vm_pages_waiting[0] == 0


FAULTS = [
    # free, options, nice, whether a fault sleeps
    ("2020: between severe and the minimum it continues", 20, {}, 0, DONE),
    ("2020: below severe it sleeps", 19, {}, 0, ASLEEP),
    ("2020: nice does not matter", 20, {}, 20, DONE),
    ("the document: below the minimum it sleeps", 39, {"nice_rule": "monotone"}, 0, ASLEEP),
    ("the document: at it it does not", 40, {"nice_rule": "monotone"}, 0, DONE),
    ("the document: a nice process sleeps earlier", 58, {"nice_rule": "monotone"}, 10, ASLEEP),
    ("the document: and up to there", 59, {"nice_rule": "monotone"}, 10, DONE),
    ("the document: a favoured one digs deeper", 21, {"nice_rule": "monotone"}, -10, DONE),
    ("the document: but not for ever", 20, {"nice_rule": "monotone"}, -10, ASLEEP),
    ("the document: never into the reserve", 9, {"nice_rule": "monotone"}, -20, ASLEEP),
    ("the later kernel: nice 0", 40, {"thresholds": "newer"}, 0, DONE),
    ("the later kernel: by its formula", 68, {"thresholds": "newer", "nice_rule": "formula"}, 10, ASLEEP),
    ("the later kernel: and up to there", 69, {"thresholds": "newer", "nice_rule": "formula"}, 10, DONE),
]


@pytest.mark.parametrize(
    ("free", "options", "nice", "ends"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_whether_a_page_fault_waits(free: int, options: dict[str, Any], nice: int, ends: str) -> None:
    crew = crew_with(free, **options)
    crew.vm.thread.nice[0] = nice
    assert crew.start(0, vm_wait_pfault) == ends


@pytest.mark.parametrize(
    ("options", "nice", "limit"),
    [
        ({}, 10, None),
        ({"nice_rule": "monotone"}, 10, 59),
        ({"nice_rule": "monotone"}, -10, 21),
        ({"thresholds": "newer", "nice_rule": "formula"}, 10, 69),
    ],
    ids=["2020: none", "the document", "the document: a favoured process", "the later kernel"],
)
def test_the_limit_that_a_fault_is_compared_with_is_remarked(
    options: dict[str, Any], nice: int, limit: int | None
) -> None:
    crew = crew_with(100, **options)
    crew.vm.thread.nice[0] = nice
    crew.effects.clear()
    assert crew.start(0, vm_wait_pfault) == DONE
    assert crew.effects == ([] if limit is None else [("nice_limit", nice, limit, 100)])


def test_a_fault_sleeps_until_there_is_memory() -> None:
    crew = crew_with(19)
    assert crew.start(0, vm_wait_pfault) == ASLEEP
    for _ in range(2):
        crew.call(wakeup, CHAN_FREE_COUNT, t=1)
        assert crew.play(0) == ASLEEP
    crew.set_limits(v_free_count=20)
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE
    assert crew.vm.glob.vm_pages_waiting[0] == 3


@pytest.mark.parametrize("process", [NULL, 2])
def test_a_process_being_killed_leaves_the_fault_after_its_sleep(process: int) -> None:
    crew = crew_with(19)
    assert crew.start(0, vm_wait_pfault, process) == ASLEEP
    crew.vm.thread.p_flags[0 if process == NULL else process] = P_LOWMEMKILL
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE
    assert crew.vm.object.token_owner[crew.vm.vm_token] == 0


def test_the_nominal_wait_continues_until_the_minimum_is_reached() -> None:
    crew = crew_with(39)
    assert crew.start(0, vm_wait_nominal) == ASLEEP
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == ASLEEP
    crew.set_limits(v_free_count=40)
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == DONE


@pytest.mark.parametrize(
    "function", [vm_wait_pfault, vm_wait_nominal], ids=lambda function: function.__name__
)
def test_a_target_below_the_waits_threshold_makes_the_wait_loop_forever(function: Any) -> None:
    crew = crew_with(19)
    crew.set_limits(v_free_target=5)
    crew.begin(0, function)
    with pytest.raises(AssertionError, match="not done after 300 steps"):
        crew.play(0, limit=300)


def test_a_wakeup_between_the_test_and_the_sleep_is_lost_and_the_timeout_makes_up_for_it() -> None:
    crew = crew_with(50)
    crew.begin(0, vm_wait, 0)
    assert crew.play(0, until="go to sleep") == THERE
    crew.call(wakeup, CHAN_FREE_COUNT, t=1)
    assert crew.play(0) == ASLEEP
    crew.tick(100)
    assert crew.play(0) == DONE


def test_freeing_a_page_wakes_the_waiters() -> None:
    crew = crew_with(99)
    m = crew.page(busy=True)
    crew.set_limits(v_free_count=99)
    assert crew.start(1, vm_wait, 0) == ASLEEP
    crew.call(vm_page_free, m)
    assert crew.play(1) == DONE
    assert (crew.vm.glob.vm_pages_waiting[0], crew.vm.cpu.v_ppwakeups[0]) == (0, 1)
