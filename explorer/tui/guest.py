"""The application for the guest of a server: scenarios of a library, without the server's disk.

What a guest cannot do is decided in two places: `explorer.session.computer.Server` for what is read, written,
started and measured, and the column `guest` of the table of commands. Here are the actions of Textual itself
that touch the disk or the terminal.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, Final

from textual.driver import Driver
from textual.drivers.web_driver import WebDriver

from engine.errors import BadInput
from engine.scenario.library import OWN, Library
from explorer.commands.config import Settings
from explorer.session.computer import Server
from explorer.session.open import open_session
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.tui.app import PageqApp

MIME: Final = {
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".txt": "text/plain",
    ".toml": "application/toml",
}
"""Suffix of a download -> its type; Textual would read the server's list of types."""

ANY: Final = "application/octet-stream"


class GuestApp(PageqApp):
    """pageq's screen for a guest."""

    def __init__(self, session: Session, driver: type[Driver]) -> None:
        # Progress and answers last as long as the visit: neither a file nor settings are read or written.
        super().__init__(session, Settings(), ProgressLog(), greets=True, driver=driver)

    def deliver(self, name: str, content: bytes) -> None:
        """Send a file to the browser.

        Errors: BadInput if there is no browser: Textual would write the file on this computer.
        """
        if not self.is_web:
            raise BadInput(f"{name} cannot be sent: no browser is connected")
        kind = MIME.get(Path(name).suffix.lower(), ANY)
        # With a folder, Textual does not look for that of the user's downloads.
        self.deliver_binary(BytesIO(content), save_directory=Path(), save_filename=name, mime_type=kind)

    # --- actions of Textual -------------------------------------------------------------------------------

    def _refuse(self, what: str) -> None:
        screen = self.screen
        if hasattr(screen, "refuse"):
            screen.refuse(BadInput(f"{what} is not possible here: this screen runs on a server"))

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:  # noqa: ARG002
        """Refuse it: Textual would write a file."""
        self._refuse("a screenshot")

    def deliver_screenshot(self, *_: Any, **__: Any) -> str | None:
        """Refuse it, as action_screenshot."""
        self._refuse("a screenshot")
        return None

    def save_screenshot(self, *_: Any, **__: Any) -> str:
        """Refuse it, as action_screenshot."""
        self._refuse("a screenshot")
        return ""

    def action_suspend_process(self) -> None:
        """Refuse it: the process is not the guest's."""
        self._refuse("suspending the program")


def guest_app(name: str, library: Library = OWN, driver: type[Driver] | None = None) -> GuestApp:
    """Make the application that shows a scenario to a guest.

    name:    of a scenario of the library, or a state string.
    library: the scenarios that the guest can open.
    driver:  the connection to the browser; None for Textual's. If it has a method `share_state`, that gets
             the state string that the guest copies.

    Errors: BadInput for another name, or a scenario that is too large for a guest; CapacityError.
    """
    server = Server()
    session = open_session(name, library=library, computer=server)
    session.learning.on = True
    app = GuestApp(session, driver or WebDriver)
    server.deliver = app.deliver
    return app
