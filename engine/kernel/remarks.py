"""What a step does besides writing cells, and what a run keeps of it: console messages and zeroed pages.

A remark is an effect that ends a burst of steps, so that the run knows which step made it.
"""

from __future__ import annotations

from typing import Final

from engine.machine.machine import Machine

KPRINTF: Final = "kprintf"
"""("kprintf", text, format): a message on the console."""

ZERO_PAGE: Final = "zero_page"
"""("zero_page", page): the whole page is filled with zeros."""

ZERO_AREA: Final = "zero_area"
"""("zero_area", page, first byte, bytes): a part of the page is filled with zeros."""

NICE_LIMIT: Final = "nice_limit"
"""("nice_limit", nice, limit, available): free and cached pages are compared with a limit for nice."""

REMARKS: Final = frozenset({KPRINTF, ZERO_PAGE, ZERO_AREA, NICE_LIMIT})
"""The kinds of effects that a run keeps."""


def remark(vm: Machine, *effect: object) -> None:
    """Add an effect of the current step; `effect` begins with its kind, one of the REMARKS."""
    vm.effects.append(effect)
    vm.runnable_changed = True


def kprintf(vm: Machine, text: str, fmt: str) -> None:
    """Print `text` on the kernel's console.

    fmt: the format that the kernel was given; recorded traces have its beginning.
    """
    remark(vm, KPRINTF, text, fmt)
