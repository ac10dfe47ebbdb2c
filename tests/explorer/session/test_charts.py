"""Charts and extremes at the console: what is read, what is refused, and where the cursor goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import PQ_L2_SIZE, QUEUE_BASES, VMSTATS_FIELDS
from engine.debug.series import curve_of
from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.scenario.loader import load
from explorer.session.charts import chart, go_to_extreme, is_extreme, read_choice
from explorer.session.session import Session
from explorer.views.chart import DEFAULT
from explorer.views.status import status_row
from tests.explorer.cursor_motions import drive, run


@pytest.mark.parametrize(
    ("text", "series", "by"),
    [
        ("free active", ["free", "active"], "steps"),
        ("free, active free", ["free", "active"], "steps"),
        ("free FREE by ticks", ["free", "FREE"], "ticks"),
        ("v_free_min", ["v_free_min"], "steps"),
        ("count(FREE) - vmstats.v_free_count", ["count(FREE) - vmstats.v_free_count"], "steps"),
        ("queue_of(app.m), free by steps", ["queue_of(app.m)", "free"], "steps"),
        ("holds(app, app.m), free", ["holds(app, app.m)", "free"], "steps"),
    ],
)
def test_series_are_words_or_expressions(life: Session, text: str, series: list[str], by: str) -> None:
    choice = read_choice(life, text)
    assert [one.text for one in choice.series] == series
    assert choice.by == by
    assert all(
        (one.expression is None) == (" " not in one.text and "(" not in one.text) for one in choice.series
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fre", "'fre' is not a variable"),
        ("free by colour", "not drawn by 'colour'; use by steps or by ticks"),
        ("free active held", "one of: free, inactive"),
        ("1, 2, 3, 4, 5, 6, 7, 8, 9, 10", "these are 10 curves; use at most 9"),
    ],
)
def test_what_is_neither_is_refused_with_the_words(life: Session, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_choice(life, text)


def test_only_the_axis_can_be_changed(life: Session) -> None:
    assert read_choice(life, "by ticks").series == DEFAULT.series
    life.chart = read_choice(life, "free")
    assert [one.text for one in read_choice(life, "by ticks").series] == ["free"]


def test_chart_shows_the_lens_and_evaluates_expressions(life: Session) -> None:
    run(life)
    at = life.history.step
    drive(chart(life, "count(FREE)"))
    assert (life.lens, life.history.step) == ("chart", at)
    assert life.chart is not None
    curve, covered = life.chart.series[0].curve(life.history)
    assert covered == life.history.total
    assert curve.extreme(most=False)[0] < curve.extreme(most=True)[0]  # type: ignore[index]  # there is one


def first_of(
    session: Session, read: Callable[[Session], int | None], pick: Callable[[list[int]], int]
) -> int:
    """The first step with the extreme, from a visit of every step."""
    values = []
    for step in range(session.history.total + 1):
        session.history.seek(step)
        values.append(read(session))
    wanted = pick([value for value in values if value is not None])
    return values.index(wanted)


def value_of(vm: Machine, word: str) -> int:
    """The counter, or the sum of the lengths of the queues, as the machine has it."""
    if word.startswith("v_"):
        return vm.vmstats.count[VMSTATS_FIELDS.index(word)]
    base = QUEUE_BASES[word.removeprefix("count(").removesuffix(")").upper()]
    return sum(vm.queue.lcnt[q] for q in range(base, base + PQ_L2_SIZE))


@pytest.mark.slow
@pytest.mark.parametrize("rules", ["document", pytest.param("source", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "text", ["min free", "max inactive", "min v_free_count", "max count(FREE)", "max ACTIVE"]
)
def test_an_extreme_is_the_first_recorded_step_of_it(rules: str, text: str) -> None:
    scenario = load("thrash", rules=rules)
    session = Session(scenario.start(), scenario)
    session.history.extend(1500)
    which, word = text.split()
    expected = first_of(session, lambda _: value_of(session.vm, word), min if which == "min" else max)
    session.history.seek(3)
    drive(go_to_extreme(session, text))
    assert session.history.step == expected
    assert "its largest value" in session.note.text or "its smallest value" in session.note.text
    assert session.note.text.endswith("; the run continues after them")


def test_an_extreme_without_a_value_or_a_series_is_refused(life: Session) -> None:
    life.history.extend(2)
    with pytest.raises(
        BadInput, match=r"app\.m\.wire_count has no value in the recorded steps; take more steps"
    ):
        drive(go_to_extreme(life, "min app.m.wire_count"))
    with pytest.raises(BadInput, match="an extreme is of a series; use min free"):
        drive(go_to_extreme(life, "min"))


def test_only_min_and_max_are_extremes() -> None:
    assert is_extreme("min free")
    assert is_extreme(" max")
    assert not is_extreme("minimum")
    assert not is_extreme("12")


def test_free_is_the_count_of_the_status_line(life: Session) -> None:
    drive(go_to_extreme(life, "min free"))
    value, _ = curve_of(life.history, "free").extreme(most=False) or (None, 0)
    assert status_row(life.history, None, life.labels).free == value
