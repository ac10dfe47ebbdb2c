"""A picture of a moment without a terminal: the application is run for one frame."""

from __future__ import annotations

import asyncio

from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.export import Size, export_svg


def picture(session: Session, size: Size) -> str:
    """The screen of that size, as SVG; nothing is on its way across it."""
    return asyncio.run(_picture(session, size))


async def _picture(session: Session, size: Size) -> str:
    app = PageqApp(session)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return export_svg(app)
