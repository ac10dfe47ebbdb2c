"""Map entries and their layers, as parts of the steps that read or change them.

Source: spec 21, section 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.constants import KERN_NO_SPACE, KERN_SUCCESS, NULL, OBJ_ONEMAPPING, Obj
from engine.errors import CapacityError
from engine.kernel.object_life import refer_to
from engine.machine.machine import Machine


def entries_of(vm: Machine, p: int) -> Iterator[int]:
    """The entries of a process's map, by address."""
    entry = vm.process.first_entry[p]
    while entry != NULL:
        yield entry
        entry = vm.map_entry.next[entry]


def layers_of(vm: Machine, entry: int) -> Iterator[int]:
    """The layers of an entry, the top one first."""
    layer = vm.map_entry.backing[entry]
    while layer != NULL:
        yield layer
        layer = vm.backing.next[layer]


def beyond(vm: Machine, entry: int) -> int:
    """The page of the address space after an entry's last."""
    return vm.map_entry.start[entry] + vm.map_entry.pages[entry]


def entry_at(vm: Machine, p: int, vpn: int) -> int:
    """The entry that covers page `vpn` of a process's address space, or NULL."""
    return next((e for e in entries_of(vm, p) if vm.map_entry.start[e] <= vpn < beyond(vm, e)), NULL)


def top_object(vm: Machine, entry: int) -> Obj:
    """The object of an entry's first layer."""
    return vm.backing.object[vm.map_entry.backing[entry]]


def _new_entry(vm: Machine) -> int:
    entry = _first_row(vm, "map_entry.used", 0)
    if entry == NULL:
        raise CapacityError(f"there are {vm.map_entry.length} map entries; this machine has no room for more")
    vm.map_entry.used[entry] = 1
    return entry


_TOGETHER: Final = 4096
"""Rows compared at once: a table of a large scenario has hundreds of thousands, and few are in use."""


def _first_row(vm: Machine, name: str, value: int) -> int:
    """Return the first row of column `name` ("table.column") that has `value`, or NULL."""
    stored = value - vm.memory.places[name].spec.bias
    cells = vm.memory.vector(name)
    for begin in range(0, cells.size, _TOGETHER):
        found = cells[begin : begin + _TOGETHER] == stored
        if found.any():
            return begin + int(found.argmax())
    return NULL


def new_layer(vm: Machine, obj: Obj, offset: int, below: int) -> int:
    layer = _first_row(vm, "backing.object", NULL)
    if layer == NULL:
        raise CapacityError(f"map entries have {vm.backing.length} layers; this machine has no room for more")
    vm.backing.object[layer] = obj
    vm.backing.offset[layer] = offset
    vm.backing.exclusive[layer] = 0
    vm.backing.next[layer] = below
    return layer


def _copy_layers(vm: Machine, layer: int, skipped: int) -> int:
    """A new chain over the same objects, starting `skipped` pages further on."""
    if layer == NULL:
        return NULL
    below = _copy_layers(vm, vm.backing.next[layer], skipped)
    obj = vm.backing.object[layer]
    refer_to(vm, obj)
    return new_layer(vm, obj, vm.backing.offset[layer] + skipped, below)


_COPIED: Final = ("prot", "needs_copy", "nosync", "advice")


def copy_entry(vm: Machine, entry: int, skipped: int = 0) -> int:
    """A copy of this entry from its page `skipped` on, not yet linked."""
    table = vm.map_entry
    new = _new_entry(vm)
    for name in _COPIED:
        getattr(table, name)[new] = getattr(table, name)[entry]
    table.wired[new] = 0
    table.start[new] = table.start[entry] + skipped
    table.pages[new] = table.pages[entry] - skipped
    table.backing[new] = _copy_layers(vm, table.backing[entry], skipped)
    return new


def link_entry(vm: Machine, p: int, new: int) -> None:
    """Insert an entry at its place in a process's map."""
    before = NULL
    for entry in entries_of(vm, p):
        if vm.map_entry.start[entry] > vm.map_entry.start[new]:
            break
        before = entry
    if before == NULL:
        vm.map_entry.next[new] = vm.process.first_entry[p]
        vm.process.first_entry[p] = new
    else:
        vm.map_entry.next[new] = vm.map_entry.next[before]
        vm.map_entry.next[before] = new


def unlink_entry(vm: Machine, p: int, entry: int) -> None:
    following = vm.map_entry.next[entry]
    if vm.process.first_entry[p] == entry:
        vm.process.first_entry[p] = following
    else:
        before = next(other for other in entries_of(vm, p) if vm.map_entry.next[other] == entry)
        vm.map_entry.next[before] = following
    vm.map_entry.next[entry] = NULL


def clip(vm: Machine, p: int, vpn: int) -> None:
    """Make an entry of a process's map start at page `vpn`, if one extends across it."""
    entry = entry_at(vm, p, vpn)
    if entry == NULL or vm.map_entry.start[entry] == vpn:
        return
    kept = vpn - vm.map_entry.start[entry]
    one_mapping = vm.object.flags[top_object(vm, entry)] & OBJ_ONEMAPPING
    new = copy_entry(vm, entry, kept)
    # Two entries of one map that show different pages are still a single mapping of each page.
    vm.object.flags[top_object(vm, entry)] |= one_mapping
    vm.map_entry.wired[new] = vm.map_entry.wired[entry]
    vm.map_entry.pages[entry] = kept
    link_entry(vm, p, new)


def make_entry(
    vm: Machine, p: int, obj: Obj, offset: int, start: int, pages: int, prot: int, private: int
) -> int:
    """Map `pages` pages of an object, from its page `offset` on, at page `start` of an address space.

    Returns: KERN_SUCCESS, or KERN_NO_SPACE when something is mapped there.
    """
    if any(vm.map_entry.start[e] < start + pages and start < beyond(vm, e) for e in entries_of(vm, p)):
        return KERN_NO_SPACE
    entry = _new_entry(vm)
    refer_to(vm, obj)
    vm.map_entry.start[entry] = start
    vm.map_entry.pages[entry] = pages
    vm.map_entry.prot[entry] = prot
    vm.map_entry.needs_copy[entry] = int(bool(private))
    vm.map_entry.nosync[entry] = 0
    vm.map_entry.advice[entry] = 0
    vm.map_entry.wired[entry] = 0
    vm.map_entry.backing[entry] = new_layer(vm, obj, offset, NULL)
    link_entry(vm, p, entry)
    return KERN_SUCCESS
