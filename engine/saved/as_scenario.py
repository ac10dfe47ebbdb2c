"""Exporting a run as a scenario: console calls become threads, the steps taken become the schedule.

If the run followed its scenario, the export is that scenario with the machine, rules and schedule of the run,
and every digest is the same. If the user chose steps, branched or called functions, the schedule lists each
step, and the thread of a call exists from the start but is not scheduled earlier. Then `kernel_digest` is the
same after every step. It covers pages, queues, objects and their pages, the reserve, the hash, I/O, and the
global and per-cpu statistics. These differ:

- the numbers of the steps after a call, because the call's start was a step: thread.op_start, and --at;
- the progress of the schedule and the run queues: global.schedule_*, cpu.current, cpu.runq_*, run_next;
- the cell of a variable, but not its value;
- if boot is stepped, the number of the thread of a call, in the locks that it holds;
- what follows the last step, if the run continued at random: in the export, the cpus take turns.

With `steps_per_tick`, the schedule begins with `tick:0`: all ticks up to the last step are items of it.

Such an export has no questions and expectations, which are about the scenario's own run; it expects the
outcome.
"""

from __future__ import annotations

import hashlib
import textwrap
import tomllib
from itertools import groupby
from typing import Any, Final

import numpy as np

from engine.errors import BadInput
from engine.kernel.pagers.bio import pending_ios
from engine.machine.machine import Machine
from engine.machine.rules import RULE_VALUES, Rules
from engine.memory.block import EVENT
from engine.run.events import IO_COMPLETION, start_label, ticks_label, timeout_label
from engine.run.history import History
from engine.run.interrupt import BIODONE
from engine.run.runner import BOUND
from engine.saved.run_log import SCHEDULED, course_to_here
from engine.saved.toml_text import toml_text
from engine.scenario.checks import outcome_of
from engine.scenario.counters import text_of
from engine.scenario.file_text import LARGEST_FILE
from engine.scenario.loader import Scenario
from engine.scenario.overrides import own_rules, own_schedule
from engine.scenario.settings import PARAMETERS, apply, is_counters_file, set_machine
from engine.scenario.trace_file import STDIN, absolute_name

KERNEL_TABLES: Final = ("page", "queue", "vmstats", "gd_vmstats", "alist", "hash", "object", "io")
"""The tables that are equal, cell by cell, in an exported scenario's run; the address books are equal too."""


def kernel_digest(vm: Machine) -> str:
    """Return blake2b-128 over the state that a run has in common with the run of its exported scenario."""
    state = hashlib.blake2b(digest_size=16)
    for place in vm.memory.columns:
        if place.table in KERNEL_TABLES:
            state.update(vm.memory.vector(f"{place.table}.{place.name}").data)
    for book, column in vm.memory.books:
        cells = vm.memory.vector(column)
        pairs = [(*key, int(cells[slot])) for key, slot in sorted(book.slots.items()) if cells[slot]]
        state.update(np.array(pairs, np.int64).tobytes())
    return state.hexdigest()


def export_scenario(scenario: Scenario, history: History) -> str:
    """Return the TOML text of a scenario whose run takes the steps of the current branch; the cursor stays.

    Errors: BadInput if the machine or a step cannot be written in a scenario, there are too many steps, or
            the trace came from stdin.
    """
    if STDIN in scenario.strings:
        words = "the trace of this run came from stdin, and a scenario names a file"
        raise BadInput(f"{words}; save the trace in a file, and open that")
    document = tomllib.loads(scenario.form.source)
    _write_machine(document, scenario)
    _write_parameters(document, scenario)
    cursor = history.step
    history.seek(history.total)
    legs = course_to_here(history).legs
    history.seek(cursor)
    if [leg.items for leg in legs] == [f"{SCHEDULED}{history.total}" if history.total else ""]:
        if scenario.schedule != own_schedule(scenario.form):
            document["schedule"] = {"items": scenario.schedule.text}
    else:
        _write_run(document, scenario, history)
    text = toml_text(document)
    if len(text.encode()) > LARGEST_FILE:
        raise BadInput(
            f"a run of {history.total} steps is too long for a scenario; step back and export fewer steps"
        )
    return text


# --- the machine ------------------------------------------------------------------------------------------


