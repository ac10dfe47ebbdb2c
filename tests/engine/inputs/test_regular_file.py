"""Paths of regular files: what else a path may be, and readers that do not wait for a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.inputs.machine_name import read_machine
from engine.inputs.regular_file import check_no_pipe, other_kind


def test_only_what_can_be_read_again_passes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "file", tmp_path, tmp_path / "none", "a\0b", "x" * 5000):
        check_no_pipe(path, "give a file")
    assert other_kind(tmp_path.stat().st_mode) == "a directory"
    for path, kind in ((tmp_path / "pipe", "a pipe"), ("/dev/zero", "a device")):
        with pytest.raises(BadInput, match=f"this is {kind}, not a regular file; give a file"):
            check_no_pipe(path, "give a file")


def test_a_machine_is_not_read_from_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="pipe: this is a pipe, not a regular file; give an XML file"):
        read_machine(str(tmp_path / "pipe"))
