"""Whether the run that is shown is the one that the scenario's file describes, and what is different."""

from __future__ import annotations

from typing import Final

from engine.run.branches import way_back
from engine.scenario.parameters import value_words
from engine.words import listed
from explorer.session.session import Session

SCHEDULE: Final = "schedule"


def differences(session: Session) -> tuple[str, ...]:
    """What is not the scenario's own: of `rules`, `machine`, `settings` and `schedule`, of this branch."""
    scenario = session.scenario
    if scenario is None or SCHEDULE in scenario.other or not _is_rescheduled(session):
        return scenario.other if scenario else ()
    return (*scenario.other, SCHEDULE)


def _is_rescheduled(session: Session) -> bool:
    """Whether the branch, or one from which it started, has another schedule, or steps of a chosen thread."""
    history, scenario = session.history, session.scenario
    for number, last in way_back(history.branches, history.current):
        branch = history.branches[number]
        # Equal schedules are mostly one object; to compare two long ones takes time.
        same = (
            scenario is None or branch.schedule is scenario.schedule or branch.schedule == scenario.schedule
        )
        if not same or any(step <= last for step in branch.chosen[:1]):
            return True
    return False


def other_words(session: Session) -> str:
    """`other rules and schedule`, `n = 6`, or both, for the heading of the lesson; "" for the own run.

    A value of a parameter that is not the default one is named; the lesson is about it too.
    """
    different = listed(differences(session))
    values = value_words(session.scenario.changed_parameters) if session.scenario else ""
    return ", ".join(filter(None, (f"other {different}" if different else "", values)))
