"""Keeping a moment: the state string, and sessions saved by name."""

from __future__ import annotations

from engine.errors import BadInput
from engine.saved.state_string import LONGEST
from explorer.session import saved_file
from explorer.session.saved_state import state_of, token
from explorer.session.session import Session


def tell_token(session: Session) -> str:
    """The state string, and how to open it, said.

    Errors: BadInput for a run that was made from no scenario, or when it is too long to be copied.
    """
    text = token(session, every_branch=False)
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
    saved_file.save(state_of(session), saved_file.session_path(name))
    session.say(f"saved; pageq tui --session {name} goes on from here")
