"""The watched expressions: the old value is the one before the step, in every step of a run."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load
from explorer.lenses.watching import LENS, Value, draw, look
from explorer.session.session import Session
from explorer.session.watching import watch_values
from explorer.views.spans import plain
from explorer.views.values import value_or_reason

TEXTS = (
    "queue_of(app.m)", "count(FREE)", "count(FREE) + count(CACHE)", "app.m.busy_count", "thread[pager].state",
    "cpu[0].view.v_free_count", "queue[FREE,app.m.pc].lcnt", "holds(app, heap)", "node_of(app.m)",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("rules", ["document", pytest.param("source", marks=pytest.mark.slow)])
def test_the_old_value_is_that_of_the_step_before(rules: str) -> None:
    scenario = load("life-of-a-page", rules=rules)
    session = Session(scenario.start(), scenario)
    for text in TEXTS:
        watch_values(session, text)
    session.history.extend(1000)
    session.history.seek(0)
    before = [one.value for one in look(session)]
    changed = 0
    while session.history.forward():
        row = look(session)
        assert [one.old or one.value for one in row] == before, session.history.step
        before = [one.value for one in row]
        digest = session.vm.memory.digest()
        changed += sum(bool(one.old) for one in row)
        assert before == [value_or_reason(one, session.labels)[0] for one in session.watched]
        assert session.vm.memory.digest() == digest
    assert changed > 20


def test_a_value_is_drawn_with_the_old_one() -> None:
    row = (
        Value("count(FREE)", "3,710", ok=True, old="3,711"),
        Value("app.m.queue", "app.m is NULL", ok=False),
    )
    assert plain(draw(row, 40, 5).lines).split("\n") == [
        "▸ 1 count(FREE)  3,711 → 3,710",
        "  2 app.m.queue  app.m is NULL",
    ]


def test_without_an_expression_it_says_how_to_add_one(life: Session) -> None:
    assert ":watching EXPR" in plain(draw(look(life), 80, 5).lines)
    assert LENS.name == "watching"


def test_names_of_a_branch_are_used(life: Session) -> None:
    life.history.extend(50)
    watch_values(life, "app.m.queue")
    assert look(life)[0].ok
    life.history.seek(0)
    assert not look(life)[0].ok
