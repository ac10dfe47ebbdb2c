"""The later kernel's thresholds: multiples of v_free_min, and the effect of a process's nice value.

Each predicate reads the calling cpu's view, as in memory_pressure.py. A threshold is a floor for free and
cached pages together; in addition, free pages alone are compared with the reserve.
Source: spec 08, Newer kernel profile; spec 20, section 6; DESIGN, decision 4 (nice_rule).
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_INACTIVE_COUNT,
    V_INACTIVE_TARGET,
    VMSTATS_SIZE,
)
from engine.kernel.arguments import Int, Nice
from engine.machine.machine import Machine

WAIT, START, TARGET1, TARGET2 = (6, 7, 8, 10)
"""The thresholds above v_free_min, in units of half of it."""

NICE_RANGE: Final = 20


def _view(vm: Machine, field: int) -> int:
    return vm.gd_vmstats.view[vm.mycpu * VMSTATS_SIZE + field]


def available(vm: Machine) -> int:
    """Free and cached pages together, as this cpu sees them."""
    return _view(vm, V_FREE_COUNT) + _view(vm, V_CACHE_COUNT)


def _below(vm: Machine, threshold: int) -> bool:
    return threshold > available(vm) or _view(vm, V_FREE_RESERVED) > _view(vm, V_FREE_COUNT)


def _halves(vm: Machine, number: int) -> int:
    return _view(vm, V_FREE_MIN) * number // 2


def vm_paging_severe(vm: Machine) -> bool:
    """Whether memory is severely short."""
    return _below(vm, _view(vm, V_FREE_SEVERE))


def vm_paging_min(vm: Machine) -> bool:
    """Whether free and cached pages are below v_free_min."""
    return _below(vm, _view(vm, V_FREE_MIN))


def vm_paging_min_dnc(vm: Machine, donotcount: Int) -> bool:
    """Whether free and cached pages are below v_free_min + `donotcount`."""
    return _below(vm, _view(vm, V_FREE_MIN) + donotcount)


def vm_paging_min_nice(vm: Machine, nice: Nice) -> bool:
    """Whether free and cached pages are below the threshold of a process with this nice value."""
    return _below(vm, nice_limit(vm, nice))


def nice_limit(vm: Machine, nice: int) -> int:
    """The number of free and cached pages below which a process with this nice value waits.

    Returns: v_free_min as this cpu sees it, plus nice_margin.
    """
    return _view(vm, V_FREE_MIN) + nice_margin(vm, nice)


def vm_paging_wait(vm: Machine) -> bool:
    """Whether free and cached pages are below three times v_free_min."""
    return _below(vm, _halves(vm, WAIT))


def vm_paging_start(vm: Machine, adj: Int) -> bool:
    """Whether the pageout daemon would start if there were `adj` more free pages."""
    short = _halves(vm, START) > available(vm) + adj or _view(vm, V_FREE_MIN) > _view(vm, V_FREE_COUNT) + adj
    return short or _view(vm, V_FREE_RESERVED) > _view(vm, V_FREE_COUNT)


def vm_paging_target1(vm: Machine) -> bool:
    """Whether free and cached pages are below four times v_free_min: the daemon works hard."""
    return _below(vm, _halves(vm, TARGET1))


def vm_paging_target1_count(vm: Machine) -> int:
    """The number of pages missing from the first target; negative when there are more."""
    return _halves(vm, TARGET1) - available(vm)


def vm_paging_target2(vm: Machine) -> bool:
    """Whether free and cached pages are below five times v_free_min: the daemon works gently."""
    return _below(vm, _halves(vm, TARGET2))


def vm_paging_target2_count(vm: Machine) -> int:
    """The number of pages missing from the second target; negative when there are more."""
    return _halves(vm, TARGET2) - available(vm)


def vm_paging_inactive(vm: Machine) -> bool:
    """Whether there are too few inactive pages, counted with free and cached ones."""
    return vm_paging_inactive_count(vm) > 0


def vm_paging_inactive_count(vm: Machine) -> int:
    """The number of inactive pages missing; negative when there are more."""
    aim = _view(vm, V_FREE_MIN) + _view(vm, V_INACTIVE_TARGET)
    return aim - (available(vm) + _view(vm, V_INACTIVE_COUNT))


def nice_margin(vm: Machine, nice: int) -> int:
    """The number of pages by which a nice value moves v_free_min, under this machine's nice_rule.

    monotone: a negative nice value waits later, a positive one earlier, as the design document says.
    formula:  as the later kernel computes it: every nice value but 0 and -20 waits earlier.
    none:     no effect, as in 2020.

    Returns: a number of pages; it may be negative.
    """
    least = vm.vmstats.count[V_FREE_MIN]
    room = (least * WAIT // 2 - least - 1) >> 1
    if vm.rules.nice_rule == "monotone" and room > 0:
        margin = abs(nice) * room // NICE_RANGE
        return margin if nice >= 0 else -margin
    if vm.rules.nice_rule == "formula" and nice and room > 0:
        return (nice + NICE_RANGE) * room // (2 * NICE_RANGE)
    return 0
