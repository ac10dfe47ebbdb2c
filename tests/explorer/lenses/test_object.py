"""One object: its pages by pindex, fields and swap blocks, and the other objects."""

from __future__ import annotations

from collections.abc import Callable

from engine.language.symbols import NOTHING_NAMED
from explorer.lenses.kit.object_row import ObjectRow
from explorer.lenses.object import LENS
from explorer.session.session import Session
from explorer.views.spans import plain
from tests.explorer.lenses.kit.two_objects import TWO_OBJECTS

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]

INSERTED = """\
heap (of the inspected page)  type default  size 1,024
▸resident 0→1  generation 1  flags none  token app, exclusive
paging 0  colour 0  swblocks 0  refs 1  holds 1
    0 @·······························
   32 to 1,023: 992 × · no page
@ ▸ 0: page 0xc03  in use  busy LOCKED  valid 00 dirty 00
u in use 1  CAPITAL busy 1  · no page  @ inspected"""

INSERTED_SMALL = """\
heap  type default  size 1,024
▸resident 0→1  generation 1  flags none
token app, exclusive  paging 0  … 4 more
    0 @·······························
   32 to 1,023: 992 × · no page
@ ▸ 0: page 0xc03  in use  busy LOCKED …"""

REMOVED = """\
heap (of the inspected page)  type default  size 1,024
▸resident 1→0  ▸generation 1→2  flags none  token pager, exclusive
paging 0  colour 0  swblocks 0  refs 1  holds 1
    0 @·······························
   32 to 1,023: 992 × · no page
@ ▸ 0: page 0xc03  removed from the object
· no page  @ inspected"""

RANGES = """\
file (of the inspected page)  type vnode  size 300  resident 43
generation 43  flags none  token free  paging 0  colour 0  … 3 more
 32 aaaaaaaa························
 64 to 191: 128 × · no page
192 ········I··I··@·················
… 2 more lines of pages
@ ▸ 206: page 0xccd  inactive  busy LOCKED  valid 00 dirty 00
i inactive 3  a active 40  CAPITAL busy 3  · no page  @ inspected"""

ROOMY = """\
file (of the inspected page)  type vnode  size 300  resident 43  generation 43
flags none  token free  paging 0  colour 0  swblocks 0  refs 1  holds 0
  0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa························
 64 to 191: 128 × · no page
192 ········I··I··@·················································
256 to 299: 44 × · no page
@ ▸ 206: page 0xccd  inactive  busy LOCKED  valid 00 dirty 00
i inactive 3  a active 40  CAPITAL busy 3  · no page  @ inspected
other objects  heap 0 pages"""


def test_an_inserted_page_is_marked_and_described(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run("life-of-a-page", "insert the page into the object")
    assert draw_text(LENS, session, 67, 8) == INSERTED
    assert draw_text(LENS, session, 40, 6) == INSERTED_SMALL
    drawing = LENS.draw(LENS.look(session), 67, 8)
    assert [text for spans in drawing.lines for text, style in spans if style == "new"] == ["1", "@"]


def test_the_step_that_removes_a_page_still_shows_its_object(open_run: OpenRun, draw_text: DrawText) -> None:
    assert draw_text(LENS, open_run("life-of-a-page", "remove the page from the object"), 67, 8) == REMOVED
    assert LENS.look(open_run(TWO_OBJECTS, "remove the page from the object")).name == "heap"


def test_ranges_of_one_state_take_one_line(open_run: OpenRun, draw_text: DrawText) -> None:
    session = open_run(TWO_OBJECTS, "join the queue", 43)
    assert draw_text(LENS, session, 67, 8) == RANGES
    assert draw_text(LENS, session, 80, 16) == ROOMY


def test_a_click_on_a_pindex_pins_its_page(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS)
    session.pin(session.vm.find_page(0, 0))
    drawing = LENS.draw(LENS.look(session), 80, 16)
    line = next(y for y, spans in enumerate(drawing.lines) if plain([spans]).startswith("192 "))
    spot = [spot for spot in drawing.spots if spot.y == line][1]
    session.pin_number(spot.verb.removeprefix("page "))
    assert session.page == session.vm.find_page(0, 192 + spot.first - len("192 "))


def test_swap_blocks_are_glyphs_and_numbers(open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    vm = session.vm
    for pindex, block in ((7, 300), (8, 301)):
        vm.swap.block[vm.swap_slots.slot((0, pindex))] = block
    shown: ObjectRow = LENS.look(session)
    assert shown.swap == ((7, 300), (8, 301))
    text = plain(LENS.draw(shown, 80, 16).lines)
    assert "   0 @······ss····" in text
    assert "s only in swap" in text
    assert "swap blocks by pindex 2 blocks  7→300  8→301" in text


def test_a_click_on_another_object_shows_one_of_its_pages(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS, "insert the page into the object", 46)
    shown: ObjectRow = LENS.look(session)
    assert (shown.name, shown.others[0][:2]) == ("heap", ("file", 45))
    verbs = [spot.verb for spot in LENS.draw(shown, 80, 16).spots]
    assert f"page {shown.others[0][2]}" in verbs


def test_a_run_without_objects_says_so(make_session: OpenRun) -> None:
    session = make_session()
    session.given = NOTHING_NAMED
    assert plain(LENS.draw(LENS.look(session), 40, 6).lines) == "this run has no objects"
