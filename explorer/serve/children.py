"""The visitors' processes, as the server has them: started by a fork server, ended by it.

Nothing here waits for a process that does not answer: what it does not read is not sent, and after a time it
is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

import explorer
from engine.errors import BadInput
from explorer.views.safe_text import safe

PROGRAM: Final = (sys.executable, "-P", "-m", "explorer.serve.visit", "--forks")
"""The fork server; -P, so that the current folder is not searched for modules."""

INHERITED: Final = ("LC_ALL", "LC_CTYPE", "LANG", "TZ", "LD_LIBRARY_PATH")
"""The only variables of the server that a visitor's process has."""

OWN: Final = {
    "TEXTUAL_FPS": "60",
    "TEXTUAL_COLOR_SYSTEM": "truecolor",
    "TERM": "xterm-256color",
    "PYTHONUTF8": "1",
    # One thread: a fork has no other, and the threads of NumPy would each take memory.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}

STARTING: Final = 30.0
"""Seconds in which the fork server has to start a process."""

STOPPING: Final = 5.0
"""Seconds in which the fork server has to kill its forks and end."""

UNREAD: Final = 256 << 10
"""Bytes that a process has not read, after which it counts as hung."""

_SAID: Final = 4096


class Unavailable(Exception):
    """No process can be started now."""


class Child:
    """A visitor's process.

    stdout: what it sends. ended: done when it has ended, with its exit code, negative for a signal.
    """

    def __init__(
        self,
        pid: int,
        stdin: asyncio.WriteTransport,
        stdout: asyncio.StreamReader,
        ended: asyncio.Future[int],
    ) -> None:
        self.pid = pid
        self.stdout = stdout
        self.ended = ended
        self._stdin = stdin

    def send(self, packet: bytes) -> bool:
        """Send a packet, without waiting until it is read; return False if the process seems hung."""
        if self._stdin.get_write_buffer_size() > UNREAD:
            return False
        if not self._stdin.is_closing():
            self._stdin.write(packet)
        return True

    def close(self) -> None:
        """Close its stdin, whatever it has not read yet."""
        if not self._stdin.is_closing():
            self._stdin.abort()


class Children:
    """The fork server of a web server, and the processes that it has started.

    words: the fork server's program and arguments.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._starting = asyncio.Lock()
        self._started: asyncio.Future[int] | None = None
        self._process: Process | None = None
        self._control: socket.socket | None = None
        self._following: list[asyncio.Task[None]] = []
        self._ready = False
        self._said = b""
        self._folder = mkdtemp(prefix="pageq-serve-")
        os.chmod(self._folder, 0o500)

    def take_said(self) -> str:
        """Return the last line that the processes have printed on stderr since the last call."""
        lines, self._said = self._said.decode("utf-8", "replace").split("\n"), b""
        return safe(next((line.strip() for line in reversed(lines) if line.strip()), ""))

    async def open(self) -> None:
        """Start the fork server.

        Errors: BadInput with its message if it does not start.
        """
        self._ready = False
        self._control, other = socket.socketpair()
        self._control.setblocking(False)
        with other:
            self._process = await asyncio.create_subprocess_exec(
                *self._words,
                stdin=other.fileno(),
                stdout=DEVNULL,
                stderr=PIPE,
                env=environment_of(os.environ, self._folder),
                cwd=self._folder,
                # Ctrl+C in the server's terminal is for the server.
                start_new_session=True,
            )
        assert self._process.stderr is not None
        reader, self._writer = await asyncio.open_connection(sock=self._control)
        listening = asyncio.create_task(self._listen(self._process.stderr))
        self._following = [listening]
        if not await reader.readline():
            await listening
            with suppress(TimeoutError):
                async with asyncio.timeout(STOPPING):
                    await self._process.wait()
            await self.close()
            raise BadInput(self.take_said() or "the process of the visits does not start")
        self._ready = True
        self._following.append(asyncio.create_task(self._follow(reader)))

    async def start(self, columns: int, lines: int) -> Child:
        """Start a process with a screen of this size.

        Errors: Unavailable.
        """
        async with self._starting:
            if not self._following or self._following[-1].done():
                await self._open_again()
            stdin, to_stdin = os.pipe()
            from_stdout, stdout = os.pipe()
            try:
                pid = await self._pid_of(columns, lines, [stdin, stdout])
            except (OSError, TimeoutError) as error:
                os.close(to_stdin)
                os.close(from_stdout)
                raise Unavailable("no process can be started") from error
            finally:
                os.close(stdin)
                os.close(stdout)
        return Child(pid, await _written(to_stdin), await _read(from_stdout), self._ended[pid])

    async def _pid_of(self, columns: int, lines: int, files: list[int]) -> int:
        assert self._control is not None
        self._started = asyncio.get_running_loop().create_future()
        request = json.dumps({"start": [columns, lines]}).encode() + b"\n"
        socket.send_fds(self._control, [request], files)
        async with asyncio.timeout(STARTING):
            return await self._started

    async def _open_again(self) -> None:
        """Start another fork server after the first one has ended."""
        await self._end_fork_server()
        try:
            await self.open()
        except BadInput as error:
            raise Unavailable(str(error)) from error

    def kill(self, child: Child) -> None:
        """Kill a process, and what it has started."""
        if self._control is None:
            return  # the fork server has ended, and its forks with it
        with suppress(OSError):
            self._control.send(json.dumps({"kill": child.pid}).encode() + b"\n")

    async def close(self) -> None:
        """End all processes and the fork server, and remove their folder."""
        await self._end_fork_server()
        rmtree(self._folder, ignore_errors=True)

    async def _end_fork_server(self) -> None:
        """Let the fork server kill its forks and end; kill it if it does not."""
        control, process = self._control, self._process
        self._control = self._process = None
        if control is not None:
            with suppress(OSError):  # it has ended
                control.shutdown(socket.SHUT_RDWR)
        if process is not None:
            try:
                # Before it is ready, it does not listen, and has no forks.
                async with asyncio.timeout(STOPPING if self._ready else 0):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._following:
            await asyncio.wait(self._following, timeout=STOPPING)
            for task in self._following:
                task.cancel()
            self._writer.close()

    async def _follow(self, reader: asyncio.StreamReader) -> None:
        """Note what the fork server says; when it has ended, kill what it left."""
        with suppress(ConnectionError):
            while line := await reader.readline():
                self._note(json.loads(line))
        for pid, ended in self._ended.items():
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            ended.set_result(-signal.SIGKILL)
        self._ended.clear()

    def _note(self, message: Mapping[str, int]) -> None:
        if "ended" in message:
            self._ended.pop(message["ended"]).set_result(message["status"])
            return
        pid = message["started"]
        self._ended[pid] = asyncio.get_running_loop().create_future()
        if self._started is not None and not self._started.done():
            self._started.set_result(pid)

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        while said := await stderr.read(_SAID):
            self._said = (self._said + said)[-_SAID:]


def environment_of(server: Mapping[str, str], home: str) -> dict[str, str]:
    """Return the environment of a visitor's process: nothing of the server's but its language and time zone.

    home: an empty folder, in which settings and sessions are looked for, and not found.
    """
    inherited = {name: server[name] for name in INHERITED if name in server}
    paths = [str(Path(explorer.__file__).parents[1]), *server.get("PYTHONPATH", "").split(os.pathsep)]
    found = os.pathsep.join(dict.fromkeys(os.path.abspath(path) for path in paths if path))
    return {"LANG": "C.UTF-8", **inherited, **OWN, "HOME": home, "PYTHONPATH": found}


async def _written(descriptor: int) -> asyncio.WriteTransport:
    pipe = os.fdopen(descriptor, "wb", 0)
    transport, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, pipe)
    return transport


async def _read(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", 0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader
