"""The search path of the last allocation: the queues that it looked at, in order, and the outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.constants import NULL
from explorer.lenses.search import SearchRow, draw, look, sentence
from explorer.session.session import Session
from explorer.views.search import SearchPath, Visit
from explorer.views.spans import plain


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


NEAR = SearchRow(
    SearchPath(9, 0, 517, 517, (Visit(9, "FREE", 517, 1, 0x205),), 0x205, ("FREE", 517)),
    "app", "node 1", "0x205", (), 1024, 30,
)  # fmt: skip
WIDE = SearchRow(
    SearchPath(
        9, 0, 5, 5,
        (
            Visit(9, "FREE", 5, 1), Visit(11, "FREE", 5, 16), Visit(12, "FREE", 6, 16),
            Visit(13, "FREE", 20, 32), Visit(14, "CACHE", 5, 16, 7),
        ),
        7, ("CACHE", 5), (), True,
    ),
    "app", "node 0", "0x407", (), 1024, 14,
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "text"),
    [
        pytest.param(
            NEAR,
            "app asked for colour 517 of node 1: looked at 1 queue, found page 0x205 there",
            id="at once",
        ),
        pytest.param(
            WIDE,
            "app asked for colour 5 of node 0: widened to 32 colours, looked at 4 queues, "
            "found page 0x407 at CACHE[5]",
            id="widened",
        ),
        pytest.param(
            replace(WIDE, path=replace(WIDE.path, found=NULL, found_at=None), page=""),
            "app asked for colour 5 of node 0: widened to 32 colours, looked at 4 queues, found none",
            id="nothing found",
        ),
        pytest.param(
            replace(NEAR, path=replace(NEAR.path, began=32)),
            "app asked for colour 517 of node 1: started at colour 32, where lastq says a far search "
            "ended; looked at 1 queue, found page 0x205 there",
            id="by lastq",
        ),
        pytest.param(
            replace(NEAR, aside=("0x300",)),
            "app asked for colour 517 of node 1: looked at 1 queue, found page 0x205 there "
            "(before that: 0x300, not usable)",
            id="another page first",
        ),
        pytest.param(replace(NEAR, path=SearchPath()), "no page allocated in this run yet", id="nothing yet"),
        pytest.param(
            replace(NEAR, path=SearchPath(3, 0, over=True)),
            "app asked for a page and got none: memory is too short to look at any queue",
            id="refused",
        ),
    ],
)
def test_a_search_in_a_sentence(row: SearchRow, text: str) -> None:
    assert sentence(row) == text


def test_the_strip_has_the_order_of_the_visits() -> None:
    drawing = draw(WIDE, 67, 8)
    assert plain(drawing.lines) == drawn("""
▸ app asked for colour 5 of node 0: widened to 32 colours, looked
  at 4 queues, found page 0x407 at CACHE[5]
colour    0    ▼  8       16      24
FREE      ·····13·············4···········
CACHE     ·····■··························
  … 3 earlier visits
     4 step 13      FREE[20], window of 32 colours
▸    5 step 14      CACHE[5], window of 16 colours: took page 0x407
""")
    assert "color FREE 20" in [spot.verb for spot in drawing.spots]


def test_a_narrow_strip_has_several_colours_a_cell() -> None:
    assert plain(draw(WIDE, 30, 9).lines) == drawn("""
▸ app asked for colour 5 of
  node 0: widened to 32
  colours, looked at 4 queues,
  found page 0x407 at CACHE[5]
colour    0 ▼     16
FREE      ··13······4·····
CACHE     ··■·············
          a cell is 2 colours…
  … 5 earlier visits
""")


# --- of real runs -------------------------------------------------------------------------------------------


def test_the_sentence_of_a_real_search_has_the_page_found(session: Session) -> None:
    session.history.extend(100_000)
    row = look(session)
    assert row.page == session.labels.page(row.path.found)
    assert f"found page {row.page} there" in sentence(row)


def test_the_sentence_has_a_cached_page_that_was_freed_on_the_way(cached: Session) -> None:
    row = look(cached)
    assert row.aside == tuple(map(cached.labels.page, row.path.put_aside))
    assert f"(before that: {row.aside[0]}, not usable)" in sentence(row)
