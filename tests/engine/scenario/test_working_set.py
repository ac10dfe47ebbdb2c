"""The table of why-five-queues: how often a page comes in again under LRU, under FIFO, and in the model."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest

from engine.policies.comparison import measure
from engine.references.references import References
from engine.replay.kernel import replay_kernel
from engine.scenario.loader import load_text
from tests.engine.scenario.lesson_texts import changed, source_of


def string(between: int, file: int = 120) -> list[str]:
    """The pages touched: the set, then again and again `between` pages of the file and one of the set."""
    touched = [f"set {i}" for i in range(10)]
    for i in range(file):
        touched += [f"file {i}"] + [f"set {i // between % 10}"] * (i % between == between - 1)
    return touched


def refaults(pages: Sequence[str], frames: int, *, lru: bool) -> int:
    """How many pages come in again, with one list in order of last use, or else of arrival."""
    held: list[str] = []
    seen: set[str] = set()
    again = 0
    for page in pages:
        hit = page in held
        again += not hit and page in seen
        if hit and lru:
            held.remove(page)
        if lru or not hit:
            held.append(page)
        del held[:-frames]
        seen.add(page)
    return again


def replayed(pages: Sequence[str], frames: int, policy: str) -> int:
    """The same, counted by the policy of a replay, or by its kernel."""
    distinct = list(dict.fromkeys(pages))
    indices = np.array([distinct.index(page) for page in pages], np.uint32)
    writes, numbers = np.zeros(len(pages), np.bool_), np.arange(len(distinct))
    references = References("the set and the file", indices, writes, numbers)
    kernel = policy == "kernel"
    counts = replay_kernel(references, frames) if kernel else measure(references, policy, frames)
    return counts.misses - counts.pages


def table() -> dict[int, list[int]]:
    """The rows of the lesson's table: pages between two touches -> touches, LRU, FIFO, the kernel."""
    rows = re.findall(
        r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", source_of("why-five-queues"), re.MULTILINE
    )
    return {int(row[0]): [int(number) for number in row[1:]] for row in rows}


def kernels(between: int, rules: str, file: int = 120) -> int:
    """How often the editor reads a page back under the model's kernel."""
    changes = {"between = 4": f"between = {between}", "while next < 120": f"while next < {file}"}
    changes |= {"size = 120": f"size = {file}", "pages = 120": f"pages = {file}"}
    scenario = load_text(changed("why-five-queues", changes), rules=rules)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    history.seek(history.total)
    return scenario.expression("process[editor].majflt").show(history.vm) or 0


def test_the_table_has_the_refaults_of_lru_and_fifo() -> None:
    assert set(table()) == {1, 2, 4, 6, 10}
    for between, (touches, lru, fifo, _) in table().items():
        pages = string(between)
        assert touches == 120 // between == len(pages) - 130
        assert (lru, fifo) == (refaults(pages, 46, lru=True), refaults(pages, 46, lru=False))
        assert (lru, fifo) == (replayed(pages, 46, "lru"), replayed(pages, 46, "fifo"))


@pytest.mark.slow
@pytest.mark.parametrize("between", [1, 2, 4, 6, 10])
def test_the_table_has_the_refaults_of_the_kernel(between: int) -> None:
    said = re.search(
        r"under the rule set `source` the last column is ([\d, ]+)\.",
        source_of("why-five-queues"),
        re.IGNORECASE,
    )
    assert said is not None
    source = dict(zip(table(), map(int, said[1].split(", ")), strict=True))
    assert kernels(between, "document") == table()[between][3]
    assert kernels(between, "source") == source[between]


@pytest.mark.slow
def test_a_replay_by_another_machine_counts_as_the_lesson_says() -> None:
    said = re.search(r"46 frames counts ([\d, and]+)\s+", source_of("why-five-queues"))
    assert said is not None
    counts = [replayed(string(between), 46, "kernel") for between in table()]
    assert counts == [int(number) for number in re.findall(r"\d+", said[1])]


def test_the_queues_win_where_lru_fails_and_lose_where_it_does_not() -> None:
    wins = {between: kernel < min(lru, fifo) for between, (_, lru, fifo, kernel) in table().items()}
    assert wins == {1: False, 2: False, 4: True, 6: True, 10: True}
    touches, lru, _, kernel = table()[10]
    assert kernel >= lru - 2
    assert kernel > touches // 2


# pages between two touches, pages of the file -> refaults of LRU and FIFO, of the kernel by each rule set
LONGER = {
    (2, 200): (0, 40, 4, 0),
    (4, 240): (51, 50, 34, 27),
    (6, 300): (44, 43, 41, 39),
    (10, 360): (33, 33, 31, 30),
}


@pytest.mark.slow
@pytest.mark.parametrize(("between", "file"), LONGER)
def test_longer_files_show_the_same(between: int, file: int) -> None:
    pages = string(between, file)
    lru, fifo, document, source = LONGER[between, file]
    assert (refaults(pages, 46, lru=True), refaults(pages, 46, lru=False)) == (lru, fifo)
    assert (kernels(between, "document", file), kernels(between, "source", file)) == (document, source)
    assert (max(document, source) < min(lru, fifo)) == (between >= 4)
