"""The states of the frames: as the page fields imply, and updated from the journal."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from engine.constants import PG_FICTITIOUS, PQ_NONE, queue_name
from engine.machine.machine import Machine
from engine.run.history import History
from explorer.lenses.kit.page_states import (
    GLYPHS,
    HOLE,
    KEPT,
    RESERVE,
    STYLES,
    TAKEN,
    USED,
    WIRED,
    WORDS,
    PageStates,
    Stretch,
    in_memory,
    page_states,
    states_changed,
    stretches,
)
from explorer.session.session import Session
from explorer.tui.widgets.palette import STYLES as LOOK
from tests.explorer.lenses.kit.small_machines import with_hole

OpenRun = Callable[..., Session]


def test_every_state_has_its_own_word_style_and_glyph() -> None:
    assert len(WORDS) == len(STYLES) == len(GLYPHS) == len(set(GLYPHS)) == USED + 1
    assert set(STYLES) <= LOOK.keys()


def test_frames_between_two_memory_ranges_are_a_hole() -> None:
    """512 frames, a hole of 1,024, 512 frames."""
    usable = in_memory(with_hole())
    assert usable.tolist() == [True] * 512 + [False] * 1024 + [True] * 512


def test_the_page_array_is_split_at_nodes_and_long_holes() -> None:
    """A hole of a sixteenth of the array, here 2 of 32 frames, is long; a hole of one frame is not."""
    nodes = np.array([0] * 16 + [1] * 16)
    usable = np.ones(32, np.bool_)
    usable[5] = usable[20:22] = False
    assert stretches(nodes, usable) == (
        Stretch(0, 16, 0, False),
        Stretch(16, 20, 1, False),
        Stretch(20, 22, 1, True),
        Stretch(22, 32, 1, False),
    )


def test_a_hole_has_no_node_and_frames_kept_by_boot_are_not_a_hole() -> None:
    vm = with_hole()
    history = History(vm, [])
    counts = page_states(history).counts
    assert counts[-1, HOLE] == 1024
    assert counts[:, KEPT].sum() == vm.vm_page_array_size - 1024 - vm.vmstats.count[0]
    assert counts.sum() == vm.vm_page_array_size


def test_before_the_first_step_no_state_has_changed() -> None:
    history = History(with_hole(), [])
    assert states_changed(history, page_states(history)) == {}


def test_a_history_computes_its_states_once() -> None:
    history = History(with_hole(), [])
    assert page_states(history) is page_states(history)
    assert page_states(History(with_hole(), [])) is not page_states(history)


def state_by_hand(vm: Machine, m: int) -> str:
    """The word in `WORDS` that the fields of page `m` imply."""
    page = vm.page
    if page.queue[m] != PQ_NONE:
        return queue_name(page.queue[m]).split("[")[0].lower()
    if page.flags[m] & PG_FICTITIOUS:
        return WORDS[RESERVE] if vm.alist.free[vm.first_page + m] else WORDS[TAKEN]
    if not page.pat_mode[m]:
        return WORDS[KEPT]
    return WORDS[WIRED] if page.wire_count[m] else WORDS[USED]


def test_every_frame_has_the_state_that_its_fields_imply(open_run: OpenRun, every_kind: str) -> None:
    session = open_run(every_kind)
    history, vm = session.history, session.vm
    seen = set()
    for step in range(0, history.total + 1, 5):
        history.seek(step)
        words = [WORDS[state] for state in page_states(history).states.tolist()]
        assert words == [state_by_hand(vm, m) for m in range(vm.vm_page_array_size)]
        seen |= set(words)
    assert seen == set(WORDS) - {WORDS[HOLE]}


@pytest.mark.parametrize("seed", range(3))
def test_states_updated_step_by_step_equal_states_computed_from_scratch(
    seed: int, open_run: OpenRun, every_kind: str
) -> None:
    session = open_run(every_kind)
    history, chance = session.history, random.Random(seed)
    followed = page_states(history)
    for _ in range(30):
        history.seek(chance.randrange(history.total + 1))
        followed.bring_to(history)
        fresh = PageStates(session.vm)
        fresh.bring_to(history)
        assert np.array_equal(followed.states, fresh.states)
        assert np.array_equal(followed.counts, fresh.counts)


def test_states_are_right_on_each_branch_after_any_switch(make_session: OpenRun) -> None:
    history = make_session().history
    history.extend(60)
    history.seek(20)
    history.fork()
    for _ in range(45):
        history.step_thread(1)
    assert history.total > 45
    for branch, step in ((0, 60), (1, 45), (0, 44), (1, 21), (0, 20), (1, 46), (0, 60)):
        history.switch(branch)
        history.seek(step)
        fresh = PageStates(history.vm)
        fresh.bring_to(history)
        assert np.array_equal(page_states(history).states, fresh.states), f"branch {branch}, step {step}"
        assert np.array_equal(page_states(history).counts, fresh.counts)


def test_the_states_changed_by_a_step_are_the_difference_from_the_step_before(
    open_run: OpenRun, every_kind: str
) -> None:
    history = open_run(every_kind).history
    found = 0
    for step in range(1, history.total + 1):
        history.seek(step - 1)
        before = page_states(history).states.copy()
        history.seek(step)
        states = page_states(history)
        differ = np.flatnonzero(before != states.states).tolist()
        changed = states_changed(history, states)
        assert changed == {m: (int(before[m]), int(states.states[m])) for m in differ}
        found += len(changed)
    assert found > 8
