"""The limits and the samples of a search, as a command line has them."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.explore.limits import Limits, Sample, read_memory, read_sample

WAYS = [("random", ("random", 0)), ("pct:0", ("pct", 0)), ("pct:2", ("pct", 2)), ("pct:99", ("pct", 99))]


@pytest.mark.parametrize(("text", "way"), WAYS)
def test_a_way_to_sample_is_read(text: str, way: tuple[str, int]) -> None:
    assert read_sample(text) == way


@pytest.mark.parametrize(
    "text", ["", "pct", "pct:", "pct:-1", "pct:100", "pct:2 ", "random:7", "Random", "pct:²"]
)
def test_another_text_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(BadInput, match="use random, or pct:D with D change points, 0 to 99"):
        read_sample(text)


def test_the_memory_of_a_search_is_a_size() -> None:
    assert read_memory("512MiB") == 512 << 20
    assert read_memory("64GiB") == 64 << 30


@pytest.mark.parametrize("text", ["1KiB", "65GiB"])
def test_a_size_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=f"'{text}' is not a size for a search; use 1MiB to 64GiB"):
        read_memory(text)


def test_a_word_is_not_a_size() -> None:
    with pytest.raises(BadInput, match="'much' is not a memory size; write one like 16MiB"):
        read_memory("much")


def test_the_defaults_are_those_of_the_command() -> None:
    assert Limits() == Limits(states=5_000_000, ticks=200, memory=2 << 30)
    assert Sample("random") == Sample("random", depth=0, schedules=10_000, seed=0, workers=1)
