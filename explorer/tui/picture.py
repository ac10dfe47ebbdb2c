"""A picture of a moment, made without a terminal: the application runs for one frame."""

from __future__ import annotations

import asyncio

from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.export import Size, export_svg


def picture(session: Session, size: Size) -> str:
    """Return a screen of that size as SVG, without animations."""
    return asyncio.run(_picture(session, size))


async def _picture(session: Session, size: Size) -> str:
    app = PageqApp(session)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return export_svg(app)
