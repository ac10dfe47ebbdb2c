"""A run as a scenario: what was typed at the console as threads, the steps taken as the schedule.

Where the run went as its scenario says, the scenario comes back as it was, with the machine, rules and
schedule that it ran with, and every digest is the same. Where a person chose steps, branched or called, each
step stands in the schedule, and a call's thread exists from the begin on and is not scheduled before. Then
these are the same after every step, and `kernel_digest` of both: pages, queues, objects and what is in them,
the reserve, the hash, I/O, the statistics, the global one's and each cpu's. Not the same are

- the numbers of the steps behind a call, which began with a step of its own: thread.op_start, and --at;
- how far the schedule is gone, and the run queues: global.schedule_*, cpu.current, cpu.runq_*, run_next;
- in which cell a variable lies, not what it holds;
- what comes behind the last step, if the run went on at random: then the cpus take turns;
- `steps_per_tick`, which is 0: the ticks are items of the schedule.

Questions and expectations are about the scenario's own run and are left out then; the outcome is expected.
"""

from __future__ import annotations

import hashlib
import textwrap
import tomllib
from itertools import groupby
from typing import Any, Final

import numpy as np

from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.machine.rules import RULE_VALUES, Rules
from engine.memory.journal import EVENT
from engine.run.events import start_label, ticks_label, timeout_label
from engine.run.history import History
from engine.run.runner import BIODONE, BOUND
from engine.saved.run_log import SCHEDULED, course_to_here
from engine.saved.toml_text import toml_text
from engine.scenario.checks import outcome_of
from engine.scenario.format import LARGEST_FILE
from engine.scenario.loader import Scenario, own_rules, own_schedule
from engine.scenario.settings import apply, set_machine

KERNEL_TABLES: Final = ("page", "queue", "vmstats", "gd_vmstats", "alist", "hash", "object", "io")
"""The tables that are the same, cell for cell, in an exported scenario's run; so are the address books."""


def kernel_digest(vm: Machine) -> str:
    """blake2b-128 over what is the same in a run and in that of its exported scenario."""
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
    """The TOML text of a scenario whose run takes the steps of the current branch; the cursor stays.

    Errors: BadInput when the machine, a step or so many steps cannot be written in a scenario.
    """
    document = tomllib.loads(scenario.form.source)
    _write_machine(document, scenario)
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
            f"a run of {history.total} steps is too long to be a scenario; step back and export less"
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
    if scenario.config.rules != own_rules(scenario.form):
        _write_rules(document, scenario.config.rules)


def _write_rules(document: dict[str, Any], rules: Rules) -> None:
    """The nearer rule set, and each option that differs from it."""
    base = rules.name().partition("+")[0]
    document["rules"], machine = base, document["machine"]
    for option in RULE_VALUES:
        value = getattr(rules, option)
        if not isinstance(machine.get(option), dict):
            machine.pop(option, None)
            if value != getattr(Rules.named(base), option):
                machine[option] = value


# --- the run ----------------------------------------------------------------------------------------------


def _write_run(document: dict[str, Any], scenario: Scenario, history: History) -> None:
    for key in ("question", "expect", "schedule"):
        document.pop(key, None)
    document["machine"].pop("steps_per_tick", None)
    called = history.branch.programs[len(scenario.programs) :]
    if called and scenario.programs[-1].interrupt and len(scenario.form.threads) < len(scenario.programs):
        document.setdefault("thread", []).append({"name": BIODONE, "cpu": scenario.programs[-1].cpu})
    for program in called:
        thread = {"name": program.name, "cpu": program.cpu, "script": "\n".join(program.lines) + "\n"}
        document.setdefault("thread", []).append(thread)
    items = textwrap.fill(", ".join(_items(history)), 100, break_long_words=False, break_on_hyphens=False)
    document["schedule"] = {"items": items + "\n"}
    if (outcome := outcome_of(history)) not in ("completed", BOUND):
        document["expect"] = [{"outcome": outcome}]


def _items(history: History) -> list[str]:
    """The steps of the branch as items of a SCHEDULE, run-length encoded."""
    words = [_word(history, step) for step in range(1, history.total + 1)]
    found = []
    for (name, each), run in groupby(word for word in words if word is not None):
        count = sum(1 for _ in run) * (each or 1)
        found += [name] * count if each is None else [name if count == 1 else f"{name}:{count}"]
    return found


def _word(history: History, step: int) -> tuple[str, int | None] | None:
    """An item and its number (None: it has none); None for the begin of a call's thread."""
    t, label = history.journal.thread(step), history.journal.label(step)
    if t != EVENT:
        return history.programs[t].name, 1
    ticks = _ticks_passed(history, step)
    if label == ticks_label(ticks):
        # One jump to a deadline; the cpus' clocks then roll up once, which comes to the same as each time.
        return "tick", ticks
    for program in history.programs:
        if label == timeout_label(program.name):
            return f"timeout:{program.name}", None
        if label == start_label(program.name):
            return None
    raise BadInput(f"step {step}, {label!r}, cannot be written in a schedule")


def _ticks_passed(history: History, step: int) -> int:
    at = history.vm.memory.address("global.ticks", 0)
    return sum(new - old for address, old, new in history.journal.writes_of(step) if address == at)
