"""Queue lengths with which a machine begins: what they need of it."""

from __future__ import annotations

from engine.machine.counters import UNKNOWN, Counters


def test_a_free_length_that_is_not_known_does_not_ask_for_pages() -> None:
    counters = Counters((3, UNKNOWN), (1, 0), (2, 0), (4, 5), (1, 0), "a.txt, line 1")
    assert (counters.colors, counters.placed) == (2, 12)
    assert (counters.moved, counters.needed) == ((8, 5), (11, 5))
    assert counters == Counters((3, UNKNOWN), (1, 0), (2, 0), (4, 5), (1, 0), "elsewhere")
