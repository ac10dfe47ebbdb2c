"""Any bytes can arrive from a terminal: each is a key, or is dropped, and the next key is read."""

from __future__ import annotations

import random

import pytest
from textual.events import Key

from explorer.tui.terminal import Keys

PARTS = [
    b"\x1b[", b"\x1b]", b"\x1bO", b"\x1bP", b"\x1b[<", b"\x1b\\", b"\x1b[200~", b"\x1b[201~",
    b"\x1b[48;1;1;1;1t", b"M", b"m", b"R", b"t", b"u", b"~", b"?", b"$y", b";", b":", b"0", b"1",
    b"1114112", b"9" * 24, b"\xff", b"\xe2\x82", b"\xf4\x90\x80\x80", b"\x00", "é".encode(),
]  # fmt: skip
"""Parts of escape sequences, numbers that no sequence has, and bytes that are not UTF-8."""


def typed(*received: bytes) -> list[str | None]:
    """Return the characters of the keys in what a terminal sends, one read after another."""
    keys = Keys()
    events = [event for some in received for event in [*keys.sent(some), *keys.waited()]]
    return [event.character for event in events if isinstance(event, Key)]


@pytest.mark.parametrize(
    ("received", "characters"),
    [
        ((b"\xc3", b"\xa9"), ["é"]),
        ((b"\xe2\x82", b"s"), ["\ufffd", "s"]),
        ((b"\xff",), ["\ufffd"]),
        ((b"s\x1b[1114112u", b"s"), ["s", "s"]),
        ((b"s\x1b[1:u", b"s"), ["s", "s"]),
        ((b"s\x1b[999999999999999999999999u", b"s"), ["s", "s"]),
    ],
)
def test_what_cannot_be_read_is_dropped(received: tuple[bytes, ...], characters: list[str]) -> None:
    assert typed(*received) == characters


def test_after_any_bytes_a_key_is_read() -> None:
    chance = random.Random(1)
    for _ in range(500):
        noise = [b"".join(chance.choices(PARTS, k=chance.randrange(1, 7))) for _ in range(3)]
        # The first ends a paste, and no sequence is as long as the second.
        assert typed(*noise, b"\x1b[201~", b"s" * 64)[-1] == "s", noise
