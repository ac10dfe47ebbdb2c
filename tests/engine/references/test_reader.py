"""A string is known by its content, read page by page, and refused with FILE:LINE where it is wrong."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadInput
from engine.inputs.reference_lines import FORMATS
from engine.references import blocks
from engine.references.columns import read_columns
from engine.references.reader import Reading, open_references, read_references

CONTENTS = {
    "lackey": (
        b"==1== Lackey\n\nI  04001000,3\n L 04001ffe,4\n M 5000,8\n",
        [0x4001, 0x4001, 0x4002, 5],
        [3],
    ),
    "pin": (b"# a comment\n0x1: R 0x2000\n0x2: W 0x3fff\n#eof\n", [2, 3], [1]),
    "rw": (b"2000 R\r\nW 0x3000\r\n", [2, 3], [1]),
    "addresses": (b"0x2000, 0x3000\n0x2fff", [2, 3, 2], []),
    "pages": (b"2, 3 7\n2", [2, 3, 7, 2], []),
}
"""What is known by its content: the text, the pages, and which references write."""

ANY = Reading()


def pages_of(path: Path | str, reading: Reading = ANY) -> list[int]:
    found = read_references(str(path), reading)
    return [int(page) for page in found.pages[found.indices]]


@pytest.mark.parametrize("form", CONTENTS)
def test_a_format_is_known_by_its_content(form: str, tmp_path: Path) -> None:
    content, pages, writes = CONTENTS[form]
    path = tmp_path / "trace"
    for written in (content, gzip.compress(content), b"\xef\xbb\xbf" + content):
        path.write_bytes(written)
        assert open_references(str(path)).format == form
        assert pages_of(path) == pages
        assert np.flatnonzero(read_references(str(path)).writes).tolist() == writes


def test_dinero_is_known_by_the_name_too(tmp_path: Path) -> None:
    for name, form, pages in (("a.din", "din", [2, 3]), ("a.DIN.gz", "din", [2, 3]), ("a", "pages", None)):
        path = tmp_path / name
        path.write_bytes(b"0 2000\n1 3000\n4 0\n")
        assert open_references(str(path)).format == form
        assert pages is None or pages_of(path) == pages


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("0 20\n1 30\n")
    assert pages_of(path) == [0, 20, 1, 30]
    assert pages_of(path, Reading("din", page_shift=4)) == [2, 3]
    assert pages_of(path, Reading("csv", page_shift=0, columns=read_columns("addr=2"))) == [20, 30]


def test_a_table_may_have_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\ntime,address\n1,8192\n2,0x3000\n")
    assert pages_of(path, Reading(columns=read_columns("addr=2"))) == [2, 3]
    path.write_text("time,address\n1,8192\ntime,address\n")
    with pytest.raises(BadInput, match=r"a\.csv:3: 'address' in column 2 is not an address; "):
        pages_of(path, Reading(columns=read_columns("addr=2")))


def test_an_access_is_the_pages_that_it_spans(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(" S 1ffc,10000\n L 7,1\n")
    found = read_references(str(path))
    assert pages_of(path) == [1, 2, 3, 4, 0]
    assert found.writes.tolist() == [True] * 4 + [False]
    assert pages_of(path, Reading(page_shift=13)) == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("content", "reading", "message"),
    [
        (b"", Reading(), ": there are no references in it; give a trace with at least one"),
        (b"# nothing\n\n", Reading(), ": there are no references in it"),
        (b"4 0\n", Reading("din"), ": there are no references in it"),
        (b"I  10,1\n", Reading(code=False), ": there are only fetches of instructions in it"),
        (b"\n\nhello\n", Reading(), ":3: 'hello' is not a reference in a known format; use --format "),
        (b"1 2\n\n3 x", Reading(), ":3: 'x' is not a word of format pages; "),
        (b" L 1,1\n L 1\n", Reading(), ":2: 'L 1' is not a line of format lackey; use lines like"),
        (b"1 2\n", Reading("rw"), ":1: '1 2' is not a line of format rw; "),
        (b"\x7fELF\x02\0", Reading(), ":1: the file is not text; "),
        (b"1 " * 20_000_000, Reading("rw"), ":1: the line is longer than 1,048,576 bytes; format rw has one"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(
    content: bytes, reading: Reading, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content[: 4 << 20])
    with pytest.raises(BadInput) as caught:
        read_references(str(path), reading)
    assert str(caught.value).startswith(f"{path}{message}")


@pytest.mark.parametrize(
    ("name", "reading", "message"),
    [
        ("made:loop", Reading("din"), "--format is not for a made string; remove it"),
        ("made:loop", Reading(columns=read_columns("addr=1")), "--columns is not for a made string"),
        ("made:loop", Reading(page_shift=8), "--page-size is not for a made string"),
        ("made:loop", Reading(code=False), "--no-code is not for a made string"),
        ("recorded:true", Reading("din"), "--format is not for a recorded string"),
        ("recorded:true", Reading(columns=read_columns("addr=1")), "--columns is not for a recorded string"),
        ("1 2", Reading(page_shift=13), "--page-size is not for format pages"),
        ("1 2", Reading("pages", code=False), "--no-code is not for format pages"),
        ("0x1", Reading(code=False), "--no-code is not for format addresses"),
        ("R 1", Reading(code=False), "--no-code is not for format rw"),
        ("1", Reading(columns=read_columns("addr=1"), code=False), "--no-code is not for format csv"),
    ],
)
def test_a_way_of_reading_that_does_not_fit_is_refused(
    name: str, reading: Reading, message: str, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text(name)
    with pytest.raises(BadInput, match=message):
        open_references(name if ":" in name else str(tmp_path / "a"), reading)


def test_a_recorded_string_may_be_named_by_its_format() -> None:
    assert open_references("recorded:true", Reading("lackey", code=False)).format == "lackey"


def test_a_bad_line_far_into_a_file_has_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 64)
    path = tmp_path / "a"
    for good, bad in ((" L 10,8\n", " L 10\n"), ("1 2\n", "1 -2\n"), ("1f R\n", "1f X\n")):
        path.write_text(good * 100 + "#\n" + bad + good * 100)
        with pytest.raises(BadInput, match=r"a:102: "):
            read_references(str(path))


def test_a_string_larger_than_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1 " * 2000)
    assert len(read_references(str(path), memory=10_000)) == 2000
    with pytest.raises(BadInput, match="a: the string takes more than 9 KiB of memory; use a shorter one"):
        read_references(str(path), memory=9_216)


@pytest.mark.slow
def test_standard_input_is_read() -> None:
    code = "from engine.references.reader import read_references as r\nprint(len(r('-')))"
    for text in (b"1 2 3", gzip.compress(b"1 2 3")):
        done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, check=True)
        assert done.stdout == b"3\n"


def test_every_format_has_a_reader() -> None:
    for form in FORMATS[:-1]:
        with pytest.raises(BadInput, match="cannot read the file"):
            open_references("/missing", Reading(form))


def test_a_made_string_is_in_memory_as_it_is_made() -> None:
    found = read_references("made:loop:pages=3,length=7")
    assert found.name == "made:loop:pages=3,length=7"
    assert found.pages[found.indices].tolist() == [0, 1, 2, 0, 1, 2, 0]
