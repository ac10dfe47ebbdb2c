"""The project's exceptions (DESIGN, decision 3).

A `KernelPanic` is a finding about the modelled kernel, an `InvariantViolation` is a bug in this program, and
a `BadInput` reports something wrong in what a user or a file supplied. One is never used in place of another.
"""

from __future__ import annotations

from collections.abc import Callable

Line = int | Callable[[], int] | None
"""A line of a file, counted from 1; or a function that computes it when a message needs it; or None."""


class Finding(Exception):
    """A finding about the modelled kernel: it stops the run, and the run can be stepped back from it."""


class KernelPanic(Finding):
    """The modelled kernel panicked.

    kind:      "panic" (a message), "KKASSERT" (an assertion without text), "fault" (a NULL dereference),
               "livelock" (a call that loops without sleeping) or "spin_deadlock".
    function:  the kernel function that found it.
    condition: what was expected and what was found, in words.
    message:   the kernel's own message up to its first `%`, empty if it prints none.
    page:      array index of the page involved, or NULL.
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
    """A thread waits for a spinlock that the lock order of spec 09 does not allow it to take.

    held, wanted: cell addresses of the two locks.
    """

    def __init__(self, function: str, condition: str, held: int, wanted: int) -> None:
        super().__init__("lock_order", function, condition)
        self.held = held
        self.wanted = wanted


class CapacityError(Exception):
    """A run used up a table of the model; the message names the table and its size."""


class InvariantViolation(Exception):
    """The model's state is inconsistent: a bug in this program, never in the modelled kernel."""


class BadInput(Exception):
    """A user or a file supplied something invalid.

    Shown as `FILE:LINE: what is wrong; what would be right`; file and line are optional.

    key: the key of a TOML file that it is about, as the path to it, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: Line = None,
        key: tuple[str | int, ...] | None = None,
    ) -> None:
        line = line() if callable(line) else line
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(place + message)
        self.message = message
        self.file = file
        self.line = line
        self.key = key


def kkassert(holds: bool, function: str, expected: str, page: int = -1) -> None:
    """Panic the modelled kernel with an assertion without text, unless `holds`."""
    if not holds:
        raise KernelPanic("KKASSERT", function, f"expected: {expected}", page=page)


def kpanic(function: str, message: str, condition: str, page: int = -1) -> KernelPanic:
    """Return a panic with the kernel's own `message`, for the caller to raise."""
    return KernelPanic("panic", function, condition, message=message, page=page)
