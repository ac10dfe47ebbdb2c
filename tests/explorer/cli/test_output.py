"""The output of a command: a file or stdout."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from engine.errors import BadInput
from explorer.cli.output import add_out, write_output


@pytest.mark.parametrize("words", [[], ["-o", "-"]], ids=["default", "dash"])
def test_the_output_is_stdout(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    add_out(parser)
    assert parser.parse_args(words).out is None
    assert parser.parse_args(["-o", "a.txt"]).out == "a.txt"


def test_a_text_goes_to_stdout_or_replaces_a_file(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    write_output(None, "é")
    write_output(None, b"\0")
    out = capsysbinary.readouterr().out
    assert sorted(out) == sorted("é".encode() + b"\0")
    file = tmp_path / "a.txt"
    for content in ("é", "é".encode()):
        file.write_text("old")
        write_output(str(file), content)
        assert file.read_bytes() == "é".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_name_of_no_file_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be the name of a file"):
        write_output("a\0b", "text")
