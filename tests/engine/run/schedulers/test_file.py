"""A schedule in a separate file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.run.schedule import Written, parse_schedule, read_written
from engine.run.schedulers.file import LARGEST, read


def test_a_file_named_on_the_command_line_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a, b.txt"
    file.write_text("app:2\n\nrandom:3\n")
    with pytest.raises(BadInput, match=r"'random:3' is not a schedule item") as error:
        read_written(Written(f"@{file}", typed=True))
    assert (error.value.file, error.value.line) == (str(file), 3)
    file.write_text("random:3\n")
    assert read_written(Written(f"@{file}", typed=True)) == parse_schedule("random:3")


def test_only_the_command_line_may_name_a_file(tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_text("rr")
    assert read(Written(f"@{file}")) is None
    assert read(Written("rr", typed=True)) is None


def test_a_file_cannot_name_another(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner.txt", tmp_path / "outer.txt"
    inner.write_text("rr")
    outer.write_text(f"@{inner}")
    # "@..." in a file is a thread name, which no scenario can have.
    assert [name for name, _ in parse_schedule(f"@{inner}").named] == [f"@{inner}"]
    scheduler = read(Written(f"@{outer}", typed=True))
    assert scheduler is not None
    assert [name for name, _ in scheduler.named] == [f"@{inner}"]


def test_a_file_that_cannot_be_read_is_named_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file or directory; give a schedule") as error:
        read(Written(f"@{tmp_path}/none", typed=True))
    assert error.value.file == f"{tmp_path}/none"
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="this is not UTF-8 text; give a schedule file") as error:
        read(Written(f"@{tmp_path}/bytes", typed=True))
    assert error.value.file == f"{tmp_path}/bytes"


def test_a_schedule_that_is_too_long_is_refused_and_not_cut(tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_text("# " + "x" * (LARGEST - 8) + "\napp:5")
    assert read(Written(f"@{file}", typed=True)) == parse_schedule("app:5")
    file.write_text("# " + "x" * (LARGEST - 7) + "\napp:5")
    with pytest.raises(BadInput, match="has more than 1,048,576 characters; use a shorter one") as error:
        read(Written(f"@{file}", typed=True))
    assert error.value.file == str(file)


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_bytes(b"\xef\xbb\xbfapp:5\n")
    assert read(Written(f"@{file}", typed=True)) == parse_schedule("app:5")
