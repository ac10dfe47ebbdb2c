"""What is explored, as another process can be given it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from engine.errors import BadInput
from engine.explore.job import Job
from engine.explore.limits import Limits
from engine.explore.prepared import recipe_of
from tests.engine.explore.side_by_side import scenario_named


def job(**words: Any) -> Job:
    return Job(recipe_of(scenario_named("two-tokens")), Limits(states=7), **words)


def test_a_job_can_be_given_to_another_process() -> None:
    one = job(exprs=("setup.m",), always=("setup.m.hold_count < 2",), end=("1",), order=("a:2<b:2",))
    other: Job = pickle.loads(pickle.dumps(one))
    assert (other.limits, other.exprs, other.always, other.end, other.order) == (
        *(one.limits, one.exprs, one.always, one.end, one.order),
    )
    with one.prepared() as first, other.prepared() as second:
        assert first.model.vm.memory.digest() == second.model.vm.memory.digest()
        assert first.model.marking.places == second.model.marking.places
        assert len(first.model.marking.places) == 2
        assert [len(part) for part in (first.asked.values, first.asked.evidence, first.expressions)] == [
            1,
            2,
            1,
        ]
        assert first.asked.values[0].value() == second.asked.values[0].value()


@pytest.mark.parametrize(
    "words", [{"exprs": ("1 +",)}, {"always": ("q.x",)}, {"end": ("1 +",)}, {"order": ("a:2<a:2",)}]
)
def test_what_cannot_be_read_is_refused(words: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        job(**words).prepared()


def test_the_words_of_expressions_are_part_of_keys() -> None:
    for words, excluded in (({}, True), ({"end": ("global.ticks == 0",)}, False)):
        with job(**words).prepared() as ready:
            at = ready.model.vm.memory.address("global.ticks", 0)
            assert ready.model.keys.excluded(at) is excluded


def test_logging_ends_with_the_context() -> None:
    with job().prepared() as ready:
        _ = ready.model.vm.page.hold_count[0]
        assert ready.model.log.cells
    ready.model.log.clear()
    _ = ready.model.vm.page.hold_count[0]
    assert ready.model.log.cells == []
