"""The counts of a replay, against an independent count of the recorded run."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from engine.constants import NULL
from engine.errors import BadInput
from engine.figures import figure
from engine.references.reader import read_references
from engine.replay.kernel import Stopped, replay_kernel
from engine.run.history import History
from engine.run.reference_string import LOAD, STORE
from tests.engine.replay.strings import loop, random_string, replayed, string_of
from tests.tiers import only_fast


def _counted(history: History) -> dict[str, int]:
    """Counts by what each step wrote: pages that joined or left the object, and blocks of swap."""
    vm, journal = history.vm, history.journal
    string = history.programs[1].string
    assert string is not None
    page_of = {slot: pindex for (_, pindex), slot in vm.resident_slots.slots.items()}
    written: set[int] = set()
    resident, block = (vm.memory.places[name] for name in ("resident.page", "swap.block"))
    position = vm.memory.address("variable.value", string.slot)
    misses = fills = evictions = writebacks = pageins = blocks = taken = 0
    filled = False
    for step in range(1, history.total + 1):
        for address, old, new in journal.writes_of(step):
            if resident.base <= address < resident.base + resident.length:
                fills += old + NULL == NULL and new + NULL != NULL
                page = page_of[address - resident.base]
                evictions += new + NULL == NULL
                writebacks += new + NULL == NULL and page in written
                written.discard(page)
                filled = filled or new + NULL != NULL
            blocks += block.base <= address < block.base + block.length and new + NULL != NULL
            if address == position:
                pages = string.places[string.indices[old:new][string.writes[old:new]]] - string.places[0]
                written.update(pages.tolist())
                misses, taken, filled = misses + filled, taken + new - old, False
        pageins += journal.label(step) == "begin the read"
    return {
        "misses": misses,
        "hits": taken - misses,
        "evictions": evictions,
        "writebacks": writebacks,
        "pageins": pageins,
    }


@pytest.mark.parametrize("seed", only_fast(range(4), 1))
def test_the_counts_are_those_of_the_steps(seed: int) -> None:
    string = random_string(seed, 40, 90)
    counts = asdict(replay_kernel(string, 16))
    history = replayed(string, 16)
    counted = _counted(history)
    assert {name: counts[name] for name in counted} == counted
    for name in ("pageins", "pageouts", "reactivations", "rescues", "evictions"):
        assert counts[name] == figure(history, f"run.{name}"), name
    assert counts["hits"] - counts["soft_faults"] == figure(history, "run.hits")
    assert counts["steps"] == history.total
    assert counts["ticks"] == history.vm.glob.ticks[0]


def test_one_step_for_each_hit_gives_the_same_counts() -> None:
    string = random_string(9, 40, 150)
    together, one_by_one = (asdict(replay_kernel(string, 30, skip=skip)) for skip in (True, False))
    assert together.pop("steps") < one_by_one.pop("steps")
    assert together == one_by_one


def test_a_page_that_is_only_read_is_a_miss_again_without_a_page_in() -> None:
    read = replay_kernel(string_of(list(range(12)) * 3, writes=False), 8)
    assert read.misses > 12
    assert (read.pageins, read.pageouts, read.writebacks) == (0, 0, 0)
    written = replay_kernel(loop(12, 3), 8)
    assert written.misses == 12 + written.pageins
    assert written.pageouts >= written.writebacks > 0


def test_a_string_of_a_kernel_s_addresses_can_be_replayed() -> None:
    high = string_of([0xFFFF_8000_0000_0, 0xFFFF_8000_0000_1, 0xFFFF_8000_0000_0])
    assert replay_kernel(high, 4).misses == 2


def test_progress_can_stop_the_replay() -> None:
    seen: list[int] = []

    def stop(taken: int) -> bool:
        seen.append(taken)
        return False

    with pytest.raises(Stopped):
        replay_kernel(loop(5, 20), 8, progress=stop)
    assert seen == [100]


def test_an_empty_string_is_refused() -> None:
    with pytest.raises(BadInput, match="has no references"):
        replay_kernel(string_of([]), 8)


@pytest.mark.slow
def test_a_made_string_of_a_million_references_takes_few_steps() -> None:
    string = read_references("made:zipf:pages=500,length=1000000,seed=3")
    counts = replay_kernel(string, 1024)
    assert (counts.misses, counts.evictions, counts.ticks) == (len(string.pages), 0, 1000)
    assert counts.steps < 100 * len(string.pages) + 5000


def test_the_labels_of_references_are_announced() -> None:
    history = replayed(string_of([1, 2, 1], writes=[False, True, False]), 4)
    labels = {history.journal.label(step) for step in range(1, history.total + 1)}
    assert {LOAD, STORE} <= labels
