"""A picture of a moment, made without a terminal: the application runs for one frame."""

from __future__ import annotations

import asyncio

from explorer.commands.config import Settings
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.export import Size, export_svg


def picture(session: Session, size: Size, *, ascii: bool = False) -> str:
    """Return a screen of that size as SVG, without animations."""
    return asyncio.run(_picture(session, size, ascii=ascii))


async def _picture(session: Session, size: Size, *, ascii: bool) -> str:
    app = PageqApp(session, Settings(ascii=ascii))
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return export_svg(app)
