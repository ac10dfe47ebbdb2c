"""Writing pages to their backing store: which pager an object has (spec 22, section C; golden/FORMAT.md)."""

from __future__ import annotations

import pytest

from engine.constants import (
    NULL,
    OBJPC_SYNC,
    OBJPC_TRY_TO_CACHE,
    OBJT_DEFAULT,
    OBJT_DEVICE,
    OBJT_SWAP,
    OBJT_VNODE,
    VM_PAGER_AGAIN,
    VM_PAGER_BAD,
    VM_PAGER_ERROR,
    VM_PAGER_FAIL,
    VM_PAGER_OK,
    VM_PAGER_PEND,
    Obj,
)
from engine.errors import CapacityError
from engine.kernel.pagers.swap_write import swap_pager_putpages
from engine.kernel.pagers.write import put_pages_of, putpages_as_told, vget, vm_pager_put_pages, vput
from tests.engine.kernel.checked_crew import DONE, Crew

OBJ = 1
IO_ROOM = 8
"""The number of page writes that a crew's machine can have under way."""


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(
    ("kind", "swaps"), [(OBJT_DEFAULT, True), (OBJT_SWAP, True), (OBJT_VNODE, False), (OBJT_DEVICE, False)]
)
def test_anonymous_memory_goes_to_swap_unless_a_recorded_trace_is_replayed(
    kind: int, swaps: bool, recorded: bool
) -> None:
    vm = Crew().vm
    vm.pager_as_recorded = recorded
    vm.object.type[OBJ] = kind
    expected = swap_pager_putpages if swaps and not recorded else putpages_as_told
    assert put_pages_of(vm, Obj(OBJ)) is expected


@pytest.mark.parametrize(
    ("result", "dirty", "under_way"),
    [
        pytest.param(VM_PAGER_OK, 0, 0, id="written at once: clean"),
        pytest.param(VM_PAGER_PEND, 0xFF, 2, id="under way: still dirty"),
        pytest.param(VM_PAGER_FAIL, 0xFF, 0, id="no room"),
        pytest.param(VM_PAGER_BAD, 0xFF, 0, id="beyond the end"),
        pytest.param(VM_PAGER_ERROR, 0xFF, 0, id="an error"),
        pytest.param(VM_PAGER_AGAIN, 0xFF, 0, id="later"),
    ],
)
def test_a_recorded_pager_returns_the_set_result(result: int, dirty: int, under_way: int) -> None:
    crew = Crew()
    vm = crew.vm
    vm.object.type[OBJ], vm.object.put_result[OBJ] = OBJT_VNODE, result
    pages = tuple(crew.page(obj=OBJ, pindex=pindex, dirty=0xFF, busy_count=1) for pindex in range(2))
    flags = OBJPC_SYNC | OBJPC_TRY_TO_CACHE
    assert crew.call(vm_pager_put_pages, OBJ, pages, flags) == (result, result)
    assert ("put_pages", OBJ, flags, pages) in crew.effects
    assert [(vm.page.dirty[m], vm.page.busy_count[m]) for m in pages] == [(dirty, 1)] * 2
    rows = [(vm.io.object[row], vm.io.page[row], vm.io.flags[row]) for row in range(under_way)]
    assert rows == [(OBJ, m, flags) for m in pages[:under_way]]
    assert vm.io.page[under_way] == NULL


def test_more_pages_under_way_than_the_capacity_is_a_message() -> None:
    crew = Crew()
    crew.vm.object.put_result[OBJ] = VM_PAGER_PEND
    pages = tuple(crew.page(obj=OBJ, pindex=pindex, dirty=0xFF) for pindex in range(IO_ROOM + 1))
    crew.call(putpages_as_told, OBJ, pages[:IO_ROOM], 0)
    with pytest.raises(CapacityError, match=f"more than {IO_ROOM} pages are being written"):
        crew.call(putpages_as_told, OBJ, pages[IO_ROOM:], 0)


@pytest.mark.parametrize("fails", [0, 1])
@pytest.mark.parametrize(
    ("nowait", "action"), [(True, "try the vnode's lock"), (False, "wait a while for the vnode's lock")]
)
def test_a_vnodes_lock_is_taken_unless_its_object_makes_it_fail(
    nowait: bool, action: str, fails: int
) -> None:
    crew = Crew()
    crew.vm.object.vget_fails[OBJ] = fails
    crew.begin(0, vget, OBJ, nowait)
    assert crew.next_action(0) == action
    crew.play(0)
    assert crew.results[0] is bool(fails)
    assert crew.start(0, vput, OBJ) == DONE
