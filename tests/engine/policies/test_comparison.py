"""The policies count what textbooks, naive versions of them and all choices of victims say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise, product, repeat

import numpy as np
import pytest

from engine.errors import BadInput
from engine.policies import comparison, lru
from engine.policies.comparison import MOST_FRAMES, POLICIES, compare, measure
from engine.policies.lru import Lru
from engine.policies.policy import Counts
from engine.references import made
from engine.references.chunk import Chunk
from engine.references.reader import ReferenceStream, open_references, read_references
from tests.engine.policies.naive_policies import NAIVE, least_misses, string_of, writebacks
from tests.tiers import only_fast

OSTEP = [0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1]
BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("policy", "hits"), [("opt", 6), ("fifo", 4), ("lru", 6)])
def test_the_example_of_a_textbook_has_its_hits(policy: str, hits: int) -> None:
    """Arpaci-Dusseau, chapter 22: three frames."""
    assert measure(string_of(OSTEP), policy, 3).hits == hits


@pytest.mark.parametrize(
    ("policy", "misses"), [("fifo", (9, 10)), ("lru", (10, 8)), ("opt", (7, 6)), ("clock", (9, 10))]
)
def test_more_frames_can_mean_more_misses(policy: str, misses: tuple[int, int]) -> None:
    """Belady's anomaly: FIFO with 3 and with 4 frames, and CLOCK, which is FIFO here."""
    string = string_of(BELADY)
    assert (measure(string, policy, 3).misses, measure(string, policy, 4).misses) == misses


def test_a_loop_longer_than_the_frames_never_hits_except_with_opt() -> None:
    string = string_of(list(range(5)) * 10)
    found = {policy: measure(string, policy, 4).hits for policy in POLICIES}
    assert found["lru"] == found["fifo"] == found["clock"] == 0
    assert found["opt"] == 45 - 11  # after the first five, one of each four references misses


def test_a_scan_leaves_the_pages_that_2q_and_arc_keep() -> None:
    kept = list(range(8)) * 2
    string = string_of([*kept, *range(100, 108), *kept, *range(200, 240), *kept])
    hits = {policy: measure(string, policy, 12).hits for policy in POLICIES}
    assert hits["arc"] > hits["lru"]
    assert hits["opt"] >= max(hits.values())


def test_what_is_counted_adds_up() -> None:
    counts = measure(string_of([1, 2, 1, 3, 3, 1], [False, True, False, False, True, False]), "lru", 2)
    assert counts == Counts(references=6, pages=3, hits=3, misses=3, evictions=1, writebacks=1)


def random_string(chance: random.Random, pages: int, length: int) -> tuple[list[int], list[bool]]:
    """Pages, some of them often and with runs, and writes."""
    found: list[int] = []
    while len(found) < length:
        page = chance.choice((chance.randrange(pages), chance.randrange(1 + pages // 3)))
        found += [page] * chance.choice((1, 1, 1, 2, 3, 4))
    return found[:length], [chance.random() < 0.3 for _ in range(length)]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_does_what_its_naive_version_does(policy: str) -> None:
    chance = random.Random(policy)
    for _ in range(40):
        pages, writes = random_string(chance, chance.randrange(1, 14), chance.randrange(1, 90))
        frames = chance.randrange(1, 12)
        misses, evicted = NAIVE[policy](pages, frames)
        found = measure(string_of(pages, writes), policy, frames)
        expected = (len(pages) - misses, misses, len(evicted), writebacks(pages, writes, evicted))
        assert (found.hits, found.misses, found.evictions, found.writebacks) == expected, (pages, frames)


def strings(length: int, pages: int) -> Iterator[tuple[int, ...]]:
    """All strings of a length whose pages first come in the order of their numbers."""
    if not length:
        yield ()
    for start in strings(length - 1, pages) if length else ():
        for page in range(min(max(start, default=-1) + 2, pages)):
            yield (*start, page)


@pytest.mark.parametrize("length", only_fast([6, 8], 6))
def test_opt_has_the_least_misses_of_all_choices(length: int) -> None:
    for pages in strings(length, 5):
        for frames in range(2, max(pages) + 1):
            assert measure(string_of(pages), "opt", frames).misses == least_misses(pages, frames), pages


@pytest.mark.parametrize("policy", ["lru", "opt"])
def test_a_stack_policy_never_misses_more_with_more_frames(policy: str) -> None:
    chance = random.Random(5)
    for _ in range(20):
        string = string_of(*random_string(chance, 12, 80))
        misses = [measure(string, policy, frames).misses for frames in range(1, 14)]
        assert misses == sorted(misses, reverse=True)


@pytest.mark.parametrize("policy", POLICIES)
def test_runs_that_are_made_shorter_change_no_count(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    strings = [string_of(*random_string(chance, 9, 120)) for _ in range(20)]
    found = [measure(string, policy, 4) for string in strings]
    monkeypatch.setattr(comparison, "shortened", lambda indices, writes, _repeats: (indices, writes))
    assert found == [measure(string, policy, 4) for string in strings]


def test_a_string_in_chunks_counts_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and parts of odd lengths; pages get their index in another order than that of their numbers."""
    string = read_references("made:zipf:pages=60,length=3000,writes=20")
    pages = string.pages[string.indices] * 1000
    edges = [0, 1, 2, 700, 701, 2999, 3000]
    chunks = [Chunk(pages[a:b], string.writes[a:b]) for a, b in pairwise(edges)]
    monkeypatch.setattr(comparison, "_PART", 97)
    found = compare(ReferenceStream("test", "made", iter(chunks)), list(POLICIES), [1, 7, 30])
    assert (found.count, found.pages) == (3000, len(string.pages))
    assert [(row.policy, row.frames) for row in found.rows] == list(product(POLICIES, [1, 7, 30]))
    assert all(row.counts == measure(string, row.policy, row.frames) for row in found.rows)
    assert found.whole is not None
    assert np.array_equal(found.whole.pages[found.whole.indices], pages)


def test_a_queue_of_hits_is_made_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    string = read_references("made:zipf:pages=40,length=4000,writes=20")
    found = [measure(string, "lru", frames) for frames in (3, 20, 39, 40)]
    monkeypatch.setattr(lru, "_SLACK", 10)
    monkeypatch.setattr(comparison, "_PART", 64)
    assert found == [measure(string, "lru", frames) for frames in (3, 20, 39, 40)]
    policy = Lru(40)
    for _ in range(50):
        policy.run(list(range(40)), repeat(False))
    assert len(policy._queue) <= 2 * 40 + 10 + 40


def test_opt_is_left_out_where_the_string_takes_too_much_memory() -> None:
    found = compare(open_references("made:loop:length=1000"), ["opt", "lru"], [5], memory=15_999)
    assert [row.policy for row in found.rows] == ["lru"]
    assert found.whole is None
    assert compare(open_references("made:loop:length=1000"), ["opt"], [5], memory=16_000).whole is not None


def test_progress_is_how_many_references_were_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "_CHUNK", 400)
    seen: list[int] = []
    compare(open_references("made:loop:length=1000"), ["lru"], [5], progress=seen.append)
    assert seen == [400, 800, 1000]


@pytest.mark.parametrize(("policy", "frames"), [("mru", 3), ("lru", 0), ("lru", MOST_FRAMES + 1)])
def test_an_unknown_policy_or_number_of_frames_is_refused(policy: str, frames: int) -> None:
    with pytest.raises(BadInput, match=r"is not a (policy|number of frames); use "):
        measure(string_of([1]), policy, frames)
