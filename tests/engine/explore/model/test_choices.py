"""The choices of a model are those of the run, and keys see who has a cpu where that matters."""

from __future__ import annotations

import pytest

from engine.explore.model.transitions import Model
from engine.machine.tables import NO_THREAD
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import LARGE, QUICK, WALKED, SideBySide, scenario_named
from tests.tiers import only_fast

STEPS = 60


@pytest.mark.parametrize("seed", only_fast(range(0, 24, 4), 0))
@pytest.mark.parametrize("name", only_fast((*WALKED, *LARGE), *QUICK))
def test_the_choices_are_those_of_the_run_all_along_random_walks(name: str, seed: int) -> None:
    both, steps = SideBySide(scenario_named(name)), 0
    assert both.model_choices() == both.run_choices()
    for more in range(4):
        for ended in both.walk(seed + more, STEPS):
            steps += 1
            assert ended is not None or both.model_choices() == both.run_choices()
    assert steps > 10


def model_of(*threads: tuple[str, int, str], cpus: int = 2) -> Model:
    return Model(Named("made", frozenset(), threads, cpus=cpus).load())


HOLDS = "x = 1\nvm_page_spin_lock(setup.m)\nvm_page_spin_unlock(setup.m)"
ELSEWHERE = "x = 1\ny = 2"


def take(model: Model, thread: int, steps: int = 1) -> None:
    for _ in range(steps):
        model.apply(model.leaf(thread))


def lock(model: Model, thread: int) -> None:
    while not model.choices.holds_spinlock(thread):
        take(model, thread)


def test_a_thread_with_a_spinlock_keeps_its_cpu() -> None:
    model = model_of(("a", 0, HOLDS), ("b", 0, ELSEWHERE), ("c", 1, ELSEWHERE))
    assert model.runnable() == [0, 1, 2]
    lock(model, 0)
    assert model.runnable() == [0, 2]


def test_a_key_has_the_current_thread_where_one_of_its_cpu_wants_a_spinlock() -> None:
    model = model_of(("a", 0, HOLDS), ("b", 0, ELSEWHERE), ("c", 1, ELSEWHERE))
    assert model.choices.cpu_keys() == ()
    lock(model, 0)
    assert model.choices.cpu_keys() == ((0, 0),)


def test_a_cpu_of_one_thread_is_in_no_key() -> None:
    model = model_of(("a", 0, HOLDS), ("b", 1, HOLDS))
    lock(model, 0)
    assert not model.choices.spins
    assert model.choices.cpu_keys() == ()
    assert model.cpu_part() == 0


def test_the_order_of_three_threads_of_a_cpu_becomes_part_of_keys_when_one_waits_with_a_spinlock() -> None:
    model = model_of(("a", 0, HOLDS), ("b", 0, ELSEWHERE), ("c", 0, ELSEWHERE))
    choices = model.choices
    while choices.locks[0][model.local[0]] is None:
        take(model, 0)
    take(model, 1)  # preempts the thread that is about to take the spinlock
    assert choices.cpu_keys() == ((0, 1),)
    assert choices.is_stale
    choices.refine()
    assert not choices.is_stale
    assert choices.ordered == {0}
    ((cpu, current, *order),) = choices.cpu_keys()
    asleep = order.index(-1)
    assert (cpu, current, sorted(order[:asleep])) == (0, 1, [0, 2])
    assert order[asleep + 1 :] == [model.vm.biothread]


def test_the_interrupt_thread_counts_from_when_it_wakes() -> None:
    both = SideBySide(scenario_named("a-read"))
    choices, thread = both.model.choices, both.model.vm.biothread
    assert thread != NO_THREAD
    alone = list(choices.shared)
    stale = []
    for _ in both.walk(1, 400):
        both.model.runnable()
        stale.append(choices.is_stale)
        if choices.is_stale:
            break
    assert stale[-1]
    choices.refine()
    assert choices.shared != alone
    both.model.runnable()
    assert not choices.is_stale


def test_a_shared_token_can_be_shared_and_not_taken() -> None:
    model = model_of(
        ("a", 0, "x = 1\nlwkt_gettoken_shared(file)"),
        ("b", 1, "x = 1\nlwkt_gettoken(file)"),
        ("c", 2, "x = 1\nlwkt_gettoken_shared(file)"),
        cpus=3,
    )
    for thread in (0, 1, 2, 0):
        take(model, thread)
    assert not model.choices.is_free(1, model.choices.locks[1][model.local[1]] or 0)
    assert model.runnable() == [2]
    assert model.choices.blocked


def test_threads_that_wait_for_each_other_are_a_circle() -> None:
    both = SideBySide(scenario_named("two-tokens"))
    model = both.model
    both.take(0)
    assert not model.choices.circle()
    both.take(1)
    assert model.choices.circle()
    assert model.runnable() == []
    assert model.idle() == both.run_choices() == "deadlock"
