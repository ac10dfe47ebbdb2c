"""Fields of a text are found and read as Python's own methods do."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine.references.fields import Fields

LETTERS = b"019afAFgxX-, \n"


def texts() -> list[bytes]:
    """Random texts of digits, separators and other bytes; and numbers around the limits of digits."""
    chance = random.Random(1)
    found = [bytes(chance.choices(LETTERS, k=chance.randrange(40))) for _ in range(200)]
    ends = [b"0x" + b"f" * 16, b"f" * 17, b"9" * 18, b"9" * 19, b"0X1", b"0x", b"0" * 20, b"x", b"0xg"]
    return [*found, *ends, b" ".join(ends), b"", b"\n", b"a\n\nb"]


@pytest.mark.parametrize("separators", [b" ", b" ,"])
def test_fields_are_what_is_between_separators(separators: bytes) -> None:
    for text in texts():
        fields = Fields(text, separators)
        words = text.translate(bytes.maketrans(separators, b" " * len(separators))).split()
        assert [fields.field(number) for number in range(len(fields))] == words
        lines = (text + b"\n").split(b"\n")
        assert [fields.line(number) for number in range(len(fields.lines) - 1)] == lines[:-1]
        ends = [*fields.first, len(fields)]
        for number, line in enumerate(lines[:-1]):
            spread = line.translate(bytes.maketrans(separators, b" " * len(separators)))
            assert [fields.field(n) for n in range(ends[number], ends[number + 1])] == spread.split()


def expected(word: bytes, base: int, digits: int) -> int | None:
    """The number that a word is, if it has not too many digits."""
    bare = word[2:] if base == 16 and word[:2].lower() == b"0x" else word
    right = bare.isalnum() and bare[:2].lower() != b"0x" and len(bare) <= digits
    try:
        return int(bare, base) if right else None
    except ValueError:
        return None


def test_numbers_are_read_as_python_reads_them() -> None:
    for text in texts():
        fields = Fields(text, b" ,")
        every = np.arange(len(fields))
        for base, digits, (values, right) in (
            (16, 16, fields.hexadecimal(every)), (10, 18, fields.decimal(every)),
        ):  # fmt: skip
            found = [int(value) if ok else None for value, ok in zip(values, right, strict=True)]
            assert found == [expected(fields.field(n), base, digits) for n in range(len(fields))], text


def test_bytes_at_and_after_fields() -> None:
    fields = Fields(b"R 0x1f: ab", b" :")
    every = np.arange(3)
    assert fields.letters(every).tolist() == [ord("R"), 0, 0]
    assert fields.followed_by(every, b":").tolist() == [False, True, False]
    assert fields.prefixed(every).tolist() == [False, True, False]
