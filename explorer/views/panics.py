"""A kernel panic in words: what the kernel prints, and which page it is about."""

from __future__ import annotations

from engine.constants import NULL
from engine.errors import KernelPanic
from engine.machine.machine import Machine


def panic_string(panic: KernelPanic) -> str:
    """What the kernel prints at a panic; "" for a finding of which the kernel prints nothing.

    The model keeps a message up to its first number, which "..." stands for. An assertion prints its C
    expression, which the model does not have either.
    """
    if panic.kind == "KKASSERT" and not panic.message:
        return f'assertion "..." failed in {panic.function}'
    message = panic.message.rstrip("\n")
    return message if message == message.rstrip(" (=") else f"{message}..."


def panic_page_number(vm: Machine, panic: KernelPanic) -> int | None:
    """The number of the page that a panic is about, negative for a fake page; None if there is none."""
    return None if panic.page == NULL else vm.page_number(panic.page)
