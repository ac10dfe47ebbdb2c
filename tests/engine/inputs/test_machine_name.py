"""The text of a `--machine`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs.machine_name import names_file, read_machine
from engine.machine.topology import PRESETS

TWO_SOCKETS = Path(__file__).parent / "machines" / "two-sockets.xml"


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_machine(name: str) -> None:
    assert read_machine(name).name == name


@pytest.mark.parametrize(
    ("text", "name", "cpus"),
    sentences(
        ("a specification", "64MiB:2x4x2", "64MiB:2x4x2", 16),
        ("a file, named after itself", str(TWO_SOCKETS), "two-sockets.xml", 16),
    ),
)  # fmt: skip
def test_machine(text: str, name: str, cpus: int) -> None:
    hardware = read_machine(text)
    assert (hardware.name, hardware.topology.ncpus) == (name, cpus)


def test_host_is_the_running_machine() -> None:
    assert read_machine("host").name == "host"


def test_a_file_with_the_name_of_a_preset_needs_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").write_bytes(TWO_SOCKETS.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert read_machine("tiny").topology.ncpus == 1
    assert read_machine("./tiny").topology.ncpus == 16


@pytest.mark.parametrize(
    ("text", "words"),
    sentences(
        ("nothing", "", "there is no machine ''; give a preset (tiny, small, desktop"),
        ("no such file", "no/such.xml", "there is no machine 'no/such.xml'"),
        ("a preset misspelt", "Tiny", "there is no machine 'Tiny'"),
        ("a NUL byte", "a\0b", "there is no machine"),
        ("a character without bytes", "\udfff", "there is no machine"),
        ("longer than any path", "x" * 9999, "there is no machine"),
        ("a number of 9999 digits", "9" * 9999 + ":1x1x1", "there is no machine"),
        ("a size without unit known", "64XiB:2x4x2", "there is no machine"),
        ("too few numbers", "64MiB:2x4", "is not a topology"),
        ("no cpu", "64MiB:0x4x2", "has no cpu"),
        ("too many cpus", "64MiB:64x64x2", "more than 1024 cpus"),
        ("a specification too large is refused", "65GiB:2x4x2", "pages are too many"),
    ),
)  # fmt: skip
def test_refused(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        read_machine(text)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="this is a directory"):
        read_machine(str(tmp_path))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.xml").symlink_to("loop.xml")
    with pytest.raises(BadInput, match="cannot read the file"):
        read_machine(str(tmp_path / "loop.xml"))


@pytest.mark.parametrize(
    ("text", "is_file"),
    [
        ("host", False),
        ("small", False),
        ("64MiB:2x4x2", False),
        ("./small", True),
        ("m.xml", True),
        ("x" * 99, True),
    ],
)
def test_any_other_text_names_a_file(text: str, is_file: bool) -> None:
    assert names_file(text) is is_file
