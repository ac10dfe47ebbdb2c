"""Cells as the headless commands print them: for people with what a number means, for programs bare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from engine.constants import queue_name
from engine.language.naming import name_of, shown_value
from engine.language.symbols import Kind, Names, column_kind
from engine.machine.tables import THREAD_STATES
from engine.run.history import History
from engine.scenario.loader import Scenario
from explorer.session.command_line import asked_for
from explorer.views.labels import busy_words, flag_names

_MEANINGS: Final[dict[str, Callable[[int], str]]] = {
    "page.queue": lambda q: f"{q} ({queue_name(q)})",
    "page.busy_count": lambda busy: f"{busy:#x} ({busy_words(busy)})" if busy else "0",
    "page.flags": lambda flags: f"{flags:#x} ({'|'.join(flag_names(flags))})" if flags else "0",
    "page.valid": hex,
    "page.dirty": hex,
    "thread.state": lambda state: f"{state} ({THREAD_STATES[state]})",
}


@dataclass(frozen=True)
class Cells:
    """The cells of a run, by address."""

    history: History
    names: Names

    def name(self, address: int) -> str:
        """The CELL text."""
        return name_of(self.history.vm, address, self.names)

    def value(self, address: int, raw: int) -> int | None:
        """A cell's content as JSON has it: a page as its number, NULL as null."""
        return shown_value(self.history.vm, address, raw, self.names)

    def words(self, address: int, raw: int) -> str:
        """A cell's content for people: `4161 (HOLD[64])`, `page 0x40`, `0x80000000 (LOCKED)`."""
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
        words = _MEANINGS.get(f"{place.table}.{place.name}", str)
        return words(value)

    def thread(self, t: int | None) -> str | None:
        """A thread's name; None for an event."""
        return None if t is None else self.history.programs[t].name

    def line(self, step: int, t: int) -> int:
        """The script's line that thread `t` was at when it took `step`; the cursor moves."""
        self.history.seek(step - 1)
        return self.history.programs[t].line_at(self.history.vm.thread.pc[t])


def run_to(arguments: Any) -> tuple[Scenario, History, int]:
    """Load a command's scenario and run it up to its `--at`: the scenario, the history, the step.

    Errors: BadInput for a scenario that is not right, or a moment that never comes.
    """
    scenario = asked_for(arguments)
    history = scenario.start()
    step = scenario.find_step(history, arguments.at)
    history.seek(step)
    return scenario, history, step
