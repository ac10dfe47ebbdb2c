"""The numbers of a line have limits, and a bad line is short in a message."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.references.access_lines import checked_access, checked_number, no_accesses, shown
from engine.references.chunk import NONE


def test_an_access_ends_at_the_last_address_or_before() -> None:
    assert checked_access(b"ffffffffffffffff", 16, b"1") == ((1 << 64) - 1, 1)
    assert checked_access(b"0", 16, b"65536") == (0, 65536)
    for address, size in ((b"ffffffffffffffff", b"2"), (b"0", b"0"), (b"0", b"65537")):
        with pytest.raises(BadInput, match="; "):
            checked_access(address, 16, size)


def test_a_number_has_as_many_bits_as_it_may() -> None:
    assert checked_number(b"0" * 5000 + b"18446744073709551615", 10) == (1 << 64) - 1
    assert checked_number(b"000", 10) == 0
    for digits in (b"18446744073709551616", b"9" * 5000):
        with pytest.raises(BadInput, match="is too large; a number has at most 64 bits"):
            checked_number(digits, 10)
    with pytest.raises(BadInput, match="at most 63 bits"):
        checked_number(b"8000000000000000", 16, 63)


def test_a_bad_line_is_short_and_ascii() -> None:
    assert shown(b"\x1b[2J\xff") == r"'\x1b[2J\\xff'"
    assert len(shown(b"x" * 1000)) < 50


def test_lines_without_accesses_have_none() -> None:
    assert no_accesses(2).kinds.tolist() == [NONE, NONE]
    assert len(no_accesses(3).chunk(12, code=True)) == 0
