"""`pageq handout`: files, exit codes, settings."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from explorer.session import whole_file
from tests.explorer.cli.command_output import Run, refused
from tests.explorer.papers.small_lessons import LESSON


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text(LESSON)
    return str(path)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_one_page_is_written(small: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.html"
    code, out, err = run("handout", small, "-o", str(file))
    assert (code, out) == (0, "")
    assert re.fullmatch(r"note: .*small\.toml: page 4 is left out: .*\n", err)
    assert file.read_text().startswith("<!DOCTYPE html>")
    assert "It is released" not in file.read_text()
    assert names(tmp_path) == ["out.html", "small.toml"]


def test_the_key_is_added_on_request(small: str, run: Run, tmp_path: Path) -> None:
    run("handout", small, "--key", "-o", str(tmp_path / "out.HTM"))
    assert "It is released" in (tmp_path / "out.HTM").read_text()


@pytest.mark.slow
def test_markdown_has_a_folder_of_pictures_beside_it(small: str, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for _ in range(2):
        assert run("handout", small, "-o", str(folder / "my handout.md"))[0] == 0
    pictures = [f"my handout-pictures/moment-0{n}.svg" for n in range(1, 5)]
    assert names(folder) == [*pictures, "my handout.md"]
    for path in re.findall(r"!\[.*?\]\((.*?)\)", (folder / "my handout.md").read_text()):
        assert (folder / path.replace("%20", " ")).is_file()


def test_a_name_that_is_not_utf_8_has_its_pictures_too(small: str, run: Run, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff")
    assert run("handout", small, "-o", str(tmp_path / f"{name}.md"))[0] == 0
    assert "(%FF-pictures/moment-01.svg)" in (tmp_path / f"{name}.md").read_text()
    assert (tmp_path / f"{name}-pictures" / "moment-01.svg").is_file()


def test_the_seed_is_named_and_its_values_are_shown(small: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.html"
    assert run("handout", small, "--seed", "1", "-o", str(file))[0] == 0
    text = file.read_text()
    assert "seed 1, n = 3" in text
    assert "It has index 3." in text


def test_the_size_is_that_of_the_screen(small: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.html"
    assert run("handout", small, "--size", "80x24", "-o", str(file))[0] == 0
    assert 'viewBox="0 0 976 536.8"' in file.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["-o", "out.pdf"], "out.pdf: unknown suffix; use .html for a page", id="suffix"),
        pytest.param([], "-o/--out", id="no file"),
        pytest.param(["-o", "o.html", "--size", "3x3"], "--size 3x3 is out of range", id="size"),
        pytest.param(["-o", "o.html", "--seed", "-1"], "is not a seed", id="seed"),
        pytest.param(["-o", "o.html", "--set", "x=1"], "x", id="setting"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    words: list[str], message: str, small: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(run("handout", small, *words), message)
    assert names(tmp_path) == ["small.toml"]


def test_an_unknown_scenario_is_refused(run: Run, tmp_path: Path) -> None:
    refused(run("handout", "no-such", "-o", str(tmp_path / "o.html")), "there is no scenario 'no-such'")


def test_of_several_files_none_is_written_if_one_fails(
    small: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = whole_file._write_beside, []

    def full(path: Path, content: bytes) -> Path:
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(whole_file, "_write_beside", full)
    code, _, err = run("handout", small, "-o", str(tmp_path / "out.md"))
    assert code == 2
    assert "No space left on device" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.toml"]
