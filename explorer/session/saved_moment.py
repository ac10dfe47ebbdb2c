"""Saving a moment: the state string, and sessions saved by name."""

from __future__ import annotations

from pathlib import Path

from engine.errors import BadInput
from engine.saved.reopen import check_shared
from engine.saved.state_string import LONGEST, decode
from explorer.session import saved_file
from explorer.session.leaving import remember
from explorer.session.saved_state import state_of, token
from explorer.session.session import Session
from explorer.session.whole_file import create_file, user_path


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


def write_state(session: Session, name: str) -> None:
    """Write the state string to a new file.

    Errors: BadInput for a run without a scenario, a name that no file can have, or a file that exists or
            cannot be written.
    """
    path = user_path(name)
    text = token(session, every_branch=False)
    check_shared(decode(text))
    try:
        create_file(path, f"{text}\n".encode())
    except FileExistsError:
        raise BadInput(f"{name[:60]} exists already; use another name") from None
    except OSError as error:
        raise BadInput(f"{name[:60]} cannot be written: {error.strerror}; use another name") from None
    session.say(f"wrote {name}; pageq tui --open {name} continues from here")


def opening(text: str) -> str:
    """Return the command that opens a state string."""
    return f"pageq tui --open {text}"


def save(session: Session, name: str) -> None:
    """Save the session under a name; with `!` after it, whatever has the name already.

    Errors: BadInput for an invalid name, a name that another scenario's session has, or if the file cannot be
    written.
    """
    name, forced = name.removesuffix("!").strip(), name.endswith("!")
    state, path = state_of(session), saved_file.session_path(name)
    before = _step_saved(name, path, decode(state.token).name, forced=forced)
    saved_file.save(state, path)
    remember(session)
    session.say(f"saved{before}; pageq tui --session {name} continues from here")


def _step_saved(name: str, path: Path, scenario: str, *, forced: bool) -> str:
    """Say what a new session replaces.

    Errors: BadInput, unless `forced`, if that is not a session of this scenario.
    """
    if not path.exists():
        return ""
    words = f"use another name, or :save {name}! to replace it"
    try:
        other = decode(saved_file.load(path).token)
    except BadInput:
        if forced:
            return " in place of a file that was not a session"
        raise BadInput(f"{name} is not a session that can be opened here; {words}") from None
    if other.name != scenario and not forced:
        raise BadInput(f"{name} is a session of {other.name}; {words}")
    return f" in place of the session of {other.name} at step {other.course.step:,}"
