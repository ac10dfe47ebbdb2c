"""A visitor with a browser: a page of Chromium, the text on its terminal, keys and clicks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from explorer.serve.screenshot import CATCH, SIZE, terminal_lines
from tests.explorer.serve.running_server import LONG

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page, Request

CELL: Final = """() => {
  const box = document.querySelector(".xterm-screen").getBoundingClientRect();
  const terminal = window.caughtTerminal;
  return [box.x, box.y, box.width / terminal.cols, box.height / terminal.rows];
}"""


class Visitor:
    """One page of a browser.

    problems: console errors (what the Content-Security-Policy forbids is one), errors of scripts, and
    requests to another host than the server's.
    """

    def __init__(self, page: Page, host: str) -> None:
        self.page = page
        self.host = host
        self.problems: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("data", "blob") and asked.netloc != self.host:
            self.problems.append(f"request: {request.url}")

    async def lines(self) -> list[str]:
        """Return the terminal's lines; none if it is not open yet."""
        return await terminal_lines(self.page)

    async def text(self) -> str:
        """Return the terminal's text."""
        return "\n".join(await self.lines())

    async def wait_for(self, text: str) -> str:
        """Wait until the terminal shows this text; return all of the terminal's text."""
        return await self._until(self.text, text)

    async def says(self, text: str) -> str:
        """Wait until the page says this beside the terminal; return all that it says, in lower case."""
        return await self._until(self.said, text)

    async def said(self) -> str:
        """Return what the page says beside the terminal, in lower case."""
        return (await self.page.locator("body").inner_text()).lower()

    async def _until(self, read: Callable[[], Awaitable[str]], text: str) -> str:
        end = time.monotonic() + LONG
        while text not in (shown := await read()):
            assert time.monotonic() < end, f"{text!r} was not shown:\n{shown}"
            await asyncio.sleep(0.05)
        return shown

    async def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def click(self, text: str) -> None:
        """Click the first cell of the first line that has this text, where it has it."""
        lines = await self.lines()
        row = next(number for number, line in enumerate(lines) if text in line)
        left, top, width, height = await self.page.evaluate(CELL)
        column = lines[row].index(text)
        await self.page.mouse.click(left + (column + 0.5) * width, top + (row + 0.5) * height)


@asynccontextmanager
async def tabs(
    browser: Browser, url: str, number: int, size: tuple[int, int] = SIZE
) -> AsyncIterator[list[Visitor]]:
    """Open tabs at `url` in a window with cookies and storage of its own; close them after the block."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
    try:
        await context.add_init_script(CATCH)
        host = urlsplit(url).netloc
        visitors = [Visitor(await context.new_page(), host) for _ in range(number)]
        await asyncio.gather(*(visitor.page.goto(url) for visitor in visitors))
        yield visitors
    finally:
        await context.close()


@asynccontextmanager
async def visit(browser: Browser, url: str) -> AsyncIterator[Visitor]:
    """Open one tab at `url`, as `tabs` does."""
    async with tabs(browser, url, 1) as (visitor,):
        yield visitor
