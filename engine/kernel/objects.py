"""Objects and their pages: hold an object, insert a page, remove a page.

Source: spec 06.
"""

from __future__ import annotations

from engine.constants import (
    NULL,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    OBJT_VNODE,
    PBUSY_LOCKED,
    PG_NEED_COMMIT,
    PG_SWAPPED,
    PG_WRITEABLE,
    Obj,
    Page,
)
from engine.errors import kkassert, kpanic
from engine.kernel.arguments import HeldObj, MaybeTokenObj, Quad, TokenObj
from engine.kernel.locks import vm_page_spin_lock, vm_page_spin_unlock
from engine.kernel.tokens import (
    EXCLUSIVE,
    SHARED,
    TokenMode,
    held_mode,
    lwkt_gettoken,
    lwkt_reltoken,
    lwkt_trytoken,
)
from engine.machine.machine import Machine, Steps


def vm_object_hold(vm: Machine, obj: MaybeTokenObj, mode: TokenMode = EXCLUSIVE) -> Steps[None]:
    """Keep an object from being destroyed, and take its token.

    Locks:   none on entry; the object's token on return.
    Blocks:  yes.
    Returns: nothing.
    Errors:  KKASSERT without an object.
    Source:  sys/vm/vm_object.c vm_object_hold
    """
    yield "hold the object"
    kkassert(obj != NULL, "vm_object_hold", "an object")
    vm.object.hold_count[obj] += 1
    yield from lwkt_gettoken(vm, obj, mode)


def vm_object_hold_shared(vm: Machine, obj: MaybeTokenObj) -> Steps[None]:
    """Keep an object from being destroyed, and share its token.

    Locks:   none on entry; the object's token, shared, on return.
    Blocks:  yes.
    Returns: nothing.
    Errors:  KKASSERT without an object.
    Source:  sys/vm/vm_object.c vm_object_hold_shared
    """
    yield from vm_object_hold(vm, obj, SHARED)


def vm_object_hold_try(vm: Machine, obj: TokenObj) -> Steps[bool]:
    """Hold an object and take its token, only if that is possible without waiting.

    Locks:   the object's token on success.
    Blocks:  no.
    Returns: whether it was taken; a failure undoes the hold.
    Errors:  none.
    Source:  sys/vm/vm_object.c vm_object_hold_try
    """
    yield "hold the object"
    vm.object.hold_count[obj] += 1
    if (yield from lwkt_trytoken(vm, obj)):
        return True
    yield "undo the hold"
    vm.object.hold_count[obj] -= 1
    return False


def vm_object_drop(vm: Machine, obj: TokenObj) -> Steps[None]:
    """Undo one hold of an object.

    Locks:   the object's token on entry, one level less on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when the object is not held.
    Source:  sys/vm/vm_object.c vm_object_drop
    """
    yield "drop the object"
    kkassert(vm.object.hold_count[obj] > 0, "vm_object_drop", "a held object")
    vm.object.hold_count[obj] -= 1
    yield from lwkt_reltoken(vm, obj)


def vm_object_upgrade(vm: Machine, obj: TokenObj) -> Steps[None]:
    """Turn a shared hold of an object's token into an exclusive one; others may have it in between.

    Locks:   the object's token, shared, on entry; exclusive on return.
    Blocks:  yes, until no other thread has the token.
    Returns: nothing; the caller must look up again what it looked up before.
    Errors:  KKASSERT when this thread does not hold the token.
    Source:  sys/vm/vm_object.c vm_object_upgrade
    """
    yield from lwkt_reltoken(vm, obj)
    yield from lwkt_gettoken(vm, obj)


def vm_object_downgrade(vm: Machine, obj: TokenObj) -> Steps[None]:
    """Turn an exclusive hold of an object's token into a shared one; others may have it in between.

    Locks:   the object's token, exclusive, on entry; shared on return.
    Blocks:  yes, if another thread takes the token in between.
    Returns: nothing; the caller must look up again what it looked up before.
    Errors:  KKASSERT when this thread does not hold the token.
    Source:  sys/vm/vm_object.c vm_object_downgrade
    """
    yield from lwkt_reltoken(vm, obj)
    yield from lwkt_gettoken(vm, obj, SHARED)


