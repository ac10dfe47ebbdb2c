"""The life of a page and of a queue: timelines and individual changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.constants import PQ_NONE
from engine.debug.biography import lengths, stays
from engine.run.history import History
from explorer.lenses.life import NAMES, Chapter, LifeRow, Stays, draw, look
from explorer.session.session import Session
from explorer.views.labels import queue_type
from explorer.views.spans import plain

MakeSession = Callable[..., Session]


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def stays_of(*pairs: tuple[int, str]) -> Stays:
    return Stays(np.array([step for step, _ in pairs]), np.array([NAMES.index(name) for _, name in pairs]))


CHAPTERS = (
    Chapter(11, "app", "vm_page_alloc", "leave the queue", (("queue", "FREE[0]", "NONE"),)),
    Chapter(
        19, "app", "vm_page_alloc", "insert the page", (("object", "none", "heap"), ("pindex", "0", "7"))
    ),
    Chapter(70, "pager", "vm_page_free", "join the queue", (("queue", "NONE", "FREE[0]"),)),
)
PAGE = LifeRow(
    "page 0xc03  colour 0 of node 0  on node 0", "FREE[0]", stays_of((0, "FREE"), (11, "NONE"), (70, "FREE")),
    None, CHAPTERS, 2, 70, 99,
)  # fmt: skip
QUEUE = LifeRow(
    "FREE[0] of node 0", "2 pages", None, Stays(np.array([0, 50]), np.array([4, 2])),
    (Chapter(50, "app", "vm_page_alloc", "leave the queue", (("pages", "4", "2"),)),), 0, 60, 99,
)  # fmt: skip


def test_a_page_has_a_line_for_each_type_and_its_changes_below() -> None:
    drawing = draw(PAGE, 60, 9)
    assert plain(drawing.lines) == drawn("""
▸ FREE[0]  page 0xc03  colour 0 of node 0  on node 0
FREE     █████······························┃██████████████
NONE     ·····██████████████████████████████┃··············
         0                    step 70                    99
        … 2 earlier changes
       11 app   queue FREE[0]→NONE  vm_page_alloc: leave th…
       19 app   object none→heap  pindex 0→7  vm_page_alloc…
▸      70 pager queue NONE→FREE[0]  vm_page_free: join the …
""")
    verbs = [spot.verb for spot in drawing.spots]
    assert verbs[-3:] == ["goto 11", "goto 19", "goto 70"]
    assert verbs[:2] == ["goto 1", "goto 3"]


def test_a_small_panel_has_a_letter_for_each_type() -> None:
    assert plain(draw(PAGE, 40, 5).lines) == drawn("""
▸ FREE[0]  page 0xc03  colour 0 of node…
queue    FFF------------------┃FFFFFFFF
        … 3 earlier changes
       19 app   object none→heap  pinde…
▸      70 pager queue NONE→FREE[0]
""")


def test_the_part_after_the_cursor_is_faint() -> None:
    lane = draw(replace(PAGE, step=30), 60, 9).lines[1]
    at = next(n for n, (text, _) in enumerate(lane) if text == "┃")
    assert {style for _, style in lane[at + 1 :]} == {"faint"}
    assert "fill-FREE" in {style for _, style in lane[:at]}


def test_a_stay_shorter_than_a_cell_is_a_small_square() -> None:
    row = replace(PAGE, stays=stays_of((0, "FREE"), (31, "CACHE"), (32, "FREE")), total=9999, step=9999)
    text = plain(draw(row, 60, 9).lines)
    assert "CACHE    ▪" in text


def test_a_queue_has_its_length_as_levels() -> None:
    assert plain(draw(QUEUE, 60, 8).lines) == drawn("""
  2 pages  FREE[0] of node 0
pages    █████████████████████████▄▄▄▄▄┃▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄
         0                    step 60                    99
       50 app pages 4→2  vm_page_alloc: leave the queue
""")


# --- of real runs -------------------------------------------------------------------------------------------


def run(session: Session) -> History:
    session.history.extend(100_000)
    return session.history


def test_the_stays_are_those_that_the_debugger_finds(session: Session) -> None:
    history = run(session)
    m = session.page
    row = look(session)
    assert row.stays is not None
    found = [(step, NAMES[value]) for step, value in row.stays.pairs()]
    assert found == [(stay.step, queue_type(stay.base)) for stay in stays(history, m)]


def test_the_changes_are_those_up_to_the_cursor(session: Session) -> None:
    history = run(session)
    session.pin(session.page)
    for step in range(history.total + 1):
        history.seek(step)
        row = look(session)
        assert all(chapter.step <= step for chapter in row.chapters)
        for cell, _, new in row.chapters[-1].changes if row.chapters else ():
            if cell == "queue":
                assert row.where in (new, "none: kept by boot")


def test_each_change_has_its_thread_and_call(session: Session) -> None:
    run(session)
    session.pin(session.vm.variable.value[0])
    alloc = look(session).chapters[0]
    assert (alloc.thread, alloc.function) == ("app", "vm_page_alloc")
    assert alloc.changes == (("busy_count", "0", "LOCKED"),)


def test_the_queue_under_the_cursor_is_shown_if_no_page_is_inspected(session: Session) -> None:
    assert session.page < 0
    assert look(session).title.startswith("FREE[0] of ")


def test_the_queue_is_shown_while_the_cursor_is_on_the_map(session: Session) -> None:
    history = run(session)
    m = session.page
    color = session.vm.page.pc[m]
    session.select("FREE", color)
    row = look(session)
    assert row.stays is None
    assert row.lengths is not None
    assert row.lengths.pairs() == lengths(history, 1 + color)
    session.pin(m)
    assert look(session).stays is not None


def test_a_list_of_unqueued_pages_has_no_life(session: Session) -> None:
    run(session)
    session.select("NONE", PQ_NONE)
    assert "NONE is not a queue" in plain(draw(look(session), 67, 8).lines)


@pytest.mark.parametrize("height", [5, 8, 20, 55])
def test_the_newest_change_is_always_shown(session: Session, height: int) -> None:
    history = run(session)
    session.pin(session.page)
    last = look(session).chapters[-1]
    assert f"{last.step:,} {last.thread}" in plain(draw(look(session), 67, height).lines)
    assert history.step == history.total
