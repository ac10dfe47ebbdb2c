"""Reading a trace's file: lines of JSON with integers, or a message with file and line."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.inputs.traces import file
from engine.inputs.traces.file import (
    MAX_LINE,
    MAX_TEXT,
    MOST_DIGITS,
    begins_with,
    open_trace,
    read_lines,
    read_text,
)


def lines_of(path: Path) -> list[tuple[int, dict[str, object]]]:
    return list(read_lines(str(path)))


@pytest.fixture
def put(tmp_path: Path) -> Path:
    return tmp_path / "trace"


TWO = b'{"header": "x", "rows": [[1, null]]}\n{"op": "tick"}'


@pytest.mark.parametrize("content", [TWO, TWO + b"\n", gzip.compress(TWO)], ids=["plain", "ended", "zipped"])
def test_each_line_is_read_with_its_number(put: Path, content: bytes) -> None:
    put.write_bytes(content)
    assert lines_of(put) == [(1, {"header": "x", "rows": [[1, None]]}), (2, {"op": "tick"})]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "the file is empty; a trace starts with a header line"),
        (b"\n", 1, "not a line of JSON"),
        (b"hello\n", 1, "not a line of JSON"),
        (b"{}\n{}\n\n", 3, "not a line of JSON"),
        (b"{}\n5\n", 2, "not a JSON object; a trace has one per line"),
        (b'{"format": 1.0}\n', 1, "1.0 is not an integer"),
        (b'{"format": NaN}\n', 1, "NaN is not an integer"),
        (b'{"args": {"page": [true]}}\n', 1, "`page` is true; it must be an integer"),
        (b'{"header": "\xff"}\n', 1, "utf-8"),
        (b"[" * 100_000 + b"\n", 1, "not a line of JSON"),
        (b'{"header": ' + b"9" * 5000 + b"}\n", 1, "not a line of JSON"),
        (b"\x1f\x8b\x08\x00broken", 1, "the gzip data is truncated or corrupt here"),
    ],
)
def test_a_bad_trace_is_a_message_with_its_line(put: Path, content: bytes, line: int, words: str) -> None:
    put.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        lines_of(put)
    assert (caught.value.file, caught.value.line) == (str(put), line)
    assert words in caught.value.message


def test_only_two_settings_of_a_header_may_be_true_or_false(put: Path) -> None:
    put.write_text('{"config": {"brief": true, "finalize": false}}')
    assert lines_of(put) == [(1, {"config": {"brief": True, "finalize": False}})]


def test_a_line_without_end_is_not_read(put: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_LINE", 32)
    put.write_text("{}\n" + json.dumps({"op": "x" * 50}))
    with pytest.raises(
        BadInput, match="the line is longer than 32 bytes; a trace has one JSON object per line"
    ) as caught:
        lines_of(put)
    assert caught.value.line == 2


def test_a_gzip_file_that_is_cut_off_names_the_line_it_ends_in(put: Path) -> None:
    lines = [json.dumps({"number": number, "square": number**2}) + "\n" for number in range(900)]
    put.write_bytes(gzip.compress("".join(lines).encode())[:-100])
    with pytest.raises(BadInput, match="give a complete file") as caught:
        lines_of(put)
    assert isinstance(caught.value.line, int)
    assert 1 < caught.value.line <= 900


def test_a_file_that_cannot_be_opened_is_a_message_without_a_line(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(BadInput, match="cannot read the file: ") as caught, open_trace(str(path)):
            pass
        assert (caught.value.file, caught.value.line) == (str(path), None)


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_leading_spaces_of_a_file_are_skipped(put: Path, wrap: type[bytes]) -> None:
    put.write_bytes(wrap(b" \n\t[{}]"))
    assert begins_with(str(put), b"[")
    assert not begins_with(str(put), b"{")


def test_the_whole_of_a_file_is_read_as_text(put: Path) -> None:
    put.write_bytes(gzip.compress("[\n1]\né".encode()))
    assert read_text(str(put)) == "[\n1]\né"
    put.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match=r"the file is not UTF-8: .*; save it as UTF-8") as caught:
        read_text(str(put))
    assert caught.value.line == 1


def test_a_byte_order_mark_is_ignored(put: Path) -> None:
    put.write_bytes(b"\xef\xbb\xbf" + TWO)
    assert [line["header"] for _, line in lines_of(put)[:1]] == ["x"]
    put.write_bytes(b"\xef\xbb\xbf[1]")
    assert begins_with(str(put), b"[")
    assert read_text(str(put)) == "[1]"


@pytest.mark.parametrize("digits", [MOST_DIGITS, 5000])
def test_a_number_of_thousands_of_digits_is_refused(put: Path, digits: int) -> None:
    put.write_bytes(b'{}\n{"i": ' + b"9" * digits + b"}\n")
    with pytest.raises(
        BadInput, match="a number has 4,000 digits or more; no value of a kernel has"
    ) as caught:
        lines_of(put)
    assert caught.value.line == 2
    with pytest.raises(BadInput, match="a number has 4,000 digits or more") as caught:
        read_text(str(put))
    assert caught.value.line == 2


@pytest.mark.slow
def test_a_file_that_is_read_as_a_whole_is_not_unpacked_beyond_the_limit(put: Path) -> None:
    put.write_bytes(gzip.compress(b"[" + b" " * (MAX_TEXT - 1)))
    assert len(read_text(str(put))) == MAX_TEXT
    put.write_bytes(gzip.compress(b"[" + b" " * (32 * MAX_TEXT), 1))
    tracemalloc.start()
    with pytest.raises(BadInput, match=r"a file that starts with \[ has at most 8,388,608 bytes") as caught:
        read_text(str(put))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.line == 1
    assert most < 4 * MAX_TEXT


def test_the_longest_operation_fits_in_a_line() -> None:
    row = [16_777_215, "INACTIVE", 1023, 1023, 1 << 31, (1 << 32) - 1, 65535, 65535, 64, 255, 255, 65535]
    row += [(1 << 63) - 1, 6, 1, 255]
    assert 65_536 * (len(json.dumps(row, separators=(",", ":"))) + 1) < MAX_LINE
