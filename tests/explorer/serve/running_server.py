"""`pageq serve` as a process of its own, and what Linux says about it and its visits' processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[3]

LONG: Final = 60.0
"""Seconds after which a test on a busy machine stops to wait."""

SAID: Final = re.compile(r"http://\S+")


@dataclass(frozen=True)
class Server:
    """A running `pageq serve`.

    url: what it printed, with the secret and a slash at its end.
    """

    process: subprocess.Popen[str]
    url: str

    @property
    def origin(self) -> str:
        """The Origin that its own page has."""
        scheme, host, *_ = urlsplit(self.url)
        return f"{scheme}://{host}"

    @property
    def socket(self) -> str:
        """The address of a visit's websocket, without its query."""
        return f"{self.url.replace('http', 'ws', 1)}ws"

    def forker(self) -> int:
        """Return the id of the process that it forks its visits' processes from."""
        (found,) = _processes_of(self.process.pid)
        return found

    def visits(self) -> list[int]:
        """Return the ids of its visits' processes, in ascending order; not of those that have ended."""
        return [pid for pid, state in _processes_of(self.forker()).items() if state != "Z"]

    def zombies(self) -> list[int]:
        """Return the ids of its visits' processes that have ended and that nothing has waited for."""
        return [pid for pid, state in _processes_of(self.forker()).items() if state == "Z"]

    def open_files(self) -> int:
        """Return how many file descriptors it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def until_open_files(self, most: int) -> None:
        """Wait until it has at most this many open; a browser may keep a connection for a while."""
        end = time.monotonic() + LONG
        while (found := self.open_files()) > most:
            assert time.monotonic() < end, f"{found} open files, not {most}"
            time.sleep(0.05)

    def until_visits(self, number: int, seconds: float = LONG) -> list[int]:
        """Wait until it has this number of visits; return their processes' ids."""
        end = time.monotonic() + seconds
        while len(found := self.visits()) != number:
            assert time.monotonic() < end, f"{len(found)} visits after {seconds:g} s, not {number}"
            time.sleep(0.05)
        return found

    def interrupt(self) -> int:
        """Press Ctrl+C in its terminal; return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LONG)


def rss(pid: int) -> int:
    """Return a process's resident memory in bytes."""
    return _kib(f"/proc/{pid}/status", "VmRSS:")


def private(pid: int) -> int:
    """Return the memory in bytes that a process shares with no other: what ends with it."""
    rollup = f"/proc/{pid}/smaps_rollup"
    return _kib(rollup, "Private_Clean:") + _kib(rollup, "Private_Dirty:")


def cpu_seconds(pid: int) -> float:
    """Return the time that a process has had a processor for."""
    words = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _kib(path: str, name: str) -> int:
    """Return the value of a line `NAME N kB` of a file of Linux, in bytes."""
    return int(Path(path).read_text("ascii").split(name)[1].split()[0]) * 1024


def _processes_of(parent: int) -> dict[int, str]:
    """Return the states of a process's own processes by their ids, in ascending order."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it has ended since
            continue
        if int(words[1]) == parent:
            found[int(path.parent.name)] = words[0]
    return dict(sorted(found.items()))


@contextmanager
def serving(*words: str) -> Iterator[Server]:
    """Run `pageq serve WORDS` on a free port; it is ended after the block if it still runs."""
    command = [sys.executable, "-m", "explorer.cli", "serve", *words, "--port", "0"]
    around = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, env=around, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            found = SAID.search(line)
            assert found, f"{command} printed {line!r}"
            yield Server(process, found[0])
        finally:
            process.terminate()
            try:
                process.wait(LONG)
            finally:
                process.kill()
