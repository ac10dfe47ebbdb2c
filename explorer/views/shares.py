"""Numbers of schedules and shares of random runs in a few digits: `2.94e13`, `1 in 12,000,000,000`."""

from __future__ import annotations

from decimal import Decimal
from math import floor, log10
from typing import Final

_PLAIN: Final = 1_000_000
"""From this number on, a count is shortened."""

_RARE: Final = 0.01
"""Below this share, `1 in N` is shown; above 1 minus it, enough digits that it is not 100 %."""

_ALL_BUT: Final = 1e-13
"""Below this share of the others, a percentage would be too long."""

_LONG: Final = 1e15
"""From this N on, `1 in N` is shortened."""

LEAST: Final = "less than 1 in 1e300"
"""A share that a float cannot hold."""


def short_count(count: int) -> str:
    """Format a count: below a million with all its digits, `1,540`, else with three: `2.94e13`."""
    return f"{count:,}" if count < _PLAIN else f"{Decimal(count):.2e}".replace("e+", "e")


def share_text(share: float, others: float) -> str:
    """Format a share, from 0 to 1, so that one which is rare, or nearly all, can be seen.

    others: the sum of the other shares; more exact than 1 - share if that is small.
    """
    if share < _RARE:
        return _rare(share)
    if others <= 0:
        return "100 %" if share > 1 - _RARE else _percent(share, share)
    if share <= 1 - _RARE:
        return _percent(share, min(share, max(others, _RARE)))
    if others < _ALL_BUT:
        return f"all but {_rare(others)}"
    percent = Decimal(f"{100 * others:.0e}")
    return f"{100 - percent:f} %"


def _percent(share: float, least: float) -> str:
    """A share with as many decimals as two digits of `least` have: `28 %`, `5.3 %`, and with it `94.7 %`."""
    return f"{round(100 * share, 1 - floor(log10(100 * least))):g} %"


def _rare(share: float) -> str:
    """`1 in N`, where N has two digits and then zeros."""
    if share <= 0:
        return LEAST
    number = 1 / share
    if number >= _LONG:
        return f"1 in {Decimal(number):.1e}".replace("e+", "e")
    rounded = round(number, 1 - floor(log10(number)))
    return f"1 in {rounded:,.0f}"
