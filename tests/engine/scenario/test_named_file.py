"""A file that a key names: only a regular one is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.named_file import state_of


def test_only_a_regular_file_has_a_state_and_it_changes_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("1")
    os.mkfifo(tmp_path / "pipe")
    before = state_of("file", tmp_path, BadInput, "give a file")
    (tmp_path / "file").write_text("12")
    assert state_of("file", tmp_path, BadInput, "give a file") != before
    for name, wrong in (
        ("none", "there is no file 'none'"),
        (".", "'.' is a directory, not a regular file"),
        ("pipe", "'pipe' is a pipe, not a regular file"),
        ("/dev/zero", "'/dev/zero' is a device, not a regular file"),
        ("a\0b", r"there is no file 'a\\x00b'"),
        ("x" * 5000, "there is no file '...xxx"),
    ):
        with pytest.raises(BadInput, match=f"^{wrong}.*; give a file$"):
            state_of(name, tmp_path, BadInput, "give a file")