def set_writeable_dirty(vm: Machine, obj: Obj) -> None:
    """Mark an object as writeable and possibly dirty: part of the step that calls it."""
    both = OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY
    if vm.object.flags[obj] & both != both:
        vm.object.flags[obj] |= both
        if vm.object.type[obj] == OBJT_VNODE:
            vm.object.vnode_dirty[obj] = 1


def _has_swap(vm: Machine, obj: Obj, pindex: int) -> bool:
    slot = vm.swap_slots.slots.get((obj, pindex))
    return slot is not None and vm.swap.block[slot] != NULL


def vm_page_insert(vm: Machine, m: Page, obj: HeldObj, pindex: Quad) -> Steps[bool]:
    """Put page `m` into `obj` at `pindex`.

    Locks:   the object's token, exclusive; takes the page's spinlock.
    Blocks:  no.
    Returns: True; False when the pindex is in use, with the generation raised nevertheless.
    Errors:  KKASSERT without the exclusive token; panic when the page already has an object.
    Source:  sys/vm/vm_page.c vm_page_insert
    """
    yield "raise the object's generation"
    kkassert(held_mode(vm, vm.curthread, obj) == EXCLUSIVE, "vm_page_insert", "the exclusive object token", m)
    if vm.page.object[m] != NULL:
        raise kpanic("vm_page_insert", "vm_page_insert: already inserted", "the page has an object", m)
    vm.object.generation[obj] += 1
    yield from vm_page_spin_lock(vm, m)
    yield "insert the page into the object"
    if vm.find_page(obj, pindex) != NULL:
        vm.page.pindex[m] = 0
        yield from vm_page_spin_unlock(vm, m)
        return False
    vm.resident.page[vm.resident_slots.slot((obj, pindex))] = m
    vm.page.object[m] = obj
    vm.page.pindex[m] = pindex
    vm.object.resident_page_count[obj] += 1
    vm.cpu.t_rm[vm.mycpu] += 1
    yield from vm_page_spin_unlock(vm, m)
    yield "update the object's flags and PG_SWAPPED"
    if vm.page.valid[m] & vm.page.dirty[m] or vm.page.flags[m] & (PG_WRITEABLE | PG_NEED_COMMIT):
        set_writeable_dirty(vm, obj)
    if _has_swap(vm, obj, pindex):
        vm.page.flags[m] |= PG_SWAPPED
    return True


def vm_page_remove(vm: Machine, m: Page) -> Steps[None]:
    """Remove page `m` from its object, if it has one; its pindex does not change.

    Locks:   the page hard-busied; takes the object's token, then the page's spinlock.
    Blocks:  yes, for the token.
    Returns: nothing.
    Errors:  panic when the page has an object and is not hard-busied.
    Source:  sys/vm/vm_page.c vm_page_remove
    """
    yield "check whether the page has an object"
    obj = vm.page.object[m]
    if obj == NULL:
        return
    if not vm.page.busy_count[m] & PBUSY_LOCKED:
        raise kpanic("vm_page_remove", "vm_page_remove: page not busy", "LOCKED is not set", m)
    yield from vm_object_hold(vm, obj)
    yield from vm_page_spin_lock(vm, m)
    yield "remove the page from the object"
    vm.resident.page[vm.resident_slots.slot((obj, vm.page.pindex[m]))] = NULL
    vm.object.resident_page_count[obj] -= 1
    vm.cpu.t_rm[vm.mycpu] -= 1
    vm.page.object[m] = NULL
    vm.object.generation[obj] += 1
    yield from vm_page_spin_unlock(vm, m)
    yield from vm_object_drop(vm, obj)
