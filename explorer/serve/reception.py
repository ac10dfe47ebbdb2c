"""The visits of a server: how many there may be, and how one ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from aiohttp import web

from explorer.serve.children import Child, Children, Unavailable
from explorer.serve.connection import CLOSING, Connection, End
from explorer.serve.downloads import Downloads

GRACE: Final = 5.0
"""Seconds in which a process has to end after its socket closed."""


class Reception:
    """The open visits, and the processes of visits that end.

    A visit has its place until its socket closes: a page that is loaded again takes no second one, though the
    process of the first may take GRACE to end. As many processes may be ending as there are places.

    most: places. idle: see Connection. report: called with a line about a process that failed.
    """

    def __init__(
        self,
        children: Children,
        most: int,
        idle: float,
        report: Callable[[str], None],
        grace: float = GRACE,
    ) -> None:
        self.downloads = Downloads()
        self._children = children
        self._most = most
        self._idle = idle
        self._grace = grace
        self._report = report
        self._taken = 0
        self._open: set[Connection] = set()
        self._ending: list[Child] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self.closed = False

    @property
    def full(self) -> bool:
        """Whether there is no place for another visit."""
        return self.closed or self._taken >= self._most

    async def receive(
        self, socket: web.WebSocketResponse, browser: asyncio.Transport, size: tuple[int, int]
    ) -> None:
        """Start a process for a browser, and let the visit last until it ends. The caller has asked `full`.

        browser: the transport under the socket. size: the columns and lines of the screen.
        """
        self._taken += 1
        end = End.UNAVAILABLE
        with self._noted():
            try:
                connection = Connection(socket, await self._children.start(*size), self.downloads, self._idle)
                end = await self._visit(connection)
            except Unavailable as error:
                self._report(f"a visit does not start: {error}")
            finally:
                self._taken -= 1
                await _close(socket, browser, end)

    async def _visit(self, connection: Connection) -> End:
        end = End.LEFT
        self._open.add(connection)
        if self.closed:
            connection.give_up()
        try:
            end = await connection.last()
        finally:
            self._open.discard(connection)
            self._tasks.add(asyncio.create_task(self._end(connection, end)))
        return end

    async def _end(self, connection: Connection, end: End) -> None:
        """Let the process of a visit end, and kill it if it does not."""
        with self._noted():
            status = await self._status_of(connection)
        if end is End.DIED:
            said = self._children.take_said() if status > 0 else ""
            self._report(f"a visit {_ended(status)}{f': {said}' if said else ''}")

    async def _status_of(self, connection: Connection) -> int:
        child = connection.child
        self._ending.append(child)
        for oldest in self._ending[: -self._most]:
            self._children.kill(oldest)
        await connection.ask_to_quit()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                await asyncio.shield(child.ended)
        if not child.ended.done():
            self._children.kill(child)
        status = await child.ended
        self._ending.remove(child)
        child.close()
        connection.draining.cancel()
        await asyncio.wait([connection.draining])
        return status

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note the current task, for which `close` waits."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    async def close(self) -> None:
        """End all visits, and let no other start; return when all processes have ended."""
        self.closed = True
        for connection in self._open:
            connection.give_up()
        while self._tasks:
            await asyncio.wait([*self._tasks])


def _ended(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with exit code {status}"


async def _close(socket: web.WebSocketResponse, browser: asyncio.Transport, end: End) -> None:
    """Close a socket, whether its browser reads or not."""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(CLOSING):
            await socket.close(code=end, message=end.name.lower().encode())
    if browser.get_write_buffer_size():
        browser.abort()
