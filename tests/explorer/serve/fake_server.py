"""A server in the test's own loop, whose visits are those of `fake_visit`, and browsers that visit it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from explorer.serve.children import Children
from explorer.serve.reception import Reception
from explorer.serve.server import Settings, answering
from tests.explorer.serve.fake_visit import FAKE

SECRET: Final = "a-secret-of-the-tests"

LONG: Final = 30.0
"""Seconds after which a test on a busy machine stops to wait."""


@dataclass
class Browser:
    """A websocket, and what the terminal and the page got over it."""

    socket: ClientWebSocketResponse
    drawn: str = ""
    said: str = ""

    async def type(self, *keys: str) -> None:
        """Type keys, each as a message of its own."""
        for one in keys:
            await self.socket.send_json(["stdin", one])

    async def until(self, text: str) -> None:
        """Wait until the terminal or the page got this text."""
        async with asyncio.timeout(LONG):
            while text not in self.drawn + self.said:
                message = await self.socket.receive()
                if message.type is WSMsgType.BINARY:
                    self.drawn += message.data.decode()
                else:
                    assert message.type is WSMsgType.TEXT, f"{message}, not {text!r}: {self.drawn!r}"
                    self.said += message.data

    async def end(self) -> int:
        """Wait until the server closes the socket; return its code."""
        async with asyncio.timeout(LONG):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code or 0


@dataclass
class Address:
    """A server, as a browser knows it."""

    url: str
    client: ClientSession

    @property
    def origin(self) -> str:
        """The origin of its own page."""
        return "http://" + urlsplit(self.url).netloc

    async def visit(self, path: str = "ws?width=100&height=30") -> Browser:
        """Open a visit."""
        headers = {"Origin": self.origin}
        return Browser(await self.client.ws_connect(self.url + path, headers=headers, max_msg_size=0))

    async def status(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        """Return the status of the answer to a request."""
        async with self.client.get(self.url + path, headers=headers or {}) as answer:
            return answer.status


@dataclass
class FakeServer(Address):
    """A server in the test's own loop.

    reported: the lines about what went wrong.
    """

    children: Children
    reception: Reception
    reported: list[str]

    def processes(self) -> int:
        """Return how many visitors' processes there are."""
        return len(self.children._ended)

    async def until_processes(self, number: int) -> None:
        """Wait until there are this many of them."""
        async with asyncio.timeout(LONG):
            while self.processes() != number:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def fake_server(**options: Any) -> AsyncIterator[FakeServer]:
    """Serve fake visits while the block runs. options: see Settings."""
    settings = replace(Settings(FAKE, SECRET, sessions=2, idle=60, grace=0.3), **options)
    reported: list[str] = []
    children = Children(settings.program)
    reception = Reception(children, settings.sessions, settings.idle, reported.append, settings.grace)
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        await children.open()
        async with answering(settings, listener, reception) as urls, ClientSession() as client:
            yield FakeServer(urls[0], client, children, reception, reported)
            await client.close()
            await reception.close()
    finally:
        await children.close()
        listener.close()
