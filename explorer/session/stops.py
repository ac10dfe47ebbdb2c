"""Breakpoints and watchpoints: setting and listing them, and the message when one is hit."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from engine.constants import NULL
from engine.debug.action_stop import OnAction
from engine.debug.failed_check import checked_cells
from engine.debug.stop_syntax import BREAK_FORMS, WATCH_FORMS, parse_break, parse_watch
from engine.debug.stops import AtLine, OnWrite, Stop
from engine.errors import BadInput
from engine.language.naming import name_of, page_text, parse_cell
from engine.words import plural
from explorer.session.cell_text import cell_text
from explorer.session.ending import condition_asked
from explorer.session.session import Session
from explorer.session.typed_number import number_of
from explorer.views.changes import change_of

CURSOR_FIELDS: Final = (
    "queue", "busy_count", "flags", "valid", "dirty", "object", "pindex", "wire_count", "hold_count",
    "act_count", "spin", "pc",
)  # fmt: skip
"""The fields of a page that the inspector's cursor can select."""


def add_break(session: Session, text: str) -> None:
    """Set a breakpoint.

    Errors: BadInput for an invalid breakpoint.
    """
    if not text:
        raise BadInput(f"break needs a place: {BREAK_FORMS}")
    _add(session, parse_break(text, session.next_stop, session.history, session.names))


def add_watch(session: Session, text: str) -> None:
    """Set a watchpoint.

    Errors: BadInput for an invalid watchpoint.
    """
    if not text:
        raise BadInput(f"watch needs a cell: {WATCH_FORMS}")
    text = cell_text(session.history, session.names, text)
    _add(session, parse_watch(text, session.next_stop, session.history, session.names))


def _add(session: Session, stop: Stop) -> None:
    session.stops = [*session.stops, stop]
    session.say(f"{_called(stop)}: {_what(stop)}; c runs to it, C back to it, :breakpoints lists them")


def toggle_line(session: Session) -> None:
    """Set or delete a breakpoint at the source cursor's line.

    Errors: BadInput if no line is selected.
    """
    if session.line is None:
        raise BadInput("put the cursor on a source line first (4, then ↑↓), or use :break WHERE")
    t, line = session.line[0], line_that_runs(session)
    for stop in session.stops:
        if stop.kind == AtLine(t, line):
            session.stops = [other for other in session.stops if other is not stop]
            session.say(f"deleted {_called(stop)}")
            return
    add_break(session, f"{session.history.programs[t].name}:{line}")


def toggle_action(session: Session, function: str, action: int) -> None:
    """Set or delete a breakpoint on action `action` of `function`, for the code panel.

    Errors: BadInput if the kernel has no such function, or the function no such action.
    """
    for stop in session.stops:
        if stop.kind == OnAction(function, action):
            session.stops = [other for other in session.stops if other is not stop]
            session.say(f"deleted {_called(stop)}")
            return
    add_break(session, f"{function}#{action}")


def line_that_runs(session: Session) -> int:
    """The line under the source cursor, or the first line after it that has an instruction.

    Errors: BadInput if there is no such line.
    """
    assert session.line is not None
    t, line = session.line
    program = session.history.programs[t]
    lines = {instruction.line for instruction in program.instructions}
    found = min((number for number in lines if number >= line), default=None)
    if found is None:
        raise BadInput(f"nothing in {program.name} runs at or after line {line}; move the cursor up")
    return found


def watch_field(session: Session) -> None:
    """Watch the inspector's field.

    Errors: BadInput if no page is shown.
    """
    address = field_address(session)
    if address is None:
        raise BadInput("no page is shown; use :watch CELL, such as page[0x40].busy_count")
    add_watch(session, name_of(session.vm, address, session.names))


def field_address(session: Session) -> int | None:
    """The cell under the inspector's cursor, or the queue of the shown page; None if no page is shown.

    At a panic it is the field that the failed check read, unless the cursor is on a field.
    """
    m = session.page
    if m == NULL:
        return None
    checked = () if session.field else checked_cells(session.history, m)
    if checked:
        return checked[0]
    return session.vm.memory.address(f"page.{session.field or 'queue'}", m)


def turn_field(session: Session, by: int) -> None:
    """Move the inspector's cursor to the next or previous field."""
    if session.page == NULL:
        session.say("no page is shown yet")
        return
    at = CURSOR_FIELDS.index(session.field) + by if session.field in CURSOR_FIELDS else 0
    session.field, session.asked = CURSOR_FIELDS[at % len(CURSOR_FIELDS)], None
    session.say(f"{page_text(session.vm, session.page)}.{session.field}: W why, w watch, ? what it means")


