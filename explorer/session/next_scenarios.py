"""What comes after a scenario: the next one of the course, and those to which its lesson leads."""

from __future__ import annotations

from typing import Final

from engine.errors import BadInput
from explorer.session.session import Session

_NEXT: Final = 2
"""How many scenarios of the course are proposed after a lesson without links."""


def next_in_course(session: Session) -> str:
    """The name of the scenario that comes next in the course; "" after the last one, and in no unit."""
    return next(iter(session.library.course.after(session.name, 1)), "")


def linked_scenarios(session: Session) -> list[str]:
    """The names of the scenarios to which the last page of the lesson links."""
    pages = session.scenario.pages[-1:] if session.scenario else ()
    return [target for page in pages for kind, target in page.links if kind == "scenario"]


def next_scenarios(session: Session) -> list[tuple[str, str]]:
    """The names and titles of the next scenarios: the next one of the course, then the linked ones.

    Without links, the next two of the course. The title of a scenario that starts a unit has the unit's too.
    """
    linked = linked_scenarios(session)
    following = session.library.course.after(session.name, 1 if linked else _NEXT)
    titles = {name: _title(session, name) for name in (*following, *linked)}
    return [(name, title) for name, title in titles.items() if title]


def _title(session: Session, name: str) -> str:
    """The title of a scenario; "" if it cannot be listed."""
    library = session.library
    try:
        title = library.listing(name).title
    except BadInput:
        return ""
    unit = library.course.unit_of(name)
    starts = unit is not None and name == unit.scenarios[0] and name == next_in_course(session)
    return f"unit {unit.number}, {unit.title}: {title}" if unit and starts else title
