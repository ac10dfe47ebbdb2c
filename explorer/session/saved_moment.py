"""Saving a moment: the state string, and sessions saved by name."""

from __future__ import annotations

from pathlib import Path

from engine.errors import BadInput
from engine.saved.reopen import SAVE_INSTEAD, check_shared
from engine.saved.state_string import LONGEST, decode
from explorer.session import saved_file
from explorer.session.leaving import remember
from explorer.session.saved_state import state_of, token
from explorer.session.session import Session


def tell_token(session: Session) -> str:
    """Show the state string and how to open it; return it.

    Errors: BadInput for a run without a scenario or on a machine from a file, or if the string is too long to
            copy.
    """
    text = _shared(session)
    if len(text) > LONGEST:
        right = ":state FILE downloads it" if session.guest else ":save NAME saves it in a file"
        raise BadInput(f"the state string has {len(text):,} characters; {right}")
    session.say(f"state string: {opening(text)}")
    return text


def _shared(session: Session) -> str:
    """Return the state string of the cursor.

    Errors: BadInput if it cannot be opened elsewhere.
    """
    text = token(session, every_branch=False)
    export = "export the scenario with :export NAME.toml"
    check_shared(decode(text), export if session.guest else SAVE_INSTEAD)
    return text


def write_state(session: Session, name: str) -> None:
    """Write the state string to a new file.

    Errors: BadInput for a run without a scenario, a name that no file can have, or a file that exists or
            cannot be written.
    """
    path = session.computer.path(name)
    text = _shared(session)
    try:
        done = session.computer.create(path, f"{text}\n".encode())
    except FileExistsError:
        raise BadInput(f"{name[:60]} exists already; use another name") from None
    except OSError as error:
        raise BadInput(f"{name[:60]} cannot be written: {error.strerror}; use another name") from None
    shown = path.name if session.guest else name
    session.say(f"{done} {shown}; pageq tui --open {shown} continues from here")


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
