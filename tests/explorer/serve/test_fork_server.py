"""The loop of a process that forks, as the server talks to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from explorer.serve.children import environment_of
from tests.explorer.serve.fake_server import LONG
from tests.explorer.serve.fake_visit import FAKE

Answers = Callable[[], dict[str, int]]


@contextmanager
def forking() -> Iterator[tuple[socket.socket, Answers, subprocess.Popen[bytes]]]:
    """A fork server of fake visits: the socket to it, what it says next, its process."""
    own, other = socket.socketpair()
    with own, subprocess.Popen(FAKE, stdin=other.fileno(), env=environment_of({}, "/")) as process:
        other.close()
        own.settimeout(LONG)
        lines = own.makefile("rb")
        yield own, lambda: json.loads(lines.readline() or b"{}"), process
        lines.close()


def test_a_fork_has_its_pipes_and_ends_when_asked_killed_or_left() -> None:
    with forking() as (control, answer, process):
        assert answer() == {"ready": True}
        (stdin, to_stdin), (from_stdout, stdout) = os.pipe(), os.pipe()
        # Three requests in two parts, which the socket may join.
        request = b'{"start": [90, 20]}\n'
        socket.send_fds(control, [request * 2 + request[:5]], [stdin, stdout] * 2)
        socket.send_fds(control, [request[5:]], [stdin, stdout])
        pids = [answer()["started"] for _ in range(3)]
        os.close(stdin)
        os.close(stdout)
        shown = b""
        while shown.count(b"90x20") < 3:
            shown += os.read(from_stdout, 1000)
        # A process that is not its fork is not killed.
        control.sendall(b'{"kill": %d}\n{"kill": %d}\n' % (os.getpid(), pids[0]))
        assert answer() == {"ended": pids[0], "status": -signal.SIGKILL}
        control.shutdown(socket.SHUT_RDWR)
        assert process.wait(LONG) == 0
        with os.fdopen(from_stdout, "rb") as rest:
            assert rest.read() == b"", "and all have ended"
        os.close(to_stdin)
