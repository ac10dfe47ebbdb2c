"""The transition diagram: what counts as one move, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from explorer.lenses.moves import MovesRow, draw, graph, look
from explorer.session.session import Session
from explorer.views.moves import Move
from explorer.views.spans import Line, plain

MakeSession = Callable[..., Session]


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def marked(lines: list[Line], style: str) -> list[str]:
    return [text for spans in lines for text, name in spans if name == style]


PAGES = (("FREE", 3709), ("NONE", 1), ("ACTIVE", 1), ("INACTIVE", 0), ("CACHE", 0), ("HOLD", 0))
ROW = MovesRow(
    PAGES,
    (
        Move("FREE", "NONE", "vm_page_alloc", 1200, 11),
        Move("NONE", "ACTIVE", "vm_page_activate", 3, 41),
        Move("CACHE", "FREE", "vm_page_free", 1, 20),
    ),
    41,
)


def test_a_small_panel_has_a_table() -> None:
    drawing = draw(ROW, 67, 8)
    assert plain(drawing.lines) == drawn("""
FREE 3,709  NONE 1  ACTIVE 1  INACTIVE 0  CACHE 0  HOLD 0
      FREE → NONE   ×1,200 vm_page_alloc     last at step 11
▸     NONE → ACTIVE     ×3 vm_page_activate  last at step 41
     CACHE → FREE       ×1 vm_page_free      last at step 20
""")
    assert "    NONE → ACTIVE" in marked(drawing.lines, "new")
    assert [spot.verb for spot in drawing.spots] == ["goto 11", "goto 41", "goto 20"]


def test_a_narrow_panel_has_totals_only_for_types_with_pages() -> None:
    assert plain(draw(ROW, 40, 6).lines) == drawn("""
FREE 3,709  NONE 1  ACTIVE 1
  FREE→NONE   ×1,200 vm_page_alloc
▸ NONE→ACTIVE     ×3 vm_page_activate
  CACHE→FREE      ×1 vm_page_free
""")


def test_a_large_panel_has_boxes_and_arrows() -> None:
    drawing = draw(ROW, 80, 12)
    assert plain(drawing.lines) == drawn("""
 ┌─────────┐  ┌─────────┐  ┌─────────┐  ┌─────────┐  ┌─────────┐  ┌─────────┐
 │  FREE   │  │  NONE   │  │ ACTIVE  │  │INACTIVE │  │  CACHE  │  │  HOLD   │
 │  3,709  │  │   ▸1    │  │   ▸1    │  │    0    │  │    0    │  │    0    │
 │+1 -1,200│  │+1,200 -3│  │  +3 -0  │  │  +0 -0  │  │  +0 -1  │  │  +0 -0  │
 └────┬────┘  └────┬────┘  └────┬────┘  └────┬────┘  └────┬────┘  └────┬────┘
      ●────────────▶ vm_page_alloc ×1,200    │            │            │
      │            ●────────────▶ ▸vm_page_activate ×3    │            │
      ◀───────────────── vm_page_free ×1 ─────────────────●            │
● from  ▶ to  ×N times so far  +in -out  ▸ the latest
""")
    assert " ▸vm_page_activate ×3 " in "".join(marked(drawing.lines, "new"))


def test_what_does_not_fit_is_counted() -> None:
    many = tuple(Move("FREE", "NONE", f"call_{n}", 1, n) for n in range(1, 9))
    text = plain(draw(replace(ROW, moves=many), 67, 6).lines)
    assert "… 4 more kinds of moves" in text
    assert "call_8" in text
    assert "call_4" not in text


def test_nothing_has_moved_at_the_start(session: Session) -> None:
    assert "no page has moved yet" in plain(draw(look(session), 67, 8).lines)


def test_the_boxes_and_the_queues_agree(make_session: MakeSession) -> None:
    """At every step, arrivals minus departures is the growth of a queue since the start."""
    session = make_session()
    session.history.extend(100_000)
    session.history.seek(0)
    begin = dict(look(session).pages)
    for step in range(session.history.total + 1):
        session.history.seek(step)
        row = look(session)
        net = graph(row)
        for name, pages in row.pages:
            came, went = net.in_degree(name, weight="count"), net.out_degree(name, weight="count")
            assert pages - begin[name] == came - went, f"{name} at step {step}"
