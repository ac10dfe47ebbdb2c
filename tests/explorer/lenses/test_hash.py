"""The page hash: the inspected page's set, live, stale and half-written elements, and the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import NULL, Obj
from engine.kernel.hash import hash_position
from explorer.lenses.hash import LENS, HashRow
from explorer.session.session import Session
from explorer.views.spans import plain

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]

RUN = """format = 1
title = "The page hash"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "file"
type = "vnode"
size = 300
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
for i in range(3):
    p = vm_page_alloc(file, i, VM_ALLOC_NORMAL)
    vm_page_flag_set(p, PG_MAPPED | PG_MAPPEDMULTI)
    vm_page_hash_enter(p)
    tick(3)
vm_page_protect(p, 0)
vm_page_free(p)
q = vm_page_alloc(file, 7, VM_ALLOC_NORMAL)
\"\"\"
"""

ENTERED = """\
page 0x42 file[2]  found by the hash
  slot  page  place    ticks  age
▸3,709  0x42  file[2]      6    0  live: this page
 3,710  –     –                    empty
 3,711  –     –                    empty
 3,712  –     –                    empty
sets at 3,706–3,712 share slots with this one
│···································▁▲···│ 3 of 4,100 used, 0 stale"""

ENTERED_SMALL = """\
page 0x42 file[2]  found by the hash
▸3,709  0x42  file[2]    0  this page
 3,710  –     –             empty
 3,711  –     –             empty
 3,712  –     –             empty
│···········▲·│ 3 of 4,100 used, 0 stale"""

HALF = """\
page 0x42 file[2]  not found by the hash: not in its set
  slot  page  place  ticks  age
▸3,709  0x42  –          0    6  half written
 3,710  –     –                  empty
 3,711  –     –                  empty
 3,712  –     –                  empty
sets at 3,706–3,712 share slots with this one
│···································▁▲···│ 3 of 4,100 used, 1 stale"""

STALE = """\
page 0x42 in no object
a page in no object has no set: object and pindex select it
│···································▁▁···│ 3 of 4,100 used, 1 stale

 slot  page  place    ticks  age
3,701  0x40  file[0]      0    9  live: another page
3,705  0x41  file[1]      3    6  live: another page
3,709  0x42  file[2]      6    3  stale: the page is elsewhere"""

ROOMY = """\
page 0x42 file[7]  not found by the hash: not MAPPEDMULTI
 slot  page  place  ticks  age
3,729  –     –                  empty
3,730  –     –                  empty
3,731  –     –                  empty
3,732  –     –                  empty
sets overlap: those starting at 3,726–3,732 share slots with this one
│···············································▲·····│ 3 of 4,100 used, 1 stale

 slot  page  place    ticks  age
3,701  0x40  file[0]      0    9  live: another page
3,705  0x41  file[1]      3    6  live: another page
3,709  0x42  file[2]      6    3  stale: the page is elsewhere"""


@pytest.mark.parametrize(
    ("action", "width", "height", "drawing"),
    [
        pytest.param("write the element's ticks", 67, 8, ENTERED, id="found"),
        pytest.param("write the element's ticks", 40, 6, ENTERED_SMALL, id="found, in a small panel"),
        pytest.param("write the element's page", 67, 8, HALF, id="half written"),
    ],
)
def test_an_element_is_marked_while_it_is_written(
    action: str, width: int, height: int, drawing: str, open_run: OpenRun, draw_text: DrawText
) -> None:
    assert draw_text(LENS, open_run(RUN, action, 3), width, height) == drawing


def test_an_element_whose_page_left_is_stale(open_run: OpenRun, draw_text: DrawText) -> None:
    assert draw_text(LENS, open_run(RUN, "remove the page from the object"), 67, 8) == STALE


def test_a_page_that_is_not_in_the_hash_has_a_reason(open_run: OpenRun, draw_text: DrawText) -> None:
    assert draw_text(LENS, open_run(RUN), 80, 16) == ROOMY


def test_an_element_is_live_exactly_when_its_page_is_where_it_says(open_run: OpenRun) -> None:
    session = open_run(RUN)
    history, vm = session.history, session.vm
    seen = set()
    for step in range(0, history.total + 1, 2):
        history.seek(step)
        shown: HashRow = LENS.look(session)
        used = [slot for slot in range(vm.hash.length) if vm.hash.m[slot] != NULL]
        live = [
            slot
            for slot in used
            if vm.find_page(vm.hash.object[slot], vm.hash.pindex[slot]) == vm.hash.m[slot]
        ]
        assert (shown.used, shown.live) == (len(used), len(live))
        assert [element.slot for element in shown.listed] == used
        assert [element.slot for element in shown.listed if element.status == "live"] == live
        seen |= {element.status for element in shown.listed}
    assert seen == {"live", "stale", "half written"}


def test_the_set_is_the_four_slots_from_the_pages_position(open_run: OpenRun) -> None:
    session = open_run(RUN, "write the element's ticks", 3)
    shown: HashRow = LENS.look(session)
    first = hash_position(session.vm, Obj(0), 2)
    assert [element.slot for element in shown.elements] == list(range(first, first + 4))
    assert shown.elements[0].age == 0


def test_a_neighbour_in_the_set_is_another_page(open_run: OpenRun) -> None:
    session = open_run(RUN)
    vm = session.vm
    slot = hash_position(vm, Obj(0), 0)
    vm.hash.m[slot + 1], vm.hash.object[slot + 1], vm.hash.pindex[slot + 1] = vm.find_page(0, 1), 0, 1
    session.pin(vm.find_page(0, 0))
    shown: HashRow = LENS.look(session)
    assert [element.status for element in shown.elements] == ["live", "live", "empty", "empty"]
    assert "live: another page" in plain(LENS.draw(shown, 67, 8).lines)


def test_before_the_table_is_allocated_nothing_is_shown(open_run: OpenRun) -> None:
    session = open_run(RUN)
    session.vm.glob.vm_page_hash_size[0] = 0
    assert plain(LENS.draw(LENS.look(session), 67, 8).lines) == "no page hash allocated yet"
