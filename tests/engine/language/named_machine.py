"""A machine of 16 cpus whose objects, threads and variables have names, with some cells set by hand."""

from __future__ import annotations

from engine.constants import NULL, PQ_ACTIVE
from engine.kernel.boot.sequence import boot
from engine.language.symbols import Kind, Names, Variable
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec

NAMES = Names(
    ("heap", "disk"),
    ("app", "pager"),
    {
        "setup": {"x": Variable(0)},
        "app": {"m": Variable(1, Kind.PAGE), "none": Variable(2, Kind.PAGE), "i": Variable(3)},
        "pager": {"obj": Variable(4, Kind.OBJECT)},
    },
)

PAGE = 12345
"""What app.m holds: a page of object disk, at pindex 70; its number is its index, as memory starts at 0."""


def named_machine() -> Machine:
    """The machine: setup.x is 9, app.m PAGE, app.none NULL, app.i 7 and pager.obj disk."""
    hardware = parse_spec("64MiB:2x4x2")
    assert hardware is not None
    vm = boot(MachineConfig(hardware))
    for slot, value in enumerate((9, PAGE, NULL, 7, 1)):
        vm.variable.value[slot] = value
    vm.resident.page[vm.resident_slots.slot((1, 70))] = PAGE
    vm.page.spin[PAGE] = 2
    vm.queue.spin[PQ_ACTIVE + 3] = 1
    vm.object.token_owner[1] = 1
    vm.glob.contig_spin[0] = 2
    return vm
