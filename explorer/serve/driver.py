"""The terminal of a visitor's screen: pipes to the server, and the terminal in the browser.

What the project works round in Textual's driver for browsers:

- It ends its thread at keys that it cannot read, and when the server is gone, and leaves the application
  running. This one reads any keys (`explorer.tui.terminal.Keys`), and ends the process.
- A frame and the part of a download, which come from two threads, can mix in the pipe. This one locks it.
- It says that the application ends as its user wants even if that has failed. This one says nothing then.
- It takes the size of the screen from keys too. This one has it from the server only, which limits it.

Names of Textual that are not public: `textual.drivers._byte_stream`, and `_write`, `_input_reader`, `_debug`,
`_app` and `_on_meta` of its driver.
"""

from __future__ import annotations

import os
from functools import partial
from threading import Lock
from typing import Any

from textual.app import App
from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver
from textual.events import Resize

from explorer.tui.terminal import Keys


class VisitDriver(WebDriver):
    """Textual's driver for browsers, with state strings in both directions."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._write = partial(_write_whole, self.fileno, Lock())

    def write(self, data: str) -> None:
        """Draw a text on the terminal in the browser."""
        payload = data.encode("utf-8", "replace")
        self._write(b"D%s%s" % (len(payload).to_bytes(4, "big"), payload))

    def share_state(self, text: str) -> None:
        """Give the browser a state string, for its address line and its clipboard."""
        self.write_meta({"type": "state", "state": text})

    def run_input_thread(self) -> None:
        """Read keys and messages until the application ends; end the process when the server is gone."""
        keys, packets = Keys(self._debug), ByteStream()
        for received in self._input_reader:
            for kind, payload in packets.feed(received) if received else ():
                if kind != "D":
                    self._on_meta(kind, payload)
                    continue
                for event in keys.sent(payload):
                    if not isinstance(event, Resize):
                        self.process_message(event)
            for event in keys.waited():
                self.process_message(event)
        if not self.exit_event.is_set():
            # No browser shows the screen any more, and its thread may be busy: there is nothing to wait for.
            os._exit(0)

    def stop_application_mode(self) -> None:
        """Say that the application ends, and read no more keys."""
        if not self._app.return_code:
            super().stop_application_mode()
            return
        self.exit_event.set()
        self._input_reader.close()

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Handle a message of the server."""
        state = payload.get("state")
        if packet_type == "open" and isinstance(state, str):
            self._app.open_state(state)  # type: ignore[attr-defined]  # of every GuestApp
        else:
            super().on_meta(packet_type, payload)


def _write_whole(descriptor: int, lock: Lock, packet: bytes) -> int:
    """Write a packet, of which a signal may interrupt a part; no other packet comes between."""
    with lock:
        rest = memoryview(packet)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    return len(packet)
