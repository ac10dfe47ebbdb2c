"""validate_*: invariants that hold after every atomic step of a correct kernel.

Each check looks at a structure from both ends and names the two ends that disagree. All invariants also hold
in the middle of operations, with any number of threads running. If an operation is between two steps that
belong together, a cell records it and the check takes it into account:

- a rollup has taken a cpu's adjustment and not yet added it to the global: `gd_vmstats.taken`;
- a thread has slept and not yet retaken all its tokens: `thread.tokens_released`.

A page between two queues does not need such a cell: it is on no queue, its links are NULL, and no counter
includes it. A panic stops the kernel in the middle of a step; the state it leaves is not checked.

A violation is a bug in this program, not in the modelled kernel, with one exception. The checks in
CALLERS_RULES hold because the kernel's callers follow its rules. A script that breaks a rule, for example by
wiring a page that it has not busied, may continue without a panic, as in the kernel; then the violation is
the script's.

In the replay of a trace, the trace's driver decides which thread runs on which cpu, so the run queues are not
used.
Source: spec 04; spec 05; spec 06; spec 08; spec 09; the idea is that of drgn's validate functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from engine.errors import InvariantViolation
from engine.invariants.alist import alist_violations
from engine.invariants.counters import counter_violations
from engine.invariants.locks import lock_violations
from engine.invariants.mappings import mapping_violations
from engine.invariants.pages import (
    busy_violations,
    free_violations,
    hold_violations,
    unqueued_violations,
    wire_violations,
)
from engine.invariants.queues import queue_violations
from engine.invariants.residency import residency_violations
from engine.invariants.swap import swap_violations
from engine.invariants.threads import run_queue_violations, sleep_violations
from engine.invariants.tokens import token_violations
from engine.invariants.violation import Violation
from engine.machine.machine import Machine

__all__ = [
    "CALLERS_RULES",
    "CHECKS",
    "Violation",
    "validate_alist",
    "validate_busy",
    "validate_counters",
    "validate_free",
    "validate_holds",
    "validate_locks",
    "validate_machine",
    "validate_mappings",
    "validate_queues",
    "validate_residency",
    "validate_run_queues",
    "validate_sleepers",
    "validate_swap",
    "validate_tokens",
    "validate_unqueued",
    "validate_wiring",
    "violations",
]

Check = Callable[[Machine], Iterator[Violation]]

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "queues": queue_violations,
        "counters": counter_violations,
        "residency": residency_violations,
        "unqueued": unqueued_violations,
        "free": free_violations,
        "busy": busy_violations,
        "wiring": wire_violations,
        "holds": hold_violations,
        "alist": alist_violations,
        "locks": lock_violations,
        "tokens": token_violations,
        "sleepers": sleep_violations,
        "run_queues": run_queue_violations,
        "mappings": mapping_violations,
        "swap": swap_violations,
    }
)
"""Name of the validate function -> check, in the order in which the checks run."""

CALLERS_RULES: Final = frozenset({"unqueued", "free", "busy", "wiring", "holds", "mappings"})
"""The checks that a script can make fail, without a panic, by breaking the kernel's rules for callers."""


def violations(vm: Machine, skip: frozenset[str] = frozenset()) -> list[Violation]:
    """Return the violations found by all checks except those in `skip`; [] for a consistent machine.

    Only the first few violations of a kind are listed, because one wrong cell can affect a thousand pages.
    """
    return [found for name, check in CHECKS.items() if name not in skip for found in check(vm)]


def validate_machine(vm: Machine, step: int | None = None, skip: frozenset[str] = frozenset()) -> None:
    """Check that the whole machine is consistent.

    step: the step that has just been taken, for the message.
    skip: names of CHECKS to leave out.
    Errors: InvariantViolation that names both ends of the first violation, and how many more there are.
    """
    _refuse(violations(vm, skip), step)


def _refuse(found: list[Violation], step: int | None) -> None:
    if found:
        after = "" if step is None else f"after step {step}: "
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise InvariantViolation(f"{after}{found[0]}{more}")


def _validate(name: str, vm: Machine, step: int | None) -> None:
    _refuse(list(CHECKS[name](vm)), step)


def validate_queues(vm: Machine, step: int | None = None) -> None:
    """Each page is on the queue its cell names, of its own colour; links and lengths are consistent.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("queues", vm, step)


def validate_counters(vm: Machine, step: int | None = None) -> None:
    """Global counters and pending adjustments add up to the queued and wired pages.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("counters", vm, step)


def validate_residency(vm: Machine, step: int | None = None) -> None:
    """Objects contain exactly the pages that refer to them; the counts agree.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("residency", vm, step)


def validate_unqueued(vm: Machine, step: int | None = None) -> None:
    """No FICTITIOUS or UNQUEUED page is on a queue, except scan markers.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("unqueued", vm, step)


def validate_free(vm: Machine, step: int | None = None) -> None:
    """No page on FREE or HOLD is in an object, mapped, or waiting to be committed.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("free", vm, step)


def validate_busy(vm: Machine, step: int | None = None) -> None:
    """No soft-busy count is below 0.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("busy", vm, step)


def validate_wiring(vm: Machine, step: int | None = None) -> None:
    """No wire count is below 0, and no page on FREE or HOLD is wired.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("wiring", vm, step)


def validate_holds(vm: Machine, step: int | None = None) -> None:
    """No hold count of a page or object is below 0.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("holds", vm, step)


def validate_alist(vm: Machine, step: int | None = None) -> None:
    """The number of free blocks of the drivers' reserve is right, and each is a page of the reserve.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("alist", vm, step)


def validate_locks(vm: Machine, step: int | None = None) -> None:
    """Each spinlock and its owner name each other, and no sleeping thread holds one.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("locks", vm, step)


def validate_tokens(vm: Machine, step: int | None = None) -> None:
    """Each object's token cells agree with the tokens that threads hold: owner, mode and depth.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("tokens", vm, step)


def validate_sleepers(vm: Machine, step: int | None = None) -> None:
    """The sleep queue is linked both ways and contains exactly the threads that have a channel.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("sleepers", vm, step)


def validate_run_queues(vm: Machine, step: int | None = None) -> None:
    """Each ready thread is current or queued on its cpu, once; no other thread is on a cpu.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("run_queues", vm, step)


def validate_mappings(vm: Machine, step: int | None = None) -> None:
    """Each page in a page table has the flags of a mapped page and belongs to the map; maps are in order.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("mappings", vm, step)


def validate_swap(vm: Machine, step: int | None = None) -> None:
    """Each swap block in use has at most one owner, and the count of free blocks is right.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("swap", vm, step)
