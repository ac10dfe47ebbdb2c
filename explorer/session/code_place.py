"""The user's place in the code panel: the chosen frame, the cursor, the outline, and breakpoints there."""

from __future__ import annotations

from engine.errors import BadInput
from explorer.session import stops
from explorer.session.session import Session
from explorer.views.code import action_under_cursor, code_row


def choose_frame(session: Session, index: int) -> None:
    """Show the function of frame `index` of the call stack, the outermost being 0.

    Errors: BadInput if the step at the cursor has no such frame.
    """
    stack = session.frames
    if not 0 <= index < len(stack):
        there = f"it has 0 to {len(stack) - 1}" if stack else "this step calls no kernel function"
        raise BadInput(f"there is no frame {index}; {there}")
    session.frame, session.pointed = index, None
    called = "" if index == len(stack) - 1 else f", which has called {stack[index + 1].function}"
    session.say(f"the code shows {stack[index].function}{called}")


def turn_frame(session: Session, by: int) -> None:
    """Show the function of the frame `by` calls further in, or of the last one in that direction.

    Errors: BadInput if the step at the cursor calls no kernel function.
    """
    last = len(session.frames) - 1
    now = last if session.frame is None else session.frame
    choose_frame(session, min(max(now + by, 0), max(last, 0)))


def point(session: Session, function: str, action: int) -> None:
    """Put the cursor on action `action` of a function of the call stack."""
    session.pointed = function, action


def turn_outline(session: Session) -> None:
    """Switch between the source and its outline."""
    session.outline = not session.outline
    source = "source; where it is low, its actions"
    session.say(f"the code panel shows the {'outline' if session.outline else source}")


def toggle_break(session: Session) -> None:
    """Set or delete a breakpoint on the action under the cursor, or on the one of this step.

    Errors: BadInput if no action is shown, or it is not one of the kernel's.
    """
    row = code_row(session)
    place = action_under_cursor(row)
    if place is None and any(line.action for line in row.outline):
        raise BadInput(f"{row.function} is at a call; choose one of its actions with the arrow keys first")
    if place is None:
        raise BadInput("no atomic action is shown; use s to step into a function, or :break FUNCTION#N")
    stops.toggle_action(session, *place)
