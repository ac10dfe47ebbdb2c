"""pageq in a pseudo-terminal, as a user has it: keys, what the terminal gets, signals, the exit code."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]

LONG: Final = 60.0
"""Seconds after which a test on a busy machine stops to wait."""

INHERITED: Final = ("TMUX", "STY", "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR")
"""Environment variables of the terminal that runs the tests; they are not those of the pseudo-terminal."""


class Terminal:
    """A program with a pseudo-terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, slave: int) -> None:
        self.process = process
        self.master = master
        self.slave = slave
        self.shown = b""
        self.closed = False

    def read(self, seconds: float) -> bytes:
        """Return what the program writes within this time; it is added to `shown`."""
        found, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], min(left, 0.05))[0]:
                found += os.read(self.master, 65536)
        self.shown += found
        return found

    def wait_for(self, text: str) -> None:
        """Wait until the program has written this text."""
        end = time.monotonic() + LONG
        while text.encode() not in self.shown:
            assert time.monotonic() < end, f"{text!r} was not shown:\n{self.text[-2000:]}"
            code = self.process.poll()  # asked first: what it wrote before its end is then read
            self.read(0.05)
            if code is not None:
                assert text.encode() in self.shown, f"ended with {code}:\n{self.text[-2000:]}"

    def type(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self.master, keys)

    def wait(self) -> int:
        """Wait for the end of the program, read what it still writes, and return its exit code."""
        end = time.monotonic() + LONG
        while self.process.poll() is None:
            assert time.monotonic() < end, "the program does not end"
            self.read(0.02)
        self.read(0.05)
        return self.process.returncode

    def hang_up(self) -> None:
        """Close the terminal, as its window does."""
        os.close(self.slave)
        os.close(self.master)
        self.closed = True

    @property
    def text(self) -> str:
        """All that the program has written, without escape sequences."""
        return re.sub(r"\x1b(\[[?<>]?[\d;]*\$?[A-Za-z]|[=>()].?)", "", self.shown.decode(errors="replace"))

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, and takes it line by line."""
        flags = termios.tcgetattr(self.slave)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON and flags & termios.ISIG)

    @property
    def on_other_screen(self) -> bool:
        """Whether the last switch was to the alternate screen."""
        return self.shown.rfind(b"\x1b[?1049h") > self.shown.rfind(b"\x1b[?1049l")


@contextmanager
def terminal(
    *words: str,
    size: tuple[int, int] = (80, 24),
    program: str = "",
    stdin: IO[Any] | None = None,
    stderr: IO[Any] | None = None,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
) -> Iterator[Terminal]:
    """Run `pageq WORDS` in a pseudo-terminal of columns x lines; it is killed at the end if it still runs.

    program: Python code to run instead. stdin, stderr: streams that are not the terminal.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    around = {name: value for name, value in os.environ.items() if name not in INHERITED}
    process = subprocess.Popen(
        [sys.executable, "-c", _START, *(["-c", program] if program else ["-m", "explorer.cli"]), *words],
        stdin=stdin or slave,
        stdout=slave,
        stderr=stderr or slave,
        cwd=cwd,
        env={**around, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **(env or {})},
    )
    shown = Terminal(process, master, slave)
    try:
        yield shown
    finally:
        process.kill()
        process.wait()
        if not shown.closed:
            shown.hang_up()


_START: Final = """\
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(1, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the pseudo-terminal the controlling one, which has a session of its own, and starts pageq."""
