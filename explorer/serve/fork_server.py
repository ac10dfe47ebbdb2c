"""A process that forks: one fork for each visit, each with pipes of its own.

A new Python takes a second to import the screen, and 60 MB. A fork of a process that has imported it takes a
few milliseconds, and shares the memory that it does not change.

The server and this process are connected by a socket, with a line of JSON for each message:

    server                                        this process
                                                  {"ready": true}
    {"start": [columns, lines]} + two files       {"started": pid}
    {"kill": pid}                                 {"ended": pid, "status": exit code or -signal}

The files become stdin and stdout of the fork. Only this process may wait for its forks, so it also kills
them: a pid that it has not waited for cannot be another process. When the socket is closed, the server is
gone: all forks are killed. Imports neither Textual nor NumPy, and starts no thread.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

CONTROL: Final = 0
"""The descriptor of the socket in this process: its stdin."""

_LONGEST: Final = 65536


class ForkServer:
    """The forks of this process.

    visit: what a fork runs, with the columns and lines of its screen.
    """

    def __init__(self, control: socket.socket, visit: Callable[[int, int], None]) -> None:
        self._control = control
        self._visit = visit
        self._forks: set[int] = set()
        self._text = b""
        self._files: deque[int] = deque()

    def run(self) -> None:
        """Fork when asked, until the socket is closed; then kill the forks."""
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.setblocking(False)
        # A signal needs a handler of Python's to write to the socket.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            self._inherited = (woken, wake, selector)
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            with suppress(OSError):  # the server is gone
                self._say(ready=True)
                while self._served(selector, woken):
                    pass
        for pid in self._forks:
            _kill(pid)

    def _served(self, selector: selectors.BaseSelector, woken: socket.socket) -> bool:
        """Wait for a message or the end of a fork; return whether the server is still there."""
        ready = {key.fileobj for key, _ in selector.select()}
        if woken in ready:
            woken.recv(_LONGEST)
        self._reap()
        return self._control not in ready or self._read()

    def _read(self) -> bool:
        received, files, *_ = socket.recv_fds(self._control, _LONGEST, 64)
        self._files += files
        *lines, self._text = (self._text + received).split(b"\n")
        for line in lines:
            self._do(json.loads(line))
        return bool(received)

    def _do(self, message: dict[str, Any]) -> None:
        if "start" in message:
            self._fork(*message["start"])
        elif message["kill"] in self._forks:
            _kill(message["kill"])

    def _fork(self, columns: int, lines: int) -> None:
        stdin, stdout = self._files.popleft(), self._files.popleft()
        pid = os.fork()
        if pid == 0:
            self._become_visit(stdin, stdout, columns, lines)
        os.close(stdin)
        os.close(stdout)
        self._forks.add(pid)
        self._say(started=pid)

    def _become_visit(self, stdin: int, stdout: int, columns: int, lines: int) -> NoReturn:
        """In the fork: leave what belongs to the parent, and run the visit.

        A process group of its own can be killed as a whole.
        """
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for one in self._inherited:
                one.close()
            os.dup2(stdin, 0)  # the parent's socket, closed by this
            os.dup2(stdout, 1)
            os.closerange(3, max(stdin, stdout, *self._files, 64) + 1)
            self._visit(columns, lines)
            code = 0
        finally:
            # Never back into the loop of the parent.
            if code:
                sys.excepthook(*sys.exc_info())
            os._exit(code)

    def _reap(self) -> None:
        """Wait for the forks that have ended, and report them."""
        while self._forks:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self._forks.discard(pid)
            self._say(ended=pid, status=os.waitstatus_to_exitcode(status))

    def _say(self, **message: object) -> None:
        self._control.sendall(json.dumps(message).encode() + b"\n")


def _kill(pid: int) -> None:
    """Kill a fork and what it has started; it may not have its own group yet."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def serve_forks(visit: Callable[[int, int], None]) -> None:
    """Be the fork server of the process that has the other end of CONTROL.

    At the end, the empty folder that the server made for it is removed: the server may have been killed.
    """
    with socket.socket(fileno=CONTROL) as control:
        ForkServer(control, visit).run()
    with suppress(OSError):  # it is not empty, or removed already
        if os.environ.get("HOME") == os.getcwd():
            os.rmdir(os.getcwd())
