"""The width of text: a wide character takes two columns, a combining one none; half of one is a space."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import explorer
from explorer.views.spans import (
    Line,
    axis,
    columns,
    cut,
    filled,
    fit,
    length,
    merged,
    padded,
    plain,
    rule,
    shortened,
    spread,
    wrapped,
    wrapped_spans,
)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0), ("page", 4), ("页面", 4), ("▸…→█", 4), ("u\u0308", 1), ("🐉", 2), ("👩\u200d💻", 2),
        ("❤\ufe0f", 2),
    ],
)  # fmt: skip
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("page", 3, "pag"), ("page", 9, "page"), ("page", 0, ""), ("page", -1, ""), ("页面", 4, "页面"),
        ("页面", 3, "页 "), ("页面", 2, "页"), ("页面", 1, " "), ("页面", 0, ""), ("页面", -1, ""),
        ("u\u0308x", 1, "u\u0308"),
    ],
)  # fmt: skip
def test_a_cut_text_is_never_wider_and_half_a_character_is_a_space(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


def test_padding_counts_columns() -> None:
    assert padded("页面", 6) == "页面  "
    assert padded("页面", 3) == "页面"
    assert filled((("页", "now"),), 4, "dim") == (("页", "now"), ("  ", "dim"))


def test_a_sentence_is_wrapped_by_columns() -> None:
    assert wrapped("一个 物理 页面", 9) == ["一个 物理", "页面"]
    assert wrapped("", 9) == [""]


@pytest.mark.parametrize("width", range(14))
def test_a_fitted_spread_or_ruled_line_has_its_width(width: int) -> None:
    wide: Line = (("物理", "now"), ("页面🐉", "dim"))
    assert length(fit(wide, width)) <= width
    assert length(spread(wide, (("é", ""),), width + 1)) == width + 1
    assert length(rule(wide, width + 5, focused=True, right=(("面", ""),))) == width + 5


def test_a_line_that_is_too_long_ends_in_an_ellipsis() -> None:
    wide: Line = (("物理", "now"), ("页面", "dim"))
    assert plain([fit(wide, 8)]) == "物理页面"
    assert plain([fit(wide, 7)]) == "物理页…"
    assert plain([fit(wide, 6)]) == "物理 …"


def test_ascii_is_measured_without_rich() -> None:
    code = (
        "import sys\nfrom explorer.views.spans import columns, cut, fit\n"
        "columns('page'), cut('page', 2), fit((('page', ''),), 3)\n"
        "assert 'rich' not in sys.modules\nassert columns('页') == 2"
    )
    root = Path(explorer.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_a_cut_line_shows_that_it_is_cut() -> None:
    assert plain([fit((("abcdef", ""), ("ghi", "dim")), 8)]) == "abcdefg…"
    assert fit((("abc", ""),), 3) == (("abc", ""),)
    assert plain([fit((("abc", ""),), 0)]) == ""


def test_both_ends_of_a_line_are_kept() -> None:
    assert plain([spread((("left side", ""),), (("right", ""),), 12)]) == "left …  right"[:6] + " right"


def test_the_focused_panel_has_heavy_dashes() -> None:
    assert plain([rule((("log", ""),), 12, focused=True)]) == "━━ log ━━━━━"
    assert plain([rule((("log", ""),), 12, focused=False)]) == "── log ─────"


def test_adjacent_spans_of_one_style_become_one() -> None:
    assert merged([("a", "x"), ("b", "x"), ("c", "")]) == (("ab", "x"), ("c", ""))


def test_a_text_that_is_cut_is_marked() -> None:
    assert [shortened("page[0xc03]", width) for width in (11, 10, 1, 0)] == [
        "page[0xc03]",
        "page[0xc0…",
        "…",
        "",
    ]
    assert shortened("日本", 3) == "日…"


def test_a_label_of_an_axis_is_whole_or_left_out() -> None:
    labels = [(0, "0"), (4, "128"), (6, "192"), (8, "256"), (12, "384")]
    assert axis(labels, 14) == "0   128 256   "
    assert axis(labels, 15) == "0   128 256 384"
    assert axis(labels, 15, range(9, 10)) == "0   128     384"
    assert axis([], 3) == "   "


@pytest.mark.parametrize(
    ("spans", "width", "lines"),
    [
        ((("one two", ""),), 5, [(("one", ""),), (("two", ""),)]),
        ((("a ", ""), ("b", "bold"), (", c", "")), 9, [(("a ", ""), ("b", "bold"), (", c", ""))]),
        # A word of two styles is not broken.
        ((("a ", ""), ("bc", "bold"), (",", "")), 4, [(("a", ""),), (("bc", "bold"), (",", ""))]),
        # The space between two words of a link is part of the link.
        ((("a b", "link"), (" c", "")), 3, [(("a b", "link"),), (("c", ""),)]),
        ((("abcdef", "bold"),), 4, [(("abcd", "bold"),), (("ef", "bold"),)]),
        ((("a\xa0b c", ""),), 3, [(("a\xa0b", ""),), (("c", ""),)]),
        ((), 4, [()]),
    ],
)
def test_spans_are_wrapped_at_words(spans: Line, width: int, lines: list[Line]) -> None:
    assert wrapped_spans(spans, width) == lines
