"""Chromium without a network, driven through chromedriver by its HTTP protocol (W3C WebDriver)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
CHROMEDRIVER: Final = shutil.which("chromedriver")

MISSING: Final = "Chromium or chromedriver is not installed"

SWITCHES: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"),
)

SECONDS: Final = 60


class Browser:
    """A session of the browser: `open` a file, run a `script` in it, press a `key`."""

    def __init__(self, session: str) -> None:
        self._session = session

    def open(self, path: Path) -> None:
        """Go to a file."""
        _post(f"{self._session}/url", {"url": path.as_uri()})

    def script(self, text: str) -> Any:
        """Run the body of a JavaScript function; return its value."""
        return _post(f"{self._session}/execute/sync", {"script": text, "args": []})

    def press(self, key: str) -> None:
        """Press and release a key."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        _post(f"{self._session}/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})


def _post(url: str, content: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    # A proxy of the environment is not for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=SECONDS) as answer:
        return json.load(answer)["value"]


@contextmanager
def browser(*switches: str) -> Iterator[Browser]:
    """Start a browser; it ends with the block."""
    assert CHROMIUM is not None
    assert CHROMEDRIVER is not None
    with (
        tempfile.TemporaryDirectory() as profile,
        subprocess.Popen([CHROMEDRIVER, "--port=0"], stdout=subprocess.PIPE, text=True) as driver,
    ):
        try:
            assert driver.stdout is not None
            port = next(found[1] for line in driver.stdout if (found := re.search(r"on port (\d+)\.", line)))
            options = {"binary": CHROMIUM, "args": [*SWITCHES, f"--user-data-dir={profile}", *switches]}
            wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
            base = f"http://127.0.0.1:{port}/session"
            session = f"{base}/{_post(base, wanted)['sessionId']}"
            yield Browser(session)
            closing = urllib.request.Request(session, method="DELETE")
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                closing, timeout=SECONDS
            ).close()
        finally:
            driver.terminate()
