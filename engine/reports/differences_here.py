"""The behaviour of a machine for each difference between document and source, with the machine's numbers.

Each function of HERE returns the text of one row; each function of FOLLOWS returns what the machine follows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.constants import (
    PAGE_SHIFT,
    PQ_FREE,
    V_DMA_PAGES,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    V_PAGE_COUNT,
)
from engine.kernel.boot.startup import boot_layout
from engine.kernel.search import cache_reach
from engine.kernel.thresholds import nice_margin
from engine.machine.machine import Machine
from engine.reports.differences_table import DOCUMENT, NEITHER, NEWER, SOURCE
from engine.words import byte_size, plural


def _limit(vm: Machine, field: int) -> int:
    return vm.vmstats.count[field]


def _by_nice(vm: Machine) -> bool:
    """Whether vm_wait_pfault uses v_free_min and a nice value, not v_free_severe."""
    return vm.rules.thresholds == "newer" or vm.rules.nice_rule != "none"


# --- memory pressure --------------------------------------------------------------------------------------


def _nice(vm: Machine) -> str:
    least, reserved = _limit(vm, V_FREE_MIN), _limit(vm, V_FREE_RESERVED)
    if vm.rules.nice_rule == "none":
        return "A nice value has no effect."
    nices = (-20, -19, -10, 0, 10, 19)
    points = ", ".join(f"{least + nice_margin(vm, nice)} at nice {nice}" for nice in nices)
    return (
        f"A fault waits while there are fewer free and cached pages than {points}. v_free_min is {least}. "
        f"With fewer than {reserved} free pages it waits at every nice value, however many are cached."
    )


def _pfault_arguments(vm: Machine) -> str:
    first = (
        "It takes an optional process, by default the current one, and the flags of the fault, which decide "
        "nothing"
    )
    if vm.rules.nice_rule == "none":
        return f"{first}; it reads only the process's P_LOWMEMKILL flag."
    return f"{first}; it reads the process's nice value and P_LOWMEMKILL flag."


def _pfault_waits(vm: Machine) -> str:
    least, severe, reserved = (_limit(vm, field) for field in (V_FREE_MIN, V_FREE_SEVERE, V_FREE_RESERVED))
    floor = f"or with fewer than {reserved} free pages"
    if _by_nice(vm):
        return f"At nice 0 a fault sleeps with fewer than {least} free and cached pages, {floor}."
    return (
        f"A fault takes the token with fewer than {least} free and cached pages, {floor}; it sleeps with "
        f"fewer than {severe}, {floor}."
    )


def _lowest_limits(vm: Machine) -> str:
    named = [("v_free_severe", V_FREE_SEVERE), ("v_free_reserved", V_FREE_RESERVED)]
    limits = sorted((_limit(vm, field), name) for name, field in [*named, ("v_free_min", V_FREE_MIN)])
    return "From lowest to highest: " + ", ".join(f"{name} {pages}" for pages, name in limits) + "."


def _waking(vm: Machine) -> str:
    hysteresis = vm.glob.vm_page_free_hysteresis[0]
    least, reserved, target = (_limit(vm, field) for field in (V_FREE_MIN, V_FREE_RESERVED, V_FREE_TARGET))
    return (
        f"All are woken at {least} + {hysteresis} = {least + hysteresis} or more free and cached pages, or "
        f"at {target} or more if {reserved} of them are free."
    )


def _free_target(vm: Machine) -> str:
    least, reserved, target = (_limit(vm, field) for field in (V_FREE_MIN, V_FREE_RESERVED, V_FREE_TARGET))
    made = f"4 x {least} + {reserved} = {4 * least + reserved}"
    size = made if target == 4 * least + reserved else f"{target}; boot would set it to {made}"
    if vm.rules.thresholds == "newer":
        return f"It is {size}. The newer kernel's waits use v_free_min, so this limit is unchanged."
    return f"It is {size}."


# --- allocation and search --------------------------------------------------------------------------------


def _window(vm: Machine) -> str:
    window = min(vm.glob.set_assoc_mask[0], vm.color_mask) + 1
    rest = f", then doubles up to {vm.colors}" if window < vm.colors else ", which is all of them"
    return f"With {plural(vm.ncpus, 'cpu')} a search starts with {plural(window, 'colour')}{rest}."


def _cache_search(vm: Machine) -> str:
    return f"It looks at all {vm.colors} free colours and at {cache_reach(vm)} cache colours."


def _zeroing(vm: Machine) -> str:
    if vm.rules.zero_rule == "alloc":
        return "vm_page_alloc zeroes the page's data; its valid bits stay 0."
    return "vm_page_alloc returns the page as it is; vm_page_grab and vm_page_alloczwq zero it."


# --- colours and boot -------------------------------------------------------------------------------------


def _requested_color(vm: Machine) -> str:
    topology = vm.topology
    if not vm.colors_by_topology:
        share = vm.colors // vm.ncpus
        why = "Colours do not depend on the topology" if topology.known else "No core level was detected"
        return (
            f"{why}: each cpu (of {vm.ncpus}) requests {share} colours of its own, "
            f"{_never(vm.colors - share * vm.ncpus)}."
        )
    levels = (topology.phys_ids, topology.core_ids, topology.ht_ids)
    share = vm.colors
    for level in levels:
        share //= level
    division = " / ".join(str(part) for part in (vm.colors, *levels))
    asked = share * topology.phys_ids * topology.core_ids * topology.ht_ids
    return (
        f"Each hardware thread requests {share} colours of its own ({division}: sockets, cores, threads), "
        f"{_never(vm.colors - asked)}."
    )


def _never(colors: int) -> str:
    return (
        f"and {plural(colors, 'colour is', 'colours are')} never requested"
        if colors
        else "and every colour is requested"
    )


def _own_color(vm: Machine) -> str:
    sockets = vm.topology.phys_ids
    if not vm.colors_by_socket or not vm.config.hardware.numa:
        return f"A page's colour depends only on its address: {vm.colors} colours for all cpus."
    band = vm.colors // sockets
    return (
        f"Boot gave the pages of each of {sockets} sockets {band} colours, starting with 0 to {band - 1} for "
        "socket 0, except pages that finalize moved. Cores and threads do not affect it."
    )


def _finalize(vm: Machine) -> str:
    lengths = vm.memory.vector("queue.lcnt")[PQ_FREE : PQ_FREE + vm.colors].tolist()
    now = f"The free queues now have from {min(lengths)} to {max(lengths)} pages."
    if not vm.config.hardware.finalize:
        return f"It does not run on this machine, which has no memory assigned to sockets. {now}"
    if not vm.switches.numa_color:
        return f"It moves no page on this machine, whose colours do not depend on the topology. {now}"
    right = "The average covers only the free queues."
    wrong = "The average covers queue 0 and the free queues except that of the last colour."
    return f"{right if vm.rules.finalize_offset_fix else wrong} {now}"


def _low_reserve(vm: Machine) -> str:
    total = boot_layout(vm).total
    began, now = min(256 << 20, total // 4), vm.glob.vm_low_phys_reserved[0]
    after = f"; the end of boot lowered the limit to {byte_size(now)}" if now != began else ""
    return f"Of {byte_size(total)}, boot reserved the memory below {byte_size(began)}{after}."


def _dma_reserve(vm: Machine) -> str:
    total, kept = boot_layout(vm).total, vm.glob.vm_dma_reserved[0]
    why = f"a sixteenth of {byte_size(total)}" if total // 16 < 128 << 20 else "the maximum by default"
    if vm.config.hardware.dma_reserved:
        why = "set by the boot tunable"
    return f"It is {byte_size(kept)}, {why}; {vm.glob.bl_free[0]:,} of its pages are free now."


def _array(vm: Machine) -> str:
    added = _limit(vm, V_PAGE_COUNT)
    return (
        f"The array has {vm.vm_page_array_size} entries, and boot added {added} pages: "
        f"{vm.vm_page_array_size - added} entries are holes or memory that boot kept."
    )


# --- the rest ---------------------------------------------------------------------------------------------


def _contiguous(vm: Machine) -> str:
    if vm.rules.contig_rule == "strict":
        return "It takes the lowest range of the reserve that meets all four conditions, or fails."
    return (
        "It takes the lowest range aligned to its size rounded up to a power of two, and gives it back if it "
        "ends too high."
    )


def _fictitious(vm: Machine) -> str:
    first = vm.first_page << PAGE_SHIFT
    return (
        f"The array has {plural(_limit(vm, V_DMA_PAGES), 'fictitious page')}, between {first:#x} and "
        f"{vm.glob.vm_low_phys_reserved[0]:#x}; those of vm_page_initfake are not in the array."
    )


def _mapped_sync(vm: Machine) -> str:
    if vm.rules.pmap_model == "counted":
        return "Mappings are counted: a page without mappings loses its mapping flags and is freed."
    return "There are only flags: a page that was mapped twice keeps them, and freeing it panics."


def _lock_order(vm: Machine) -> str:
    if vm.switches.trylock:
        return "As the source: a page whose spinlock is held is skipped."
    return "The search waits for the page's spinlock instead, which can deadlock."


def _statistics(vm: Machine) -> str:
    steps = vm.config.steps_per_tick
    ticks = f"every {steps} steps" if steps else "in scripts and the schedule, or when no thread can run"
    return (
        f"As the source; immediately if memory would be short with {1024 * vm.ncpus} fewer pages. "
        f"Ticks occur {ticks}."
    )


def _hash(vm: Machine) -> str:
    sets = f"The hash has {vm.glob.vm_page_hash_size[0]} elements, in overlapping sets of 4"
    if vm.rules.hash_rule == "lru":
        return f"{sets}; an empty element is replaced first, then the oldest."
    return f"{sets}; the last element older than the first is replaced, or else the first."


HERE: Final[dict[int, Callable[[Machine], str]]] = {
    1: _nice,
    2: _pfault_arguments,
    3: _pfault_waits,
    5: _lowest_limits,
    8: _window,
    9: _cache_search,
    12: _zeroing,
    14: _requested_color,
    15: _own_color,
    16: _finalize,
    17: _low_reserve,
    18: _dma_reserve,
    19: _array,
    20: _contiguous,
    24: _mapped_sync,
    26: _waking,
    35: _statistics,
    38: _hash,
    39: _fictitious,
    44: _lock_order,
    46: _free_target,
}
"""Row -> the behaviour of a machine, in a sentence or two with its numbers."""


# --- what a machine follows -------------------------------------------------------------------------------


def _nice_follows(vm: Machine) -> str:
    return {"monotone": DOCUMENT, "formula": NEWER, "none": SOURCE}[vm.rules.nice_rule]


def _pfault_follows(vm: Machine) -> str:
    if vm.rules.nice_rule == "none" and vm.rules.thresholds == "newer":
        return NEWER
    return _nice_follows(vm)


FOLLOWS: Final[dict[int, Callable[[Machine], str]]] = {
    1: _nice_follows,
    2: lambda vm: SOURCE if vm.rules.nice_rule == "none" else DOCUMENT,
    3: _pfault_follows,
    8: lambda vm: DOCUMENT if vm.rules.assoc_rule == "seed16" else SOURCE,
    9: lambda vm: DOCUMENT if vm.rules.find2_full else SOURCE,
    12: lambda vm: DOCUMENT if vm.rules.zero_rule == "alloc" else SOURCE,
    16: lambda vm: DOCUMENT if vm.rules.finalize_offset_fix else SOURCE,
    20: lambda vm: DOCUMENT if vm.rules.contig_rule == "strict" else SOURCE,
    24: lambda vm: DOCUMENT if vm.rules.pmap_model == "counted" else SOURCE,
    38: lambda vm: DOCUMENT if vm.rules.hash_rule == "lru" else SOURCE,
    44: lambda vm: SOURCE if vm.switches.trylock else NEITHER,
}
"""Row -> what a machine follows, for rows with an option."""