def _write_machine(document: dict[str, Any], scenario: Scenario) -> None:
    machine = document.setdefault("machine", {})
    if scenario.machine is not None:
        set_machine(document, scenario.machine)
    apply(document, scenario.settings)
    if "hwloc" in machine:
        machine["hwloc"] = str((scenario.form.path.parent / machine["hwloc"]).absolute())
    if is_counters_file(machine.get("counters", "\n")):
        machine["counters"] = text_of(scenario.moments)
    for thread in document.get("thread", []):
        if "trace" in thread:
            thread["trace"] = absolute_name(thread["trace"], scenario.form.path.parent)
    if scenario.config.rules != own_rules(scenario.form):
        _write_rules(document, scenario.config.rules)


def _write_rules(document: dict[str, Any], rules: Rules) -> None:
    """Write the nearer rule set, and each option that differs from it."""
    base, changed = rules.nearer()
    document["rules"], machine = base, document["machine"]
    for option in RULE_VALUES:
        if not isinstance(machine.get(option), dict):
            machine.pop(option, None)
            if option in changed:
                machine[option] = changed[option]


def _write_parameters(document: dict[str, Any], scenario: Scenario) -> None:
    """Make each value of the run the default one; the others stay, so that a seed still chooses."""
    for name, value in scenario.changed_parameters.items():
        found = document[PARAMETERS][name]
        others = [other for other in found if other != value] if isinstance(found, list) else [found]
        document[PARAMETERS][name] = [value, *others]


# --- the run ----------------------------------------------------------------------------------------------


def _write_run(document: dict[str, Any], scenario: Scenario, history: History) -> None:
    for key in ("question", "expect", "schedule"):
        document.pop(key, None)
    if scenario.parameters:
        document[PARAMETERS] = dict(scenario.parameters)  # the schedule is about these values
    document["machine"]["steps_per_tick"] = scenario.config.steps_per_tick
    called = history.branch.programs[len(scenario.programs) :]
    added = scenario.programs[len(scenario.form.threads) :]
    for program in [program for program in added if called and program.interrupt]:
        document.setdefault("thread", []).append({"name": BIODONE, "cpu": program.cpu})
    for program in called:
        thread = {"name": program.name, "cpu": program.cpu, "script": "\n".join(program.lines) + "\n"}
        document.setdefault("thread", []).append(thread)
    items = textwrap.fill(", ".join(_items(history)), 100, break_long_words=False, break_on_hyphens=False)
    document["schedule"] = {"items": items + "\n"}
    if (outcome := outcome_of(history)) not in ("completed", BOUND):
        document["expect"] = [{"outcome": outcome}]


def _items(history: History) -> list[str]:
    """Return the steps of the branch as items of a SCHEDULE, run-length encoded."""
    begin = history.total if history.booted is None else history.booted
    words = [_word(history, step) for step in range(begin + 1, history.total + 1)]
    found = ["tick:0"] if history.vm.config.steps_per_tick else []
    for (name, each), run in groupby(word for word in words if word is not None):
        count = sum(1 for _ in run) * (each or 1)
        found += [name] * count if each is None else [name if count == 1 else f"{name}:{count}"]
    return found


def _word(history: History, step: int) -> tuple[str, int | None] | None:
    """Return the item of a step and its count (None: no count); None for the start of a call's thread."""
    t, label = history.journal.thread(step), history.journal.label(step)
    if t != EVENT:
        return history.programs[t].name, 1
    ticks = _ticks_passed(history, step)
    if label == ticks_label(ticks):
        # A jump to a deadline rolls up the cpus' statistics once, with the same result as once per tick.
        return "tick", ticks
    for program in history.programs:
        if label == timeout_label(program.name):
            return f"timeout:{program.name}", None
        if label == start_label(program.name):
            return None
    if label == IO_COMPLETION:
        return _io(history, step), None
    raise BadInput(f"step {step}, {label!r}, cannot be written in a schedule")


def _io(history: History, step: int) -> str:
    """Return the item of the step in which an I/O completed; it is named by its place among those pending."""
    first, cursor = history.vm.memory.address("buf.done", 0), history.step
    done = next(address - first for address, _, new in history.journal.writes_of(step)
                if 0 <= address - first < history.vm.buf.length and new)  # fmt: skip
    history.seek(step - 1)
    place = pending_ios(history.vm).index(done) + 1
    history.seek(cursor)
    return "io" if place == 1 else f"io:{place}"


def _ticks_passed(history: History, step: int) -> int:
    at = history.vm.memory.address("global.ticks", 0)
    return sum(new - old for address, old, new in history.journal.writes_of(step) if address == at)
