"""What the lessons of the library say of runs other than their own: each is the scenario with a part changed."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import pytest

from engine.debug.moments import find_step
from engine.scenario.library import find
from engine.scenario.loader import load_text

CLAIMS = {
    "a wired page that no scan met ends where one ends that a scan met": (
        "wired-but-still-queued",
        {"pager:end ": "tick "},
        "driver:16",
        "thread[pager].state == READY and queue[INACTIVE, setup.c].tail == setup.scanned",
    ),
    "without another free it is the timeout that ends the wait for memory": (
        "held-while-freed",
        {"m = vm_page_lookup_busy_wait(heap, 1, 1)\nvm_page_free(m)": "pass\npass"},
        "end",
        "blocked.m != NULL and cpu[0].v_ppwakeups == 0 and global.ticks >= 100",
    ),
    "without the tick the woken thread believes in 40 pages and sleeps again": (
        "held-while-freed",
        {"tick      ": "# tick    "},
        "end",
        "cpu[0].v_ppwakeups == 1 and global.vm_pageout_deficit == 2",
    ),
    "an original that was not used lately does not come back": (
        "copy-on-write-demotes",
        {"vm_pageout_scan_inactive(": "pmap_clear_reference(setup.original)\nvm_page_flag_clear(setup.original, PG_REFERENCED)\nvm_pageout_scan_inactive("},
        "end",
        "queue_of(setup.original) == PQ_INACTIVE and setup.original.flags & PG_WINATCFLS",
    ),
    "with one free page more the fault goes through": (
        "severe-with-a-full-cache",
        {"count(FREE) > 78": "count(FREE) > 79", "first:block ": "first:end ", "second:block ": "second:end ", "first:end\nsecond:end": ""},
        "pager:3",
        "not first.short",
    ),
    "by the document's rule nice -10 does not wait at 170, and only nice 10 does": (
        "nice-and-waiting",
        {'"formula"\n\n': '"monotone"\n\n'},
        "giver:3",
        "process[polite].minflt == 0 and process[plain].minflt == 2 and process[eager].minflt == 2",
    ),
    "in the kernel of 2020 no thread waits at 200 or at 170": (
        "nice-and-waiting",
        {'"formula"\n\n': '"none"\n\n'},
        "giver:3",
        "process[polite].minflt == 2 and process[plain].minflt == 2 and process[eager].minflt == 2",
    ),
    "by the document's rule an alignment counts, and two pages are to be had": (
        "dma-fragmentation",
        {'rules = "source"\nlesson': 'rules = "document"\nlesson'},
        "driver:12",
        "VM_PAGE_TO_PHYS(driver.b) == 8 * PAGE_SIZE and VM_PAGE_TO_PHYS(driver.two) == 6 * PAGE_SIZE",
    ),
    "a tick before the request lets the other processor know": (
        "two-cpus-two-truths",
        {"giver:end, taker:end": "giver:end, tick, taker:end"},
        "taker:4",
        "taker.first != NULL and global.vm_pageout_deficit == 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "at", "that"), CLAIMS.values(), ids=CLAIMS)
def test_a_lesson_is_right_about_what_else_would_happen(
    name: str, changes: dict[str, str], at: str, that: str
) -> None:
    path = find(name)
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    scenario = load_text(text)
    history = scenario.start()
    history.seek(find_step(history, at))
    assert scenario.expression(that).holds(history.vm)


@pytest.mark.parametrize(("name", "at", "that"), [(name, at, that) for name, _, at, that in CLAIMS.values()])
def test_what_a_changed_lesson_shows_is_not_so_in_the_lesson_itself(name: str, at: str, that: str) -> None:
    scenario = load_text(find(name).read_text(encoding="utf-8"))
    history = scenario.start()
    history.seek(find_step(history, at))
    assert not scenario.expression(that).holds(history.vm)
