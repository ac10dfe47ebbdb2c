"""The web server: who gets an answer, what a visit lasts, and what is left of it."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientError, ClientSession, WSServerHandshakeError

from engine.errors import BadInput
from explorer.serve.connection import End
from explorer.serve.envelopes import LARGEST
from explorer.serve.server import Settings, serve
from tests.explorer.serve.fake_server import LONG, SECRET, Address, fake_server
from tests.explorer.serve.fake_visit import CONTENT, FAKE

ROOT: Final = Path(__file__).resolve().parents[3]


async def refused(opening: object) -> int:
    """Return the status with which the server refuses a websocket."""
    with pytest.raises(WSServerHandshakeError) as error:
        await opening  # type: ignore[misc]
    return error.value.status


async def test_only_its_own_page_with_its_secret_gets_an_answer() -> None:
    async with fake_server() as server:
        port = server.origin.rpartition(":")[2]
        assert await server.status("") == 200
        assert await server.status("", {"Origin": server.origin, "Host": f"localhost:{port}"}) == 200
        assert await server.status("", {"Origin": "https://evil.example"}) == 403
        assert await server.status("", {"Host": f"evil.example:{port}"}) == 403
        assert await server.status("../another-secret-of-16/") == 403
        assert await server.status("../") == 403
        async with server.client.get(server.url.rstrip("/")) as answer:
            assert (str(answer.url), answer.status) == (server.url, 200), "the slash is added"
        opened = server.client.ws_connect
        assert await refused(opened(server.url + "ws")) == 403, "without an Origin"
        for origin in ("https://evil.example", "null", server.origin.replace("http", "https")):
            assert await refused(opened(server.url + "ws", headers={"Origin": origin})) == 403
        wrong = server.url.replace(SECRET, "another-secret-of-16")
        assert await refused(opened(wrong + "ws", headers={"Origin": server.origin})) == 403
        assert server.processes() == 0
        browser = await server.visit()
        await browser.until("100x30")
        await browser.type("a", "\ud800", "é")
        await browser.until("typed 'é'")
        await browser.socket.close()
        await server.until_processes(0)
        assert server.reported == []


@pytest.mark.slow
async def test_an_answer_has_the_headers_that_keep_the_secret() -> None:
    async with fake_server() as server:
        for path in ("", "static/page.js", "nothing", "../"):
            async with server.client.get(server.url + path) as answer:
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Server"] == "pageq"
                assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache")
                assert SECRET not in await answer.text()
        async with server.client.get(server.url) as answer:
            rules = answer.headers["Content-Security-Policy"].split("; ")
            assert rules[:2] == ["default-src 'none'", "script-src 'self'"]
            assert "frame-ancestors 'none'" in rules


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "static/",
        "static",
        "static/js",
        "static/js/",
        "static/nothing",
        "static/page.html",
        "static/../page.html",
        "static/..%2f..%2fserver.py",
        "static/%2e%2e/server.py",
        "static//etc/passwd",
        "static/js/textual.js/",
        "static/js/textual.js%00",
        "download/",
        "download/a-key",
        "download/..%2f..%2fetc%2fpasswd",
        "ws/",
        "templates/app_index.html",
    ],
)
async def test_no_other_path_is_there(path: str) -> None:
    async with fake_server() as server:
        host, _, port = server.origin.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"GET /{SECRET}/{path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()
        assert answer.split(b" ")[1] == b"404"
        assert server.reported == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "coding",
    ["Content-Encoding: gzip\r\nContent-Length: 6", "Transfer-Encoding: chunked"],
    ids=["gzip", "chunked"],
)
async def test_the_content_of_a_request_is_neither_read_nor_reported(coding: str) -> None:
    async with fake_server() as server:
        host, _, port = server.origin.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /{SECRET}/ HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{coding}"
        writer.write(f"{head}\r\n\r\nzzzz\r\n".encode())
        async with asyncio.timeout(LONG):
            answer = await reader.read()
        writer.close()
        assert answer.split(b" ")[1] in (b"400", b"405")
        assert server.reported == []


@pytest.mark.slow
async def test_connections_that_send_no_request_keep_no_visitor_out() -> None:
    async with fake_server(sessions=1) as server:
        host, _, port = server.origin.removeprefix("http://").partition(":")
        browser = await server.visit()
        idle = [await asyncio.open_connection(host, int(port)) for _ in range(200)]
        assert await server.status("") == 503
        await browser.type("a")
        await browser.until("typed 'a'")
        assert len(os.listdir("/dev/fd")) < 2 * 200 + 150
        for _, writer in idle:
            writer.close()


@pytest.mark.slow
async def test_a_server_has_no_more_visits_than_it_may() -> None:
    async with fake_server(sessions=1) as server:
        first = await server.visit()
        await first.until("100x30")
        await first.type("stop")
        for path, headers in (("", {}), ("ws", {"Origin": server.origin})):
            async with server.client.get(server.url + path, headers=headers) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        assert await refused(server.visit()) == 503
        # A page that is loaded again gets the place at once, though its process does not end.
        await first.socket.close()
        second = await server.visit()
        await second.until("100x30")
        assert server.processes() == 2
        await server.until_processes(1)


@pytest.mark.slow
async def test_processes_that_do_not_end_are_no_more_than_the_visits() -> None:
    async with fake_server(sessions=2, grace=LONG) as server:
        for _ in range(5):
            browser = await server.visit()
            await browser.until("100x30")
            await browser.type("stop", "a")
            await browser.socket.close()
        await server.until_processes(2)
        server.reception._grace = 0
        for pid in [*server.children._ended]:
            os.kill(pid, signal.SIGKILL)
        await server.until_processes(0)
        assert server.reported == []


@pytest.mark.slow
async def test_a_visit_ends_without_a_key_for_its_idle_time() -> None:
    async with fake_server(idle=0.6) as server:
        browser = await server.visit()
        await browser.until("100x30")
        start = time.monotonic()
        for _ in range(4):
            await asyncio.sleep(0.2)
            await browser.type("a")
            await browser.socket.send_json(["ping", "1"])
        await browser.until('["pong", "1"]')
        for _ in range(2):
            await asyncio.sleep(0.2)
            await browser.socket.send_json(["ping", "2"])
            await browser.socket.send_json(["focus"])
        assert await browser.end() == End.IDLE
        assert 1.2 < time.monotonic() - start < LONG
        await server.until_processes(0)


@pytest.mark.slow
async def test_a_process_that_dies_ends_its_own_visit_only() -> None:
    async with fake_server(sessions=3) as server:
        killed, died, other = [await server.visit() for _ in range(3)]
        for browser in (killed, died, other):
            await browser.until("100x30")
        os.kill(min(server.children._ended), signal.SIGKILL)
        assert await killed.end() == End.DIED
        while not server.reported:
            await asyncio.sleep(0.01)
        await died.type("die")
        assert await died.end() == End.DIED
        await other.type("a")
        await other.until("typed 'a'")
        while len(server.reported) < 2:
            await asyncio.sleep(0.01)
        assert server.reported[0].startswith("a visit was killed by signal 9")
        assert server.reported[1] == "a visit ended with exit code 3: what went wrong"
        assert server.processes() == 1


@pytest.mark.slow
@pytest.mark.parametrize("keys", ["stop", "busy"])
async def test_a_process_that_hangs_is_killed_and_holds_up_no_other(keys: str) -> None:
    async with fake_server() as server:
        hung, other = await server.visit(), await server.visit()
        await other.until("100x30")
        await hung.type(keys, *["x" * 100_000] * 20)
        for key in "ab":
            await other.type(key)
            await other.until(f"typed '{key}'")
        assert await hung.end() == End.HUNG
        await server.until_processes(1)


@pytest.mark.slow
async def test_a_browser_that_does_not_read_takes_no_memory() -> None:
    async with fake_server() as server:
        slow, other = await server.visit(), await server.visit()
        await slow.until("100x30")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        transport = slow.socket._conn.transport  # type: ignore[union-attr]
        transport.pause_reading()  # type: ignore[union-attr]
        await slow.type("flood")
        await asyncio.sleep(1)
        await other.type("a")
        await other.until("typed 'a'")
        # The process could have sent gigabytes.
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10
        transport.abort()  # type: ignore[union-attr]
        await server.until_processes(1)


HOSTILE: Final[list[str | bytes]] = [
    "",
    "nothing",
    "{}",
    "[]",
    "[[]]",
    "[1]",
    '"stdin"',
    "[" * 100_000,
    f"[{'1' * 5000}]",
    '["stdin"]',
    '["stdin", 1]',
    '["stdin", null]',
    '["resize", [80, 24]]',
    '["resize", {"width": 80}]',
    '["resize", {"width": 0, "height": 24}]',
    '["resize", {"width": true, "height": 24}]',
    '["resize", {"width": 80.5, "height": 24}]',
    '["resize", {"width": NaN, "height": 24}]',
    '["open"]',
    '["open", {"state": "pq1-"}]',
    '["ping", [1]]',
    b"\x00\xff",
    "x" * (LARGEST + 1),
]


@pytest.mark.slow
async def test_a_message_that_no_page_sends_ends_its_visit_only() -> None:
    async with fake_server() as server:
        other = await server.visit()
        for message in HOSTILE:
            browser = await server.visit()
            if isinstance(message, bytes):
                await browser.socket.send_bytes(message)
            else:
                await browser.socket.send_str(message)
            assert await browser.end() in (End.REFUSED, 1009), message[:50]
        await other.socket.send_json(["a later page", {"sends": "this"}])
        await other.socket.send_json(["resize", {"width": 5000, "height": 20}])
        await other.until('"width": 1000, "height": 20')
        await other.socket.send_json(["open", "pq1-state"])
        await other.until('{"type": "open", "state": "pq1-state"}')
        await other.type("share")
        await other.until('["state", "pq1-shared"]')
        assert server.reported == []


@pytest.mark.slow
async def test_a_file_is_sent_once_and_only_with_its_key() -> None:
    async with fake_server() as server:
        browser = await server.visit()
        assert await server.status("download/a-key") == 404
        await browser.type("file")
        await browser.until('["deliver_file_start", "a-key"]')
        async with server.client.head(server.url + "download/a-key") as answer:
            assert answer.status == 405
        async with server.client.get(server.url + "download/a-key") as answer:
            assert answer.headers["Content-Disposition"] == 'attachment; filename="a_b_X_y.html"'
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert await server.status("download/a-key") == 404, "it is on its way already"
            assert await answer.read() == CONTENT
        assert await server.status("download/a-key") == 404
        await browser.type("file")
        await browser.type("quit")
        assert await browser.end() == End.QUIT
        assert await server.status("download/a-key") == 404


@pytest.mark.slow
async def test_a_file_that_is_not_complete_is_not_taken_for_whole() -> None:
    async with fake_server() as server:
        browser = await server.visit()
        await browser.type("file", "stop")
        await browser.until("deliver_file_start")
        async with server.client.get(server.url + "download/a-key") as answer:
            await browser.socket.close()
            with pytest.raises(ClientError):
                await answer.read()


@pytest.mark.slow
async def test_a_visit_has_nothing_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGEQ_SECRET", SECRET)
    async with fake_server() as server:
        browser = await server.visit()
        await browser.type("around")
        await browser.until("]")
        variables, files, written = json.loads(browser.drawn.removeprefix("100x30"))
        assert SECRET not in json.dumps(variables)
        assert not {"PATH", "USER", "XDG_DATA_HOME"} & variables.keys()
        assert files == []
        # Root may make a file in any folder; it stays empty.
        assert written in ("File too large", "Permission denied")
        assert [path.stat().st_size for path in Path(variables["HOME"]).iterdir()] in ([], [0])
    assert not Path(variables["HOME"]).exists()


@pytest.mark.slow
async def test_a_fork_server_that_dies_is_started_again() -> None:
    async with fake_server() as server:
        browser = await server.visit()
        await browser.until("100x30")
        assert server.children._process is not None
        server.children._process.kill()
        assert await browser.end() == End.DIED
        again = await server.visit()
        await again.until("100x30")
        assert server.processes() == 1


@pytest.mark.slow
async def test_what_keeps_the_server_from_starting_is_one_message() -> None:
    settings = Settings([*FAKE, "--refused"], SECRET, port=0)
    with pytest.raises(BadInput) as error:
        await serve(settings, print, print)
    assert str(error.value) == "my.toml:3: this is not a scenario\\u001b[31m"
    with pytest.raises(BadInput, match=r"cannot listen on port 1 of 192\.0\.2\.1: .*; give an address"):
        await serve(Settings(FAKE, SECRET, "192.0.2.1", 1), print, print)


# --- the process ------------------------------------------------------------------------------------------

PROGRAM: Final = f"""
import asyncio, sys
from explorer.serve.server import Settings, serve
from tests.explorer.serve.fake_visit import FAKE
settings = Settings(FAKE, {SECRET!r}, port=0, grace=float(sys.argv[1]))
print(asyncio.run(serve(settings, lambda url: print(url, flush=True), print)))
"""


@contextmanager
def served(grace: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server with fake visits as a process of its own, and its URL."""
    words = [sys.executable, "-c", PROGRAM, str(grace)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


async def not_http(url: str) -> None:
    """Send what is not HTTP; the server answers 400 and does not print it."""
    host, _, port = urlsplit(url).netloc.partition(":")
    for request in (b"\x16\x03\x01\r\n\r\n", f"GET /{SECRET}{'/a' * 9000} HTTP/1.1\r\n\r\n".encode()):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        assert (await reader.read()).startswith(b"HTTP/1.0 400 ")
        writer.close()


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in found.split()]


