"""`pageq serve` in a real Chromium: what a visitor sees, who is refused, and what is left of the visits."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import ClientSession, WSServerHandshakeError, web

from engine.saved.state_string import encode, token_of
from engine.scenario.loader import load
from explorer.serve.screenshot import chromium, missing
from tests.explorer.serve.browser_visits import Visitor, tabs, visit
from tests.explorer.serve.running_server import LONG, Server, rss, serving
from tests.explorer.serve.socket_visits import socket_visit

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(missing() is not None, reason=f"{missing()} is not installed"),
]

SCENARIO, TITLE = "second-chance", "Second chance"
AT_START = " t 0/0"

PLACES = 20

SMALL = (660, 400)
"""The size in pixels of the windows that are many."""

ENDS_S = 10.0
"""A visit's process ends within 5 s after its page closed; the rest is for a busy machine."""

LEFT_BYTES = 4 << 20
"""What a server may have kept after fifty visits; its allocator keeps some of what it frees."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(SCENARIO, "--sessions", str(PLACES)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(server: Server, browser: Browser) -> AsyncIterator[Visitor]:
    """Visit the shared server; afterwards, check that nothing went wrong in the browser."""
    async with visit(browser, server.url) as visitor:
        await visitor.wait_for(AT_START)
        yield visitor
        assert visitor.problems == []


def moment(step: int) -> str:
    """Return the state string of a step of the scenario."""
    scenario = load(SCENARIO)
    history = scenario.start()
    history.extend(step)
    return encode(token_of(scenario, history))


async def test_the_screen_opens_and_steps(visitor: Visitor) -> None:
    assert TITLE in await visitor.text()
    assert await visitor.page.title() == "pageq"
    await takes_a_step(visitor)
    assert "app sets used to 0x55" in await visitor.text()
    await visitor.press("S")
    await visitor.wait_for(" t 0/1")


async def test_a_click_on_a_tile_shows_that_page(server: Server, browser: Browser) -> None:
    async with visit(browser, f"{server.url}#{moment(9)}") as visitor:
        await visitor.wait_for("── page pager.both")
        await visitor.click("pager.unused")
        await visitor.wait_for("── page pager.unused")
        assert visitor.problems == []


async def test_the_terminal_fills_the_window_again_after_a_resize(visitor: Visitor) -> None:
    wide = await visitor.lines()
    await visitor.page.set_viewport_size({"width": 700, "height": 500})
    # The terminal is narrow before the frame for it has come; this is in the footer of that frame only.
    await visitor.wait_for("2 page 8 code 3 threads")
    await visitor.wait_for("r read on  ? help")
    narrow = await visitor.lines()
    assert len(narrow) < len(wide)
    assert len(narrow[0]) < len(wide[0])


async def test_a_moment_opens_from_the_address_and_from_a_change_of_it(
    server: Server, browser: Browser
) -> None:
    async with visit(browser, f"{server.url}#{moment(41)}") as visitor:
        await visitor.wait_for(" t 41/")
        await visitor.page.evaluate("hash => { location.hash = hash; }", moment(30))
        await visitor.wait_for(" t 30/")
        assert visitor.problems == []


async def test_ctrl_v_pastes_and_ctrl_c_copies_what_is_selected(server: Server, browser: Browser) -> None:
    async with visit(browser, server.url) as visitor:
        await visitor.wait_for(AT_START)
        await visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await visitor.page.evaluate("navigator.clipboard.writeText('tour')")
        await visitor.press(*":open ", "Control+v")
        await visitor.wait_for(":open tour")
        await visitor.press("Control+c")  # nothing is selected: the program gets it
        await takes_a_step(visitor)
        await visitor.page.evaluate("window.caughtTerminal.selectLines(0, 0)")
        await visitor.press("Control+c")
        await visitor.says("the selected text is copied")
        copied = await visitor.page.evaluate("navigator.clipboard.readText()")
        assert copied.split() == (await visitor.lines())[0].split()
        assert visitor.problems == []


async def test_a_copied_moment_is_the_address_and_opens_for_another_visitor(
    visitor: Visitor, server: Server, browser: Browser
) -> None:
    await takes_a_step(visitor)
    await visitor.press("y")
    while "#pq1-" not in visitor.page.url:
        await asyncio.sleep(0.05)
    await visitor.says("state string")
    async with visit(browser, visitor.page.url) as other:
        await other.wait_for(" t 1/1")
        assert other.problems == []


async def test_an_export_is_a_download(visitor: Visitor) -> None:
    async with visitor.page.expect_download() as coming:
        await visitor.press("e")
    download = await coming.value
    assert download.suggested_filename.endswith(".svg")
    picture = Path(await download.path()).read_text("utf-8")
    assert picture.startswith("<svg")
    assert TITLE in picture.replace("&#160;", " ")


STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"


async def test_without_the_secret_there_is_no_screen(server: Server, browser: Browser) -> None:
    wrong = re.sub(r"/[^/]+/$", "/not-the-secret/", server.url)
    async with visit(browser, wrong) as visitor:
        assert await visitor.page.evaluate(STATUS) == 403
        assert await visitor.lines() == []


FROM_ELSEWHERE = """([socket, page]) => Promise.all([
  new Promise(done => {
    const opened = new WebSocket(socket);
    opened.onopen = () => done("open");
    opened.onerror = () => done("refused");
  }),
  fetch(page).then(() => "read", () => "refused"),
  new Promise(done => {
    const frame = document.createElement("iframe");
    frame.onload = () => done("a frame");
    frame.src = page;
    document.body.append(frame);
  }),
])"""
"""A page that knows the secret tries the websocket, the page, and the page as a frame of its own."""


@asynccontextmanager
async def elsewhere() -> AsyncIterator[str]:
    """Serve an empty page on another port of this computer, and give its address."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<body></body>", content_type="text/html")

    runner = web.ServerRunner(web.Server(page))  # type: ignore[arg-type]
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def test_a_page_of_another_origin_gets_nothing(server: Server, browser: Browser) -> None:
    async with elsewhere() as url:
        page = await browser.new_page()
        await page.goto(url)
        tried = await page.evaluate(FROM_ELSEWHERE, [f"{server.socket}?width=80&height=24", server.url])
        frame = page.frames[1].url
        await page.context.close()
    assert tried == ["refused", "refused", "a frame"]
    assert frame.startswith("chrome-error:")


