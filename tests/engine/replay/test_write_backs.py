"""The count of write-backs."""

from __future__ import annotations

from engine.replay.write_backs import WriteBacks
from tests.engine.replay.strings import loop, scenario_of


def test_a_page_counts_once_when_it_leaves_after_it_was_cleaned() -> None:
    vm = scenario_of(loop(1, 1), 8).start_unrecorded().vm
    found, dirty, valid = WriteBacks(vm), vm.page.dirty, vm.page.valid
    for m, cleaned in ((50, 0), (51, 1), (52, 2)):
        valid[m] = 0xFF
        for _ in range(cleaned):
            dirty[m] = 0xFF
            dirty[m] = 0
        assert found.count == max(0, m - 51)
        valid[m] = 0
        assert found.count == m - 50
    valid[51] = 0xFF
    valid[51] = 0
    assert found.count == 2, "the next use of the frame is another page"
