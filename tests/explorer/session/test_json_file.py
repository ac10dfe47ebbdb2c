"""JSON files: errors with file and line, and no more read than a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from explorer.session.json_file import read_json


def written(folder: Path, content: bytes) -> Path:
    path = folder / "some.json"
    path.write_bytes(content)
    return path


def test_a_file_is_read_with_the_lines_of_its_entries(tmp_path: Path) -> None:
    found = read_json(written(tmp_path, b'\xef\xbb\xbf{\n "a": 1,\n "b": 2\n}'), 100, "session")
    assert found.value == {"a": 1, "b": 2}
    assert str(found.error("b", "b is 2")) == f"{tmp_path}/some.json:3: b is 2"
    assert str(found.error("c", "c is missing")) == f"{tmp_path}/some.json:1: c is missing"
    assert str(found.refuse("wrong")) == f"{tmp_path}/some.json:1: wrong"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{\n "a":', r"some\.json:2: this is not JSON: .*; the file is damaged"),
        (b'{\n "a": "\xff"}', r"some\.json:2: this is not UTF-8 text"),
        (b'"' + b"x" * 100 + b'"', r"some\.json:1: larger than 100 bytes"),
        (b"[" * 90, r"some\.json:1: "),
        (b'"\\ud800"', r"some\.json:1: this is not the JSON of a session"),
        (b"1" * 99, None),
    ],
)
def test_what_is_not_json_is_refused_with_its_line(tmp_path: Path, content: bytes, words: str | None) -> None:
    path = written(tmp_path, content)
    if words is None:
        assert read_json(path, 100, "session").value == int(content)
        return
    with pytest.raises(BadInput, match=words):
        read_json(path, 100, "session")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.json: the session cannot be read: No such file"):
        read_json(tmp_path / "none.json", 100, "session")
