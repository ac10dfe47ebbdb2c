"""The application of `pageq map`: the screen of a dump, without that of a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from textual.screen import Screen

from engine.inputs.dumps.moment import DumpMoment
from explorer.commands.config import Settings, load_settings
from explorer.tui.screens.dump import DumpScreen
from explorer.tui.styled_app import StyledApp
from explorer.tui.terminal import ended_by_signals


class DumpApp(StyledApp):
    """The screen of a dump as a program."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, moments: Sequence[DumpMoment], settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.moments = tuple(moments)

    def get_default_screen(self) -> Screen[Any]:
        """Return the screen of the dump."""
        return DumpScreen(self.moments, self.settings)


def show(moments: tuple[DumpMoment, ...]) -> int:
    """Show the moments of dumps until the user quits.

    moments: at least one.
    Returns: the exit code.
    """
    settings = load_settings()
    app = DumpApp(moments, settings)
    with ended_by_signals(app):
        app.run(mouse=settings.mouse)
    for problem in settings.problems:
        print(problem, file=sys.stderr)
    return app.return_code or 0
