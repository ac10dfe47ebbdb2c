"""The files that an experiment names."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.named_files import file_digest, is_regular


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
