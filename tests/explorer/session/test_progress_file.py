"""The progress file: nothing before something is done, no entry lost, and a bad file renamed."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from explorer.session import progress_file
from explorer.session.progress import OWN_COURSE, CourseKey, FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add, encoded, forget, progress_path, read_progress
from tests.explorer.pseudo_terminal import ROOT

OTHER = CourseKey("/home/me/course", "Mine é")
ANSWER = FirstAnswer("queue", 'PQ_NONE "or" \n none', True, None, 1_700_000_000)
LIFE = record(OWN_COURSE, "life-of-a-page", Work(frozenset({1, 3}), True, (ANSWER,)))
MINE = record(OTHER, "life-of-a-page", Work(frozenset({2})))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in a data folder that does not exist yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return progress_path()


def names(path: Path) -> list[str]:
    return sorted(os.listdir(path.parent))


def test_the_file_is_in_the_data_folder_and_reading_does_not_create_it(path: Path, tmp_path: Path) -> None:
    assert path == tmp_path / "data" / "pageq" / "progress.json"
    assert read_progress(path) == Progress()
    assert os.listdir(tmp_path) == []


def test_what_was_done_is_read_as_it_was_written(path: Path) -> None:
    assert add(path, LIFE) == ""
    assert add(path, MINE) == ""
    assert read_progress(path) == LIFE | MINE
    assert json.loads(path.read_text(encoding="utf-8"))["format"] == 1
    assert names(path) == ["progress.json"]


def test_nothing_new_writes_nothing(path: Path) -> None:
    add(path, LIFE)
    before = path.stat()
    add(path, LIFE)
    add(path, Progress())
    assert path.stat() == before


def test_no_file_is_made_of_nothing(path: Path) -> None:
    add(path, Progress())
    assert names(path) == []


WRITER = """
import sys
from pathlib import Path
from explorer.session.progress import *
from explorer.session.progress_file import add
for n in range(20):
    add(Path(sys.argv[1]), record(OWN_COURSE, f"{sys.argv[2]}-{n}", Work(frozenset({n}))))
