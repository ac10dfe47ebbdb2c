"""Requests for contiguous memory: met, refused, and given back because the device cannot reach them."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from engine.figures.contiguous import contiguous_requests
from engine.run.program import Call
from engine.scenario.loader import load

REQUESTS = [
    ("dma-fragmentation", "document", (7, 0)),
    ("dma-fragmentation", "source", (6, 1)),
    ("low-high-and-boundary", "document", (5, 1)),
    ("low-high-and-boundary", "source", (4, 2)),
]


@pytest.mark.parametrize(("name", "rules", "counts"), REQUESTS)
def test_a_request_is_met_if_its_caller_got_a_page(name: str, rules: str, counts: tuple[int, int]) -> None:
    scenario = load(name, rules=rules)
    history = scenario.start()
    scenario.run(history)
    (program,) = (program for program in history.programs if program.name == "driver")
    made = (one for one in program.instructions if isinstance(one, Call))
    calls = [one for one in made if one.name == "vm_page_alloc_contig"]
    results = {history.vm.memory.address("variable.value", one.slots[0]) for one in calls}
    writes = (write for step in range(1, history.total + 1) for write in history.journal.writes_of(step))
    got = [new for address, _, new in writes if address in results]
    assert contiguous_requests(history) == counts
    assert sum(counts) == len(calls)
    assert len([page for page in got if page != NULL]) == counts[0]
