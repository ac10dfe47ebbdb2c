"""Queues and lists of pages in sentences."""

from __future__ import annotations

from explorer.lenses.pages import PageLine, PagesRow
from explorer.lenses.queue import Chip, QueueRow
from explorer.text.listing import MOST
from explorer.text.page_sentences import pages_lines, queue_lines


def test_the_marks_of_a_page_in_a_queue_are_words() -> None:
    chips = (
        Chip("0x5", 5, "Ld", changed=True, shown=True),
        Chip("0x6", 6, "", changed=False, shown=False),
        Chip("daemon", 7, "marker", changed=False, shown=False),
    )
    assert queue_lines(QueueRow("ACTIVE[5]", chips, 3, 1, 2)) == [
        "ACTIVE[5] has 3 pages. Its lastq is 1, its adds 2.",
        "Page 0x5: locked, dirty, changed by the last step, the inspected page.",
        "Page 0x6.",
        "Page daemon: marker.",
    ]


def test_the_pages_of_a_long_queue_are_counted_although_its_row_has_only_the_first() -> None:
    chips = tuple(Chip(hex(n), n, "", changed=False, shown=False) for n in range(MOST + 4))
    lines = queue_lines(QueueRow("NONE", chips, 1_000, None, None))
    assert (lines[0], lines[-1], len(lines)) == ("NONE has 1,000 pages.", "And 970 more pages.", MOST + 2)


def test_a_page_of_a_list_has_its_name_and_counts_only_where_it_has_some() -> None:
    named = PageLine("0x5", "app.m", "FREE[5]", "L", (1, 0, 2), "ff 00", "", 0, "", changed=True, shown=False)
    bare = PageLine("0x6", "", "NONE", "", (0, 0, 0), "00 00", "", -1, "", changed=False, shown=False)
    assert pages_lines(PagesRow("wired", "page", 2, (named, bare), since=1_234)) == [
        "wired, in the order of page: 2 pages, as found at step 1,234.",
        "Page 0x5 (app.m): FREE[5], L, wired 1, act_count 2, valid ff, dirty 00, node 0, changed.",
        "Page 0x6: NONE, valid 00, dirty 00, no node.",
    ]
