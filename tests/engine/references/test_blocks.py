"""A file comes in blocks of whole lines, without its comments."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.references import blocks
from engine.references.blocks import Block, shown_path, text_blocks

TEXT = b"".join(b"%d word\n" % number for number in range(50))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 32 bytes."""
    monkeypatch.setattr(blocks, "BLOCK", 32)


def read(path: Path, content: bytes) -> list[Block]:
    path.write_bytes(content)
    return list(text_blocks(str(path)))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("zipped", [False, True])
def test_the_blocks_are_the_file_in_whole_lines(zipped: bool, tmp_path: Path) -> None:
    """Whether it is gzipped is known by its first bytes, not by its name."""
    found = read(tmp_path / "a.gz", gzip.compress(TEXT) if zipped else TEXT)
    assert b"".join(block.text for block in found) == TEXT
    assert len(found) > 5
    for block in found:
        assert block.whole
        assert block.line == int(block.text.split()[0]) + 1


@pytest.mark.usefixtures("small")
def test_a_long_line_is_cut_after_a_word(tmp_path: Path) -> None:
    text = b"1\n" + b"22 " * 50 + b"\n3"
    found = read(tmp_path / "a", text)
    assert b"".join(block.text for block in found) == text
    assert all(block.text.endswith((b" ", b"\n", b"3")) for block in found)
    assert [block.line for block in found] == sorted(block.line for block in found)
    assert not found[1].whole
    assert found[-1].whole
    assert found[-1].line_at(found[-1].text.index(b"3")) == 3


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("comment", [b"#", b"=="])
def test_comments_are_left_out_however_long(comment: bytes, tmp_path: Path) -> None:
    text = b"1\n" + comment + b" no " * 60 + b"\n2 " + comment + b"\n" + comment + b"\n3"
    found = read(tmp_path / "a", text)
    assert b"".join(block.text for block in found) == b"1\n\n2 " + comment + b"\n\n3"
    assert found[-1].line_at(found[-1].text.index(b"3")) == 5


@pytest.mark.usefixtures("small")
def test_a_comment_mark_where_a_cut_line_continues_is_not_a_comment(tmp_path: Path) -> None:
    text = b"1 " * 16 + b"# 2\n#\n"
    assert b"".join(block.text for block in read(tmp_path / "a", text)) == b"1 " * 16 + b"# 2\n\n"


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    assert [block.text for block in read(tmp_path / "a", b"\xef\xbb\xbf1 2")] == [b"1 2"]


def test_an_empty_file_has_no_block(tmp_path: Path) -> None:
    assert read(tmp_path / "a", b"") == []
    assert read(tmp_path / "b", gzip.compress(b"")) == []


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1\n" + b"7" * 70, ":2: a word is longer than 32 bytes; give a text trace"),
        (b"1\n\0\n", ":2: the file is not text; "),
        (gzip.compress(TEXT, mtime=0)[:-12], "the gzip data is truncated or corrupt here"),
        (gzip.compress(TEXT, mtime=0)[:40] + b"x" * 40, "the gzip data is truncated or corrupt here"),
    ],
)
def test_what_is_not_a_text_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read(tmp_path / "a", content)
    assert str(caught.value).startswith(f"{tmp_path / 'a'}:")
    assert message in str(caught.value)


def test_gzip_data_that_ends_early_is_read_up_to_the_line_of_its_end(tmp_path: Path) -> None:
    lines = "".join(f"{number * 7919 % 65537}\n" for number in range(60_000))
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(lines.encode())[:100_000])
    found: list[Block] = []
    with pytest.raises(BadInput, match="the gzip data is truncated or corrupt here") as caught:
        found.extend(text_blocks(str(path)))
    text = b"".join(block.text for block in found)
    assert lines.encode().startswith(text)
    assert caught.value.line == text.count(b"\n") + 1 > 20_000


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot read the file: .*; give a trace"):
        list(text_blocks(str(tmp_path / name)))


def test_a_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(TEXT),))
    writer.start()
    assert b"".join(block.text for block in text_blocks(str(path))) == TEXT
    writer.join()


def test_standard_input_has_a_name() -> None:
    assert (shown_path("-"), shown_path("a")) == ("stdin", "a")
