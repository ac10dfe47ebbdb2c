"""A fork server whose visits do not show a screen: they do what the keys say, in Textual's protocol.

The program of `FAKE` is this file.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final, NoReturn

from explorer.serve.confinement import confine
from explorer.serve.fork_server import serve_forks

FAKE: Final = (sys.executable, "-P", str(Path(__file__)))

CONTENT: Final = b"0123456789" * 20_000
"""The file that a visit offers at the keys `file`."""

_FILE: Final = io.BytesIO(CONTENT)


def main() -> None:
    """Start visits until the server is gone."""
    if "--refused" in sys.argv:
        print("my.toml:3: this is not a scenario\x1b[31m", file=sys.stderr)
        sys.exit(2)
    serve_forks(_visit)


def _visit(columns: int, lines: int) -> None:
    confine()
    os.write(1, b"what libraries print\n__GANGLION__\n")
    _draw(f"{columns}x{lines}")
    while True:
        kind, payload = _read(1), _read(int.from_bytes(_read(4), "big"))
        if kind == b"D":
            _type(payload.decode())
        else:
            _handle(json.loads(payload))


def _read(size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = os.read(0, size - len(found))
        if not part:
            os._exit(0)
        found += part
    return found


def _type(keys: str) -> None:
    match keys:
        case "die":
            print("what went wrong", file=sys.stderr, flush=True)
            os._exit(3)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "busy":
            _draw("busy")
            while True:
                time.sleep(60)
        case "flood":
            while True:
                _draw("x" * 60_000)
        case "file":
            offer = {"open_method": "browser", "mime_type": "text/html", "encoding": "", "name": None}
            _say("deliver_file_start", key="a-key", path='/tmp/../a "b"\r\nX: y.html', **offer)
        case "around":
            _draw(json.dumps([dict(os.environ), os.listdir(), _written()]))
        case "share":
            _say("state", state="pq1-shared")
        case "quit":
            _quit()
        case _:
            _draw(f"typed {keys!r}")


def _handle(message: dict[str, Any]) -> None:
    match message["type"]:
        case "quit":
            _quit()
        case "deliver_chunk_request":
            part = _FILE.read(message["size"])
            _send(b"P", b"ts13:deliver_chunks5:a-key%d:%be" % (len(part), part))
        case _:
            _draw(json.dumps(message)[:100])


def _quit() -> NoReturn:
    _say("exit")
    os._exit(0)


def _written() -> str:
    try:
        Path("file").write_text("text")
    except OSError as error:
        return error.strerror or ""
    return "written"


def _say(kind: str, **message: object) -> None:
    _send(b"M", json.dumps({"type": kind, **message}).encode())


def _draw(text: str) -> None:
    _send(b"D", text.encode())


def _send(kind: bytes, payload: bytes) -> None:
    rest = kind + len(payload).to_bytes(4, "big") + payload
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    main()
