"""hwloc's bitmaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inputs.hardware.bitmap import members, parse_bitmap


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0x0", 0),
        ("0x0000f06f", 0xF06F),
        ("0x00000001,0x0", 1 << 32),
        ("0x00000001,,0x00000003", (1 << 64) + 3),
        ("0xffffffff,0xffffffff", (1 << 64) - 1),
        ("f", 15),
        ("0x123456789ab", 0x123456789AB),
        ("0xf...f", -1),
        ("0xf...f,0x0000fffe", -0x100000000 + 0xFFFE),
    ],
)
def test_bitmap(text: str, expected: int) -> None:
    assert parse_bitmap(text) == expected


@pytest.mark.parametrize(
    "text", ["", ",", "0x", "x", "0x1 ", "-1", "0x1,0xf...f", "0x1;0x2", "0x1,0x123456789", "1_0", "٣"]
)
def test_no_bitmap(text: str) -> None:
    with pytest.raises(ValueError, match=r"no digits|not a 32-bit word"):
        parse_bitmap(text)


@given(st.sets(st.integers(0, 2000)))
def test_members_are_the_numbers_of_the_set(numbers: set[int]) -> None:
    bitmap = sum(1 << number for number in numbers)
    words = [f"0x{bitmap >> 32 * place & 0xFFFFFFFF:08x}" for place in range(63)]
    assert members(parse_bitmap(",".join(reversed(words)))) == sorted(numbers)


def test_a_set_without_end_has_no_list() -> None:
    assert members(-1) == []
