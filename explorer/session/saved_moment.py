"""Saving a moment: the state string, and sessions saved by name."""

from __future__ import annotations

from engine.errors import BadInput
from engine.saved.reopen import check_shared
from engine.saved.state_string import LONGEST, decode
from explorer.session import saved_file
from explorer.session.saved_state import state_of, token
from explorer.session.session import Session


def tell_token(session: Session) -> str:
    """Show the state string and how to open it; return it.

    Errors: BadInput for a run without a scenario or on a machine from a file, or if the string is too long to
            copy.
    """
    text = token(session, every_branch=False)
    check_shared(decode(text))
    if len(text) > LONGEST:
        raise BadInput(f"the state string has {len(text):,} characters; :save NAME saves it in a file")
    session.say(f"state string: {opening(text)}")
    return text


def opening(text: str) -> str:
    """Return the command that opens a state string."""
    return f"pageq tui --open {text}"


def save(session: Session, name: str) -> None:
    """Save the session under a name.

    Errors: BadInput for an invalid name, or if the file cannot be written.
    """
    saved_file.save(state_of(session), saved_file.session_path(name))
    session.say(f"saved; pageq tui --session {name} continues from here")
