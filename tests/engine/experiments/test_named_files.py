"""The files that an experiment names."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.named_files import file_digest, is_regular, string_digest
from engine.references.recorded import recorded_path


def test_a_file_counts_by_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 3_000_000)
    assert file_digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(BadInput, match="cannot read"):
        file_digest(tmp_path)


def test_only_a_regular_file_is_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    assert is_regular(tmp_path / "file")
    others = [tmp_path, tmp_path / "pipe", tmp_path / "missing", Path("a\0b"), Path("/dev/zero")]
    assert not any(map(is_regular, others))


def test_a_string_counts_by_its_file_if_it_has_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1 2 3")
    assert string_digest("a.txt", tmp_path) == file_digest(tmp_path / "a.txt")
    assert string_digest("recorded:ls", tmp_path) == file_digest(Path(recorded_path("recorded:ls")))
    assert [string_digest(name, tmp_path) for name in ("made:loop", "none", ".")] == ["", "", ""]
