"""splitmix64: a sequence of 64-bit numbers that a seed determines, the same on every computer."""

from __future__ import annotations

from typing import Final

MASK64: Final = (1 << 64) - 1


def splitmix64(state: int) -> tuple[int, int]:
    """Return the next state and the next 64-bit number of the splitmix64 sequence."""
    state = (state + 0x9E3779B97F4A7C15) & MASK64
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return state, z ^ (z >> 31)
