"""The files that a browser loads: the page, its style and script, and the terminal of textual-serve."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final

HERE: Final = Path(__file__).parent

PAGE: Final = HERE / "page.html"

THEIRS: Final = (
    "css/xterm.css",
    "js/textual.js",
    "fonts/RobotoMono-VariableFont_wght.ttf",
    "fonts/RobotoMono-Italic-VariableFont_wght.ttf",
)
"""The files of textual-serve that the page names."""


def static_files() -> Mapping[str, Path]:
    """Return the static files by their path after `static/`; no other file is sent.

    Errors: ImportError without textual-serve.
    """
    found = find_spec("textual_serve")
    if found is None or found.origin is None:
        raise ImportError("textual_serve")
    folder = Path(found.origin).parent / "static"
    own = {name: HERE / name for name in ("page.css", "page.js")}
    return MappingProxyType({**own, **{name: folder / name for name in THEIRS}})


def policy(host: str) -> str:
    """Return the Content-Security-Policy of the page: everything from the server itself.

    Styles may be in the page, since the terminal makes some for its colours and its size.

    host: the server's, as the browser has it; some browsers do not count a websocket to it as 'self'.
    """
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
