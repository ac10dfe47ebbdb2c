"""Lines are read at once as they are read alone, and wrong ones are refused."""

from __future__ import annotations

import random

import pytest

from engine.references.access_lines import AccessLines
from engine.references.chunk import FETCH, NONE, READ, WRITE
from engine.references.fields import Fields
from engine.references.line_formats import DIN, LACKEY, PIN, RW, LineFormat

FORMATS = [LACKEY, PIN, RW, DIN]

LINES = {
    "lackey": {"I  0401ab70,3": (FETCH, 0x401AB70, 3), " S 1fff000698,8": (WRITE, 0x1FFF000698, 8),
               " L 0,1": (READ, 0, 1), " M FFFFFFFFFFFFFFFF,1": (WRITE, (1 << 64) - 1, 1),
               "S 0000000000000000000000001,0000008\r": (WRITE, 1, 8)},
    "pin": {"0x401000: R 0x7ffe": (READ, 0x7FFE, 1), "401000:  W  7ffe ": (WRITE, 0x7FFE, 1)},
    "rw": {"R 1f": (READ, 0x1F, 1), "0x1f\tW": (WRITE, 0x1F, 1), " W 0X1F\r": (WRITE, 0x1F, 1)},
    "din": {"0 1f": (READ, 0x1F, 1), "1 1f": (WRITE, 0x1F, 1), "2 1f": (FETCH, 0x1F, 1),
            "3 0x1f": (READ, 0x1F, 1), "4 0": (NONE, 0, 1)},
}  # fmt: skip

WRONG = {
    "lackey": ["L 10", "L 10,", "L 10,8,8", "L 10,8 8", "X 10,8", "L g,8", "LL 10,8", "10,8", "L,10 8",
               "L 10,0", "L 10,65537", "L 10000000000000000,1", "L ffffffffffffffff,2", "L 10 ,8",
               "L 1\x00,8",
               "L 10,8f", "L \xff,8", f"L {'f' * 5000},8", f"L 1,{'9' * 5000}"],
    "pin": ["401000 R 7ffe", "R 7ffe", "401000: X 7ffe", "g: R 7ffe", "1: R: 7ffe", "1: R 7ffe 8",
            "1:2: R 3"],
    "rw": ["R", "1f", "R R", "1f 1f", "R 1f 8", "r 1f", "R 1g", "R 10000000000000000"],
    "din": ["5 1f", "0", "00 1f", "0 1f 2", "R 1f", "0 xyz"],
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_line_is_read_alone(form: LineFormat) -> None:
    for line, access in LINES[form.name].items():
        assert form.access(line.encode()) == access
    assert form.access(form.example.encode())


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_lines_are_read_at_once_as_alone(form: LineFormat) -> None:
    chance = random.Random(form.name)
    known = [*LINES[form.name], form.example, "", "  ", "\r"]
    for length in range(1, 40):
        lines = chance.choices(known, k=length)
        found, bad = form.accesses("\n".join(lines).encode() + b"\n" * (length % 2))
        assert bad is None
        for number, line in enumerate(lines):
            access = form.access(line.encode()) if line.strip() else (NONE, 0, 1)
            row = found.kinds[number], found.addresses[number], found.sizes[number]
            assert row == access, (number, lines)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_wrong_line_is_found_among_right_ones(form: LineFormat) -> None:
    for wrong in WRONG[form.name]:
        _, bad = form.accesses(
            "\n".join([form.example, "", form.example, wrong, form.example]).encode("latin-1")
        )
        assert bad is not None, wrong
        assert bad[0] == 3, wrong
        assert "; " in bad[1]
        assert bad[1].isascii()
        assert len(bad[1]) < 150


def fields_of(form: AccessLines, text: bytes) -> list[int]:
    """The lines that are read alone."""
    return [int(line) for line in form.by_fields(Fields(text, form.separators))[1]]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_ordinary_lines_are_not_read_alone(form: LineFormat) -> None:
    assert fields_of(form, f"{form.example}\n".encode() * 3) == []
    assert fields_of(form, f"{form.example}\nx y\n{form.example}\n".encode()) == [1]
