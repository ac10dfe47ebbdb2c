"""Objects and their pages: hold an object, insert a page, remove a page (spec 06)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    OBJT_DEFAULT,
    OBJT_VNODE,
    PBUSY_LOCKED,
    PG_NEED_COMMIT,
    PG_SWAPPED,
    PG_WRITEABLE,
    Obj,
    Thread,
)
from engine.errors import KernelPanic
from engine.kernel.objects import (
    set_writeable_dirty,
    vm_object_downgrade,
    vm_object_drop,
    vm_object_hold,
    vm_object_hold_shared,
    vm_object_hold_try,
    vm_object_upgrade,
    vm_page_insert,
    vm_page_remove,
)
from engine.kernel.tokens import EXCLUSIVE, held_mode, lwkt_gettoken, lwkt_gettoken_shared, lwkt_reltoken
from tests.engine.kernel.checked_crew import DONE, WAITS, Crew

OBJ = 1
LOCKED = PBUSY_LOCKED
GET, SHARE = lwkt_gettoken, lwkt_gettoken_shared


def owner(crew: Crew, obj: int = OBJ) -> tuple[int, int, int]:
    """(owning thread + 1, depth, sharers)."""
    table = crew.vm.object
    return table.token_owner[obj], table.token_depth[obj], table.token_shared[obj]


def holding(mode: Any = SHARE) -> Crew:
    """A crew whose thread 0 has the token of OBJ."""
    crew = Crew()
    crew.call(mode, OBJ)
    return crew


# --- holding an object ------------------------------------------------------------------------------------


def test_holding_an_object_counts_before_the_token_is_taken() -> None:
    crew = Crew()
    crew.call(vm_object_hold, OBJ)
    assert crew.start(1, vm_object_hold_shared, OBJ) == WAITS
    assert crew.vm.object.hold_count[OBJ] == 2
    crew.call(vm_object_drop, OBJ)
    assert crew.play(1) == DONE
    assert (crew.vm.object.hold_count[OBJ], owner(crew)) == (1, (0, 0, 1))
    crew.call(vm_object_drop, OBJ, t=1)
    assert (crew.vm.object.hold_count[OBJ], owner(crew)) == (0, (0, 0, 0))


def test_an_upgrade_releases_first_so_that_another_thread_may_come_in_between() -> None:
    crew = Crew()
    crew.call(SHARE, OBJ)
    crew.begin(0, vm_object_upgrade, OBJ)
    crew.step(0)
    assert owner(crew) == (0, 0, 0)
    crew.call(GET, OBJ, t=1)
    assert crew.play(0) == WAITS
    crew.call(lwkt_reltoken, OBJ, t=1)
    assert crew.play(0) == DONE
    assert owner(crew) == (1, 1, 0)


def test_an_upgrade_waits_for_the_other_sharers() -> None:
    crew = Crew()
    crew.call(SHARE, OBJ)
    crew.call(SHARE, OBJ, t=1)
    assert crew.start(0, vm_object_upgrade, OBJ) == WAITS
    crew.call(lwkt_reltoken, OBJ, t=1)
    assert crew.play(0) == DONE
    assert held_mode(crew.vm, Thread(0), Obj(OBJ)) == EXCLUSIVE


def test_a_downgrade_lets_sharers_in() -> None:
    crew = Crew()
    crew.call(GET, OBJ)
    assert crew.start(1, SHARE, OBJ) == WAITS
    crew.call(vm_object_downgrade, OBJ)
    assert crew.play(1) == DONE
    assert owner(crew) == (0, 0, 2)


@pytest.mark.parametrize(
    ("holder", "by", "taken"),
    [(None, 0, True), (GET, 0, True), (SHARE, 0, False), (GET, 1, False), (SHARE, 1, False)],
    ids=["free", "one's own", "shared oneself", "another thread's", "shared by another thread"],
)
def test_trying_to_hold_an_object_never_waits_and_leaves_no_hold_where_it_fails(
    holder: Any, by: int, taken: bool
) -> None:
    crew = Crew()
    if holder is not None:
        crew.call(holder, OBJ, t=by)
    assert crew.call(vm_object_hold_try, OBJ) is taken
    assert crew.vm.object.hold_count[OBJ] == int(taken)
    assert (held_mode(crew.vm, Thread(0), Obj(OBJ)) == EXCLUSIVE) is taken


REFUSED: list[tuple[str, Any, int, str]] = [
    ("dropping what is not held", vm_object_drop, OBJ, "vm_object_drop"),
    ("upgrading what one does not hold", vm_object_upgrade, OBJ, "lwkt_reltoken"),
    ("downgrading what one does not hold", vm_object_downgrade, OBJ, "lwkt_reltoken"),
    ("holding no object", vm_object_hold, NULL, "vm_object_hold"),
    ("sharing no object", vm_object_hold_shared, NULL, "vm_object_hold"),
]


@pytest.mark.parametrize(
    ("function", "obj", "asserts"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_holding_refuses(function: Any, obj: int, asserts: str) -> None:
    with pytest.raises(KernelPanic) as caught:
        Crew().call(function, obj)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", asserts)


@pytest.mark.parametrize(
    ("flags", "after", "vnode"),
    [
        (0, OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY, 1),
        (OBJ_WRITEABLE, OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY, 1),
        (OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY, OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY, 0),
    ],
    ids=["neither flag", "one of them", "both: the vnode was marked then"],
)
@pytest.mark.parametrize("kind", [OBJT_DEFAULT, OBJT_VNODE])
def test_an_object_that_gets_dirty_marks_its_vnode_once(
    kind: int, flags: int, after: int, vnode: int
) -> None:
    vm = Crew().vm
    vm.object.type[OBJ], vm.object.flags[OBJ] = kind, flags
    set_writeable_dirty(vm, Obj(OBJ))
    assert vm.object.flags[OBJ] == after
    assert vm.object.vnode_dirty[OBJ] == (vnode if kind == OBJT_VNODE else 0)


# --- putting a page in and taking it out ------------------------------------------------------------------


INSERTED = [
    # valid, dirty, flags, whether the object is marked
    ("a clean page", 0xFF, 0x00, 0, False),
    ("a dirty one marks the object", 0x03, 0x02, 0, True),
    ("dirt that is not valid does not", 0x01, 0x02, 0, False),
    ("a writeable one does", 0, 0, PG_WRITEABLE, True),
    ("one that needs a commit does", 0, 0, PG_NEED_COMMIT, True),
]


@pytest.mark.parametrize(
    ("valid", "dirty", "flags", "marked"), [row[1:] for row in INSERTED], ids=[row[0] for row in INSERTED]
)
def test_an_inserted_page_is_resident_and_marks_its_object_dirty(
    valid: int, dirty: int, flags: int, marked: bool
) -> None:
    crew = holding(GET)
    vm = crew.vm
    m = crew.page(valid=valid, dirty=dirty, flags=flags)
    generation = vm.object.generation[OBJ]
    assert crew.call(vm_page_insert, m, OBJ, 5) is True
    assert (vm.page.object[m], vm.page.pindex[m], vm.find_page(OBJ, 5)) == (OBJ, 5, m)
    assert (vm.object.resident_page_count[OBJ], vm.cpu.t_rm[0]) == (1, 1)
    assert vm.object.generation[OBJ] == generation + 1
    assert (vm.object.flags[OBJ] == OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY) is marked


def test_an_inserted_page_with_a_swap_block_is_marked_swapped() -> None:
    crew = holding(GET)
    crew.vm.swap.block[crew.vm.swap_slots.slot((OBJ, 5))] = 3
    with_block, without = crew.page(), crew.page()
    crew.call(vm_page_insert, with_block, OBJ, 5)
    crew.call(vm_page_insert, without, OBJ, 6)
    assert [bool(crew.vm.page.flags[m] & PG_SWAPPED) for m in (with_block, without)] == [True, False]


def test_a_pindex_in_use_refuses_a_page_but_raises_the_generation() -> None:
    crew = holding(GET)
    vm = crew.vm
    there = crew.page(obj=OBJ, pindex=5)
    other = crew.page(pindex=9)
    generation = vm.object.generation[OBJ]
    assert crew.call(vm_page_insert, other, OBJ, 5) is False
    assert vm.find_page(OBJ, 5) == there
    assert (vm.page.object[other], vm.page.pindex[other]) == (NULL, 0)
    assert vm.object.generation[OBJ] == generation + 1
    assert vm.object.resident_page_count[OBJ] == 1


def test_a_removed_page_keeps_its_pindex_its_queue_and_its_busy() -> None:
    crew = Crew()
    vm = crew.vm
    m = crew.page("ACTIVE", obj=OBJ, pindex=5, busy=True)
    generation = vm.object.generation[OBJ]
    crew.call(vm_page_remove, m, t=1)
    assert (vm.page.object[m], vm.page.pindex[m], vm.find_page(OBJ, 5)) == (NULL, 5, NULL)
    assert (vm.object.resident_page_count[OBJ], vm.cpu.t_rm[0], vm.cpu.t_rm[1]) == (0, 1, -1)
    assert vm.object.generation[OBJ] == generation + 1
    assert (crew.queue_of(m), vm.page.busy_count[m]) == ("ACTIVE", LOCKED)
    assert (vm.object.hold_count[OBJ], vm.object.token_owner[OBJ]) == (0, 0)


def test_removing_a_page_waits_for_its_objects_token() -> None:
    crew = holding()
    m = crew.page_by(1, NULL, 0)
    crew.call(lwkt_reltoken, OBJ)
    crew.call(GET, OBJ, t=1)
    crew.call(vm_page_insert, m, OBJ, 5, t=1)
    assert crew.start(0, vm_page_remove, m) == WAITS
    assert crew.vm.object.hold_count[OBJ] == 1
    crew.call(lwkt_reltoken, OBJ, t=1)
    assert crew.play(0) == DONE
    assert crew.vm.page.object[m] == NULL


def test_a_page_without_an_object_is_removed_without_a_check_of_its_busy() -> None:
    crew = Crew()
    m = crew.page()
    crew.call(vm_page_remove, m)
    assert crew.vm.page.busy_count[m] == 0


def test_inserting_asserts_the_exclusive_token() -> None:
    crew = holding()
    m = crew.page()
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_insert, m, OBJ, 5)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "vm_page_insert")


def test_inserting_a_page_that_has_an_object_is_a_panic() -> None:
    crew = holding(GET)
    m = crew.page(obj=OBJ, pindex=4)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_insert, m, OBJ, 5)
    assert caught.value.message == "vm_page_insert: already inserted"


def test_removing_a_page_that_is_not_busied_is_a_panic() -> None:
    crew = Crew()
    m = crew.page(obj=OBJ)
    with pytest.raises(KernelPanic) as caught:
        crew.call(vm_page_remove, m)
    assert caught.value.message == "vm_page_remove: page not busy"
