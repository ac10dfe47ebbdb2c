"""Moving a page to another place: another object, another pindex, or both.

Source: spec 06, vm_page_rename.
"""

from __future__ import annotations

from engine.constants import NULL, PBUSY_LOCKED, PQ_CACHE
from engine.errors import kkassert, kpanic
from engine.kernel.age import vm_page_deactivate
from engine.kernel.arguments import HeldObj, HeldPage, Quad
from engine.kernel.objects import vm_page_insert, vm_page_remove
from engine.kernel.queues import base_queue
from engine.kernel.tokens import EXCLUSIVE, held_mode
from engine.kernel.valid_dirty import vm_page_dirty
from engine.machine.machine import Machine, Steps

_FUNCTION = "vm_page_rename"


def vm_page_rename(vm: Machine, m: HeldPage, new_object: HeldObj, new_pindex: Quad) -> Steps[None]:
    """Move page `m` to `new_pindex` of `new_object`, where no page may be; the page becomes dirty.

    Its swap block is not moved: the caller handles it.

    Locks:   the page hard-busied, also on return; both objects' tokens, exclusive.
    Blocks:  no: the tokens are held.
    Returns: nothing.
    Errors:  KKASSERT when the page is not hard-busied or a token is not held exclusively; panic when the
             pindex is in use, with the page in no object.
    Source:  sys/vm/vm_page.c vm_page_rename
    """
    yield "check that the page is hard-busied and the tokens are held"
    kkassert(bool(vm.page.busy_count[m] & PBUSY_LOCKED), _FUNCTION, "a hard-busied page", m)
    for obj in (new_object, vm.page.object[m]):
        held = obj == NULL or held_mode(vm, vm.curthread, obj) == EXCLUSIVE
        kkassert(held, _FUNCTION, "both objects' exclusive tokens", m)
    yield from vm_page_remove(vm, m)
    if not (yield from vm_page_insert(vm, m, new_object, new_pindex)):
        raise kpanic(_FUNCTION, "vm_page_rename: target exists (", "another page is at the new place", m)
    yield "check whether the page was cached"
    if base_queue(vm, m) == PQ_CACHE:
        yield from vm_page_deactivate(vm, m)
    yield from vm_page_dirty(vm, m)
