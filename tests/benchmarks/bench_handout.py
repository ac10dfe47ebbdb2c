"""The cost of handouts and of questions for Moodle: seconds of a whole command, and bytes of a page."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.bench_screen import _row

NAME: Final = "life-of-a-page"
"""A lesson with more than ten moments."""

SECONDS, MEGABYTES, PICTURE_MS = 5.0, 1.5, 200.0

RUNS: Final = 5
ROOT: Final = Path(__file__).parents[2]

Row = dict[str, Any]


def _seconds(*words: str) -> float:
    """Seconds of wall time of a command, from its start to its end."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "explorer.cli", *words], cwd=ROOT, check=True)
    return time.perf_counter() - begin


def measure() -> list[Row]:
    """The benchmarks of handouts: name, median, unit, target, ratio of median to target."""
    with tempfile.TemporaryDirectory() as folder:
        page, quiz = Path(folder, "page.html"), Path(folder, "quiz.xml")
        taken = statistics.median(_seconds("handout", NAME, "--key", "-o", str(page)) for _ in range(RUNS))
        words = ["questions", "--level", "beginner", "--format", "moodle-xml", "-o", str(quiz)]
        pictures = _seconds(*words)
        return [
            _row(f"handout {NAME}", taken, "s", SECONDS),
            _row(f"handout {NAME}, its page", page.stat().st_size / 1e6, "MB", MEGABYTES),
            _row(
                "questions for Moodle",
                1e3 * pictures / quiz.read_text().count("<file "),
                "ms each",
                PICTURE_MS,
            ),
        ]


if __name__ == "__main__":
    for figure in measure():
        print(figure)
