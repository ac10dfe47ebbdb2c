"""The count of cached pages that come back into use."""

from __future__ import annotations

from engine.constants import PQ_ACTIVE, PQ_CACHE, PQ_FREE, PQ_INACTIVE, PQ_NONE
from engine.replay.rescues import Rescues
from tests.engine.replay.strings import loop, scenario_of


def test_only_moves_from_cache_back_into_use_count() -> None:
    vm = scenario_of(loop(1, 1), 128).start_unrecorded().vm
    rescues = Rescues(vm)
    queue = vm.page.queue
    assert vm.colors == 2
    for m, (old, new) in enumerate(
        [
            (PQ_CACHE + 1, PQ_ACTIVE + 1),
            (PQ_CACHE, PQ_INACTIVE),
            (PQ_CACHE, PQ_FREE),
            (PQ_INACTIVE, PQ_ACTIVE),
            (PQ_FREE, PQ_ACTIVE),
        ],
        50,
    ):
        before = rescues.count
        for value in (old, PQ_NONE, new):
            queue[m] = value
        assert rescues.count - before == (m < 52)
    assert rescues.count == 2
