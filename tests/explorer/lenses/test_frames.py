"""The frames lens: the use of each page frame, in address order."""

from __future__ import annotations

from collections.abc import Callable

from engine.run.history import History
from explorer.lenses.frames import LENS
from explorer.session.session import Session
from explorer.views.spans import plain
from tests.explorer.lenses.kit.small_machines import with_hole

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]


USUAL = """\
      0x0 n0┌rrrrrrrrrrr·····················  cell 96 frames
 0xc00000   │································  u in use 1
0x1800000   │······················            r reserve 1,024
0x2000000 n1┌································  · free 14,846
0x2c00000   │································  # kept by boot 513
0x3800000   │···@············######
0x3940000   »·····@··························
@ page 0x3945 ▸ free→in use"""

SMALL = """\
      0x0 n0┌rr······  cell 512 frames
0x1000000   │········  u in use
0x2000000 n1┌········  r reserve · free
0x3000000   │····@··#  # kept by boot
0x3940000   »·····@··
@ page 0x3945 ▸ free→in use"""

ROOMY = """\
     0x0 ┌ddrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr
 0x40000 │wc@h····························································
 0x80000 │································································
 0xc0000 │································································
0x100000 │································································
0x140000 │································································
0x180000 │································································
0x1c0000 │································································
0x200000 │································································
0x240000 │································································
0x280000 │································································
0x2c0000 │································································
0x300000 │································································
0x340000 │································································
0x380000 │································································
0x3c0000 │·······························#################################
cell 1 frame  w wired 1  h hold 1  a active 1  c cache 1  d driver's 2
r reserve 62  · free 923  # kept by boot 33  @ inspected
▸ written by the last step
@ page 0x42 active ▸ written"""


def test_a_page_that_left_its_queue_is_marked(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run("colour-and-home", "leave the queue")
    assert draw_text(LENS, session, 67, 8) == USUAL


def test_a_small_panel_has_fewer_cells_and_no_room_for_counts(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run("colour-and-home", "leave the queue")
    assert draw_text(LENS, session, 40, 6) == SMALL


def test_with_room_there_is_a_cell_a_frame_and_everything_is_explained(
    open_run: OpenRun, draw_text: DrawText, every_kind: str
) -> None:
    assert draw_text(LENS, open_run(every_kind), 80, 20) == ROOMY


def test_the_marks_are_styled_too(open_run: OpenRun) -> None:
    session = open_run("colour-and-home", "leave the queue")
    session.pin_number("0x3940")
    drawing = LENS.draw(LENS.look(session), 67, 8)
    new = [text for spans in drawing.lines for text, style in spans if style == "new"]
    assert new == ["@", "▸", "in use"]
    assert "@····▸" in plain(drawing.lines)
    assert "page 0x3945 ▸ free→in use" in plain(drawing.lines)


def test_a_click_on_a_cell_pins_its_page_of_highest_priority(open_run: OpenRun) -> None:
    session = open_run("colour-and-home", "release the object token", 2)
    session.pin_number("0x10")
    drawing = LENS.draw(LENS.look(session), 67, 8)
    line = next(y for y, spans in enumerate(drawing.lines) if plain([spans]).startswith("0x3800000"))
    cells = plain([drawing.lines[line]])
    spot = next(spot for spot in drawing.spots if spot.y == line and cells[spot.first] == "u")
    session.pin_number(spot.verb.removeprefix("page "))
    assert spot.beyond == spot.first + 1
    assert session.page in (session.vm.variable.value[slot] for slot in range(8))


def test_a_hole_is_one_line_that_says_so() -> None:
    session = Session(History(with_hole(), []))
    text = plain(LENS.draw(LENS.look(session), 80, 12).lines)
    assert "0x200000   ┌no memory: 1,024 frames" in text
    assert [line[9:12] for line in text.split("\n") if "┌" in line] == ["n0┌", "  ┌", "n1┌"]


def test_stretches_that_do_not_fit_are_counted() -> None:
    session = Session(History(with_hole(), []))
    lines = plain(LENS.draw(LENS.look(session), 80, 3).lines).split("\n")
    assert "… 2 more lines of cells" in lines[1]
