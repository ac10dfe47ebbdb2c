"""Tables: which column is what, in CSV and in the text of two simulators."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.references.chunk import FETCH, READ, WRITE
from engine.references.columns import KINDS, Columns, read_columns


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("addr=2,op=3", Columns(1, 2, None)),
        ("op=1, addr=2, size=3", Columns(1, 0, 2)),
        ("addr=1000", Columns(999)),
    ],
)
def test_columns_are_counted_from_1(text: str, columns: Columns) -> None:
    assert read_columns(text) == columns


@pytest.mark.parametrize(
    "text", ["", "addr", "addr=0", "addr=x", "addr=1001", "addr=" + "9" * 5000, "op=1", "addr=1,addr=2",
             "addr=1,pc=2", "addr=\u0661", "addr=1,"],
)  # fmt: skip
def test_other_texts_are_not_columns(text: str) -> None:
    with pytest.raises(BadInput, match=r"^--columns.*; (use addr=N, op=N and size=N|give it once)"):
        read_columns(text)


LINES = {
    "CSV": ("addr=2,op=3", "17, 4096 ,W", (WRITE, 4096, 1)),
    "empty columns": ("addr=3", ",,0x10,,", (READ, 16, 1)),
    "semicolons": ("addr=1,size=2", "0x10;8", (READ, 16, 8)),
    "DynamoRIO, simple": ("addr=1,size=2,op=3", "0x00007ffd4a2e3b48:  8, w", (WRITE, 0x7FFD4A2E3B48, 8)),
    "DynamoRIO, view": (
        "op=4,size=5,addr=8",
        "  10  4:  3264010 ifetch  3 byte(s) @ 0x00007f4c0f6ba093 non-branch",
        (FETCH, 0x7F4C0F6BA093, 3),
    ),
    "gem5 packets": ("op=1,addr=2,size=3", "r,128,64,4,1000", (READ, 128, 64)),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_a_table_is_an_access(name: str) -> None:
    columns, line, access = LINES[name]
    form = read_columns(columns)
    assert form.access(line.encode()) == access
    found, bad = form.accesses(f"{line}\n\n{line}".encode())
    assert bad is None
    assert found.kinds.tolist() == [access[0], 0, access[0]]


def test_an_operation_has_any_case() -> None:
    for word, kind in KINDS.items():
        assert read_columns("addr=1,op=2").access(b"0 " + word.upper())[0] == kind


@pytest.mark.parametrize(
    "line", ["1,10", "1,0xg,W", "1,1f,W", "1,,W", "1,10,X", "1,10,", "1,10,W,0", "1,10,W,x"]
)
def test_a_wrong_line_is_refused(line: str) -> None:
    _, bad = read_columns("addr=2,op=3,size=4").accesses(f"1,10,W,4\n{line}\n".encode())
    assert bad is not None
    assert bad[0] == 1
    assert "; " in bad[1]


@pytest.mark.parametrize(
    ("columns", "line"),
    [("addr=2", "time,address,op"), ("addr=1,op=2", "addr,op"), ("addr=1,size=2", '"Address";"Bytes"')],
)
def test_names_of_columns_are_a_header(columns: str, line: str) -> None:
    assert read_columns(columns).is_header(line.encode())


@pytest.mark.parametrize(
    "line",
    [
        "ffff,W",
        "-4096,R",
        '"4096",op',
        "'ffff',op",
        "4096,W",
        "addr,R",
        "addr,store",
        ",op",
        "-,op",
        "addr",
        "",
    ],
)
def test_a_line_that_could_be_an_access_is_not_a_header(line: str) -> None:
    """Such a first line is a mistake to report: left out, it would be missing from the counts."""
    assert not read_columns("addr=1,op=2").is_header(line.encode())


def test_a_size_that_could_be_right_is_not_in_a_header() -> None:
    assert not read_columns("addr=1,size=2").is_header(b"addr,8")
