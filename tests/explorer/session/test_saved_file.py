"""Session files: written completely or not at all, and refused with file and line if invalid."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from explorer.session import saved_file
from explorer.session.saved_file import load, save, session_names, session_path
from explorer.session.saved_state import SessionState

STATE = SessionState(
    token="pq1-abc",
    marks=((3, ""), (17, "a")),
    stops=("break vm_page_alloc", "watch global.ticks"),
    pinned=0x40,
    chosen="app",
    branches=("main", "what if é"),
    answers=((0, 4, "On which queue is page 0x40 then?", True),),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a data folder for this test, which does not exist yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    return folder


def test_a_session_is_restored_as_it_was_saved(home: Path) -> None:
    path = session_path("mine")
    assert path == home / "pageq" / "sessions" / "mine.json"
    assert not home.exists()
    save(STATE, path)
    assert load(path) == STATE
    assert json.loads(path.read_text(encoding="utf-8"))["format"] == 1
    assert session_names() == ["mine"]


def test_saving_replaces_the_whole_file_and_leaves_no_other_file(home: Path) -> None:
    path = session_path("mine")
    save(STATE, path)
    save(SessionState("pq1-def"), path)
    assert load(path).token == "pq1-def"
    assert os.listdir(path.parent) == ["mine.json"]


def test_a_failed_write_keeps_the_previous_session(monkeypatch: pytest.MonkeyPatch) -> None:
    path = session_path("mine")
    save(STATE, path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match=r"mine\.json: .*No space left on device; it continues unsaved"):
        save(SessionState("pq1-def"), path)
    assert load(path) == STATE
    assert os.listdir(path.parent) == ["mine.json"]


def test_an_unwritable_home_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(BadInput, match="cannot be saved"):
        save(STATE, session_path("mine"))
    assert session_names() == []


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "with space", "-x", "x" * 65, "ü"])
def test_an_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="is not a session name"):
        session_path(name)


def written(**changes: Any) -> str:
    """The text of a session file, with some entries changed."""
    path = session_path("scratch")
    save(STATE, path)
    entries = json.loads(path.read_text(encoding="utf-8")) | changes
    return json.dumps(entries, indent=1)


WRONG = [
    ("cut short", lambda: written()[:60], r":\d+: this is not JSON"),
    ("not JSON", lambda: "hello", r":1: this is not JSON"),
    ("another program's file", lambda: '{"a": 1}', r":1: this is not a pageq session"),
    ("a list", lambda: "[]", r":1: this is not a pageq session"),
    ("a later format", lambda: written(format=2), r":2: format 2 is not known; this program reads format 1"),
    ("an invalid token", lambda: written(token=3), r":3: token is 3; it must be the state string"),
    ("invalid marks", lambda: written(marks=[[1]]), r":4: marks is \[\[1\]\]; it must be a list of"),
    ("a mark before the start", lambda: written(marks=[[-1, ""]]), r":4: marks is"),
    ("invalid stops", lambda: written(stops=["halt"]), r":\d+: stops is .*; it must be a list of `break"),
    (
        "invalid answers",
        lambda: written(answers=[[0, 4, True]]),
        r":\d+: answers is .*; it must be a list of \[branch, step, question, right\]",
    ),
    (
        "an invalid page",
        lambda: written(pinned="x"),
        r':\d+: pinned is "x"; it must be a page number or null',
    ),
    (
        "an invalid thread",
        lambda: written(chosen=1),
        r":\d+: chosen is 1; it must be a thread's name or null",
    ),
    (
        "an unknown entry",
        lambda: written(more=1),
        r":\d+: 'more' is not an entry of a session; the entries are",
    ),
    ("deep", lambda: "[" * 100_000, r":1: "),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_damaged_or_foreign_file_is_refused_with_its_place(text: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text())
    with pytest.raises(BadInput, match=r"^.*wrong\.json" + message):
        load(path)


def test_a_binary_or_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_bytes(b'{\n "format": "\xff"}')
    with pytest.raises(BadInput, match=r"wrong\.json:2: this is not UTF-8 text"):
        load(path)
    with pytest.raises(BadInput, match="cannot be read"):
        load(tmp_path / "missing.json")


def test_the_folder_is_the_systems_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/user")
    assert saved_file.session_folder().name == "sessions"
    assert saved_file.session_folder().parent.name == "pageq"


def test_what_an_earlier_version_left_when_it_was_killed_is_removed_after_an_hour(tmp_path: Path) -> None:
    left, fresh, other = (
        tmp_path / name for name in (".a.json.x1_yz9ab", ".b.json.x1_yz9ab", ".a.json.notes")
    )
    for path in (left, fresh, other):
        path.write_text("half")
    for path in (left, other):
        os.utime(path, (0, 0))
    save(STATE, tmp_path / "mine.json")
    assert sorted(os.listdir(tmp_path)) == [".a.json.notes", ".b.json.x1_yz9ab", "mine.json"]
