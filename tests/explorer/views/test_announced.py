"""An announcement as what the thread does."""

from __future__ import annotations

import pytest

from explorer.views.announced import third_person


@pytest.mark.parametrize(
    ("announcement", "fact"),
    [
        ("read busy_count", "reads busy_count"),
        ("compare-and-set LOCKED", "sets LOCKED by compare-and-set"),
        ("compare-and-clear LOCKED and WANTED", "clears LOCKED and WANTED by compare-and-clear"),
        (
            "unwire the next pages, and free each to the head",
            "unwires the next pages, and frees each to the head",
        ),
        ("look again, locked", "looks again, locked"),
        ("try the page's spinlock", "tries the page's spinlock"),
        ("copy the data", "copies the data"),
        (
            "zero the fragments, set valid and clear dirty",
            "zeroes the fragments, sets valid and clears dirty",
        ),
        ("set valid and dirty", "sets valid and dirty"),
        ("read and clear PG_REFERENCED", "reads and clears PG_REFERENCED"),
        ("undo the hold", "undoes the hold"),
        ("raise or lower act_count", "raises or lowers act_count"),
        ("look and decide", "looks and decides"),
    ],
)
def test_an_announcement_becomes_what_the_thread_does(announcement: str, fact: str) -> None:
    assert third_person(announcement) == fact
