"""A bounded run of the fuzzer: the same inputs every time, and a failure is a failure of the test."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.fuzz.kinds import KINDS
from tests.fuzz.run import ALL, Tally, feed_one, limited

INPUTS = {
    "scenario": 12,
    "script": 25,
    "state": 12,
    "session": 12,
    "schedule": 25,
    "set": 12,
    "course": 12,
    "grade": 25,
    "parameters": 12,
    "text": 8,
    "trace": 12,
}
"""Inputs of the kinds that take long; 60 of each other."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_no_input_of_a_kind_fails(name: str) -> None:
    count = 6 if name == "screen" else 10 * INPUTS.get(name, 60)
    failures = {seed: feed_one(ALL[name], f"{seed}", Tally()) for seed in range(1_000_000, 1_000_000 + count)}
    assert {seed: failure for seed, failure in failures.items() if failure} == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_an_input_depends_on_its_seed_alone(name: str, tmp_path: Path) -> None:
    drawn = [KINDS[name].make(random.Random(f"{name}:{seed}")) for seed in (1, 1, 2, 3, 4)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 2


def test_an_input_that_takes_too_long_fails() -> None:
    with pytest.raises(Exception, match=r"more than 0\.2 s of processor time"), limited(0.2):  # noqa: PT012
        while True:
            pass


def test_an_input_that_waits_for_ever_fails() -> None:
    with pytest.raises(Exception, match=r"more than 0\.3\d* s by the clock"), limited(0.05):
        time.sleep(30)
