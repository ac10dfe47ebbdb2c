"""What a sentence says of a step of boot is what the step does to the lists, the reserve and the counters."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from engine.constants import PQ_FREE, V_FREE_COUNT, V_WIRE_COUNT
from engine.run.history import History
from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.views.because_boot import REASONS
from explorer.views.sentence import step_sentence

Said = tuple[int, str]


@pytest.fixture(scope="module")
def boot_run() -> Session:
    scenario = load("boot")
    session = Session(scenario.start(), scenario)
    session.history.extend(10_000)
    return session


def said(session: Session, pattern: str) -> Iterator[tuple[int, list[int]]]:
    """The steps whose sentence matches, with the numbers in its groups; the cursor is after each."""
    for step in range(1, session.history.booted or 0):
        session.history.seek(step)
        sentence = step_sentence(session.history, session.labels, session.calls, step)
        if found := re.fullmatch(pattern, sentence):
            yield step, [int(text.replace(",", ""), 0) for text in found.groups()]


def queues(history: History, first: int, last: int) -> list[int]:
    """The colours of the free lists that these pages are on, by page number; -1 for none."""
    at = first - history.vm.first_page
    return [int(q) - PQ_FREE for q in history.vm.memory.vector("page.queue", at, last - first + 1)]


RANGE = r"(?:[\d,]+) pages, (0x[0-9a-f]+) to (0x[0-9a-f]+)"
LISTS = r"FREE\[(\d+)\.\.(\d+)\]"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        (rf"boot adds {RANGE}, to the heads of {LISTS}", 46),
        (rf"boot moves {RANGE}, to {LISTS}: .*", 23),
        (rf"boot frees {RANGE}, of the reserve, to the heads of {LISTS}", 12),
    ],
)
def test_the_pages_are_on_the_lists_that_the_sentence_names(
    boot_run: Session, pattern: str, count: int
) -> None:
    steps = list(said(boot_run, pattern))
    assert len(steps) == count
    for step, (first, last, low, high) in steps:
        boot_run.history.seek(step)
        colors = queues(boot_run.history, first, last)
        assert (min(colors), max(colors)) == (low, high)


@pytest.mark.slow
def test_pages_that_boot_never_added_are_not_moved(boot_run: Session) -> None:
    for step, (moved, first, last, low, high) in said(
        boot_run, rf"boot moves (\d+) of {RANGE}, to {LISTS}: .*"
    ):
        boot_run.history.seek(step)
        colors = [color for color in queues(boot_run.history, first, last) if color >= 0]
        assert (len(colors), min(colors), max(colors)) == (moved, low, high)


def test_pages_of_the_reserve_are_on_no_list(boot_run: Session) -> None:
    for step, (first, last) in said(boot_run, rf"boot adds {RANGE}, to the DMA reserve"):
        boot_run.history.seek(step)
        assert set(queues(boot_run.history, first, last)) == {-1}
        assert boot_run.vm.memory.vector("alist.free")[first : last + 1].all()


def test_a_socket_has_the_colours_that_the_sentence_names(boot_run: Session) -> None:
    pattern = rf"boot (?:moves|gives|leaves) (?:\d+ of )?{RANGE}.*: socket (\d) has colours (\d+) to (\d+)"
    steps = list(said(boot_run, pattern))
    assert len(steps) == 64
    for step, (first, last, socket, low, high) in steps:
        boot_run.history.seek(step)
        at = first - boot_run.vm.first_page
        colors = boot_run.vm.memory.vector("page.pc", at, last - first + 1)
        assert low <= colors.min()
        assert colors.max() <= high
        assert low == socket * boot_run.vm.colors // 2


def test_lists_get_pages_from_longer_ones(boot_run: Session) -> None:
    pattern = rf"boot moves (\d+) pages from {LISTS} to {LISTS}, which had fewer than (\d+) pages; .*"
    steps = list(said(boot_run, pattern))
    assert len(steps) == 32
    for step, (count, low, high, first, last, least) in steps:
        boot_run.history.seek(step - 1)
        before = boot_run.vm.memory.vector("queue.lcnt", PQ_FREE, boot_run.vm.colors).copy()
        boot_run.history.seek(step)
        change = boot_run.vm.memory.vector("queue.lcnt", PQ_FREE, boot_run.vm.colors) - before
        assert change[change > 0].sum() == count == -change[change < 0].sum()
        assert (change[first : last + 1] > 0).any()
        assert (before[change > 0] < least).all()
        assert (change[low : high + 1] < 0).any()


def test_the_reserve_shrinks_until_it_has_what_is_kept(boot_run: Session) -> None:
    took = r"boot takes (\d+) pages from (0x[0-9a-f]+) on out of the DMA reserve: it has ([\d,]+) free.*"
    steps = list(said(boot_run, took))
    assert len(steps) == 6
    for step, (count, first, free) in steps:
        boot_run.history.seek(step - 1)
        assert boot_run.vm.glob.bl_free[0] == free
        assert boot_run.vm.memory.vector("alist.free")[first : first + count].all()
        boot_run.history.seek(step)
        assert boot_run.vm.glob.bl_free[0] == free - count
    left = r"boot leaves the DMA reserve as it is: it has ([\d,]+) free pages, and ([\d,]+) are enough"
    ((_, (free, kept)),) = said(boot_run, left)
    assert free <= kept


def test_a_pending_adjustment_is_added(boot_run: Session) -> None:
    found = {
        name: values
        for name in ("v_free_count", "v_wire_count")
        for _, values in said(
            boot_run, rf"boot adds cpu (\d+)'s pending adjustment to {name}: ([\d,]+) to ([\d,]+)"
        )
    }
    boot_run.history.seek(boot_run.history.booted or 0)
    count = boot_run.vm.vmstats.count
    assert found["v_free_count"][2] == count[V_FREE_COUNT]
    assert found["v_wire_count"][2] == count[V_WIRE_COUNT]


def test_every_reason_is_said_in_the_boot_scenario(boot_run: Session) -> None:
    keys = set()
    for step in range(1, boot_run.history.booted or 0):
        boot_run.history.seek(step)
        stack = boot_run.calls.stack_with_values(boot_run.history, step)
        if stack:
            keys |= {key for key in REASONS if key.partition("#")[0] == stack[-1].function}
    assert keys == REASONS.keys()
