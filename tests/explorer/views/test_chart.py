"""The chart's row: its curves and limits, and the columns into which it divides a run."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.constants import PQ_FREE, PQ_INACTIVE, PQ_L2_SIZE, VMSTATS_FIELDS
from engine.language.expressions import compile_expression
from engine.run.history import History
from engine.scenario.loader import load
from explorer.views.chart import DEFAULT, Choice, Series, chart_row, column_of, columns

STEPS = Choice((Series("free"), Series("inactive")))
TICKS = Choice((Series("free"),), "ticks")


@pytest.fixture(scope="module", params=["document", "source"])
def history(request: pytest.FixtureRequest) -> History:
    history = load("thrash", rules=request.param).start()
    history.extend(2500)
    return history


def test_the_default_shows_the_queues(history: History) -> None:
    row = chart_row(history)
    assert [(one.name, one.glyph) for one in row.curves] == [
        ("FREE", "F"), ("ACTIVE", "A"), ("INACTIVE", "I"), ("CACHE", "C"),
    ]  # fmt: skip
    assert row.by == DEFAULT.by == "steps"


def test_the_values_are_those_at_the_cursor(history: History) -> None:
    for step in (0, 77, history.total):
        history.seek(step)
        free, inactive = chart_row(history, STEPS).curves
        counts = [
            sum(history.vm.queue.lcnt[q] for q in range(base, base + PQ_L2_SIZE))
            for base in (PQ_FREE, PQ_INACTIVE)
        ]
        assert [free.value, inactive.value] == counts


def test_the_limits_are_those_of_the_chosen_series(history: History) -> None:
    named = dict(chart_row(history, STEPS).limits)
    count = history.vm.vmstats.count
    assert named["v_free_min"] == count[VMSTATS_FIELDS.index("v_free_min")] > 0
    assert named.keys() <= {
        "v_free_reserved", "v_free_min", "v_free_severe", "v_free_target", "v_inactive_target",
    }  # fmt: skip
    assert chart_row(history, Choice((Series("wired"),))).limits == ()


@pytest.mark.parametrize("count", [1, 2, 7, 60, 200, 2000])
@pytest.mark.parametrize("choice", [STEPS, TICKS], ids=["steps", "ticks"])
def test_the_columns_cover_every_step(history: History, choice: Choice, count: int) -> None:
    begins, ends = columns(chart_row(history, choice), count)
    assert 0 < len(begins) == len(ends) <= count
    assert (begins[0], ends[-1]) == (0, history.total)
    for (_, end), (begin, _) in pairwise(zip(begins.tolist(), ends.tolist(), strict=True)):
        assert begin <= end + 1
    covered = {step for begin, end in zip(begins, ends, strict=True) for step in range(begin, end + 1)}
    assert covered == set(range(history.total + 1))


@pytest.mark.parametrize("choice", [STEPS, TICKS], ids=["steps", "ticks"])
def test_a_step_is_in_its_column(history: History, choice: Choice) -> None:
    begins, ends = columns(chart_row(history, choice), 40)
    for step in range(history.total + 1):
        x = column_of(begins, step)
        assert begins[x] <= step <= ends[x]


def test_over_ticks_a_column_has_the_steps_between_its_ticks(history: History) -> None:
    row = chart_row(history, TICKS)
    first, last = row.ticks.at(0), row.ticks.at(history.total)
    assert first is not None
    assert last is not None
    assert last > first + 3
    begins, _ = columns(row, last - first + 1)
    ticks = [row.ticks.at(int(begin)) for begin in begins]
    assert ticks == sorted(ticks)  # type: ignore[type-var]  # each has a tick


def test_a_step_at_the_end_of_an_open_run_keeps_the_columns() -> None:
    history = load("life-of-a-page").start()
    history.extend(100)
    before, _ = columns(chart_row(history), 50)
    history.extend(1)
    after, _ = columns(chart_row(history), 50)
    assert after.tolist()[: len(before)] == before.tolist()
    history.extend(1000)
    assert not chart_row(history).open
    assert len(columns(chart_row(history), 50)[0]) == 50


def test_an_expression_is_evaluated_a_little_at_each_look() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    history.extend(1000)
    choice = Choice((Series("count(FREE)", compile_expression("count(FREE)", scenario.names)),))
    covered = [chart_row(history, choice).curves[0].covered for _ in range(20)]
    assert 0 <= covered[0] < history.total or len(set(covered)) == 1
    assert covered == sorted(covered)
    assert covered[-1] == history.total
