"""`A<B`, an order of two places: a schedule that comes to B before it has come to A is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.debug.moments import Arrival, read_line
from engine.errors import BadInput
from engine.explore.model.marks import Place
from engine.run.program import Program


@dataclass(frozen=True)
class Order:
    """Two places, the first of which a schedule has to reach first; text: as it was written."""

    text: str
    first: Place
    second: Place

    @property
    def places(self) -> tuple[Place, Place]:
        """The places, for Marking."""
        return self.first, self.second


def read_orders(texts: Iterable[str], programs: Sequence[Program]) -> tuple[Order, ...]:
    """Read several orders, each once.

    Errors: as read_order.
    """
    orders = (read_order(text, programs) for text in texts)
    return tuple({order.places: order for order in orders}.values())


def read_order(text: str, programs: Sequence[Program]) -> Order:
    """Read an order such as `writer:@done<reader:3`.

    Errors: BadInput if it is not two places of different lines, each THREAD:LINE or THREAD:@ANCHOR, or if a
    place is the start of its thread: that is reached at step 0, before anything can come first.
    """
    sides = [side.strip() for side in text.split("<")]
    if len(sides) != 2 or not all(sides):
        right = "write PLACE<PLACE, such as writer:3<reader:2"
        raise BadInput(f"{text[:60]!r} is not an order of two places; {right}")
    first, second = (_place(side, programs) for side in sides)
    if first == second:
        raise BadInput(f"{text[:60]!r} has the same place twice; write two different places")
    return Order(text, first, second)


def _place(text: str, programs: Sequence[Program]) -> Place:
    found = read_line(text, programs)
    program = programs[found.t]
    positions = _positions(program, found)
    if 0 in positions:
        later = sorted({instruction.line for instruction in program.instructions} - {found.line})
        right = f"its later lines are {', '.join(map(str, later[:40]))}" if later else "it has no other line"
        raise BadInput(f"{text[:60]} is where {program.name} starts, and is reached at step 0; {right}")
    return Place(found.t, positions)


def _positions(program: Program, place: Arrival) -> frozenset[int]:
    """The positions at which the thread has reached the line."""
    return frozenset(
        pc for pc, instruction in enumerate(program.instructions) if instruction.line == place.line
    )
