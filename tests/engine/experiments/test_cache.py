"""The results of finished points, kept in files that may be damaged, full or not writable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.experiments import cache
from engine.experiments.cache import Cache, MemoryCache, cache_folder
from engine.experiments.measured import Measured
from engine.experiments.values import Value

HERE: dict[str, Value] = {"machine.colors": 16, "seed": 0, "on": True}
FOUND = Measured({"a": 1 << 62, "b": 0.1, "c": None}, ("c: why — not",), "completed", True)
NAMES = ("a", "b", "c")


def test_a_result_is_found_again_whatever_the_order_of_the_keys(tmp_path: Path) -> None:
    shelf = Cache(tmp_path / "new").shelf("id", NAMES)
    assert shelf.get(HERE) is None
    shelf.add(HERE, FOUND)
    shelf.close()
    again = Cache(tmp_path / "new")
    assert again.shelf("id", NAMES).get(dict(reversed(HERE.items()))) == FOUND
    assert again.shelf("id", NAMES).get({**HERE, "on": 1}) is None
    assert again.shelf("id", ("a", "b")).get(HERE) is None
    assert again.shelf("other", NAMES).get(HERE) is None
    assert (again.forget(), again.forget(), again.problem) == (1, 0, "")


def test_results_in_memory_are_found_again_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    memory = MemoryCache()
    shelf = memory.shelf("id", NAMES)
    assert shelf.get(HERE) is None
    shelf.add(HERE, FOUND)
    shelf.close()
    assert memory.shelf("id", NAMES).get(dict(reversed(HERE.items()))) == FOUND
    assert memory.shelf("id", ("a", "b")).get(HERE) is None
    assert MemoryCache().shelf("id", NAMES).get(HERE) is None
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_line_is_left_out_and_the_others_stay(tmp_path: Path) -> None:
    shelf = Cache(tmp_path).shelf("id", NAMES)
    for seed in range(3):
        shelf.add({"seed": seed}, FOUND)
    (path,) = tmp_path.iterdir()
    lines = path.read_bytes().split(b"\n")
    damaged = [
        line.replace(b"completed", b"Completed") if b'\\"seed\\":1' in line else line for line in lines
    ]
    path.write_bytes(b"\n".join(damaged) + b"\x00\xff\n{}\n" + b"[" * 100_000 + b"\n" + lines[1][:20])
    shelf.add({"seed": 3}, FOUND)
    shelf.close()
    again = Cache(tmp_path).shelf("id", NAMES)
    assert [again.get({"seed": seed}) for seed in range(4)] == [FOUND, None, FOUND, FOUND]


def test_a_point_whose_processes_died_is_measured_again(tmp_path: Path) -> None:
    shelf = Cache(tmp_path).shelf("id", NAMES)
    shelf.add(HERE, Measured({"a": None, "b": None, "c": None}, ("lost: why",), "lost", False))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_problem_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    broken = Cache(tmp_path / "file" / "experiments")
    shelf = broken.shelf("id", NAMES)
    shelf.add(HERE, FOUND)
    shelf.add({"seed": 1}, FOUND)
    assert broken.problem.startswith("results are not kept: ")
    assert broken.forget() == 0
    os.mkfifo(tmp_path / "id.lines")
    assert Cache(tmp_path).shelf("id", NAMES).get(HERE) is None


def test_the_oldest_files_go_when_all_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 400)
    for time, name in enumerate(("old", "newer")):
        (tmp_path / f"{name}.lines").write_bytes(b"x" * 300)
        os.utime(tmp_path / f"{name}.lines", (time, time))
    shelf = Cache(tmp_path).shelf("id", NAMES)
    shelf.add(HERE, FOUND)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["id", "newer"]
    (tmp_path / "newer.lines").write_bytes(b"x" * 500)
    large = Cache(tmp_path).shelf("newer", NAMES)
    large.add(HERE, FOUND)
    assert Cache(tmp_path).shelf("newer", NAMES).get(HERE) == FOUND


def test_the_folder_is_in_the_cache_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "pageq" / "experiments"
    assert Cache().folder == cache_folder()
