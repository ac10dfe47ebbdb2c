"""Objects and their pages: the page at each pindex of an object refers back to it, and the counts agree.

A page enters or leaves an object in one step that changes both ends and both counts. The number of an
object's pages is `resident_page_count`; the sum of the cpus' `t_rm` is the number of pages of all objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from engine.constants import NULL
from engine.invariants.violation import Violation, some
from engine.language.naming import object_text, page_text
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.words import plural


def residency_violations(vm: Machine) -> Iterator[Violation]:
    """Find every disagreement between objects and pages about the place of a page."""
    owners, places, pages = _residents(vm)
    owner_of = vm.memory.vector("page.object")
    wild = pages >= owner_of.size
    if wild.any():
        for at in some(np.flatnonzero(wild)):
            says = f"{object_text(vm, int(owners[at]))}.page[{places[at]}] is {page_text(vm, int(pages[at]))}"
            yield Violation("residency", NULL, says, f"the last page is {owner_of.size - 1}")
        return
    yield from _wrong_places(vm, owners, places, pages)
    yield from _unknown_to_their_objects(vm, owners, places, pages)
    yield from _counts(vm, owners)


def _residents(vm: Machine) -> tuple[Array, Array, Array]:
    """Return the object, pindex and page of each place that contains a page."""
    book = vm.resident_slots.slots
    cells = vm.memory.vector("resident.page")[: len(book)]
    filled = np.flatnonzero(cells)
    keys = np.fromiter(chain.from_iterable(book), np.int64, 2 * len(book)).reshape(-1, 2)[filled]
    return keys[:, 0], keys[:, 1], cells[filled] + NULL


def _wrong_places(vm: Machine, owners: Array, places: Array, pages: Array) -> Iterator[Violation]:
    vector = vm.memory.vector
    wrong = (vector("page.object")[pages] + NULL != owners) | (vector("page.pindex")[pages] != places)
    for at in some(np.flatnonzero(wrong)):
        obj, m = int(owners[at]), int(pages[at])
        says = f"{object_text(vm, obj)}.page[{places[at]}] is {page_text(vm, m)}"
        yield Violation("residency", m, says, _says_where(vm, m))


def _says_where(vm: Machine, m: int) -> str:
    obj, page = vm.page.object[m], page_text(vm, m)
    where = "NULL" if obj == NULL else object_text(vm, obj)
    return f"{page}.object is {where} and its pindex is {vm.page.pindex[m]}"


def _unknown_to_their_objects(vm: Machine, owners: Array, places: Array, pages: Array) -> Iterator[Violation]:
    """Find pages whose object does not contain them; there are none if both numbers are equal."""
    of_page = vm.memory.vector("page.object")
    if np.count_nonzero(of_page) == pages.size:
        return
    found = np.zeros(of_page.size, np.bool_)
    found[pages] = True
    for m in some(np.flatnonzero((of_page != 0) & ~found)):
        obj, pindex = vm.page.object[m], vm.page.pindex[m]
        there = page_text(vm, vm.find_page(obj, pindex))
        says = f"{object_text(vm, obj)}.page[{pindex}] is {there}"
        yield Violation("residency", m, _says_where(vm, m), says)


def _counts(vm: Machine, owners: Array) -> Iterator[Violation]:
    recorded = vm.memory.vector("object.resident_page_count")
    held = np.bincount(owners, minlength=recorded.size)
    for obj in some(np.flatnonzero(held != recorded)):
        says = f"{object_text(vm, obj)}.resident_page_count is {recorded[obj]}"
        yield Violation("pages of an object", NULL, says, f"it has {plural(held[obj], 'page')}")
    t_rm = int(vm.memory.vector("cpu.t_rm").sum())
    if t_rm != owners.size:
        says = f"the sum of t_rm is {t_rm}"
        yield Violation("pages of all objects", NULL, says, f"objects have {plural(owners.size, 'page')}")
