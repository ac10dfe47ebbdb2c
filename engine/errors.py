"""The kinds of outcome that are not a return value (DESIGN, decision 3).

A `KernelPanic` is a finding about the modelled kernel, an `InvariantViolation` is a fault of this program,
a `BadInput` is about something a person or a file gave. They never stand for one another.
"""

from __future__ import annotations

from collections.abc import Callable

Line = int | Callable[[], int] | None
"""A line of a file, from 1; or what works it out once a message needs it; or none."""


class Finding(Exception):
    """Something found out about the modelled kernel: it stops that run and can be stepped back from."""


class KernelPanic(Finding):
    """The modelled kernel stopped itself.

    kind:      "panic" (a message), "KKASSERT" (an assertion without text), "fault" (a NULL dereference),
               "livelock" (a call that loops without sleeping) or "spin_deadlock".
    function:  the kernel function that found it.
    condition: what was expected and what was found, in words.
    message:   the kernel's message up to its first `%`, where it prints one.
    page:      array index of the page concerned, or NULL.
    """

    def __init__(
        self, kind: str, function: str, condition: str, *, message: str = "", page: int = -1
    ) -> None:
        super().__init__(f"{function}: {condition}")
        self.kind = kind
        self.function = function
        self.condition = condition
        self.message = message
        self.page = page


class LockOrderViolation(KernelPanic):
    """A thread waits for a spinlock that the order of spec 09 does not let it take.

    held, wanted: cell addresses of the two locks.
    """

    def __init__(self, function: str, condition: str, held: int, wanted: int) -> None:
        super().__init__("lock_order", function, condition)
        self.held = held
        self.wanted = wanted


class CapacityError(Exception):
    """The model has no room left for something a run created; says what and how much there is."""


class InvariantViolation(Exception):
    """The model contradicts itself: a fault of this program, never of the modelled kernel."""


class BadInput(Exception):
    """A person or a file asked for something that cannot be.

    Shown as `FILE:LINE: what is wrong; what would be right`; file and line may be absent.
    """

    def __init__(self, message: str, *, file: str | None = None, line: Line = None) -> None:
        line = line() if callable(line) else line
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(place + message)
        self.message = message
        self.file = file
        self.line = line


def kkassert(holds: bool, function: str, expected: str, page: int = -1) -> None:
    """Stop the modelled kernel with an assertion that carries no text, unless it holds."""
    if not holds:
        raise KernelPanic("KKASSERT", function, f"expected: {expected}", page=page)


def kpanic(function: str, message: str, condition: str, page: int = -1) -> KernelPanic:
    """The panic with the kernel's own `message`, to be raised."""
    return KernelPanic("panic", function, condition, message=message, page=page)
