"""What the lessons say of all schedules in words and figures: each is what a search finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import pytest

from engine.explore import explore
from engine.explore.exploration import Exploration, Found
from engine.explore.limits import Sample
from engine.scenario.loader import load, load_text
from tests.engine.scenario.lesson_texts import source_of
from tests.engine.scenario.played import loaded

Figure = Callable[[Exploration], str]


def of(exploration: Exploration, outcome: str) -> Found:
    """What was found about an outcome that the search has met."""
    found = exploration.found(outcome)
    assert found is not None, outcome
    return found


def schedules(outcome: str = "") -> Figure:
    """The number of schedules that have an outcome, or of all."""

    def count(exploration: Exploration) -> str:
        every = exploration.outcomes if not outcome else (of(exploration, outcome),)
        return f"{sum(one.schedules or 0 for one in every):,}"

    return count


def percent(outcome: str) -> Figure:
    """How many of 100 random runs have an outcome."""
    return lambda exploration: str(round(100 * (of(exploration, outcome).probability or 0)))


def share(exploration: Exploration, expr: str) -> float:
    """The share of random runs that end with a true value of an expression."""
    values = [one for one in exploration.values if one.expr == expr]
    assert {one.value for one in values} <= {0, 1}
    return sum(one.probability or 0 for one in values if one.value == 1)


def percent_with(expr: str) -> Figure:
    """How many of 100 random runs end with a true value of an expression."""
    return lambda exploration: str(round(100 * share(exploration, expr)))


@dataclass(frozen=True)
class Said:
    """A sentence of a lesson: `{}` stands for each of its figures.

    exprs: the expressions that the figures need.
    """

    scenario: str
    sentence: str
    figures: tuple[Figure, ...]
    exprs: tuple[str, ...] = ()


OWNER: Final = "thread[owner].state == SLEEPING"
WAITER: Final = "thread[waiter].state == SLEEPING"
KEPT: Final = "object[file].page[0] == setup.m"

SAID: Final = [
    Said(
        "trylock-skips",
        "{} of {} schedules: a test of random runs will hardly find one",
        (schedules("panic:vm_page_alloc"), schedules()),
    ),
    Said(
        "lock-order-reversal",
        "Of all {} schedules of these two threads, {} end in a deadlock",
        (schedules(), schedules("deadlock")),
    ),
    Said(
        "lock-order-reversal",
        "this deadlock can end a run after {} steps",
        (lambda exploration: str(of(exploration, "deadlock").steps),),
    ),
    Said("page-then-queue", "all {} schedules complete", (schedules("completed"),)),
    Said(
        "lost-wakeup",
        "Of 100 random runs {} are blocked: {} with waiter asleep, {} with owner",
        (percent("blocked"), percent_with(WAITER), percent_with(OWNER)),
        (OWNER, WAITER),
    ),
    Said(
        "io-finish-wakes-nothing",
        "About {} of 100 random runs leave user, late or both asleep",
        (percent("blocked"),),
    ),
    Said("stale-hash-entry", "It happens in about {} of 100 random runs", (percent_with(KEPT),), (KEPT,)),
]


def words_of(name: str) -> str:
    """All that a lesson says, in one line."""
    form = loaded(name).form
    texts = [page.say for page in form.pages]
    texts += [text for question in form.questions for text in (question.ask, question.why)]
    return " ".join(" ".join(texts).split())


@cache
def searched(name: str, exprs: tuple[str, ...]) -> Exploration:
    return explore(load(name), exprs=exprs)


@pytest.mark.slow
@pytest.mark.parametrize("said", SAID, ids=lambda said: said.sentence)
def test_a_figure_of_all_schedules_is_what_a_search_finds(said: Said) -> None:
    exploration = searched(said.scenario, said.exprs)
    assert said.sentence.format(*(figure(exploration) for figure in said.figures)) in words_of(said.scenario)


# --- figures in words -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_most_runs_of_the_soft_busies_that_do_not_panic_or_complete_are_blocked() -> None:
    assert "More than half of the other runs are blocked" in words_of("hard-and-soft-busy")
    found = searched("hard-and-soft-busy", ())
    others = 1 - (of(found, "panic:vm_page_wakeup").probability or 0)
    assert 0.5 < (of(found, "blocked").probability or 0) / others < 1


@pytest.mark.slow
def test_a_page_that_is_lost_on_hold_is_rare() -> None:
    assert "fewer than one of 1,000 random runs" in words_of("unhold-races-free")
    lost = "queue_of(setup.m) == PQ_HOLD"
    assert 0 < share(searched("unhold-races-free", (lost,)), lost) < 1 / 1000


@pytest.mark.slow
def test_in_almost_all_random_runs_two_faults_wait_once_each() -> None:
    assert "In almost all random runs each thread waits once" in words_of("swap-in-race")
    once = "cpu[0].cnt.v_intrans - setup.waits0 == 1 and cpu[1].cnt.v_intrans - setup.waits1 == 1"
    assert share(searched("swap-in-race", (once,)), once) > 0.99


def test_in_most_random_runs_the_store_is_early_and_nothing_is_written() -> None:
    assert "In most random runs app is early" in words_of("store-against-a-write")
    no_write = "cpu[0].cnt.v_swapout == 0"
    assert share(searched("store-against-a-write", (no_write,)), no_write) > 0.99


@pytest.mark.slow
def test_some_random_runs_of_six_threads_have_no_sleep() -> None:
    assert "A few of 100 random runs are like that" in words_of("busy-without-a-lock")
    sample = Sample("random", schedules=1000)
    slept = explore(load("busy-without-a-lock"), exprs=("setup.m.flags & PG_REFERENCED",), sample=sample)
    assert 5 <= sum(one.sampled for one in slept.values if one.value == 0) <= 60


@pytest.mark.slow
def test_random_steps_do_not_meet_the_race_that_random_priorities_meet() -> None:
    assert "Random steps hardly ever let them sleep" in words_of("usage-pattern-fault-race")
    found = explore(load("usage-pattern-fault-race"), sample=Sample("random", schedules=30))
    assert [one.outcome for one in found.outcomes] == ["completed"]


# --- what another script or switch would do ---------------------------------------------------------------

BUSIED: Final = """if vm_page_busy_try(setup.m, 1) == 0:
    vm_page_deactivate(setup.m)
    vm_page_wakeup(setup.m)
