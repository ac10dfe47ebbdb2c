"""The tables of processes: their state, and their address spaces from the map's entries to the page table.

Field names are the kernel's.
Source: spec 01.
"""

from __future__ import annotations

from engine.constants import NULL, Obj
from engine.memory.columns import Column, ColumnOf, Table, i32, i64, u8, u32


class ProcessTable(Table):
    """struct proc and its vmspace, reduced to what the page layer needs.

    first_entry: the first entry of its map.
    map_readers: how many threads hold the map's lock shared.
    map_writer:  the thread that holds it exclusively, plus 1; or 0.
    resident:    the number of entries in its page table.
    """

    title = "process"
    pid: Column = i32()
    nice: Column = i32()
    state: Column = u8()
    system: Column = u8()
    p_flags: Column = u32()
    minflt: Column = u32()
    majflt: Column = u32()
    resident: Column = i64()
    first_entry: Column = i64(bias=NULL)
    map_readers: Column = i32()
    map_writer: Column = i32()
    map_wanted: Column = u8()


class MapEntryTable(Table):
    """struct vm_map_entry: pages start .. start + pages - 1 of a process's address space.

    backing:    its first layer.
    needs_copy: whether the first write puts a new object on top of that layer.
    """

    title = "map_entry"
    used: Column = u8()
    start: Column = i64()
    pages: Column = i64()
    prot: Column = u8()
    needs_copy: Column = u8()
    nosync: Column = u8()
    advice: Column = u8()
    wired: Column = i32()
    backing: Column = i64(bias=NULL)
    next: Column = i64(bias=NULL)


class BackingTable(Table):
    """struct vm_map_backing, one layer of an entry: the entry starts at page `offset` of the object.

    exclusive: a hint that makes a fault take the exclusive token right away.
    next:      the layer below.
    """

    title = "backing"
    object: ColumnOf[Obj] = i64(bias=NULL)
    offset: Column = i64()
    exclusive: Column = u8()
    next: Column = i64(bias=NULL)


class PteTable(Table):
    """The page table entry at each (process, page of its address space), or 0.

    An entry is the frame's page number shifted by PAGE_SHIFT, with the PTE_ bits.
    """

    title = "pte"
    entry: Column = i64()
