"""The lines of a dump's panels."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.dump import (
    change_text,
    dump_status_line,
    figure_lines,
    findings_lines,
    fitting,
    moments_line,
)
from explorer.views.dump import FindingsRow, figures_of, status_of
from explorer.views.rows import TimelineRow
from explorer.views.spans import columns, length, plain
from tests.explorer.dumps_by_hand import moment, three_moments
from tests.explorer.tui.widgets.drawings import drawn, marked

MOMENTS = three_moments()


def test_the_status_line_leaves_out_what_has_no_room() -> None:
    row = status_of(MOMENTS, 2, 0, marked=True)
    lines = [dump_status_line(row, width) for width in (80, 44, 32, 20, 6)]
    assert [" ".join(plain([one]).split()) for one in lines] == [
        "t 3/3 since 1 ▲ ddb.txt:3 free+cache 26 min 30",
        "t 3/3 since 1 ▲ free+cache 26 min 30",
        "t 3/3 since 1 ▲ free+cache 26",
        "t 3/3",
        "t 3/3",
    ]
    assert [length(one) for one in lines[:4]] == [80, 44, 32, 20]
    assert "unknown" in plain([dump_status_line(status_of((moment({}),), 0, None, marked=False), 80)])


def test_the_figures_are_aligned_and_a_missed_limit_is_marked_in_words() -> None:
    lines = figure_lines(figures_of(MOMENTS[2], MOMENTS[1])[:2], 48)
    assert plain(lines) == drawn("""
 on the queues
 FREE                    18 -13  in 4 colours
 INACTIVE                72 +8  in 8 colours
 ACTIVE             unknown  at least 54
 CACHE                    8
 HOLD               unknown

 limits of free + cache
 v_free_target           60  below by 34
 v_free_min              30  below by 4
▶free + cache            26 -13
 v_free_severe           15  above by 11
 v_pageout_free_min unknown
""")
    assert marked(lines, "bad") == ["  below by 34", "  below by 4"]
    narrow = plain(figure_lines(figures_of(MOMENTS[2], None)[1:2], 30))
    assert narrow.split("\n")[1] == " v_free_target           60 !"
    for width in range(1, 60):
        assert figure_lines(figures_of(MOMENTS[2], MOMENTS[1]), width)


@pytest.mark.parametrize(
    ("change", "room", "text"),
    [
        (-14391, 8, "-14,391"),
        (-14391, 6, "-14.4k"),
        (14391, 6, "+14.4k"),
        (5, 2, "+5"),
        (14391, 1, "+14,391"),
    ],
)
def test_a_change_has_the_longest_form_that_fits(change: int, room: int, text: str) -> None:
    assert change_text(change, room) == text


def test_the_first_form_that_fits_is_taken() -> None:
    assert [fitting(("long text", "short"), width) for width in (9, 8, 2)] == ["long text", "short", "short"]


def test_findings_are_whole_sentences_and_notes_follow() -> None:
    row = FindingsRow(("A colour is empty next to full ones.", "x" * 30), ("line 9 ends early",))
    assert plain(findings_lines(row, 24)) == drawn("""
 ◆ A colour is empty
   next to full ones.
 ◆ xxxxxxxxxxxxxxxxxxxx
   xxxxxxxxxx

 not read
 • line 9 ends early
""")
    assert all(columns(text) <= 24 for text in plain(findings_lines(row, 24)).split("\n"))
    assert "no findings" in plain(findings_lines(FindingsRow(()), 40))
    assert "looking" in plain(findings_lines(FindingsRow(None), 40))


def test_the_timeline_has_a_bar_for_each_moment() -> None:
    row = TimelineRow(2, 4, False, (0, 0, 4, 0, 8, 0, 1, 0, 0), ((4, "▲"),))
    assert plain([moments_line(row, focused=False)]) == "•─▄─┃─▁─▲"
    crowded = TimelineRow(50, 99, False, (1,) * 10, ((50, "▲"),))
    assert plain([moments_line(crowded, focused=True)]) == "████▲█████"
