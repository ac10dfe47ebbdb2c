"""The curve of each quantity is the value that the machine has after each step, and so are its extremes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pytest

from engine.constants import PQ_FREE, PQ_L2_SIZE, VMSTATS_FIELDS
from engine.debug.series import LARGEST, QUANTITIES, Curve, curve_of
from engine.machine.machine import Machine
from engine.machine.tables import SLEEPING
from engine.run.history import History
from engine.scenario.loader import load

RULES: Final = ("document", "source")
RUNS: Final = ("nice-and-waiting", "usage-pattern-fault", "four-ways-to-wait")

READ: Final[dict[str, Callable[[Machine], int]]] = {
    "v_free_count": lambda vm: vm.vmstats.count[VMSTATS_FIELDS.index("v_free_count")],
    "wired": lambda vm: vm.vmstats.count[VMSTATS_FIELDS.index("v_wire_count")],
    "free": lambda vm: sum(vm.queue.lcnt[q] for q in range(PQ_FREE, PQ_FREE + PQ_L2_SIZE)),
    "ticks": lambda vm: vm.glob.ticks[0],
    "faults": lambda vm: sum(vm.cpu.v_vm_faults[cpu] for cpu in range(vm.ncpus)),
    "asleep": lambda vm: sum(state == SLEEPING for state in states(vm)),
}


def states(vm: Machine) -> list[int]:
    return [vm.thread.state[t] for t in range(vm.thread.length)]


def walked(history: History, read: Callable[[Machine], int]) -> list[int]:
    """The value after each step 0 .. total, one step at a time."""
    cursor, found = history.step, []
    for step in range(history.total + 1):
        history.seek(step)
        found.append(read(history.vm))
    history.seek(cursor)
    return found


def values_of(curve: Curve, history: History) -> list[int | None]:
    return [curve.at(step) for step in range(history.total + 1)]


@pytest.fixture(scope="module", params=[(run, rules) for run in RUNS for rules in RULES], ids="-".join)
def history(request: pytest.FixtureRequest) -> History:
    """The first steps of a run, under each rule set."""
    run, rules = request.param
    history = load(run, rules=rules).start()
    history.extend(700)
    return history


@pytest.mark.parametrize("word", READ)
def test_a_curve_has_the_value_after_each_step_wherever_the_cursor_is(history: History, word: str) -> None:
    expected = walked(history, READ[word])
    for at in (history.total, 0, history.total // 2):
        history.seek(at)
        assert values_of(curve_of(history, word), history) == expected


def test_sleeps_count_each_time_that_a_thread_goes_to_sleep(history: History) -> None:
    count, expected = 0, [0]
    history.seek(0)
    before = states(history.vm)
    for step in range(1, history.total + 1):
        history.seek(step)
        now = states(history.vm)
        count += sum(new == SLEEPING != old for old, new in zip(before, now, strict=True))
        expected.append(count)
        before = now
    assert values_of(curve_of(history, "sleeps"), history) == expected


@pytest.mark.parametrize("word", ["free", "v_free_count", "asleep"])
def test_the_extremes_are_the_first_steps_with_the_smallest_and_largest_value(
    history: History, word: str
) -> None:
    expected = walked(history, READ[word])
    curve = curve_of(history, word)
    assert curve.extreme(most=False) == (min(expected), expected.index(min(expected)))
    assert curve.extreme(most=True) == (max(expected), expected.index(max(expected)))
    assert curve.first_below(min(expected)) is None
    for limit in {min(expected) + 1, max(expected) + 1}:
        assert curve.first_below(limit) == next(n for n, value in enumerate(expected) if value < limit)


def test_no_spike_is_lost_in_a_column_of_many_steps(history: History) -> None:
    expected = walked(history, READ["free"])
    begins = np.arange(0, history.total + 1, 23)
    ends = np.minimum(begins + 22, history.total)
    low, high = curve_of(history, "free").ranges(begins, ends)
    stretches = [expected[begin : end + 1] for begin, end in zip(begins, ends, strict=True)]
    assert low.tolist() == [min(part) for part in stretches]
    assert high.tolist() == [max(part) for part in stretches]


def test_a_curve_grows_step_by_step_as_if_it_had_been_read_at_once() -> None:
    slow, fast = load("four-ways-to-wait").start(), load("four-ways-to-wait").start()
    words = ("free", "ACTIVE", "sleeps", "asleep")
    while slow.total < 200 and slow.forward():
        for word in words:
            curve_of(slow, word)
    fast.extend(slow.total)
    for word in words:
        assert values_of(curve_of(slow, word), slow) == values_of(curve_of(fast, word), fast)


def test_a_branch_has_its_own_curve() -> None:
    history = load("life-of-a-page").start()
    history.extend(100)
    main = values_of(curve_of(history, "free"), history)
    history.seek(5)
    history.fork()
    assert values_of(curve_of(history, "free"), history) == main[:6]
    history.extend(40)
    history.forget(20)
    assert values_of(curve_of(history, "free"), history) == walked(history, READ["free"])
    history.switch(0)
    assert values_of(curve_of(history, "free"), history) == main


def test_each_quantity_says_what_it_is() -> None:
    assert "ahead of it until a clock tick" in QUANTITIES["v_free_count"].meaning
    assert QUANTITIES["FREE"].meaning == QUANTITIES["free"].meaning == "pages on the FREE queues"
    assert QUANTITIES["free"].limits[1] == QUANTITIES["v_free_count"].limits[1] == "v_free_min"
    assert (
        len({one.meaning for one in QUANTITIES.values()}) == len(QUANTITIES) - 6
    )  # five queues and one counter have two words


def test_where_there_is_no_value_there_is_no_extreme() -> None:
    steps, values, known = np.array([3, 5]), np.array([7, -9]), np.array([1, 0])
    curve = Curve(steps, values, 0, known, has_start=False)
    assert [curve.at(step) for step in (0, 2, 3, 4, 5, 9)] == [None, None, 7, 7, None, None]
    assert curve.extreme(most=True) == curve.extreme(most=False) == (7, 3)
    low, high = curve.ranges(np.array([0, 2, 5]), np.array([1, 6, 6]))
    assert (low[1], high[1]) == (7, 7)
    assert low[0] == low[2] == LARGEST > high[0] == high[2]
    nothing = Curve(steps[:0], values[:0], 0, known[:0], has_start=False)
    assert nothing.extreme(most=True) is None
