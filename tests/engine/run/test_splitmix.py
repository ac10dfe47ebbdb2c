"""splitmix64 gives the published sequence."""

from __future__ import annotations

from engine.run.splitmix import MASK64, splitmix64


def test_splitmix64_gives_the_published_sequence() -> None:
    state, numbers = 1234567, []
    for _ in range(3):
        state, number = splitmix64(state)
        numbers.append(number)
    assert numbers == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_a_state_counts_as_64_bits() -> None:
    assert splitmix64(5) == splitmix64((1 << 64) + 5)
    assert all(0 <= number <= MASK64 for number in splitmix64(MASK64))
