"""Cells as the headless commands print them: with the meaning of a number in text, plain in JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from engine.constants import queue_name
from engine.language.naming import name_of, shown_value
from engine.language.symbols import Kind, Names, column_kind
from engine.machine.tables import DAEMON_PHASES, THREAD_STATES
from engine.run.history import History
from engine.scenario.loader import Scenario
from explorer.session.command_line import asked_for
from explorer.views.labels import TOKEN_MODES, Labels, busy_words, flag_names, pte_words

_MEANINGS: Final[dict[str, Callable[[int], str]]] = {
    "page.queue": lambda q: f"{q} ({queue_name(q)})",
    "page.busy_count": lambda busy: f"{busy:#x} ({busy_words(busy)})" if busy else "0",
    "page.flags": lambda flags: f"{flags:#x} ({'|'.join(flag_names(flags))})" if flags else "0",
    "page.valid": hex,
    "page.dirty": hex,
    "thread.state": lambda state: f"{state} ({THREAD_STATES[state]})",
    "thread.queue_spin": lambda q: f"{q} ({queue_name(q)})" if q else "0",
    "token.mode": lambda mode: f"{mode} ({TOKEN_MODES[mode]})",
    "daemon.phase": lambda phase: f"{phase} ({DAEMON_PHASES[phase]})",
    "pte.entry": lambda pte: f"{pte:#x} ({pte_words(pte)})" if pte else "0",
}

_OWNERS: Final = frozenset({"page.spin", "queue.spin", "global.contig_spin", "object.token_owner"})
"""Columns that hold a thread's number plus 1, or 0 if the lock is free."""

_THREADS: Final = frozenset({
    "cpu.current", "cpu.runq_head", "cpu.runq_tail", "global.sleepq_head", "global.sleepq_tail",
    "thread.run_next", "thread.sleep_next", "thread.sleep_prev",
})  # fmt: skip
"""Columns that hold a thread's number, or NULL."""


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
        if column == "thread.chan" and value:
            return f"{value:#x} ({Labels(self.history.vm, self.history.programs, self.names).channel(value)})"
        if column in _THREADS or (column in _OWNERS and value):
            return f"{value} ({self.thread(value - (column in _OWNERS)) or 'setup'})"
        return _MEANINGS.get(column, str)(value)

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
