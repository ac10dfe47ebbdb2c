"""The remarks of a step in words: what the kernel printed, which bytes it zeroed, what it compared."""

from __future__ import annotations

from collections.abc import Iterable

from engine.constants import PAGE_SIZE
from engine.kernel.remarks import KPRINTF, NICE_LIMIT, ZERO_AREA, ZERO_PAGE
from engine.machine.machine import Machine
from engine.run.remarks import Effect


def console_lines(effects: Iterable[Effect]) -> list[str]:
    """The lines that the kernel printed on its console."""
    return [str(effect[1]).rstrip("\n") for effect in effects if effect[0] == KPRINTF]


def zeroed(vm: Machine, effects: Iterable[Effect]) -> list[list[int]]:
    """The areas that were filled with zeros, each as [page number, first byte, bytes]."""
    found = []
    for kind, *rest in effects:
        if kind == ZERO_PAGE:
            found.append([vm.page_number(rest[0]), 0, PAGE_SIZE])
        elif kind == ZERO_AREA:
            found.append([vm.page_number(rest[0]), *rest[1:]])
    return found


def zeroed_words(effects: Iterable[Effect], m: int) -> str:
    """The bytes of page `m` that were filled with zeros: `zeroed`, `bytes 0-511 zeroed`, or ""."""
    own = [effect for effect in effects if effect[0] in (ZERO_PAGE, ZERO_AREA) and effect[1] == m]
    if any(effect[0] == ZERO_PAGE for effect in own):
        return "zeroed"
    areas = ", ".join(f"{first}-{first + count - 1}" for _, _, first, count in own)
    return f"bytes {areas} zeroed" if own else ""


def limits(effects: Iterable[Effect]) -> list[list[int]]:
    """What was compared for a nice value, each as [nice value, limit, free and cached pages]."""
    return [list(effect[1:]) for effect in effects if effect[0] == NICE_LIMIT]


def remark_words(vm: Machine, effects: Iterable[Effect]) -> list[str]:
    """Each remark in words, without a full stop."""
    effects = list(effects)
    said = [f'the kernel prints "{line}"' for line in console_lines(effects)]
    said += [_zeroed_words(*area) for area in zeroed(vm, effects)]
    for nice, limit, found in limits(effects):
        said.append(
            f"compares {found:,} free and cached pages with {limit:,}, the limit for nice value {nice}"
        )
    return said


def _zeroed_words(page: int, first: int, count: int) -> str:
    name = f"page {page:#x}" if page >= 0 else f"fake page {-page}"
    return (
        f"zeroes {name}" if count == PAGE_SIZE else f"zeroes bytes {first} to {first + count - 1} of {name}"
    )
