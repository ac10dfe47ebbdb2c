"""Cells as the headless commands print them: with the meaning of a number in text, plain in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from engine.language.naming import name_of, shown_value
from engine.language.symbols import Kind, Names, column_kind
from engine.run.history import History
from engine.scenario.loader import Scenario
from explorer.session.command_line import asked_for
from explorer.views.labels import Labels
from explorer.views.meanings import OWNERS, meaning

_HEXADECIMAL: Final = frozenset({
    "buf.flags", "io.flags", "object.flags", "page.busy_count", "page.dirty", "page.flags", "page.valid",
    "process.p_flags", "pte.entry", "thread.chan", "thread.flags", "thread.p_flags",
})  # fmt: skip
"""Columns whose numbers are in hexadecimal."""


_BYTES: Final = frozenset({"page.dirty", "page.valid"})
"""Columns with a bit for each chunk of a page: the number is all there is to say."""


@dataclass(frozen=True)
class Cells:
    """The cells of a run, by address."""

    history: History
    names: Names

    def name(self, address: int) -> str:
        """Return the name of a cell as a CELL."""
        return name_of(self.history.vm, address, self.names)

    def value(self, address: int, raw: int) -> int | None:
        """Return a cell's value for JSON: a page as its number, NULL as null."""
        return shown_value(self.history.vm, address, raw, self.names)

    def words(self, address: int, raw: int) -> str:
        """Return a cell's value for text: `4161 (HOLD[64])`, `page 0x40`, `0x80000000 (LOCKED)`."""
        value = self.value(address, raw)
        place, index = self.history.vm.memory.place_of(address)
        kind = column_kind(place.table, place.name)
        if place.table == "variable" and index in self.names.variable_at:
            kind = self.names.variable_at[index][2]
        if value is None:
            return "NULL"
        if kind is Kind.PAGE:
            return f"page {value:#x}" if value >= 0 else f"fake page {-value}"
        if kind is Kind.OBJECT and value < len(self.names.objects):
            return self.names.objects[value]
        column = f"{place.table}.{place.name}"
        number = f"{value:#x}" if column in _HEXADECIMAL else str(value)
        if column in _BYTES or place.table == "variable":
            return number
        if not value and (column in _HEXADECIMAL or column in OWNERS):
            return "0"
        words = meaning(Labels(self.history.vm, self.history.programs, self.names), place, index)(value)
        return number if words in (number, str(value), "none") else f"{number} ({words})"

    def thread(self, t: int | None) -> str | None:
        """Return a thread's name; None for an event, or for a thread that is not in the run."""
        programs = self.history.programs
        return programs[t].name if t is not None and t < len(programs) else None

    def line(self, step: int, t: int) -> int:
        """Return the script line of thread `t` before `step`; moves the cursor of the history."""
        self.history.seek(step - 1)
        return self.history.programs[t].line_at(self.history.vm.thread.pc[t])


def run_to(arguments: Any) -> tuple[Scenario, History, int]:
    """Load a command's scenario and run it up to `--at`; return the scenario, the history and the step.

    Errors: BadInput for an invalid scenario, or a moment that the run does not reach.
    """
    scenario = asked_for(arguments)
    history = scenario.start()
    step = scenario.find_step(history, arguments.at)
    history.seek(step)
    return scenario, history, step
