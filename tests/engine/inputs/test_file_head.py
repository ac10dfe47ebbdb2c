"""The start of a file is text, however it is packed and encoded, and nothing waits for a pipe."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from engine.inputs.file_head import HEAD, head_of, read_head

TEXT = "PQ_FREE: 1 2\nPQ_CACHE: 3 4\n"


@pytest.mark.parametrize(
    ("raw", "packed", "encoding"),
    [
        pytest.param(TEXT.encode(), False, "", id="UTF-8"),
        pytest.param(TEXT.encode("utf-8-sig"), False, "", id="a mark"),
        pytest.param(TEXT.replace("\n", "\r\n").encode(), False, "", id="CRLF"),
        pytest.param(TEXT.encode("utf-16"), False, "utf-16-le", id="UTF-16 with a mark"),
        pytest.param(TEXT.encode("utf-16-be"), False, "utf-16-be", id="UTF-16 without"),
        pytest.param(gzip.compress(TEXT.encode("utf-16-le")), True, "utf-16-le", id="UTF-16 in gzip"),
        pytest.param(gzip.compress(TEXT.encode())[:-6], True, "", id="truncated gzip"),
    ],
)
def test_the_text_is_the_same(raw: bytes, packed: bool, encoding: str) -> None:
    head = head_of(raw)
    assert (head.text, head.gzipped, head.utf16) == (TEXT, packed, encoding)


def test_a_line_that_is_cut_is_left_out_and_gzip_is_unpacked_no_further() -> None:
    text = b"12345678,\n" * HEAD
    for raw in (text[:HEAD], gzip.compress(text)):
        assert head_of(raw).lines == "12345678,\n" * (HEAD // 10)
    assert head_of(b"1 2x " * HEAD).lines.endswith("1 2x ")
    assert len(head_of(gzip.compress(bytes(1 << 22))).raw) == HEAD


def test_damaged_gzip_has_what_comes_before_the_damage() -> None:
    packed = gzip.compress(b"".join(b"%d\n" % (n * n) for n in range(5000)))
    damaged = packed[:2048] + bytes(256) + packed[2304:]
    assert head_of(damaged).text.startswith("0\n1\n4\n9\n")
    assert head_of(b"\x1f\x8bnothing").text == ""


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "long").write_bytes(bytes(HEAD + 1))
    assert [read_head(path) for path in (pipe, tmp_path, tmp_path / "none", "a\0b", "/dev/null")] == [
        None
    ] * 5
    assert read_head(tmp_path / "long") == bytes(HEAD)
