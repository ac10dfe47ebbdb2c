"""The lenses by name, in the order of the key v; `log` is the event log, a panel of its own."""

from __future__ import annotations

from typing import Final

LENSES: Final = (
    *("log", "why", "life", "lanes", "queue", "moves", "search", "frames", "numa", "stats", "object"),
    *("reserve", "hash", "waits", "branches", "compare", "ddb"),
)
