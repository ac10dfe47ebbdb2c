"""The cost of progress: opening pageq and listing the library with all of the course done; adding an answer.

The progress file has every page and every question of the library under three seeds. Openings with it and
without it take turns, so that the machine's load is the same for both.
"""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from engine.scenario.library import OWN
from engine.scenario.outline import read_outline
from explorer.session.progress import OWN_COURSE, FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add

FIRST_FRAME_RATIO, LIST_S = 1.1, 0.3
WRITE_MS = 33.0  # a frame of playback
SEEDS: Final = (None, 1, 2)
ROOT: Final = Path(__file__).parents[2]


def large() -> Progress:
    """Return the progress of a user who has read and answered everything, under three seeds."""
    return Progress({OWN_COURSE: {name: _whole(path) for name, path in OWN.files().items()}})


def _whole(path: Path) -> Work:
    outline = read_outline(path)
    answers = tuple(
        FirstAnswer(question, "PQ_ACTIVE, at the head of its queue", True, seed, 1_700_000_000)
        for question in outline.questions
        for seed in SEEDS
    )
    return Work(frozenset(range(1, outline.pages + 1)), True, answers)


def first_frame(data: Path) -> float:
    """Return the seconds from starting `pageq` on a terminal to the footer of its first frame.

    data: the XDG data folder.
    """
    begin = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.environ |= {"TERM": "xterm-256color", "XDG_DATA_HOME": str(data)}
        os.execv(sys.executable, [sys.executable, "-m", "explorer.cli"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    while b"quit" not in seen:
        seen += os.read(terminal, 65536)
    taken = time.perf_counter() - begin
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken


def listing(data: Path) -> float:
    """Return the seconds that `pageq list` takes."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "explorer.cli", "list"]
    env = {**os.environ, "XDG_DATA_HOME": str(data)}
    out = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True).stdout
    taken = time.perf_counter() - begin
    assert out.count("✓".encode()) == len(OWN.names)
    return taken


def writing(path: Path, number: int) -> float:
    """Return the milliseconds that adding one answer to the file takes."""
    begin = time.perf_counter()
    answer = FirstAnswer(f"q{number}", "PQ_NONE", True, None, number)
    add(path, record(OWN_COURSE, "tour", Work(answers=(answer,))))
    return 1000 * (time.perf_counter() - begin)


def measure(runs: int = 9) -> list[dict[str, Any]]:
    """Return rows {name, median, unit, target, ratio}."""
    with TemporaryDirectory() as folder:
        clean, kept = Path(folder, "clean"), Path(folder, "kept")
        path = kept / "pageq" / "progress.json"
        add(path, large())
        first_frame(clean)  # the first one also fills the caches of the system
        frames = [(first_frame(clean), first_frame(kept)) for _ in range(runs)]
        without, with_it = (statistics.median(times) for times in zip(*frames, strict=True))
        lists = statistics.median(listing(kept) for _ in range(runs))
        writes = statistics.median(writing(path, number) for number in range(runs))
        size = path.stat().st_size // 1000
    return [
        _row(
            f"pageq, first frame, {size} kB of progress over none", with_it / without, "", FIRST_FRAME_RATIO
        ),
        _row("pageq list with all of the course done", lists, "s", LIST_S),
        _row("adding an answer to that file", writes, "ms", WRITE_MS),
    ]


def _row(name: str, median: float, unit: str, target: float) -> dict[str, Any]:
    ratio = round(median / target, 3)
    return {"name": name, "median": round(median, 4), "unit": unit, "target": target, "ratio": ratio}
