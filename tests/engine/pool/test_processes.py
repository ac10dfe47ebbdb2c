"""Every part is done once by the processes of a pool, whatever happens to a process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import closing
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.pool.processes import TRIES, Answer, Lost, PartFailed, answers


def worker(folder: str) -> Callable[[int], int]:
    """Notes each part that it is given in a folder; may do what the part asks for."""
    return partial(do_part, Path(folder))


def do_part(folder: Path, number: int) -> int:
    tries = len(list(folder.glob(f"{number}-*")))
    (folder / f"{number}-{tries}").touch()
    if number == 3 or (number == 5 and tries == 0):
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 101:
        raise BadInput("part 101 is not wanted", file="parts", line=7)
    return 1 // (102 - number) * number if number >= 100 else number * number


@pytest.mark.slow
def test_a_part_whose_process_dies_is_done_again_and_counts_once(tmp_path: Path) -> None:
    parts = [4, 3, 5, 6, 7]
    found = [one for one in answers(worker, (str(tmp_path),), parts, 2) if one is not None]
    assert sorted(one.number for one in found) == [0, 1, 2, 3, 4]
    values = {one.number: one.value for one in found if isinstance(one, Answer)}
    assert values == {0: 16, 2: 25, 3: 36, 4: 49}
    assert [one for one in found if isinstance(one, Lost)] == [Lost(1)]
    assert len(list(tmp_path.glob("3-*"))) == TRIES
    assert len(list(tmp_path.glob("5-*"))) == 2


@pytest.mark.slow
def test_an_error_of_a_part_is_raised_here_with_its_place(tmp_path: Path) -> None:
    with (
        pytest.raises(BadInput, match=r"^parts:7: part 101 is not wanted$"),
        closing(answers(worker, (str(tmp_path),), [101], 1)) as found,
    ):
        list(found)
    with pytest.raises(PartFailed, match="ZeroDivisionError"):
        list(answers(worker, (str(tmp_path),), [102], 1))


@pytest.mark.slow
def test_ending_the_answers_ends_the_processes(tmp_path: Path) -> None:
    with closing(answers(sleeper, (str(tmp_path),), [1, 1], 2)) as found:
        seen: set[int] = set()
        while len(seen) < 2:
            assert next(found) is None
            seen = {int(path.name) for path in tmp_path.iterdir()}
    for process in seen:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def sleeper(folder: str) -> Callable[[int], int]:
    (Path(folder) / str(os.getpid())).touch()
    return sleep


def sleep(part: int) -> int:
    signal.pause()
    return part


def blocked() -> Callable[[int], bool]:
    return lambda _: signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.slow
def test_the_first_process_does_not_get_ctrl_c_either(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a new program: the first process starts the tracker, which unblocks the signal.
    tracker = resource_tracker.ResourceTracker()
    monkeypatch.setattr(resource_tracker, "ensure_running", tracker.ensure_running)
    monkeypatch.setattr(resource_tracker, "getfd", tracker.getfd)
    found = [answer for answer in answers(blocked, (), [0], 1) if answer is not None]
    tracker._stop()  # type: ignore[attr-defined]
    assert found == [Answer(0, True)]
