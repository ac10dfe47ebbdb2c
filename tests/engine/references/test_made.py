"""Made strings are what their names say, the same everywhere."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from engine.errors import BadInput
from engine.references import made as module
from engine.references.made import KINDS, made, random_numbers
from engine.run.splitmix import splitmix64


def pages_of(name: str) -> list[int]:
    return [page for chunk in made(name).chunks() for page in chunk.pages.tolist()]


def writes_of(name: str) -> list[bool]:
    return [write for chunk in made(name).chunks() for write in chunk.writes.tolist()]


def test_the_random_numbers_are_those_of_splitmix64() -> None:
    state, expected = 7, []
    for _ in range(5):
        state, number = splitmix64(state)
        expected.append(number)
    assert random_numbers(np.uint64(7), np.arange(5)).tolist() == expected
    assert random_numbers(np.uint64(7), np.array([3])).tolist() == expected[3:4]


def test_a_loop_repeats_its_pages() -> None:
    assert pages_of("loop:pages=3,length=7") == [0, 1, 2, 0, 1, 2, 0]


def test_a_scan_takes_turns_with_a_working_set() -> None:
    found = pages_of("scan:set=4,pages=3,every=3,length=30")
    assert found[2::3] == [4, 5, 6, 4, 5, 6, 4, 5, 6, 4]
    assert {page for at, page in enumerate(found) if at % 3 < 2} == {0, 1, 2, 3}


def test_the_pages_of_zipf_have_their_shares() -> None:
    found = np.bincount(pages_of("zipf:pages=4,length=100000,skew=4"), minlength=4) / 100_000
    assert np.allclose(found, np.array([1, 1 / 2, 1 / 3, 1 / 4]) / (25 / 12), atol=0.01)
    flat = np.bincount(pages_of("zipf:pages=4,length=100000,skew=0")) / 100_000
    assert np.allclose(flat, 1 / 4, atol=0.01)


def test_each_phase_has_a_working_set() -> None:
    found = np.array(pages_of("phases:pages=1000,set=5,phase=100,length=1000")).reshape(10, 100)
    sets = [tuple(np.unique(phase)) for phase in found]
    assert all(len(one) == 5 for one in sets)
    assert len(set(sets)) == 10


@pytest.mark.parametrize("kind", KINDS)
def test_a_string_does_not_depend_on_its_chunks(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"made:{kind}:length=2000,writes=30"
    whole = pages_of(name), writes_of(name)
    monkeypatch.setattr(module, "_CHUNK", 123)
    assert (pages_of(name), writes_of(name)) == whole
    assert len(made(name)) == len(whole[0]) == 2000
    assert 0.25 < np.mean(whole[1]) < 0.35


def test_the_strings_are_those_of_the_first_version() -> None:
    """A changed string would change what an experiment measures, although its file is the same."""
    text = "".join(str(pages_of(f"{kind}:length=5000")) for kind in KINDS)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "1bd8a5a7959170e5"


@pytest.mark.parametrize(
    "name",
    ["", "made:", "mru", "zipf:pages", "zipf:pages=", "zipf:pages=0", "zipf:pages=-1", "zipf:pages=16777217",
     "zipf:page=3", "zipf:pages=3,pages=4", "zipf:pages=1e3", "zipf:pages=" + "9" * 5000, "loop:seed=1",
     "zipf:seed=18446744073709551616", "zipf:writes=101", "zipf:,", "loop:pages=\u0663"],
)  # fmt: skip
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"; (use|give) ") as caught:
        made(name)
    assert len(str(caught.value)) < 160
