"""The socket on which the server listens, and its connections that are not visits.

A browser needs a few connections to load the page, for a short time. A program can open any number, and send
nothing on them: without a limit, they take all files that the server may open, and no visitor gets in.
"""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
from collections.abc import AsyncIterator, Set
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from engine.errors import BadInput

FEWEST: Final = 64
"""Connections that are not visits, and that the server keeps whatever its limit of open files."""

PER_VISIT: Final = 6
"""Connections that a browser opens to load the page."""

_OWN: Final = 64
"""Files that the server has open without a connection."""

_BURST: Final = 128
"""Connections that are made at once, before the server closes others for them."""


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address of this computer.

    Errors: BadInput if it cannot.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        of_port = number in (errno.EADDRINUSE, errno.EACCES)
        why = os.strerror(number) if number is not None and number > 0 else "there is no such address"
        right = "another one with --port, or --port 0 for a free one"
        advice = right if of_port else "an address of this computer with --host"
        raise BadInput(f"cannot listen on port {port} of {host[:80]}: {why}; give {advice}") from error


def most_others(sessions: int) -> int:
    """Return how many connections may be open that are not visits.

    Raises the limit of open files to what that needs, as far as the system allows. A visit has a socket and
    two pipes; as many visits may be ending.
    """
    others = FEWEST + PER_VISIT * sessions
    visits = _OWN + _BURST + 6 * sessions
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < visits + others:
        most = visits + others
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        others = max(FEWEST, soft - visits)
    return others


@asynccontextmanager
async def accepting(
    listener: socket.socket, server: web.Server, visits: Set[object], most: int
) -> AsyncIterator[None]:
    """Accept connections while the block runs.

    visits: the protocols of the connections that are visits. most: how many others there may be; at a new one
    the oldest is closed.
    """

    def connect() -> asyncio.Protocol:
        others = [one for one in server.connections if one not in visits]
        for one in others[: len(others) - most + 1] if len(others) >= most else ():
            if one.transport is not None:
                one.transport.abort()
        return server()

    accepted = await asyncio.get_running_loop().create_server(connect, sock=listener)
    try:
        yield
    finally:
        accepted.close()
