"""The price of distance: what an access is, and what it costs."""

from __future__ import annotations

from typing import Final

import pytest

from engine.figures import Latency, figure
from engine.figures.latency import Accesses, accesses_of
from tests.engine.figures.watched_run import watched
from tests.engine.scenario.small_scenarios import scenario_of, sentences


def test_the_cost_is_the_price_of_each_access_and_the_mean_of_none_is_undefined() -> None:
    prices = Latency(local=2.0, remote=7.0)
    assert (Accesses(3, 1).cost(prices), Accesses(3, 1).mean(prices)) == (13.0, 3.25)
    assert Accesses(0, 0).mean(prices) is None


def test_the_pages_of_touches_count_if_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched("two nodes", "document", monkeypatch)
    far = seen.far(seen.touched)
    assert 0 < far < len(seen.touched)
    assert accesses_of(seen.history) == Accesses(len(seen.touched) - far, far)
    assert figure(seen.history, "run.latency.steps", Latency(1, 10)) == len(seen.touched) + 9 * far


def test_without_touches_the_allocations_count(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched("home-is-used-up", "document", monkeypatch)
    far = seen.far(seen.allocated)
    assert 0 < far < len(seen.allocated)
    assert accesses_of(seen.history) == Accesses(len(seen.allocated) - far, far)


ONE_NODE: Final = """
ranges = [[0, 0x800000]]
topology = "2x1x1"
[[machine.numa]]
begin = 0
end = {end}
socket = 1
[[object]]
name = "heap"
size = 9
[[process]]
name = "A"
pid = 10
maps = [{{object = "heap", start = 0x10000, pages = 9}}]
[[thread]]
name = "app"
cpu = {cpu}
process = "A"
script = \"\"\"
for i in range(9):
    {what}
\"\"\"
"""
"""All memory below `end` belongs to socket 1, and the rest to none."""

PLACES = sentences(
    ("a socket has its own memory", 1, 0x800000, Accesses(9, 0)),
    ("a socket without memory has only remote memory", 0, 0x800000, Accesses(0, 9)),
    ("memory of no node is remote to no socket", 0, 0x1000, Accesses(9, 0)),
)


@pytest.mark.parametrize(
    "what", ["write(0x10000 + i * PAGE_SIZE)", "m = vm_page_alloc(NULL, i, VM_ALLOC_NORMAL)"]
)
@pytest.mark.parametrize(("cpu", "end", "accesses"), PLACES)
def test_what_is_remote(what: str, cpu: int, end: int, accesses: Accesses) -> None:
    history = scenario_of(ONE_NODE.format(cpu=cpu, end=end, what=what)).start()
    history.extend(10_000)
    assert accesses_of(history) == accesses
    assert figure(history, "run.touches") == 9 * ("write" in what)
    assert figure(history, "run.placements.remote") == accesses.remote
