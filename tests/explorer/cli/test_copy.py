"""`pageq copy`: the bytes of a scenario's file in a file of one's own, and never over another file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.scenario.library import OWN
from tests.explorer.cli.command_output import ROOT, Run, refused
from tests.explorer.cli.small_scenarios import HELD
from tests.explorer.pseudo_terminal import terminal

TOUR = (OWN.path / "tour.toml").read_bytes()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a test, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_copy_has_the_same_bytes_and_says_what_to_do_next(run: Run, folder: Path) -> None:
    code, out, err = run("copy", "tour", "mine.toml")
    assert (code, err) == (0, "")
    assert (folder / "mine.toml").read_bytes() == TOUR
    assert out.splitlines() == [
        "mine.toml: a copy of tour",
        "next: pageq check mine.toml",
        "      pageq tui mine.toml",
    ]
    assert os.listdir(folder) == ["mine.toml"]


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names[::5])
def test_the_copy_of_any_library_scenario_passes_the_check(name: str, run: Run) -> None:
    assert run("copy", name, "mine.toml")[0] == 0
    assert run("check", "mine.toml")[0] == 0


def test_in_a_folder_the_copy_keeps_its_name(run: Run, folder: Path) -> None:
    (folder / "my course").mkdir()
    code, out, _ = run("copy", "tour", "my course")
    assert code == 0
    assert (folder / "my course" / "tour.toml").read_bytes() == TOUR
    assert "pageq check 'my course/tour.toml'" in out


@pytest.mark.parametrize("name", ["mine.toml", "folder"])
def test_a_file_that_exists_is_replaced_only_with_force(name: str, run: Run, folder: Path) -> None:
    (folder / "folder").mkdir()
    target = folder / ("folder/tour.toml" if name == "folder" else name)
    target.write_text("precious")
    output = run("copy", "tour", name)
    refused(output, "the file exists; give another name, or replace it with --force")
    assert output[2].startswith(f"{target.relative_to(folder)}: ")
    assert target.read_text() == "precious"
    assert run("copy", "tour", name, "--force")[0] == 0
    assert target.read_bytes() == TOUR


def test_a_link_that_leads_nowhere_is_not_written_through(run: Run, folder: Path) -> None:
    (folder / "mine.toml").symlink_to(folder / "missing.toml")
    refused(run("copy", "tour", "mine.toml"), "the file exists")
    assert not (folder / "missing.toml").exists()


def test_a_dash_is_stdout_and_adds_nothing() -> None:
    command = [sys.executable, "-m", "explorer.cli", "copy", "tour", "-"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert found.stdout == TOUR
    assert found.stderr == b""


def test_on_a_terminal_what_could_control_it_is_escaped(folder: Path) -> None:
    (folder / "a.toml").write_text('format = 1\ntitle = "\x9b2J\u202ered"\n', encoding="utf-8")
    with terminal("copy", str(folder / "a.toml"), "-") as shown:
        assert shown.wait() == 0
        assert r"\u009b2J\u202ered" in shown.text


def test_a_copy_with_the_name_of_a_library_scenario_is_named_with_its_folder(run: Run) -> None:
    _, out, _ = run("copy", "tour", "tour")
    assert "pageq check ./tour\n" in out
    assert run("check", "./tour")[0] == 0


def test_a_file_is_copied_like_a_library_scenario(run: Run, folder: Path) -> None:
    (folder / "held.toml").write_text(HELD)
    assert run("copy", "held.toml", "mine.toml")[0] == 0
    assert (folder / "mine.toml").read_text() == HELD


BY_HWLOC = 'format = 1\ntitle = "by hwloc"\n[machine]\nhwloc = "machine.xml"\n'


def test_an_hwloc_file_that_the_copy_lacks_is_named(run: Run, folder: Path) -> None:
    (folder / "course").mkdir()
    (folder / "held.toml").write_text(BY_HWLOC)
    code, _, err = run("copy", "held.toml", "course/")
    assert code == 0
    assert err == (
        "course/held.toml: hwloc = 'machine.xml' is relative to the file; "
        "copy machine.xml to course/machine.xml too\n"
    )
    (folder / "machine.xml").write_text("")
    assert run("copy", "held.toml", "mine.toml")[2] == ""
    for value, noted in (('"dump.txt"', True), ('"PQ_FREE: 1"', False)):
        text = BY_HWLOC.replace('hwloc = "machine.xml"', f"counters = {value}")
        (folder / "held.toml").write_text(text)
        err = run("copy", "held.toml", "course/", "--force")[2]
        assert (": counters = 'dump.txt' is relative to the file; copy dump.txt to course" in err) == noted


@pytest.mark.parametrize(
    ("scenario", "target", "message"),
    [
        ("tuor", "mine.toml", "there is no scenario 'tuor'; give a file, or a name such as tour"),
        ("tour", "missing/mine.toml", "missing/mine.toml: No such file or directory"),
        ("tour", "missing/", "there is no folder 'missing/'; make it, or give a file"),
        ("tour", "a\0b", "remove the NUL character"),
        ("broken.toml", "mine.toml", "broken.toml:1: this is not TOML"),
        ("binary.toml", "mine.toml", "binary.toml:1: the file is not UTF-8"),
        (".", "mine.toml", "this is a directory; give a scenario file"),
    ],
)
def test_what_cannot_be_copied_is_refused_and_nothing_is_written(
    scenario: str, target: str, message: str, run: Run, folder: Path
) -> None:
    (folder / "broken.toml").write_text("format = ")
    (folder / "binary.toml").write_bytes(b"\xff\xfe")
    before = sorted(os.listdir(folder))
    refused(run("copy", scenario, target), message)
    assert sorted(os.listdir(folder)) == before
