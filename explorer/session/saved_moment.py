"""Keeping a moment: the state string, and sessions saved by name."""

from __future__ import annotations

from engine.errors import BadInput
from engine.saved.state_string import LONGEST, encode, token_of
from explorer.session import saved_file
from explorer.session.session import Session


def token(session: Session) -> str:
    """The state string of the moment.

    Errors: BadInput for a run that was made from no scenario.
    """
    return _token(session, every_branch=False)


def _token(session: Session, *, every_branch: bool) -> str:
    if session.scenario is None:
        raise BadInput("this run was made from no scenario, so that nothing could open it again")
    return encode(token_of(session.scenario, session.history, every_branch=every_branch))


def tell_token(session: Session) -> str:
    """The state string, and how to open it, said.

    Errors: as token; BadInput when it is too long to be copied.
    """
    text = token(session)
    if len(text) > LONGEST:
        raise BadInput(
            f"this moment's state string has {len(text):,} characters; :save NAME keeps it in a file"
        )
    session.say(f"copied: pageq tui --open {text}")
    return text


def save(session: Session, name: str) -> None:
    """Save the session under a name.

    Errors: BadInput when it cannot be written, or for a name that is none.
    """
    pinned = None if session.pinned is None else session.vm.page_number(session.pinned)
    chosen = None if session.chosen is None else session.history.programs[session.chosen].name
    state = saved_file.SessionState(
        token=_token(session, every_branch=True),
        marks=tuple(sorted(session.marks.items())),
        stops=tuple(f"{stop.word} {stop.text}" for stop in session.stops),
        pinned=pinned,
        chosen=chosen,
        branches=tuple(branch.name for branch in session.history.branches),
        answers=tuple((*key, right) for key, right in session.score.answers.items()),
    )
    saved_file.save(state, saved_file.session_path(name))
    session.say(f"saved; pageq tui --session {name} goes on from here")
