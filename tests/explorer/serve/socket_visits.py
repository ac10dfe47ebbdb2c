"""A visitor without a browser: the websocket of a visit, with the right Origin, in the test's process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.explorer.serve.running_server import LONG, Server

SIZE: Final = (120, 40)


class SocketVisit:
    """One visit.

    shown: all bytes for the terminal that have come so far.
    frames: how many messages for the terminal have come.
    """

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.shown = bytearray()
        self.frames = 0
        self.came = asyncio.Event()
        self.ended = False

    async def receive(self) -> None:
        """Receive messages until the visit ends."""
        async for message in self.socket:
            if message.type is WSMsgType.BINARY:
                self.shown += message.data
                self.frames += 1
                self.came.set()
        self.ended = True
        self.came.set()

    async def next_frame(self, seconds: float) -> bool:
        """Wait this long for a message for the terminal; return whether one came."""
        self.came.clear()
        try:
            await asyncio.wait_for(self.came.wait(), seconds)
        except TimeoutError:
            return False
        assert not self.ended, f"the visit ended:\n{bytes(self.shown[-2000:])!r}"
        return True

    async def wait_for(self, text: str) -> None:
        """Wait until the terminal was sent this text, in one piece."""
        end = time.monotonic() + LONG
        while text.encode() not in self.shown:
            assert time.monotonic() < end, f"{text!r} was not shown:\n{bytes(self.shown[-2000:])!r}"
            await self.next_frame(0.2)

    async def settled(self, quiet: float) -> None:
        """Wait until nothing comes for `quiet` seconds."""
        while await self.next_frame(quiet):
            pass

    async def type(self, keys: str) -> None:
        """Send keys as the terminal does."""
        await self.socket.send_json(["stdin", keys])

    async def first_byte(self, keys: str) -> float:
        """Type keys; return the seconds until the first byte for the terminal comes."""
        begin = time.perf_counter()
        await self.type(keys)
        assert await self.next_frame(LONG), f"no answer to {keys!r}"
        return time.perf_counter() - begin


@asynccontextmanager
async def socket_visit(server: Server, size: tuple[int, int] = SIZE) -> AsyncIterator[SocketVisit]:
    """Open a visit; it is closed after the block, as a tab of a browser is."""
    address = f"{server.socket}?width={size[0]}&height={size[1]}"
    async with (
        ClientSession(headers={"Origin": server.origin}) as session,
        session.ws_connect(address, max_msg_size=0) as socket,
    ):
        visit = SocketVisit(socket)
        receiving = asyncio.create_task(visit.receive())
        try:
            yield visit
        finally:
            await socket.close()
            await receiving
