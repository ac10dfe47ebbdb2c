"""The touches of a thread that takes a reference string, against a count step by step."""

from __future__ import annotations

from engine.constants import PAGE_SHIFT
from engine.figures import figure
from engine.figures.string_touches import string_touched, string_touches
from engine.figures.touches import touches_by_thread, touches_of
from engine.kernel.process.page_table import page_of_pte, pte_at
from tests.engine.replay.strings import random_string, replayed


def test_each_reference_is_a_touch_and_a_hit_if_its_access_did_not_fault() -> None:
    history = replayed(random_string(4, 30, 80), 16)
    string = history.programs[1].string
    assert string is not None
    touches, pages = [], []
    at, tries = 0, 0
    for step in range(1, history.total + 1):
        history.seek(step)
        if history.journal.thread(step) == 1:
            tries += 1
        if (now := string.position(history.vm)) != at:
            hits = now - at if tries == 1 else 0
            touches.append((step, 1, now - at, hits))
            for reference in range(at, now):
                pte = pte_at(history.vm, 0, string.address(reference) >> PAGE_SHIFT)
                pages.append(page_of_pte(history.vm, pte))
            at, tries = now, 0
    found = string_touches(history)
    rows = zip(
        *(part.tolist() for part in (found.steps, found.threads, found.counts, found.hits)), strict=True
    )
    assert list(rows) == touches
    touched = string_touched(history)
    assert touched.pages.tolist() == pages
    assert touched.threads.tolist() == [1] * len(string)
    assert history.step == history.total
    assert touches_of(history).counts.sum() == len(string) == figure(history, "run.touches")
    assert touches_by_thread(history) == [0, len(string), 0]
    assert figure(history, "run.latency.accesses") == len(string)
