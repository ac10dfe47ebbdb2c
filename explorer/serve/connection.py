"""One visit, as the server has it: the websocket of a browser, and the process of its screen."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from enum import IntEnum
from typing import Any, Final

from aiohttp import WSMessage, WSMsgType, web
from aiohttp.http_websocket import WebSocketError
from textual_serve._binary_encode import DecodeError, load
from textual_serve.app_service import AppService

from explorer.serve.children import Child
from explorer.serve.downloads import Downloads
from explorer.serve.envelopes import LARGEST_STATE, BadEnvelope, Meta, Ping, Typed, read_envelope

LARGEST_PACKET: Final = 16 << 20
"""Bytes of the largest packet of a process: a frame, or a part of a download."""

CLOSING: Final = 2.0
"""Seconds in which a browser has to answer that the socket is closed."""

MARK: Final = b"__GANGLION__\n"
"""The line before the packets of Textual's driver."""


class End(IntEnum):
    """Why a visit ended: the code with which the websocket is closed; the page says it in words."""

    LEFT = 1000  # by the browser
    QUIT = 4000  # by the application
    IDLE = 4001
    DIED = 4002
    STOPPED = 4003  # by the server
    REFUSED = 4004  # after a message that the page does not send
    HUNG = 4005
    UNAVAILABLE = 4006  # no process could be started


class Connection(AppService):
    """A browser and a process: each gets what the other sends, until one of them ends.

    idle: seconds without a key, the mouse or a new size, after which the visit ends.
    """

    def __init__(
        self, socket: web.WebSocketResponse, child: Child, downloads: Downloads, idle: float
    ) -> None:
        super().__init__(
            "",
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=self._close,
            download_manager=downloads,
        )
        self.child = child
        self._socket = socket
        self._idle = idle
        self._watched = True
        self._quit = False
        self._stopped: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    async def last(self) -> End:
        """Pass on what both sides send until the visit ends, and return why it did."""
        self.reading = asyncio.create_task(self._read())
        listening = asyncio.create_task(self._listen())
        ends = (self.reading, listening, self._stopped)
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._watched = False
            self.draining = asyncio.create_task(self._drain())
            listening.cancel()
            await asyncio.wait([listening])
        return next(end.result() for end in ends if end in done)

    def give_up(self) -> None:
        """End the visit, since the server ends."""
        if not self._stopped.done():
            self._stopped.set_result(End.STOPPED)

    async def _close(self) -> None:
        """The base class closes the socket without a reason; `Reception` closes it."""

    async def ask_to_quit(self) -> None:
        """Ask the process to end, and give up its downloads."""
        await self._download_manager.cancel_app_downloads(self.app_service_id)
        await self.send_meta({"type": "quit"})

    async def send_bytes(self, data: bytes) -> bool:
        """Send keys to the process; return whether it reads them."""
        return self.child.send(self.encode_packet(b"D", data))

    async def send_meta(self, data: Any) -> bool:
        """Send a message to the process; return whether it reads it."""
        return self.child.send(self.encode_packet(b"M", json.dumps(data).encode()))

    # --- from the process to the browser ------------------------------------------------------------------

    async def _read(self) -> End:
        """Read the packets of the process until it says that it ends, or there are no more."""
        stdout = self.child.stdout
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            await stdout.readuntil(MARK)
            while not self._quit:
                head = await stdout.readexactly(5)
                size = int.from_bytes(head[1:], "big")
                if size > LARGEST_PACKET:
                    return End.DIED
                await self._pass_on(head[:1], await stdout.readexactly(size))
        return End.QUIT if self._quit else End.DIED

    async def _drain(self) -> None:
        """Read what a process still sends, so that it is not held up, and drop it."""
        await asyncio.wait([self.reading])
        while await self.child.stdout.read(1 << 16):
            pass

    async def _pass_on(self, kind: bytes, payload: bytes) -> None:
        if not self._watched:
            return
        try:
            if kind == b"D":
                await self.on_data(payload)
            elif kind == b"M":
                await self.on_meta(payload)
            elif kind == b"P":
                await self.on_packed(payload)
        except (ConnectionError, RuntimeError):
            self._watched = False  # the browser has left

    async def on_meta(self, data: bytes) -> None:
        """Handle a message of the process: a file, a state string, or that it ends; no other."""
        message = json.loads(data)
        kind = message["type"]
        if kind == "exit":
            self._quit = True
        elif kind == "deliver_file_start":
            await super().on_meta(data)
        elif kind == "state" and len(message["state"]) <= LARGEST_STATE:
            await self.remote_write_str(json.dumps(["state", message["state"]]))

    async def on_packed(self, payload: bytes) -> None:
        """Handle a part of a download; one that cannot be read ends the download, which waits for it."""
        with suppress(DecodeError, ValueError):
            load(payload)
            await super().on_packed(payload)

    # --- from the browser to the process ------------------------------------------------------------------

    async def _listen(self) -> End:
        """Read what the browser sends until it leaves, or does nothing for too long."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self._idle) as limit:
                async for message in self._socket:
                    end, used = await self._heard(message)
                    if end is not None:
                        return end
                    if used:
                        limit.reschedule(clock() + self._idle)
                    await asyncio.sleep(0)  # a browser that sends without end is not the only one
        except TimeoutError:
            return End.IDLE
        return End.LEFT

    async def _heard(self, message: WSMessage) -> tuple[End | None, bool]:
        """Handle a message; return why the visit ends, or None, and whether the visitor did something."""
        if message.type is not WSMsgType.TEXT:
            # An error that is not about what it sent: it does not answer any more.
            lost = message.type is WSMsgType.ERROR and not isinstance(message.data, WebSocketError)
            return End.LEFT if lost else End.REFUSED, False
        try:
            envelope = read_envelope(message.data)
        except BadEnvelope:
            return End.REFUSED, False
        if isinstance(envelope, Ping):
            with suppress(ConnectionError):
                await self._socket.send_json(["pong", envelope.text])
            return None, False
        if isinstance(envelope, Typed):
            return (None if await self.send_bytes(envelope.text) else End.HUNG), True
        if isinstance(envelope, Meta):
            return (None if await self.send_meta(dict(envelope.content)) else End.HUNG), envelope.used
        return None, False
