"""Running until an expression holds: what looking at every step would find, in fewer looks."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest

from engine.debug.until import first_holding, last_holding
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.run.history import History
from engine.scenario.loader import Scenario, load
from tests.engine.scenario.small_scenarios import counting

Played = tuple[Scenario, History]


@pytest.fixture(scope="module")
def played() -> Played:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    return scenario, history


EXPRESSIONS = [
    "count(ACTIVE) == 1",
    "vmstats.v_free_count < 0",
    "object[heap].resident_page_count == 1 and count(CACHE) == 1",
    "app.m != NULL and queue_of(app.m) == PQ_INACTIVE",
    "object[heap].page[0] != NULL",
    "holds(app, heap)",
    "global.ticks == 0",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_until_agrees_with_a_search_of_every_step(played: Played, text: str) -> None:
    scenario, history = played
    expression = scenario.expression(text)

    def holds(step: int) -> bool:
        history.seek(step)
        try:
            return expression.holds(history.vm)
        except BadInput:
            return False

    truth = [holds(step) for step in range(history.total + 1)]
    for first in range(0, history.total, 3):
        later = [step for step in range(first + 1, history.total + 1) if truth[step]]
        assert first_holding(history, expression, first, history.total) == (later[0] if later else None)
        before = [step for step in range(first) if truth[step]]
        assert last_holding(history, expression, 0, first) == (before[-1] if before else None)


def test_the_cursor_stays_where_it_is(played: Played) -> None:
    scenario, history = played
    history.seek(9)
    before = history.vm.memory.digest()
    expression = scenario.expression("count(CACHE) == 1")
    assert first_holding(history, expression, 9, history.total) is not None
    assert last_holding(history, expression, 0, history.total) is not None
    assert (history.step, history.vm.memory.digest()) == (9, before)


def test_neither_end_of_the_stretch_is_visited_twice(played: Played) -> None:
    scenario, history = played
    always = scenario.expression("1")
    assert first_holding(history, always, 10, 20) == 11
    assert last_holding(history, always, 10, 20) == 19
    assert first_holding(history, always, 20, 20) is None
    assert last_holding(history, always, 20, 20) is None


def test_an_expression_is_evaluated_only_where_a_cell_that_it_read_was_written(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, history = played
    expression = scenario.expression("page[0xc03].busy_count == 12345")
    place = history.vm.memory.address("page.busy_count", history.vm.page_index(0xC03))
    written = [
        step
        for step in range(2, history.total + 1)
        if any(address == place for address, _, _ in history.journal.writes_of(step))
    ]
    assert len(written) > 5
    looks: list[int] = []
    seek = history.seek

    def watched(step: int) -> None:
        looks.append(step)
        seek(step)

    monkeypatch.setattr(history, "seek", watched)
    assert first_holding(history, expression, 0, history.total) is None
    assert looks[:-1] == [1, *written]


@pytest.mark.parametrize("find", [first_holding, last_holding])
def test_the_memory_is_observed_once(find: Callable[[History, Expression, int, int], int | None]) -> None:
    scenario = counting(1_500)
    history = scenario.start()
    history.extend(4_000)
    with patch.object(history.vm.memory, "observed", wraps=history.vm.memory.observed) as observed:
        assert find(history, scenario.expression("app.i == 2000"), 0, history.total) is None
    assert observed.call_count == 1
