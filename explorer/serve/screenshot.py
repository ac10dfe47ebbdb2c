"""The picture of the screen in a browser: python -m explorer.serve.screenshot FILE

It shows what `pageq serve` shows a visitor, and needs Chromium and playwright, of the extra `test`. The
command of the pictures, `python -m explorer.tui.screenshots`, runs it as a process of its own. Chromium draws
its letters, so that unlike the other pictures, it may differ from computer to computer.

xterm draws on a canvas, so that the page has no text to wait for. The text is read from xterm's own buffer:
CATCH, which runs before the page's scripts, waits for the object that textual.js makes as `this.terminal`.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.saved.state_string import encode, token_of
from engine.scenario.loader import load
from explorer.session.whole_file import replace_file

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

SIZE: Final = (1280, 800)
"""The size of the browser's window, in pixels."""

SCENARIO, STEP = "life-of-a-page", 41

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=2",
)

CATCH: Final = """
Object.defineProperty(Object.prototype, "terminal", {
  configurable: true,
  get() { return undefined; },
  set(value) {
    Object.defineProperty(this, "terminal", {value, writable: true, configurable: true, enumerable: true});
    if (value && value.buffer) window.caughtTerminal = value;
  },
});
"""

LINES: Final = """() => {
  const terminal = window.caughtTerminal, lines = [];
  for (let y = 0; terminal && y < terminal.rows; y++) {
    lines.push(terminal.buffer.active.getLine(y).translateToString(false, 0, terminal.cols));
  }
  return lines;
}"""

SECONDS: Final = 60.0
"""The time that the picture may take."""

STILL_S: Final = 0.5
"""The screen does not change for this long: no page moves any more."""


def path_of_chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the installed Chromium with a fresh profile; close it after the block.

    Errors: ImportError without playwright.
    """
    from playwright.async_api import async_playwright  # noqa: PLC0415  of the extra `test`

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path_of_chromium(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


async def terminal_lines(page: Page) -> list[str]:
    """Return the lines of the page's terminal, none before it opens; CATCH must have run in the page."""
    found: list[str] = await page.evaluate(LINES)
    return found


def missing() -> str | None:
    """Return the first program or package that the picture needs and this computer does not have."""
    if path_of_chromium() is None:
        return "Chromium"
    packages = {"playwright": "playwright", "textual_serve": "textual-serve"}
    return next((name for package, name in packages.items() if find_spec(package) is None), None)


async def take(url: str) -> bytes:
    """Make the picture, a PNG of SIZE, at the address that `pageq serve` printed.

    Errors: TimeoutError if the moment is not shown within SECONDS.
    """
    async with asyncio.timeout(SECONDS), chromium() as browser:
        page = await browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        await page.add_init_script(CATCH)
        await page.goto(f"{url}#{_moment()}")
        before: list[str] = []
        while f" t {STEP}/" not in "".join(now := await terminal_lines(page)) or now != before:
            before = now
            await asyncio.sleep(STILL_S)
        return await page.screenshot()


def _moment() -> str:
    scenario = load(SCENARIO)
    history = scenario.start()
    history.extend(STEP)
    return encode(token_of(scenario, history))


@contextmanager
def _served() -> Iterator[str]:
    """Run `pageq serve`, and give its address."""
    command = [sys.executable, "-m", "explorer.cli", "serve", SCENARIO, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            process.terminate()


def main(path: Path) -> None:
    """Write the picture to a file; where something is missing, say so and leave the file as it is."""
    name = f"{path.parent.name}/{path.name}"
    if (needed := missing()) is not None:
        print(f"{name} is not made again: {needed} is not installed")
        return
    with _served() as url:
        replace_file(path, asyncio.run(take(url)))
    print(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
