"""The web server: its paths, and its life from the first line that it prints to the last process that ends.

/SECRET/                the page
/SECRET/static/NAME     a file of `page.static_files`
/SECRET/ws              the websocket of a visit
/SECRET/download/KEY    a file that a visit offers
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from explorer.serve.children import Children
from explorer.serve.connection import CLOSING
from explorer.serve.downloads import Incomplete, headers_of
from explorer.serve.envelopes import LARGEST, first_size
from explorer.serve.guard import LOOPBACK, Guard, own_origin
from explorer.serve.listener import accepting, listening_socket, most_others
from explorer.serve.page import PAGE, policy, static_files
from explorer.serve.reception import GRACE, Reception

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end the server; the exit code is 128 + the signal's number."""

HEARTBEAT: Final = 30.0
"""Seconds after which a browser that sends nothing is asked whether it is still there."""

RETRY: Final = "10"
"""Seconds after which a browser may ask for a place again."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer; the secret is in the URL, which no other site may get."""

FORBIDDEN: Final = "403: this address is not right; ask for the one that pageq printed\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Settings:
    """What a server is started with.

    program:  the words of the fork server (`explorer.serve.children`).
    secret:   the first part of every path.
    host:     the address where it listens. port: 0 takes a free one.
    public:   the origins of proxies in front of it.
    sessions: how many visits there may be at once.
    idle:     seconds without a key after which a visit ends.
    grace:    seconds in which a process has to end.
    """

    program: Sequence[str]
    secret: str
    host: str = LOOPBACK
    port: int = 8000
    public: tuple[str, ...] = ()
    sessions: int = 8
    idle: float = 1800.0
    grace: float = GRACE


class Site:
    """The answers to requests.

    visits: the protocols of the connections that are visits.
    """

    def __init__(self, guard: Guard, reception: Reception) -> None:
        self._guard = guard
        self._reception = reception
        self._static = static_files()
        self.visits: set[object] = set()

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        application = web.Application(middlewares=[self._guarded])
        application.on_response_prepare.append(_with_headers)
        paths = {
            "": self._add_slash,
            "/": self._page,
            "/ws": self._socket,
            "/static/{name:.+}": self._file,
            "/download/{key}": self._download,
        }
        for path, handler in paths.items():
            # HEAD would use up a download.
            whole = path in ("/ws", "/download/{key}")
            application.router.add_get("/{secret}" + path, handler, allow_head=not whole)
        return application

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what the guard does not allow, before anything else is looked at."""
        first, _, rest = request.path.removeprefix("/").partition("/")
        known = self._guard.knows(first)
        if not known or not self._guard.allows(request.headers, socket=rest == "ws"):
            raise web.HTTPForbidden(text=FORBIDDEN)
        return await handler(request)

    async def _add_slash(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPPermanentRedirect(location=f"{request.match_info['secret']}/")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        """Send the page. If the server is full, it says so, and asks for a place itself.

        It is the same page: one that is loaded again has its old place until it is left.
        """
        headers = {"Content-Security-Policy": policy(request.host)}
        if self._reception.full:
            return web.FileResponse(PAGE, status=503, headers={**headers, "Retry-After": RETRY})
        return web.FileResponse(PAGE, headers=headers)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = self._static.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        # May be kept, but is asked for again: the address stays when the program changes.
        return web.FileResponse(path, headers={"Cache-Control": "private, no-cache"})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self._reception.full:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": RETRY})
        opened = web.WebSocketResponse(
            timeout=CLOSING, heartbeat=HEARTBEAT, compress=False, max_msg_size=LARGEST
        )
        await opened.prepare(request)
        if request.transport is not None:
            self.visits.add(request.protocol)
            try:
                await self._reception.receive(opened, request.transport, first_size(request.query))
            finally:
                self.visits.discard(request.protocol)
        return opened

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Send a file; without the rest of it, close the connection, so that it is not taken for whole."""
        try:
            download = self._reception.downloads.claim(request.match_info["key"])
        except KeyError:
            raise web.HTTPNotFound from None
        own = {"Content-Security-Policy": "default-src 'none'; sandbox"}
        response = web.StreamResponse(headers={**own, **headers_of(download)})
        await response.prepare(request)
        try:
            async for part in self._reception.downloads.parts(download):
                await response.write(part)
        except Incomplete:
            if request.transport is not None:
                request.transport.abort()
        return response


