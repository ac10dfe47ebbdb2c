"""How far one schedule has come is not asked where all schedules are searched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import BadInput
from engine.explore import explore
from engine.explore.limits import Sample
from tests.engine.explore.named_scenarios import Named

ASKED = ["global.schedule_item", "thread[b].op_start", "thread[b] . op_start", "global.schedule_tick"]


def reads(text: str) -> Named:
    return Named("asks", frozenset(), (("a", 0, f"op_start = 1\nx = {text}"), ("b", 1, "y = 1")))


@pytest.mark.parametrize("text", ASKED)
@pytest.mark.parametrize("sample", [None, Sample("random", schedules=2)], ids=["all", "sampled"])
def test_a_script_that_asks_is_refused_with_its_line(text: str, sample: Sample | None) -> None:
    scenario = reads(text).load()
    line = scenario.form.source.split("\n").index(f"x = {text}") + 1
    with pytest.raises(BadInput, match=f"^asks.toml:{line}: .*says how far one schedule has come"):
        explore(scenario, sample=sample)


@pytest.mark.parametrize("option", ["exprs", "always", "end"])
@pytest.mark.parametrize("text", ASKED)
def test_an_expression_that_asks_is_refused(text: str, option: str) -> None:
    with pytest.raises(BadInput, match="remove it, or use run instead of explore"):
        explore(reads("1").load(), **{option: [text]})  # type: ignore[arg-type]


def test_a_claim_of_the_file_that_asks_is_refused_with_its_line() -> None:
    named = replace(reads("1"), rest='[[expect]]\nalways = "global.schedule_left == 0"\n')
    line = named.text.split("\n").index('always = "global.schedule_left == 0"') + 1
    with pytest.raises(BadInput, match=f"^asks.toml:{line}: global.schedule_left says"):
        explore(named.load())


def test_a_variable_or_a_comment_may_have_the_name_of_such_a_column() -> None:
    scenario = reads("op_start # global.schedule_item").load()
    assert explore(scenario, exprs=["a.op_start"]).values[0].value == 1
