"""Values on request: `print EXPR` once, and the expressions of the lens `watching` after every step."""

from __future__ import annotations

from engine.errors import BadInput
from explorer.session.session import Session
from explorer.session.typed_number import number_of
from explorer.views.values import value_or_reason, watched

MOST = 40
"""Maximum number of watched expressions."""


def print_value(session: Session, text: str) -> None:
    """Show the value of an expression.

    Errors: BadInput if the text is not an EXPR, or has no value here.
    """
    value = watched(text, session.names).value(session.labels)
    session.tell(f"{text} = {value}", [f"{text} =", value], f"step {session.history.step:,}")


def watch_values(session: Session, text: str) -> None:
    """Show the lens of the watched expressions; with an expression, add it; `delete N`, or all, removes.

    Errors: BadInput if the text is not an EXPR, or for an unknown number.
    """
    word, _, rest = text.partition(" ")
    if word == "delete":
        _delete(session, rest.strip())
    elif text:
        _add(session, text)
    session.look_through("watching")


def _add(session: Session, text: str) -> None:
    if len(session.watched) >= MOST:
        raise BadInput(f"{MOST} expressions are watched already; :watching delete N removes one")
    one = watched(text, session.names)
    session.watched = [*session.watched, one]
    session.say(f"watching {len(session.watched)}: {text} = {value_or_reason(one, session.labels)[0]}")


def _delete(session: Session, text: str) -> None:
    if text in ("", "all"):
        session.watched = []
        session.say("watching nothing")
        return
    number = number_of(text, "the number of an expression")
    if not 1 <= number <= len(session.watched):
        raise BadInput(f"there is no expression {number}; the lens watching numbers them")
    session.say(f"no longer watching {session.watched[number - 1].text}")
    session.watched = [one for n, one in enumerate(session.watched, 1) if n != number]
