"""Pictures of moments, made without a terminal: the application runs for one frame per picture."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from explorer.commands.config import Settings
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.export import Size, export_svg
from explorer.tui.screens.main import MainScreen

if TYPE_CHECKING:
    from textual.pilot import Pilot


class Camera:
    """Takes pictures of any number of sessions; used in a `with` statement, outside an event loop.

    The application starts with the first picture. For another one it opens another session, which takes half
    the time of a start.
    """

    def __init__(self, size: Size, settings: Settings | None = None) -> None:
        self.size = size
        self.settings = settings or Settings()
        self._open = ExitStack()
        self._runner = asyncio.Runner()
        self._pilot: Pilot[Any] | None = None

    def __enter__(self) -> Self:
        self._open.enter_context(self._runner)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, where)

    def take(self, session: Session) -> str:
        """Return a screen on the session's moment as SVG, without animations."""
        # The application takes over stdout and stderr while it runs; between pictures they are the caller's.
        with redirect_stdout(sys.stdout), redirect_stderr(sys.stderr):
            return self._runner.run(self._take(session))

    async def _take(self, session: Session) -> str:
        pilot = self._pilot or await self._start(session)
        app = pilot.app
        assert isinstance(app, PageqApp)
        if app.session is not session:
            assert isinstance(app.screen, MainScreen)
            app.session = session
            app.screen.open(session)
        await at_rest(pilot)
        return export_svg(app)

    async def _start(self, session: Session) -> Pilot[Any]:
        app = PageqApp(session, self.settings)
        app.animation_level = "none"
        running = app.run_test(size=self.size)
        self._pilot = await running.__aenter__()
        await self._pilot.pause()
        self._open.callback(lambda: self._runner.run(running.__aexit__(None, None, None)))
        return self._pilot


async def at_rest(pilot: Pilot[Any]) -> None:
    """Wait until two rounds of messages have changed nothing on the screen.

    What a panel shows may change which panels have room, and a panel that has a new size is filled one frame
    later: the first frame of a moment is not always its last.
    """
    shown, same = None, 0
    while same < 2:
        await pilot.pause(0)
        before, shown = shown, pilot.app.screen._compositor.render_strips()
        same = same + 1 if shown == before else 0


def picture(session: Session, size: Size, *, ascii: bool = False) -> str:
    """Return a screen of that size as SVG, without animations."""
    with Camera(size, Settings(ascii=ascii)) as camera:
        return camera.take(session)
