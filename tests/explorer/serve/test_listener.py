"""The socket of the server, and the connections on it that are not visits."""

from __future__ import annotations

import asyncio
import resource

import pytest
from aiohttp import web

from engine.errors import BadInput
from explorer.serve.listener import FEWEST, PER_VISIT, accepting, listening_socket, most_others

Limits = tuple[int, int]


async def _answer(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text="here")


async def test_a_connection_too_many_closes_the_oldest_that_is_not_a_visit() -> None:
    server = web.Server(_answer)
    visits: set[object] = set()
    with listening_socket("127.0.0.1", 0) as listener:
        address = listener.getsockname()
        async with accepting(listener, server, visits, 2):
            visitor, keys = await asyncio.open_connection(*address)
            while not server.connections:
                await asyncio.sleep(0)
            visits.update(server.connections)
            others = [await asyncio.open_connection(*address) for _ in range(4)]
            async with asyncio.timeout(10):
                assert [await reader.read() for reader, _ in others[:2]] == [b"", b""]
            for _, writer in (*others[2:], (visitor, keys)):
                writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            for reader, _ in (*others[2:], (visitor, keys)):
                assert await reader.readuntil(b"here")
            for _, writer in (*others, (visitor, keys)):
                writer.close()
        await server.shutdown()


@pytest.mark.parametrize(
    ("limits", "raised", "others"),
    [
        ((1024, 4096), None, FEWEST + 8 * PER_VISIT),
        ((256, 4096), 352, FEWEST + 8 * PER_VISIT),
        ((256, 320), 320, 80),
        ((64, 64), 64, FEWEST),
    ],
)
def test_the_connections_fit_the_limit_of_open_files(
    limits: Limits, raised: int | None, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Limits] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: found.append(given))
    assert most_others(8) == others
    assert found == ([] if raised is None else [(raised, limits[1])])


def test_an_address_on_which_it_cannot_listen_is_one_message() -> None:
    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"port {port} of 127\.0\.0\.1: Address already in use; give"):
            listening_socket("127.0.0.1", port)
    with pytest.raises(BadInput, match="give an address of this computer with --host"):
        listening_socket("192.0.2.1", 0)
    with pytest.raises(BadInput, match="no such address; give an address of this computer"):
        listening_socket("a..b", 0)
