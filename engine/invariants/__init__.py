"""validate_*: what is true of a machine after every atomic step of a kernel that is right.

Each check looks at a structure from both ends and names the two that disagree. All of it holds in the middle
of operations too, with any number of threads under way. Where an operation is between two steps that belong
together, a cell says so, and the check counts it in, so that it need not look away anywhere else:

- a rollup that has taken a cpu's adjustment and not yet added it: `gd_vmstats.taken`;
- a thread that slept and has not yet taken all its tokens again: `thread.tokens_released`.

A page between two queues needs no such cell: it is on none, its links are NULL, and no counter has it. A
panic stops the kernel in the middle of a step: what it leaves is not checked.

A breach is a fault of this program, not of the modelled kernel, with one exception. The checks named in
CALLERS_RULES hold because the kernel's callers keep its rules; a script that breaks one - that wires a page
it has not busied, say - may run on without a panic, as it would in the kernel, and the breach is its own.

A trace's driver decides itself who runs on which cpu: in a replay the run queues mean nothing.
Source: style.md (drgn's validate functions); spec 04, 05, 06, 08, 09.
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
"""Every check by the name of its validate function, in the order in which they are made."""

CALLERS_RULES: Final = frozenset({"unqueued", "free", "busy", "wiring", "holds", "mappings"})
"""The checks that a script can break, without a panic, by breaking the kernel's rules for its callers."""


def violations(vm: Machine, skip: frozenset[str] = frozenset()) -> list[Violation]:
    """Every breach, of all checks but those that `skip` names; [] for a machine in order.

    Of one kind at most a few breaches are listed: one wrong cell can be felt in a thousand pages.
    """
    return [found for name, check in CHECKS.items() if name not in skip for found in check(vm)]


def validate_machine(vm: Machine, step: int | None = None, skip: frozenset[str] = frozenset()) -> None:
    """See that the whole machine agrees with itself.

    step: the step that has just been taken, for the message.
    skip: names of CHECKS that are left out.
    Errors: InvariantViolation that names the first breach, both its ends, and how many more there are.
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
    """Each page on the one queue it says, of its own colour; links right both ways; lengths right.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("queues", vm, step)


def validate_counters(vm: Machine, step: int | None = None) -> None:
    """Global counters and pending adjustments add up to what is queued and wired.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("counters", vm, step)


def validate_residency(vm: Machine, step: int | None = None) -> None:
    """Objects find the pages that say they are there, and no others; the counts agree.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("residency", vm, step)


def validate_unqueued(vm: Machine, step: int | None = None) -> None:
    """No page that is FICTITIOUS or UNQUEUED is on a queue.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("unqueued", vm, step)


def validate_free(vm: Machine, step: int | None = None) -> None:
    """No page on FREE or HOLD is in an object, mapped, or to be committed.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("free", vm, step)


def validate_busy(vm: Machine, step: int | None = None) -> None:
    """No soft count ran below 0.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("busy", vm, step)


def validate_wiring(vm: Machine, step: int | None = None) -> None:
    """No wire count ran below 0, and no page on FREE or HOLD is wired.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("wiring", vm, step)


def validate_holds(vm: Machine, step: int | None = None) -> None:
    """No hold count of a page or object ran below 0.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("holds", vm, step)


def validate_alist(vm: Machine, step: int | None = None) -> None:
    """The free blocks of the drivers' reserve are as many as it says, and pages of the reserve.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("alist", vm, step)


def validate_locks(vm: Machine, step: int | None = None) -> None:
    """Each spinlock and its holder name each other, and no sleeper holds one.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("locks", vm, step)


def validate_tokens(vm: Machine, step: int | None = None) -> None:
    """Each object's token is held by whom, how and as often as its cells say.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("tokens", vm, step)


def validate_sleepers(vm: Machine, step: int | None = None) -> None:
    """The sleep queue is linked both ways and holds the threads that have a channel.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("sleepers", vm, step)


def validate_run_queues(vm: Machine, step: int | None = None) -> None:
    """Each ready thread is on its cpu in one place, and no other thread is on any.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("run_queues", vm, step)


def validate_mappings(vm: Machine, step: int | None = None) -> None:
    """Each page that a page table maps says so and is shown there; maps are in order.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("mappings", vm, step)


def validate_swap(vm: Machine, step: int | None = None) -> None:
    """Each swap block in use has one owner at most, and the free ones are counted.

    Errors: InvariantViolation, as validate_machine.
    """
    _validate("swap", vm, step)