"""


def test_writers_at_the_same_time_lose_no_entry(path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(number)], cwd=ROOT)
        for number in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(read_progress(path).of(OWN_COURSE)) == 60
    assert names(path) == ["progress.json"]


def test_a_writer_waits_for_another_one_but_not_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_file, "PATIENCE", 0.05)
    add(path, LIFE)
    folder = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    begin = time.monotonic()
    with pytest.raises(BadInput, match="progress is not kept: another pageq is writing the file"):
        add(path, MINE)
    assert time.monotonic() - begin >= 0.05
    os.close(folder)
    add(path, MINE)
    assert read_progress(path) == LIFE | MINE


def test_where_there_are_no_locks_it_is_written_without_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    add(path, LIFE)
    assert read_progress(path) == LIFE


def text(change: Callable[[dict[str, Any]], object]) -> Callable[[], str]:
    """Return a function that makes the text of a file with a change."""

    def make() -> str:
        whole = json.loads(encoded(LIFE, Path("x")))
        change(whole)
        return json.dumps(whole, indent=1)

    return make


def course(top: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = top["courses"][0]
    return found


def scenarios(top: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = course(top)["scenarios"]
    return found


def life(top: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = scenarios(top)["life-of-a-page"]
    return found


def first(top: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = life(top)["answers"][0]
    return found


DAMAGED: dict[str, tuple[Callable[[], str], str]] = {
    "cut short": (lambda: encoded(LIFE, Path("x")).decode()[:90], "this is not JSON"),
    "not JSON": (lambda: "hello", "this is not JSON"),
    "another program's": (lambda: '{"a": 1}', "this is not a progress file of pageq"),
    "a list": (lambda: "[]", "this is not a progress file of pageq"),
    "a later format": (text(lambda top: top.update(format=2)), "format 2 is not known; this program reads"),
    "true as its format": (text(lambda top: top.update(format=True)), "format True is not known"),
    "a number for the courses": (text(lambda top: top.update(courses=3)), "courses is not a list"),
    "an entry too many": (text(lambda top: top.update(more=3)), "format and courses and nothing else"),
    "a course without a title": (text(lambda top: course(top).pop("title")), "'courses' needs path"),
    "a path that is a number": (text(lambda top: course(top).update(path=1)), "has a bad path"),
    "a scenario that is a list": (text(lambda top: scenarios(top).update(x=[])), "'x' needs pages, ended"),
    "pages that are text": (text(lambda top: life(top).update(pages="12")), "has a bad pages"),
    "a page below 0": (text(lambda top: life(top).update(pages=[-1])), "has a bad pages"),
    "an answer that is a text": (text(lambda top: life(top).update(answers=["x"])), "has a bad answers"),
    "an answer without a time": (text(lambda top: first(top).pop("time")), "needs question, answer"),
    "a seed that is too large": (text(lambda top: first(top).update(seed=1 << 64)), "has a bad seed"),
    "deep": (lambda: "[" * 100_000, "damaged"),
}


@pytest.mark.parametrize(("make", "words"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_bad_file_is_refused_with_its_place_then_renamed(
    make: Callable[[], str], words: str, path: Path
) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(make(), encoding="utf-8")
    with pytest.raises(BadInput, match=rf"progress\.json:\d+: .*{words}"):
        read_progress(path)
    assert names(path) == ["progress.json"], "reading changes nothing"
    said = add(path, MINE)
    assert words in said
    assert said.endswith("; it is now progress-damaged-1.json, and progress starts again")
    assert read_progress(path) == MINE
    assert (path.parent / "progress-damaged-1.json").read_text(encoding="utf-8") == make()


def test_a_second_bad_file_has_another_name(path: Path) -> None:
    path.parent.mkdir(parents=True)
    for _ in range(2):
        path.write_text("hello")
        add(path, LIFE)
    assert names(path) == ["progress-damaged-1.json", "progress-damaged-2.json", "progress.json"]


def test_a_file_that_is_too_large_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_file, "LARGEST", 400)
    path.parent.mkdir(parents=True)
    path.write_text(" " * 401)
    with pytest.raises(BadInput, match="larger than 400 bytes"):
        read_progress(path)


def test_a_file_does_not_grow_beyond_what_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(path, LIFE)
    monkeypatch.setattr(progress_file, "LARGEST", len(encoded(LIFE, path)) + 10)
    with pytest.raises(BadInput, match=r"would be larger than .* pageq course --forget starts again"):
        add(path, MINE)
    assert read_progress(path) == LIFE


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_what_is_not_a_regular_file_is_left_alone(make: Callable[[Path], None], path: Path) -> None:
    path.parent.mkdir(parents=True)
    make(path)
    with pytest.raises(BadInput, match="not a regular file"):
        add(path, LIFE)
    assert names(path) == ["progress.json"]


def test_a_folder_that_cannot_be_made_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"progress\.json: progress is not kept: Not a directory"):
        add(tmp_path / "file" / "pageq" / "progress.json", LIFE)


def test_a_link_that_leads_to_itself_is_a_message(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(path.name)
    with pytest.raises(BadInput, match=r"progress\.json: progress is not kept: Too many levels"):
        add(path, LIFE)
    assert names(path) == ["progress.json"]


def test_the_time_to_read_a_file_grows_with_its_courses_and_not_faster(path: Path) -> None:
    path.parent.mkdir(parents=True)

    def seconds(count: int) -> float:
        courses = {CourseKey(f"/course-{number}", "Mine"): {"a": Work()} for number in range(count)}
        path.write_bytes(encoded(Progress(courses), path))
        start = time.process_time()
        assert len(read_progress(path).courses) == count
        return time.process_time() - start

    few = seconds(500)
    assert seconds(5_000) < 40 * few  # ten times as many


def test_a_full_disk_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(path, LIFE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match=r"progress\.json: progress is not kept: No space left on device"):
        add(path, MINE)
    assert read_progress(path) == LIFE
    assert names(path) == ["progress.json"]


def test_a_course_is_forgotten_and_the_old_file_renamed(path: Path) -> None:
    add(path, LIFE | MINE)
    aside = forget(path, OWN_COURSE)
    assert aside == path.with_name("progress-forgotten-1.json")
    assert read_progress(aside) == LIFE | MINE
    assert read_progress(path) == MINE
    assert forget(path, OTHER) == path.with_name("progress-forgotten-2.json")
    assert not path.exists()
    assert forget(path, OTHER) is None
    assert names(path) == ["progress-forgotten-1.json", "progress-forgotten-2.json"]
