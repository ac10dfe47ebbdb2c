"""What the expert scenarios say about other orders and other switches than their own."""

from __future__ import annotations

import pytest

from engine.constants import PG_WINATCFLS, PQ_FREE
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text


def changed(name: str, old: str, new: str, schedule: str | None = None) -> Scenario:
    """A library scenario with one change of its text, perhaps in another order."""
    text = OWN.find(name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    return load_text(text.replace(old, new), schedule=schedule)


@pytest.mark.parametrize("order", ["user:end, freer:end", "freer:end, user:end"])
def test_an_unhold_that_does_not_race_the_free_does_not_need_a_rescue(order: str) -> None:
    scenario = load("unhold-races-free", schedule=order)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert scenario.expression("queue_of(setup.m)").show(history.vm) == PQ_FREE
    assert scenario.expression("daemon.color").show(history.vm) == 0  # it had nothing to scan


def test_with_the_interlock_the_same_wakeup_is_not_lost() -> None:
    scenario = changed("lost-wakeup", "interlock = false", "interlock = true")
    history = scenario.start()
    assert scenario.run(history) == "completed"


def test_the_two_lock_order_scenarios_differ_in_the_switch() -> None:
    reversal = changed("lock-order-reversal", "trylock = false", "trylock = true")
    assert reversal.config == load("trylock-skips").config
    assert reversal.form.setup is not None
    skips = load("trylock-skips").form.setup
    assert skips is not None
    assert reversal.form.setup.text == skips.text


@pytest.mark.parametrize("seed", range(12))
def test_a_swapped_page_is_read_once_in_any_order_of_two_faults(seed: int) -> None:
    scenario = load("swap-in-race", schedule=f"random:{seed}")
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert sum(history.vm.cpu.v_swapin[cpu] for cpu in range(2)) == 1


def test_a_thread_that_looks_after_the_reader_is_done_waits_once() -> None:
    order = "first:block, second:block, io, biodone:block, first:end, second:end"
    scenario = load("swap-in-race", schedule=order)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert history.vm.cpu.v_intrans[1] == 1


def test_a_faulter_that_saw_the_page_locked_can_go_to_sleep_on_the_readers_second_attempt() -> None:
    # second has dropped its locks and is about to sleep; first releases the page and has it again.
    woken = "first:block, second:block, io, biodone:block, second:21, first:40"
    scenario = load("swap-in-race", schedule=f"{woken}, second:block, first:end, second:end")
    history = scenario.start()
    history.seek(scenario.find_step(history, 157))
    page = scenario.expression("object[heap].page[0].busy_count == PBUSY_LOCKED | PBUSY_WANTED")
    assert page.holds(history.vm)
    assert scenario.expression("thread[second].state == SLEEPING").holds(history.vm)
    assert scenario.expression("object[heap].page[0].act_count == ACT_INIT").holds(history.vm)
    assert scenario.run(history) == "completed"
    assert history.vm.cpu.v_intrans[1] == 2


@pytest.mark.parametrize(
    ("flag", "loaded"),
    [
        pytest.param(0, 1, id="write-protected for its write: the load continues"),
        pytest.param(PG_WINATCFLS, 0, id="unmapped, to be cached after it: the load waits too"),
    ],
)
def test_what_a_load_meets_depends_on_how_the_page_is_protected(flag: int, loaded: int) -> None:
    old = "vm_page_deactivate(m)\nvm_page_wakeup(m)"
    new = old.replace("\n", f"\nvm_page_flag_set(m, {flag})\n")
    scenario = changed("store-against-a-write", old, new, "daemon:block, app:block")
    history = scenario.start()
    history.seek(scenario.find_step(history, "daemon:3"))
    assert scenario.expression("app.loaded").show(history.vm) == loaded


def test_the_largest_process_dies_though_another_has_the_higher_nice_value() -> None:
    scenario = changed("swap-full", "pid = 100\n", "pid = 100\nnice = 20\n")
    history = scenario.start()
    assert scenario.run(history) == "completed"
    vm = history.vm
    assert [vm.process.p_flags[p] != 0 for p in range(3)] == [False, False, True]