def delete(session: Session, text: str) -> None:
    """Delete a breakpoint or watchpoint by its number, or all of them.

    Errors: BadInput for an unknown number.
    """
    stops = session.stops if text in ("", "all") else [_numbered(session, text)]
    session.stops = [stop for stop in session.stops if stop not in stops]
    session.say(f"deleted {_called(stops[0]) if len(stops) == 1 else plural(len(stops), 'breakpoint')}")


def enable(session: Session, text: str) -> None:
    """Enable a breakpoint or watchpoint.

    Errors: BadInput for an unknown number.
    """
    _switch(session, text, True)


def disable(session: Session, text: str) -> None:
    """Disable a breakpoint or watchpoint; it keeps its number.

    Errors: BadInput for an unknown number.
    """
    _switch(session, text, False)


def _switch(session: Session, text: str, enabled: bool) -> None:
    chosen = _numbered(session, text)
    session.stops = [replace(stop, enabled=enabled) if stop is chosen else stop for stop in session.stops]
    session.say(f"{_called(chosen)} is {'enabled' if enabled else 'disabled'}")


def ask_why(session: Session, text: str) -> None:
    """Show why a cell has its value: the named cell, the end's, or the one under the inspector's cursor.

    A last word `all` includes counters, locks, list links and other pages among the causes.
    Errors: BadInput for an unknown cell, or if no page is shown.
    """
    text, everything = _without_all(text)
    if text:
        named = cell_text(session.history, session.names, text)
        cell = parse_cell(session.vm, named, session.names)
        address = cell if isinstance(cell, int) else cell.address(session.vm)
        if address is None:
            raise BadInput(f"{text} has no value yet: it was never set")
        session.asked, session.bits = address, 0
    else:
        session.asked, session.bits = _asked_of_itself(session)
    session.everything = everything
    session.look_through("why")
    more = ", with counters, locks, list links and other pages" if everything else ""
    session.say(f"why {name_of(session.vm, session.asked, session.names)} has its value{more}")


def _asked_of_itself(session: Session) -> tuple[int, int]:
    """The cell that `why` alone is about, and which of its bits: the end's, or that of the inspector's field.

    Errors: BadInput if no page is shown.
    """
    found, address = condition_asked(session), field_address(session)
    if found is not None:
        return found.cell, found.bits
    if address is None:
        raise BadInput("no page is shown; use :why CELL, such as page[0x40].busy_count")
    return address, 0


def _without_all(text: str) -> tuple[str, bool]:
    """The cell that `CELL all`, `all` or `CELL` names, and whether `all` is there."""
    words = text.split()
    return (text.strip()[: -len("all")].strip(), True) if words[-1:] == ["all"] else (text, False)


def _called(stop: Stop) -> str:
    return f"{stop.word}point {stop.number}"


def _numbered(session: Session, text: str) -> Stop:
    number = number_of(text, "the number of a breakpoint")
    for stop in session.stops:
        if stop.number == number:
            return stop
    there = ", ".join(str(stop.number) for stop in session.stops) or "none"
    raise BadInput(f"there is no breakpoint {number}; there are: {there}")


def list_stops(session: Session) -> None:
    """List the breakpoints and watchpoints."""
    if not session.stops:
        session.say("no breakpoint is set; b sets one at the source cursor, w watches the inspector's field")
        return
    words = [f"{stop.number} {_what(stop)}{'' if stop.enabled else ' (disabled)'}" for stop in session.stops]
    text = f"breakpoints: {'; '.join(words)}; :delete N removes one"
    session.tell(text, [*words, "", ":delete N removes one"], "breakpoints")


def _what(stop: Stop) -> str:
    """The text of a breakpoint; for one on an action, also what the action announces."""
    said = f" ({stop.kind.announcement})" if isinstance(stop.kind, OnAction) else ""
    return f"{stop.text}{said}"


def describe_hit(session: Session, stop: Stop) -> str:
    """The message at a hit: the breakpoint or watchpoint and, for a watched cell, its change."""
    if not isinstance(stop.kind, OnWrite):
        return f"{_called(stop)}: {_what(stop)}"
    cell = stop.kind.cell
    address = cell if isinstance(cell, int) else cell.address(session.vm)
    for written, old, new in session.history.journal.writes_of(session.history.step)[::-1]:
        if written == address:
            change = change_of(session.labels, address, old, new)
            return f"{_called(stop)}: {change.subject} {change.cell} {change.old} → {change.new}"
    return f"{_called(stop)}: {stop.text}"
