"""The boot lines of a trace segment: run each boot step and compute the digest of the resulting machine.

Source: golden/FORMAT.md section 2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from engine.constants import NULL, PAGE_SIZE, VMSTATS_FIELDS, VMSTATS_SIZE
from engine.inputs.traces.state import console
from engine.kernel.boot.sequence import (
    run_to_the_end,
    vm_numa_organize,
    vm_numa_organize_finalize,
    vm_page_startup,
    vm_page_startup_finish,
    vm_set_page_size,
)
from engine.machine.machine import Machine
from engine.memory.cells import Array


def run_boot_step(vm: Machine, step: str, arguments: dict[str, int]) -> None:
    """Run a step of boot on cpu 0; `arguments` as in the trace.

    Errors: KernelPanic; BadInput if boot is impossible with these memory ranges.
    """
    vm.effects.clear()
    if step == "vm_set_page_size":
        run_to_the_end(vm_set_page_size, vm, PAGE_SIZE)
    elif step == "vm_page_startup":
        run_to_the_end(vm_page_startup, vm)
    elif step == "vm_numa_organize":
        run_to_the_end(vm_numa_organize, vm, arguments["ran_beg"], arguments["bytes"], arguments["physid"])
    elif step == "vm_numa_organize_finalize":
        run_to_the_end(vm_numa_organize_finalize, vm)
    else:
        run_to_the_end(vm_page_startup_finish, vm)


def boot_digest(vm: Machine, step: str) -> dict[str, Any]:
    """Return the contents of a boot line for the machine after `step`."""
    glob = vm.glob
    started = step != "vm_set_page_size"
    found: dict[str, Any] = {
        "vm_page_array_size": vm.vm_page_array_size if started else 0,
        "first_page": vm.first_page if started else 0,
        "vm_low_phys_reserved": glob.vm_low_phys_reserved[0],
        "vm_dma_reserved": glob.vm_dma_reserved[0],
        "vm_page_hash_size": glob.vm_page_hash_size[0],
        "set_assoc_mask": glob.set_assoc_mask[0],
        "alist_free": glob.bl_free[0],
        "vm_page_dump_size": glob.vm_page_dump_size[0],
        "vmstats": _counters(vm.memory.vector("vmstats.count")),
        "cpu0_view": _counters(vm.memory.vector("gd_vmstats.view")[:VMSTATS_SIZE]),
        "cpu0_adj": _nonzero(_counters(vm.memory.vector("gd_vmstats.adj")[:VMSTATS_SIZE])),
        "lcnt": _lengths(vm),
        "lcnt_index0": vm.queue.lcnt[0],
        "queues_sha256": _queues_sha256(vm),
        "pc_sha256": _sha256([_joined(vm.memory.vector("page.pc")[: vm.vm_page_array_size])])
        if started
        else _sha256([]),
    }
    if printed := console(vm.effects):
        found["kprintf"] = printed
    return found


def _counters(values: Array) -> dict[str, int]:
    return dict(zip(VMSTATS_FIELDS, values.tolist(), strict=True))


def _nonzero(values: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in values.items() if value}


def _lengths(vm: Machine) -> dict[str, int]:
    lengths = vm.memory.vector("queue.lcnt")
    return {str(q): int(lengths[q]) for q in np.flatnonzero(lengths).tolist()}


def _sha256(texts: Iterable[str]) -> str:
    state = hashlib.sha256()
    for text in texts:
        state.update(text.encode("ascii"))
    return state.hexdigest()


def _joined(numbers: Array) -> str:
    return ",".join(map(str, numbers.tolist()))


def _queues_sha256(vm: Machine) -> str:
    """Return the digest of every queue's pages, head to tail; follows all lists in parallel, page by page."""
    queues = np.flatnonzero(vm.memory.vector("queue.head") != NULL)
    following = vm.memory.vector("page.next")
    pages = vm.memory.vector("queue.head")[queues]
    rows = []
    open_lists = np.arange(queues.size)
    while open_lists.size:
        row = np.full(queues.size, NULL, np.int64)
        row[open_lists] = pages
        rows.append(row)
        pages = following[pages]
        open_lists = open_lists[pages != NULL]
        pages = pages[pages != NULL]
    columns = np.array(rows).T if rows else np.zeros((0, 0), np.int64)
    return _sha256(
        f"{q}:{_joined(column[column != NULL] + vm.first_page)};"
        for q, column in zip(queues.tolist(), columns, strict=True)
    )