async def test_a_websocket_from_elsewhere_is_refused(server: Server) -> None:
    address = f"{server.socket}?width=80&height=24"
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {}):
        async with ClientSession(headers=headers) as session:
            with pytest.raises(WSServerHandshakeError) as refused:
                await session.ws_connect(address)
            assert refused.value.status == 403


async def test_fifty_visits_leave_nothing(server: Server, browser: Browser) -> None:
    """Twenty are tabs at once; there is no place for one more until the process of one of them is killed."""
    await look_in(server, 10)
    before, files = memory_of(server), server.open_files()
    async with tabs(browser, server.url, PLACES, SMALL) as visitors:
        await asyncio.gather(*(visitor.wait_for(AT_START) for visitor in visitors))
        async with visit(browser, server.url) as late:
            await late.says("the server is full")
            os.kill(server.visits()[7], signal.SIGKILL)
            others = await all_but_the_one_that_ended(visitors)
            await late.page.reload()
            await late.wait_for(AT_START)
            await asyncio.gather(*(takes_a_step(visitor) for visitor in others))
        assert [visitor.problems for visitor in others] == [[]] * (PLACES - 1)
    await asyncio.to_thread(server.until_visits, 0, ENDS_S)
    await look_in(server, 20)
    assert memory_of(server) - before < LEFT_BYTES
    await asyncio.to_thread(server.until_open_files, files)
    assert server.zombies() == []


async def look_in(server: Server, times: int) -> None:
    """Visit the server without a browser, ten visits at once, and leave after the first frame."""
    for _ in range(0, times, 10):
        async with AsyncExitStack() as stack:
            opening = [stack.enter_async_context(socket_visit(server)) for _ in range(10)]
            for visit in await asyncio.gather(*opening):
                await visit.wait_for(TITLE)
        await asyncio.to_thread(server.until_visits, 0, ENDS_S)


def memory_of(server: Server) -> int:
    """Return the memory of the server and of the process that it forks visits from, in bytes."""
    return rss(server.process.pid) + rss(server.forker())


async def all_but_the_one_that_ended(visitors: list[Visitor]) -> list[Visitor]:
    """Wait until one of the pages says that its visit ended; return the others."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        going_on = [visitor for visitor in visitors if "has ended" not in await visitor.said()]
        if len(going_on) < len(visitors):
            assert len(going_on) == len(visitors) - 1
            return going_on
    raise AssertionError("no page says that its visit ended")


async def takes_a_step(visitor: Visitor) -> None:
    """Step from the start of the scenario."""
    await visitor.press("s")
    await visitor.wait_for(" t 1/1")


async def test_a_visit_ends_without_keys_and_all_end_at_ctrl_c(browser: Browser) -> None:
    with serving(SCENARIO, "--idle", "10s") as server:
        async with visit(browser, server.url) as visitor:
            await visitor.says("nothing was typed")
            await asyncio.to_thread(server.until_visits, 0, ENDS_S)
            await visitor.page.get_by_role("button").click()
            await visitor.wait_for(AT_START)
            assert visitor.problems == []
            processes = [server.forker(), *server.visits()]
            assert len(processes) == 2
            assert await asyncio.to_thread(server.interrupt) == 130
            assert [pid for pid in processes if Path(f"/proc/{pid}").exists()] == []
            await visitor.says("the server was stopped")
