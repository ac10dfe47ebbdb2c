"""The names that a dump can give, and the kernel's name of each.

Limits and counters of pages are fields of struct vmstats; counters of events are those of struct vmmeter.
`vmstat -s` has words for both, in the order of VMSTAT_WORDS. All other names are left out.
"""

from __future__ import annotations

import re
from typing import Final

from engine.constants import VMSTATS_FIELDS
from engine.machine.sysctl import EVENTS

VMSTAT_WORDS: Final = {
    "swap pager pageins": "v_swapin",
    "swap pager pages paged in": "v_swappgsin",
    "swap pager pageouts": "v_swapout",
    "swap pager pages paged out": "v_swappgsout",
    "vnode pager pageins": "v_vnodein",
    "vnode pager pages paged in": "v_vnodepgsin",
    "vnode pager pageouts": "v_vnodeout",
    "vnode pager pages paged out": "v_vnodepgsout",
    "page daemon wakeups": "v_pdwakeups",
    "pages examined by the page daemon": "v_pdpages",
    "pages reactivated": "v_reactivated",
    "copy-on-write faults": "v_cow_faults",
    "zero fill pages zeroed": "v_zfod",
    "intransit blocking page faults": "v_intrans",
    "total VM faults taken": "v_vm_faults",
    "pages freed": "v_tfree",
    "pages freed by daemon": "v_dfree",
    "pages freed by exiting processes": "v_pfree",
    "pages active": "v_active_count",
    "pages inactive": "v_inactive_count",
    "pages in VM cache": "v_cache_count",
    "pages wired down": "v_wire_count",
    "pages free": "v_free_count",
    "bytes per page": "v_page_size",
}
"""What `vmstat -s` prints after a number, and the kernel's name."""

PAGE_SIZE_NAME: Final = "v_page_size"
PHYSMEM_NAME: Final = "hw.physmem"

GRID_NAMES: Final = {
    "hw.cpu_topology_phys_ids": "sockets",
    "hw.cpu_topology_core_ids": "cores",
    "hw.cpu_topology_ht_ids": "threads",
}
"""Sysctls of the processors, and the field of Grid that each one sets."""

EVENT_NAMES: Final = frozenset(EVENTS) | set(VMSTAT_WORDS.values()) - {PAGE_SIZE_NAME, *VMSTATS_FIELDS}
"""The counters of events that are read."""

FIELDS: Final = frozenset(VMSTATS_FIELDS) | EVENT_NAMES | {PAGE_SIZE_NAME}

PAGE, SYSCTL, VMSTAT, PRINTED, PAGEQ = "show page", "sysctl", "vmstat -s", "fields", "show pageq"
"""The kinds of text in a dump; PRINTED is a structure that a debugger prints, field by field."""

_STRUCT: Final = re.compile(r"(vm\.vmstats|vm\.vmmeter|vm\.vmtotal|vm\.cpu[0-9]+\.vmmeter) ?[:=]? *\Z")
_SUMS: Final = ("vm.vmstats", "vm.vmmeter")
"""The structures whose fields are read: those of one cpu are not the machine's."""


def struct_name(body: str) -> str | None:
    """Return the name of the structure whose fields follow this line, or None."""
    found = _STRUCT.match(body)
    return found[1] if found else None


def kind_and_field(name: str, struct: str | None) -> tuple[str, str] | None:
    """Return the kind of text that a name is from, and the kernel's name; None for a name that is not read.

    name:   as written, such as `vm.stats.vm.v_free_count`, `vmstats.v_free_count` or `v_free_count`.
    struct: the structure to which a name without a prefix belongs, if one was named before.
    """
    if name == PHYSMEM_NAME or name in GRID_NAMES:
        return SYSCTL, name
    prefix, _, field = name.rpartition(".")
    if field not in FIELDS:
        return None
    if prefix:
        return (PAGE if prefix == "vmstats" else SYSCTL), field
    if struct is None:
        return PRINTED, field
    return (SYSCTL, field) if struct in _SUMS else None
