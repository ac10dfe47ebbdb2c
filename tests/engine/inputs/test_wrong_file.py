"""A refused file that is something else gets a message that says what it is; any other keeps its own."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.inputs.dumps.reader import read_dump_file
from engine.inputs.file_roles import (
    ANSWERS,
    COURSE,
    EXPLAINED,
    REFERENCES,
    RIGHT,
    SCENARIO,
    SCHEDULE,
    SESSION,
)
from engine.inputs.wrong_file import asking_for, check_kind, refused
from tests.engine.inputs.files_of_every_kind import FILES
from tests.explorer.cli.small_scenarios import HELD

LACKEY = FILES["lackey.txt"][1]


def told(path: Path | str, role: str = SCENARIO, head: bytes | None = None) -> str:
    """What becomes of an error about line 7 of a file."""
    with pytest.raises(BadInput) as caught, asking_for(role, path, head):
        raise BadInput("no good", file=str(path), line=7)
    return str(caught.value)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_the_message_says_what_the_file_is_and_what_takes_it(tmp_path: Path) -> None:
    path = written(tmp_path, "a b.txt", LACKEY)
    command = f"use pageq replay '{path}' --frames 64"
    assert told(path) == f"{path}:1: this is a valgrind lackey trace, not a scenario; {command}"
    path = written(tmp_path, "course.toml", FILES["course.toml"][1])
    assert told(path).endswith(f"; use pageq course --course {tmp_path}")
    path = written(tmp_path, "mine.json", FILES["session.json"][1])
    assert told(path).endswith("; use pageq tui --session mine")
    path = written(tmp_path, "s", FILES["schedule.txt"][1])
    assert told(path).endswith(f"; use pageq run SCENARIO --schedule @{path}")


def test_what_no_command_takes_gets_what_would_be_right(tmp_path: Path) -> None:
    path = written(tmp_path, "a", FILES["picture.svg"][1])
    for role, right in RIGHT.items():
        assert told(path, role) == f"{path}:1: this is an SVG picture, not {role}; {right}"


def test_an_encoding_is_named_without_saying_that_a_scenario_is_not_one(tmp_path: Path) -> None:
    path = written(tmp_path, "a", FILES["utf16.toml"][1])
    assert told(path) == f"{path}:1: this is a scenario in UTF-16; save it as UTF-8"
    assert told(path, COURSE).endswith("this is a scenario in UTF-16, not a course file; save it as UTF-8")
    path.write_bytes(gzip.compress(FILES["utf16.toml"][1]))
    assert told(path).endswith("a gzipped scenario in UTF-16; unpack it with gzip -d and save it as UTF-8")


@pytest.mark.parametrize(
    ("role", "content"),
    [
        pytest.param(SCENARIO, FILES["scenario.toml"][1] + b"x", id="of the kind"),
        pytest.param(SCHEDULE, b"7:3,8", id="unknown"),
        pytest.param(SESSION, b"{}", id="of no kind"),
        *(pytest.param(role, b"", id=f"empty, {role}") for role in EXPLAINED),
        *(pytest.param(role, b"\0", id=f"binary, {role}") for role in EXPLAINED),
    ],
)  # fmt: skip
def test_a_file_that_is_not_something_else_keeps_its_message(
    role: str, content: bytes, tmp_path: Path
) -> None:
    path = written(tmp_path, "a", content)
    assert told(path, role) == f"{path}:7: no good"


def test_what_is_not_a_regular_file_keeps_its_message_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "none", "/dev/null", "a\0b", "x" * 5000):
        assert told(path) == f"{path}:7: no good"


def test_a_reader_of_almost_any_text_can_ask_what_it_read(tmp_path: Path) -> None:
    limits = HELD + "[machine.thresholds]\nv_free_min = 9\nv_free_target = 20\n"
    path = written(tmp_path, "a.toml", limits.encode())
    with pytest.raises(BadInput, match="this is a scenario, not a dump of a machine; use pageq run"):
        read_dump_file(str(path))
    (moment,) = read_dump_file(str(written(tmp_path, "b", b"v_free_min = 9\nv_free_target = 20\n")))
    assert moment.vmstats["v_free_min"] == 9
    check_kind(SCENARIO, path)
    check_kind(SCENARIO, written(tmp_path, "empty", b""))


def test_an_error_about_another_file_stays(tmp_path: Path) -> None:
    path = written(tmp_path, "a", LACKEY)
    error = BadInput("no good", file="other.xml", line=2)
    assert refused(error, SCENARIO, path) is error
    assert refused(BadInput("no good"), SCENARIO, path).file == str(path)
    assert refused(error, ANSWERS, path) is error


def test_standard_input_is_known_by_its_first_bytes() -> None:
    words = "this is a valgrind lackey trace, not a scenario; use pageq replay FILE --frames 64"
    assert told("-", head=LACKEY) == f"-:1: {words}"
    assert told("stdin", REFERENCES, LACKEY) == "stdin:7: no good"