async def _with_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "pageq"  # aiohttp's own would name its version


# --- its life ---------------------------------------------------------------------------------------------


async def serve(settings: Settings, announce: Callable[[str], None], report: Callable[[str], None]) -> int:
    """Serve until a signal of ENDING, then end all processes; return 128 + the signal's number.

    A second signal kills the processes at once.

    announce: called with each URL when the server is ready. report: called with a line about what went wrong.
    Errors: BadInput if it cannot listen there, or the scenario cannot be opened.
    """
    signals = Signals()
    with listening_socket(settings.host, settings.port) as listener, _reported(report):
        children = Children(settings.program)
        try:
            if not await signals.interrupt(children.open()):
                await _serve(settings, listener, children, signals, announce, report)
        finally:
            await children.close()
    return signals.code


async def _serve(
    settings: Settings,
    listener: socket.socket,
    children: Children,
    signals: Signals,
    announce: Callable[[str], None],
    report: Callable[[str], None],
) -> None:
    reception = Reception(children, settings.sessions, settings.idle, report, settings.grace)
    async with answering(settings, listener, reception) as urls:
        for url in urls:
            announce(url)
        await signals.come()
        with suppress(TimeoutError):
            async with asyncio.timeout(settings.grace + CLOSING + 1):
                await signals.interrupt(reception.close())
        # Sockets of processes that are still there are closed by this.
        await children.close()


@asynccontextmanager
async def answering(
    settings: Settings, listener: socket.socket, reception: Reception
) -> AsyncIterator[tuple[str, ...]]:
    """Answer requests while the block runs, and yield the URLs of the page."""
    host, port = settings.host, listener.getsockname()[1]
    guard = Guard.of(settings.secret, host, port, settings.public)
    site = Site(guard, reception)
    # Nothing reads the content of a request: it is not unpacked either.
    options: dict[str, Any] = {"access_log": None, "auto_decompress": False}
    runner = web.AppRunner(site.application(), shutdown_timeout=CLOSING, **options)
    try:
        await runner.setup()
        assert runner.server is not None
        async with accepting(listener, runner.server, site.visits, most_others(settings.sessions)):
            origins = settings.public or (own_origin(host, port),)
            yield tuple(f"{origin}/{settings.secret}/" for origin in origins)
    finally:
        await runner.cleanup()


class Signals:
    """The signals of ENDING that come while this exists.

    code: 128 + the number of the first one; 0 before it.
    """

    def __init__(self) -> None:
        self.code = 0
        self._numbers: asyncio.Queue[int] = asyncio.Queue()
        for number in ENDING:
            asyncio.get_running_loop().add_signal_handler(number, self._numbers.put_nowait, number)

    async def come(self) -> None:
        """Wait for a signal."""
        number = await self._numbers.get()
        self.code = self.code or 128 + number

    async def interrupt(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do some work, and cancel it at a signal; return whether there was one.

        Errors: those of the work.
        """
        working, coming = asyncio.create_task(work), asyncio.create_task(self.come())
        try:
            await asyncio.wait([working, coming], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
            return coming.done()
        finally:
            for task in (working, coming):
                task.cancel()
            await asyncio.wait([working, coming])


class _Report(logging.Handler):
    """Gives what libraries log to `report`, a line each, without a traceback; what repeats, once.

    A request that is not HTTP is answered with 400; it is not reported, and may contain the secret.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            return
        about = f": {type(error).__name__}: {error}" if error is not None else ""
        line = f"a bug in pageq, please report it: {' '.join(record.getMessage().split())}{about}"
        if line != self._last:
            self._last = line
            self._report(line)


@contextmanager
def _reported(report: Callable[[str], None]) -> Iterator[None]:
    handler, root = _Report(report), logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
