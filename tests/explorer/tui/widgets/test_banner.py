"""The banner at the end of a run: one line; for a finding, a line for each part of it."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.banner import banner_lines, text_room
from explorer.views.rows import RunEnd
from explorer.views.spans import length, plain
from tests.explorer.tui.widgets.drawings import drawn


def test_a_wrong_lock_order_shows_the_calls_of_both_locks() -> None:
    calls = ("the held lock was taken in a", "the other lock is requested in b")
    lines = banner_lines(RunEnd("PANIC in a()", "lock order", "S steps back", True, calls), 60)
    texts = ["".join(text for text, _ in line) for line in lines]
    assert [len(text) for text in texts] == [60] * 4
    assert [text.strip() for text in texts[1:]] == ["lock order", *calls]


def test_a_panic_has_a_banner_with_a_hint() -> None:
    end = RunEnd("PANIC in vm_page_wakeup(), page 0xc03", "LOCKED is not set", "S steps back", True)
    lines = banner_lines(end, 60)
    assert plain(lines) == drawn("""
 PANIC in vm_page_wakeup(), page 0xc03         S steps back
 LOCKED is not set
""")
    assert {style for spans in lines for _, style in spans} == {"bar-bad"}
    assert all(length(spans) == 60 for spans in lines)


@pytest.mark.parametrize(("title", "style"), [("COMPLETED", "bar-good"), ("BLOCKED", "bar-warn")])
def test_an_end_without_a_finding_takes_one_line(title: str, style: str) -> None:
    (line,) = banner_lines(RunEnd(title, "every thread has ended", "g goes to the start", False), 60)
    assert plain([line]) == f" {title}: every thread has ended".ljust(40) + "g goes to the start"
    assert {name for _, name in line} == {style}
    assert length(line) == 60


def test_a_text_too_long_ends_in_an_ellipsis() -> None:
    lines = banner_lines(RunEnd("PANIC", "a condition that is long", "S", True, ("页面页面页面",)), 12)
    assert plain(lines[1:]) == " a conditio…\n 页面页面页…"
    assert {length(line) for line in lines} == {12}


def test_the_text_of_a_finding_takes_several_lines_where_there_is_room() -> None:
    end = RunEnd("LIVELOCK", "fs waits for memory; pager waits for fs; no thread ends it", "S", True)
    assert text_room(15) == 1 < text_room(24) == 4
    assert plain(banner_lines(end, 24, 3)) == drawn("""
 LIVELOCK             S
 fs waits for memory;
 pager waits for fs; no
 thread ends it
""")
    assert plain(banner_lines(end, 24, 2)[1:]) == " fs waits for memory;\n pager waits for fs; no…"


def test_the_hint_gives_way_to_a_long_first_line() -> None:
    title = "PANIC in vm_page_wakeup(), page 0x55"
    assert plain(banner_lines(RunEnd(title, "", "S steps back", True), 40)).strip() == title
    (line,) = banner_lines(RunEnd("BLOCKED", "every thread sleeps", "S steps back", False), 30)
    assert plain([line]).strip() == "BLOCKED: every thread sleeps"
