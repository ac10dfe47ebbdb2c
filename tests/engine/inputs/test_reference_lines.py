"""The formats of reference strings are known by their lines, those of tables by their columns."""

from __future__ import annotations

import pytest

from engine.inputs.reference_lines import FORMATS, OPERATIONS, columns_of, format_of, format_of_lines
from engine.references.columns import KINDS, read_columns

LINES = {
    "lackey": b" L 1ffe,8",
    "pin": b"0x1: R 0x2000",
    "rw": b"W 3000",
    "din": b"2 7ffe",
    "addresses": b"0x20, 0x30",
    "pages": b"7,0 1",
}


@pytest.mark.parametrize("form", LINES)
def test_a_line_has_one_format(form: str) -> None:
    assert format_of(LINES[form], din=True) == form
    assert format_of_lines([b"==1== a comment", b"", b"#", LINES[form], LINES[form]]) == form
    assert form in FORMATS


def test_lines_of_dinero_are_page_numbers_where_all_can_be() -> None:
    assert format_of(b"2 4000", din=True) == "din"
    assert format_of(b"2 4000", din=False) == format_of_lines([b"2 4000", b"1 30"]) == "pages"
    assert format_of_lines([b"2 4000", b"1 3f"]) == "din"
    assert [format_of_lines(lines) for lines in ([], [b"#"], [b"hello"], [b"1", b"R 1"])] == [None] * 4


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("time,addr,op,size\n1,0x10,R,8\n2,0x20,w,4\n", "addr=2,op=3,size=4"),
        ("pc; op; address\n0x1; ifetch; 4096\n", "addr=3,op=2"),
        ("1,read,0x10\n2,store,0xFF", "addr=3,op=2"),
        ("name,address\nx,12", "addr=2"),
        ("0x1,7", None),
        ("policy,frames\nlru,64", None),
        ("a,0x1,r\nb,0x2", None),
        ("addr,op\n", None),
        ("addr,op\n1 2,r", None),
        ("0x10", None),
    ],
)
def test_a_table_of_accesses_says_which_column_is_what(text: str, columns: str | None) -> None:
    assert columns_of(text.split("\n")) == columns
    assert columns is None or read_columns(columns).name == "csv"


def test_the_operations_are_those_of_the_reader() -> None:
    assert {word.encode() for word in OPERATIONS} == {word for word in KINDS if not word.isdigit()}
