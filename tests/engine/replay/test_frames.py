"""The machine of a replay: exactly N pages can hold the string above the reserve."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import V_FREE_COUNT
from engine.errors import BadInput
from engine.replay.frames import frames_of, swap_blocks
from engine.replay.kernel import replay_kernel
from tests.engine.replay.strings import loop, random_string, replayed, scenario_of
from tests.tiers import only_fast


@pytest.mark.parametrize("frames", only_fast([2, 3, 8, 100, 1024, 1 << 17, 1 << 20], 8, 100))
def test_as_many_pages_as_frames_are_free_above_what_no_fault_may_take(frames: int) -> None:
    sized = frames_of(frames)
    vm = scenario_of(loop(1, 1), frames).start_unrecorded().vm
    limits = dict(vm.config.thresholds)
    assert vm.vmstats.count[V_FREE_COUNT] == sized.free == frames + sized.reserve - 1
    assert limits["v_free_reserved"] == sized.reserve
    assert limits["v_free_min"] + limits["v_cache_min"] < sized.reserve, "the daemon starts no earlier"
    assert vm.colors == sized.colors
    assert vm.page_entries << 12 == sized.memory


@pytest.mark.parametrize("frames", only_fast([2, 8, 100, 1000], 8))
def test_a_loop_over_the_frames_never_pages_and_one_page_more_does(frames: int) -> None:
    fits = replay_kernel(loop(frames, 4), frames)
    assert (fits.misses, fits.pageins, fits.pageouts, fits.passes, fits.evictions) == (frames, 0, 0, 0, 0)
    more = replay_kernel(loop(frames + 1, 4), frames)
    assert more.misses > frames + 1
    assert more.pageins > 0
    assert more.pageouts > 0


def test_never_more_than_the_frames_hold_the_string_and_at_times_all() -> None:
    history = replayed(random_string(5, 40, 110), 18)
    resident = history.vm.memory.address("object.resident_page_count", 0)
    counts = [
        new
        for step in range(1, history.total + 1)
        for address, _, new in history.journal.writes_of(step)
        if address == resident
    ]
    assert max(counts) == 18
    assert counts.count(18) > 1


def test_the_sentence_has_the_numbers() -> None:
    assert str(frames_of(1024)) == (
        "memory 5 MiB, 16 colours: 1,159 pages are free after boot, 1,024 pages above the 135 that no fault "
        "may take (v_free_reserved = 136, v_free_min = 135); the daemon starts when a fault needs one page "
        "more, and frees 8"
    )


@pytest.mark.parametrize("frames", [0, 1, (1 << 23) + 1])
def test_a_number_of_frames_that_the_kernel_cannot_have_is_refused(frames: int) -> None:
    with pytest.raises(BadInput, match=r"the kernel cannot run with .* frames?; use 2 to 8,388,608"):
        frames_of(frames)


def test_a_swap_device_has_four_blocks_in_a_row_for_any_pages() -> None:
    # The worst case: each page in another row of four.
    usable = swap_blocks(500) - 64
    used = np.zeros(usable, np.bool_)
    used[::4][:500] = True
    assert not used.reshape(-1, 4).any(axis=1).all()