"""
DROP: Final = "vm_page_sbusy_drop(setup.m)\n"
TESTED: Final = f"if not refused:\n    {DROP}"
LATE: Final = 'refused = vm_page_sbusy_try(setup.m)\n"""'

OTHERS: Final = [
    pytest.param(
        "trylock-skips",
        "With m busied, as a real caller has it, every schedule completes",
        (("vm_page_deactivate(setup.m)\n", BUSIED),),
        id="m is busied while it is moved",
    ),
    pytest.param(
        "lost-wakeup",
        "With `interlock = true` every schedule completes",
        (("interlock = false", "interlock = true"),),
        id="the interlock",
    ),
    pytest.param(
        "io-finish-wakes-nothing",
        "With `vm_page_sbusy_drop()` in place of `vm_page_io_finish()`, every schedule completes",
        (("vm_page_io_finish(setup.m)", "vm_page_sbusy_drop(setup.m)"),),
        id="a drop that wakes",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        "hard-and-soft-busy",
        "If each script tests `refused`, as a real caller does, and late drops its busy too, every schedule "
        "completes",
        ((DROP, TESTED), (LATE, LATE.removesuffix('"""') + TESTED + '"""')),
        id="refused is tested",
        marks=pytest.mark.slow,
    ),
]


@pytest.mark.parametrize(("name", "said", "changes"), OTHERS)
def test_with_another_script_or_switch_every_schedule_completes(
    name: str, said: str, changes: tuple[tuple[str, str], ...]
) -> None:
    assert said in words_of(name)
    text = source_of(name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    found = explore(load_text(text))
    assert (found.complete, [one.outcome for one in found.outcomes]) == (True, ["completed"])
