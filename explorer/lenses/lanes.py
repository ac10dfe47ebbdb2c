"""One lane per thread: which thread took each recent step, and which threads slept; a column is a step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from engine.debug.journal_search import writes_between
from engine.machine.tables import ENDED, PANICKED, SLEEPING
from engine.memory.block import EVENT
from engine.run.history import History
from explorer.lenses.kit.drawing import Piece, Sheet
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.spans import padded, shortened

MOST: Final = 300
"""Maximum number of steps shown; more than the widest screen has columns."""

LONGEST_NAME: Final = 14

RAN, SLEPT, OVER, READY = "█", "z", " ", "·"


@dataclass(frozen=True)
class Lane:
    """A thread's last steps, newest last: RAN, SLEPT, OVER or READY for each."""

    name: str
    style: str
    cells: str


@dataclass(frozen=True)
class LanesRow:
    """The lanes of the threads, and of the clock if it ticked; `step` is that of the last column, or 0."""

    lanes: tuple[Lane, ...]
    step: int


def look(session: Session) -> LanesRow:
    """The last MOST steps up to the cursor, as lanes."""
    history = session.history
    last = history.step
    first = max(last - MOST, 0)
    takers = history.journal.threads(first, last).tolist()
    lanes = [
        Lane(program.name, f"thread-{t % 4}", _cells(history, t, takers, first))
        for t, program in enumerate(history.programs)
    ]
    if EVENT in takers:
        ticks = "".join(RAN if taker == EVENT else READY for taker in takers)
        lanes.append(Lane("clock", "dim", ticks))
    return LanesRow(tuple(lanes), last)


def _cells(history: History, t: int, takers: list[int], first: int) -> str:
    """The lane of thread `t` after step `first`: RAN for its own steps, else the state it was in."""
    last = first + len(takers)
    address = history.vm.memory.address("thread.state", t)
    writes = writes_between(history, (address,), first, last)
    changes = zip(history.journal.steps_of(writes).tolist(), writes.tolist(), strict=True)
    bias = history.vm.memory.place_of(address)[0].spec.bias
    by_step = {step: history.journal.new[n] + bias for step, n in changes}
    state = history.journal.old[int(writes[0])] + bias if writes.size else history.vm.thread.state[t]
    cells = []
    for step, taker in enumerate(takers, first + 1):
        state = by_step.get(step, state)
        cells.append(RAN if taker == t else _STATES.get(state, READY))
    return "".join(cells)


_STATES: Final = {SLEEPING: SLEPT, ENDED: OVER, PANICKED: OVER}


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: LanesRow, width: int, height: int) -> Drawing:
    """Draw a line per thread, the newest step at the right; omit threads that ended or slept all the time."""
    sheet = Sheet(width, height)
    if not row.step:
        sheet.add(("no step taken yet; s steps", "dim"))
        return sheet.drawing()
    room = min(max((len(lane.name) for lane in row.lanes), default=0), LONGEST_NAME) + 1
    columns = max(width - room, 1)
    lanes = [lane for lane in row.lanes if set(lane.cells[-columns:]) & {RAN, READY}] or list(row.lanes)
    legend = height > len(lanes)
    for lane in lanes[: height - legend]:
        sheet.add((padded(shortened(lane.name, room - 1), room), lane.style), *_runs(lane, columns, row.step))
    if legend:
        shown = min(columns, len(row.lanes[0].cells))
        words = f"steps {row.step - shown + 1:,} to {row.step:,}"
        sheet.add(
            (" " * room, ""), (RAN, "now"), (" ran  ", "dim"), (READY, ""), (" did not  ", "dim"),
            (SLEPT, "warn"), (" slept  ", "dim"), (words, "faint"),
        )  # fmt: skip
    return sheet.drawing()


def _runs(lane: Lane, columns: int, last: int) -> list[Piece]:
    """The lane as runs of one kind, the newest step last; a click on a run of RAN goes to its first step."""
    cells = lane.cells[-columns:]
    pieces = [Piece(" " * (columns - len(cells)))]
    step = last - len(cells) + 1
    for kind, run in groupby(cells):
        count = len(list(run))
        style = {RAN: lane.style, SLEPT: "warn", READY: "faint"}.get(kind, "")
        pieces.append(Piece(kind * count, style, f"goto {step}" if kind == RAN else ""))
        step += count
    return pieces


PLACE = 30
LENS = Lens("lanes", "steps by thread", "a lane per thread: the steps that it took", look, draw)
