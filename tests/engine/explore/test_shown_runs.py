"""The text of a schedule is that of the schedule grammar, and its run is what is shown."""

from __future__ import annotations

import pytest

from engine.explore.graph.state_graph import EVENT
from engine.explore.shown_runs import Taken, items, schedule_text, shown_run
from engine.run.history import History
from engine.run.splitmix import splitmix64
from engine.saved.reopen import open_token, read_token
from engine.scenario.loader import Scenario, load_text
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import Ended, SideBySide, content_of, scenario_named
from tests.tiers import only_fast

NAMES = ("taker", "mover")


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ([], "", 0),
        ([Taken(0)], "taker:1", 1),
        ([Taken(0), Taken(0), Taken(1), Taken(0)], "taker:2,mover:1,taker:1", 3),
        ([Taken(1), Taken(EVENT, 3), Taken(EVENT, 2), Taken(1)], "mover:1,tick:5,mover:1", 3),
    ],
)
def test_a_path_is_a_schedule(path: list[Taken], text: str, count: int) -> None:
    assert schedule_text(NAMES, path) == text
    assert items(path) == count


def walked(name: str, seed: int) -> tuple[SideBySide, list[Taken], Ended | None]:
    """A random walk to the end, its path, and how the last step ended it."""
    both, path, number, last = SideBySide(scenario_named(name)), list[Taken](), seed, None
    while last is None:
        before = both.model.ticks
        number, chosen = splitmix64(number)
        thread = both.next_thread(chosen)
        if thread is None:
            return both, path, None
        last = both.take(thread)
        path.append(Taken(thread, both.model.ticks - before if thread == EVENT else 1))
    return both, path, last


NAMED = ["two-tokens", "naps", "free-while-held", "lost-wakeup", "early-if-queued", "the-time-is-read"]
LIBRARY = ["lock-order-reversal", "life-of-a-page"]


@pytest.mark.parametrize("seed", only_fast(range(8), 0))
@pytest.mark.parametrize("name", only_fast([*NAMED, *LIBRARY], *NAMED))
def test_the_run_of_a_schedule_comes_to_the_state_of_the_walk(name: str, seed: int) -> None:
    both, path, _ = walked(name, seed)
    shown = shown_run(both.scenario, both.model.names, path, both.model.opening, ends=True)
    again = rerun(both.scenario, shown.schedule)
    again.extend(10_000)
    assert content_of(again.vm.memory) == content_of(both.history.vm.memory)
    steps = both.model.opening + sum(taken.length for taken in path)
    assert (shown.steps, again.step) == (steps, steps)
    if both.history.outcome is None:
        both.history.extend(1)
    assert shown.outcome.partition(":")[0] == both.history.outcome or shown.outcome in (
        "leak",
        "unlock_order",
    )
    assert reopened(shown.state).step == shown.steps


def reopened(state: str) -> History:
    return open_token(read_token(state)).replayed.history


def rerun(scenario: Scenario, schedule: str) -> History:
    form = scenario.form
    return load_text(form.source, str(form.path), schedule=schedule).start()


def test_a_path_that_does_not_lead_to_an_end_has_no_outcome() -> None:
    scenario = scenario_named("two-tokens")
    shown = shown_run(scenario, ("a", "b", "c"), [Taken(0), Taken(2)], 0, ends=False)
    assert (shown.schedule, shown.outcome, shown.message, shown.steps) == ("a:1,c:1", "", "", 2)


def test_a_script_that_fails_is_shown_with_its_error() -> None:
    named = Named("fails", frozenset(), (("a", 0, "x = 1\ny = x // (x - 1)"),))
    shown = shown_run(named.load(), ("a",), [Taken(0), Taken(0)], 0, ends=True)
    assert (shown.outcome, shown.steps) == ("script error", 1)
    assert "division by zero" in shown.message


def test_a_blocked_run_says_who_sleeps() -> None:
    named = Named(
        "blocks", frozenset(), (("a", 0, "vm_page_busy_wait(setup.m, 1)"),), setup="vm_page_busy_wait(m, 1)"
    )
    both = SideBySide(named.load())
    path = [Taken(0) for _ in both.walk(0, 100)]
    shown = shown_run(named.load(), ("a",), path, 0, ends=True)
    assert shown.outcome == "blocked"
    assert "a sleeps" in shown.message or "a waits" in shown.message
    assert shown.state


def test_an_empty_path_is_shown_at_step_0() -> None:
    shown = shown_run(scenario_named("two-tokens"), ("a", "b", "c"), [], 0, ends=False)
    assert (shown.schedule, shown.steps, shown.outcome) == ("", 0, "")
    assert reopened(shown.state).step == 0
