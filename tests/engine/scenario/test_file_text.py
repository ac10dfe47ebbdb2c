"""The text of a file: what cannot be read is a message that says what to give."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.file_text import LARGEST_FILE, read_text


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    path.write_bytes("\ufeffformat = 1\n".encode())
    assert read_text(path) == "format = 1\n"


def test_what_cannot_be_read_is_a_message_with_the_file(tmp_path: Path) -> None:
    large, latin = tmp_path / "large.toml", tmp_path / "latin.toml"
    large.write_bytes(b"#" * (LARGEST_FILE + 1))
    latin.write_bytes(b"a = 1\n# caf\xe9\n")
    for path, words in (
        (tmp_path / "missing.toml", "missing.toml: cannot read the file: .*; give a course file"),
        (tmp_path, "this is a directory; give a course file"),
        (large, r"large.toml: the file is too large; the limit is 1,048,576 bytes"),
        (latin, r"latin.toml:2: the file is not UTF-8"),
    ):
        with pytest.raises(BadInput, match=words):
            read_text(path, "a course file")
