"""Page colours: which queue a page belongs to at boot, and which one a cpu searches first.

A page's own colour comes from its address. The colour that a cpu asks for comes from the cpu's position in
the topology and from the object and index of the new page.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.constants import NULL, Cpu
from engine.errors import KernelPanic
from engine.kernel.arguments import MaybeObj, Quad
from engine.machine.machine import Machine
from engine.memory.cells import Array

PINDEX_MASK: Final = (1 << 64) - 1


def twist(ppn: int, colors: int) -> int:
    """The boot colour of physical page `ppn` on a machine with `colors` colours.

    The page number's digits in base `colors` are folded together, so that power-of-two strides do not all
    have one colour.
    Source: sys/vm/vm_page.c vm_add_new_page
    """
    return (ppn ^ ppn // colors ^ ppn // colors**2) & (colors - 1)


def twisted(first: int, beyond: int, colors: int) -> Array:
    """`twist` of each physical page from `first` to `beyond` - 1, as a vector.

    Pages that differ only in the lowest digit share what the higher digits contribute: a row of `colors`
    pages has one key.
    """
    shift = colors.bit_length() - 1
    rows = np.arange(first >> shift, (beyond - 1 >> shift) + 1)
    keys = (rows ^ rows >> shift) & (colors - 1)
    start = first & colors - 1
    table: Array = (np.arange(colors) ^ keys[:, None]).ravel()
    return table[start : start + beyond - first]


def vm_get_pg_color(vm: Machine, cpu: Cpu, obj: MaybeObj, pindex: Quad) -> int:
    """The colour at which an allocation by `cpu` for page `pindex` of `obj` starts its search.

    With a known topology, a cpu searches its thread's part of its core's part of its socket's colours;
    without one, or without the switch numa_color, each cpu has its own part. `obj` may be NULL.

    Locks:   none.
    Blocks:  no.
    Returns: a colour, 0 .. colours - 1.
    Errors:  fault, a division by zero, after a sysctl has set the number of sockets or cores to 0.
    Source:  sys/vm/vm_page.c vm_get_pg_color
    """
    offset = pindex if obj == NULL else pindex + vm.object.pg_color[obj]
    start, stretch = stretch_of(vm, cpu)
    # With more cpus than colours a part would have 0 colours; the kernel would divide by it.
    return start + (offset & PINDEX_MASK) % (stretch & PINDEX_MASK or 1) & vm.color_mask


def stretch_of(vm: Machine, cpu: Cpu) -> tuple[int, int]:
    """Return the first colour and the number of colours in which the requests of a cpu start.

    The number is 0 if there are more cpus than colours: then the first colour is the only one.
    Errors: as vm_get_pg_color.
    """
    threads = vm.glob.cpu_topology_ht_ids[0]
    if not threads or not vm.switches.numa_color:
        stretch = vm.colors // vm.ncpus
        return cpu * stretch, stretch
    place = vm.topology.cpus[cpu]
    socket = _share(vm.colors, vm.glob.cpu_topology_phys_ids[0])
    core = _share(socket, vm.glob.cpu_topology_core_ids[0])
    stretch = _share(core, threads)
    return place.phys_id * socket + place.core_id * core + place.ht_id * stretch, stretch


def _share(colors: int, parts: int) -> int:
    """`colors` / `parts` as C divides ints; the kernel recomputes it from variables for each allocation."""
    if parts == 0:
        raise KernelPanic("fault", "vm_get_pg_color", "a division by zero: a level of the topology has 0")
    quotient = abs(colors) // abs(parts)
    return quotient if (colors < 0) == (parts < 0) else -quotient
