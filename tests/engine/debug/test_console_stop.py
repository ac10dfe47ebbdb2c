"""A breakpoint on the kernel's console is hit where the kernel prints, in both directions and in a branch."""

from __future__ import annotations

import pytest

from engine.debug.console_stop import OnConsole
from engine.debug.stops import Stop, next_hit
from engine.kernel.remarks import KPRINTF
from engine.run.history import History
from engine.scenario.loader import load


@pytest.fixture(scope="module", params=["document", "source"])
def swapping(request: pytest.FixtureRequest) -> History:
    """A run whose kernel prints that swap is full, under each rule set."""
    scenario = load("swap-full", rules=request.param)
    history = scenario.start()
    history.extend(3400)
    return history


def printed(history: History) -> dict[int, str]:
    """The messages after boot and setup, by step, as the effects of each single step have them."""
    remarks = history.branch.remarks
    return {
        step: effect[1]
        for step in range(1, history.total + 1)
        for effect in remarks.of(step)
        if effect[0] == KPRINTF
    }


def test_it_is_hit_at_each_step_that_prints(swapping: History) -> None:
    found = OnConsole("").positions(swapping, -1, swapping.total).tolist()
    assert found == sorted(printed(swapping))
    assert len(found) > 1


def test_it_is_hit_only_where_the_message_has_the_text(swapping: History) -> None:
    wanted = [step for step, text in printed(swapping).items() if "getswapspace" in text]
    assert OnConsole("getswapspace").positions(swapping, -1, swapping.total).tolist() == wanted
    assert 0 < len(wanted) < len(printed(swapping))


def test_what_boot_and_setup_printed_does_not_count(swapping: History) -> None:
    assert swapping.branch.remarks.messages(0, 0)
    assert OnConsole("").positions(swapping, -1, 0).size == 0


def test_the_search_ends_where_it_was_asked_to(swapping: History) -> None:
    first, second, *_ = sorted(printed(swapping))
    stop = Stop(1, "console", OnConsole(""))
    assert next_hit(swapping, [stop], 0, swapping.total) == (first, stop)
    assert next_hit(swapping, [stop], first, swapping.total) == (second, stop)
    assert next_hit(swapping, [stop], -1, second - 1, backwards=True) == (first, stop)
    assert next_hit(swapping, [stop], first, second - 1) is None


def test_a_branch_from_before_a_message_does_not_have_it() -> None:
    history = load("swap-full").start()
    history.extend(1400)
    (step,) = OnConsole("").positions(history, 0, history.total).tolist()
    history.seek(step - 10)
    history.fork()
    assert OnConsole("").positions(history, 0, history.total).size == 0
    history.extend(10)
    assert OnConsole("").positions(history, 0, history.total).tolist() == [step]
    history.forget(step - 1)
    assert OnConsole("").positions(history, 0, history.total).size == 0
