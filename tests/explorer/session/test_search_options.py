"""The options of `explore` in the console, and what is said of wrong ones."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.explore.limits import Limits, Sample
from explorer.session.search_options import read_options


def test_what_is_not_given_is_left_to_the_search() -> None:
    assert read_options("") == {}


def test_every_option_is_an_argument_of_the_search() -> None:
    found = read_options(
        "--expr 'count(FREE)' --expr app.m --always x==1 --end y --order 'a:1<b:2' --allow blocked "
        "--states 100_000 --ticks 5 --memory 1GiB --invariants all"
    )
    assert found == {
        "exprs": ("count(FREE)", "app.m"), "always": ("x==1",), "end": ("y",), "order": ("a:1<b:2",),
        "allow": ("blocked",), "limits": Limits(100_000, 5, 1 << 30), "invariants": "all",
    }  # fmt: skip


def test_a_search_can_be_reduced() -> None:
    assert read_options("--reduce") == {"reduce": True}


def test_schedules_can_be_sampled() -> None:
    assert read_options("--sample pct:2 --schedules 50 --seed 7")["sample"] == Sample("pct", 2, 50, 7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("fast", "explore: 'fast' is not an option; use --expr, ", id="a word"),
        pytest.param("--depth 3", "'--depth' is not an option", id="an unknown option"),
        pytest.param("--states", "expected one argument", id="no value"),
        pytest.param("--states many", "'many' is not a number for --states", id="not a number"),
        pytest.param("--states 0", "--states 0 is not possible; use a number from 1", id="too few"),
        pytest.param("--expr 'x", "no closing quotation in", id="an open quote"),
        pytest.param("--invariants some", "use calm or all", id="another word"),
        pytest.param("--schedules 5", "--schedules says how many schedules --sample runs", id="no sampling"),
        pytest.param("--seed 5", "--seed chooses the schedules of --sample", id="a seed without sampling"),
        pytest.param("--reduce --sample random", "remove --reduce or --sample", id="exclude each other"),
        pytest.param("--states " + "9" * 5000, "is not a number for --states", id="a number without end"),
        pytest.param("--sample best", "'best' is not a way to sample", id="another way to sample"),
        pytest.param("--memory 3", "'3' is not a size for a search", id="not a size"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_right(text: str, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_options(text)
    assert words in str(refusal.value)
