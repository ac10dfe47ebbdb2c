"""Clock ticks: the deadlines that they reach, and each cpu's clock interrupt (DESIGN, decision 6).

An event may be a jump of up to 2^31 ticks. Nothing happens between two moments at which a sleep or an I/O
ends, so time goes from one such moment to the next: the cost of a jump does not depend on its length.
"""

from __future__ import annotations

from engine.kernel.pagers.bio import complete_due, ticks_to_io
from engine.kernel.sleep import due, expire, ticks_to_deadline
from engine.kernel.stats import hardclock
from engine.machine.machine import Machine


def tick(vm: Machine, number: int) -> None:
    """Let `number` clock ticks pass as one event: expire due sleeps, then run each cpu's hardclock once.

    The clock is written once, and once more for each earlier moment at which a sleep or an I/O ends.
    """
    left = number
    while left > 0:
        passed = _ticks_to_next(vm, left)
        left -= passed
        vm.glob.ticks[0] += passed
        for t in due(vm):
            expire(vm, t)
        complete_due(vm)
    for cpu in vm.cpus:
        vm.mycpu = cpu
        for _ in hardclock(vm):
            pass


def _ticks_to_next(vm: Machine, most: int) -> int:
    """Ticks until a sleep or an I/O ends, but not more than `most`."""
    waits = (ticks_to_deadline(vm), ticks_to_io(vm))
    return min(most, *(most if wait is None else wait for wait in waits))
