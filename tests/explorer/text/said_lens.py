"""What text mode says of a lens."""

from __future__ import annotations

from collections.abc import Callable

from explorer.session.session import Session
from explorer.text.sentences import lens_lines
from tests.explorer.lenses.conftest import open_run

__all__ = ["OpenRun", "open_run", "said"]

OpenRun = Callable[..., Session]


def said(session: Session, name: str) -> list[str]:
    """Return the lines of a lens, without its title."""
    session.look_through(name)
    return lens_lines(session, 5)[1:]