def until_gone(pids: list[int]) -> None:
    """Wait until none of these processes is there any more."""
    end = time.monotonic() + LONG
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < end, f"{pids} are still there"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="asks Linux for the processes")
@pytest.mark.parametrize(
    ("signals", "grace", "code"),
    [
        ([signal.SIGINT], 0.5, 130),
        ([signal.SIGTERM], 0.5, 143),
        ([signal.SIGINT, signal.SIGINT], 60, 130),
        ([signal.SIGKILL], 60, None),
    ],
    ids=["Ctrl+C", "SIGTERM", "Ctrl+C twice", "SIGKILL"],
)
async def test_the_end_of_a_server_is_that_of_its_processes(
    signals: list[signal.Signals], grace: float, code: int | None
) -> None:
    with served(grace) as (process, url):
        async with ClientSession() as client:
            server = Address(url, client)
            browsers = [await server.visit(), await server.visit()]
            for browser in browsers:
                await browser.until("100x30")
            await browsers[0].type("stop")
            await not_http(url)
            (fork_server,) = children_of(process.pid)
            folder = os.readlink(f"/proc/{fork_server}/cwd")
            forks = children_of(fork_server)
            assert len(forks) == 2
            for number in signals:
                process.send_signal(number)
                await asyncio.sleep(0.1)
            if code is not None:
                assert await browsers[1].end() == End.STOPPED
        said, _ = await asyncio.to_thread(process.communicate, timeout=LONG)
        until_gone([fork_server, *forks])
        assert not Path(folder).exists()
    assert said == ("" if code is None else f"{code}\n")
