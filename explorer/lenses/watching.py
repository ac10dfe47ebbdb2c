"""The watched expressions: the value of each, and what it was before the last step."""

from __future__ import annotations

from dataclasses import dataclass

from engine.memory.altered import Alteration, AstrayError, altered
from explorer.lenses.kit.drawing import MARK, Sheet
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.changes import net_writes
from explorer.views.labels import Labels
from explorer.views.spans import columns, padded
from explorer.views.values import value_or_reason

MANY_WRITES = 5_000
"""A step with more writes is not looked at for old values."""


@dataclass(frozen=True)
class Value:
    """A watched expression: its text, its value, or why it has none; old: before the last step, if other."""

    text: str
    value: str
    ok: bool
    old: str = ""


def look(session: Session) -> tuple[Value, ...]:
    """The watched expressions at the cursor."""
    if not session.watched:
        return ()
    labels = session.labels
    now = [value_or_reason(one, labels) for one in session.watched]
    before = _before(session, labels)
    return tuple(
        Value(one.text, value, ok, old if old != value else "")
        for one, (value, ok), old in zip(session.watched, now, before, strict=True)
    )


def _before(session: Session, labels: Labels) -> list[str]:
    """The values before the last step: of a memory in which the cells that it wrote have their old values."""
    history, step = session.history, session.history.step
    nothing = [""] * len(session.watched)
    if not step or history.journal.end(step) - history.journal.end(step - 1) > MANY_WRITES:
        return nothing
    cells = {address: old for address, old, _ in net_writes(history.journal.writes_of(step))}
    if not cells:
        return nothing
    try:
        with altered(history.vm.memory, Alteration(cells)):
            return [value_or_reason(one, labels)[0] for one in session.watched]
    except AstrayError:
        return nothing


def draw(row: tuple[Value, ...], width: int, height: int) -> Drawing:
    """Draw a line for each expression: its number, its text, and its value, old → new."""
    sheet = Sheet(width, height)
    if not row:
        sheet.add((":watching EXPR adds an expression, such as :watching count(FREE)", "dim"))
        return sheet.drawing()
    widest = min(max(columns(one.text) for one in row), max(width // 2, 1))
    for number, one in enumerate(row, 1):
        old = [(one.old, "dim"), (" → ", "dim")] if one.old else []
        sheet.add(
            (f"{MARK if one.old else ' '}{number:>2} ", "now" if one.old else "faint"),
            (padded(one.text, widest), "label"),
            ("  ", ""),
            *old,
            (one.value, ("new" if one.old else "") if one.ok else "warn"),
        )
    return sheet.drawing()


PLACE = 45
LENS = Lens("watching", "watched expressions", "expressions after every step, old and new value", look, draw)
