"""The programs of a scenario's threads, and the machine on which they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kernel.boot.sequence import boot_calls
from engine.language.symbols import SETUP, Names
from engine.machine.machine import MachineConfig
from engine.run.opening import boot_program
from engine.run.program import Program
from engine.run.reference_string import POSITION
from engine.scenario.counters import THE_PAGES, Moments
from engine.scenario.format import ScenarioForm, ThreadForm
from engine.scenario.overrides import Given, RunHardware, config_of
from engine.scenario.threads import (
    check_cpus,
    check_daemons,
    program_of,
    string_program,
    threads_of,
    ticks_of,
)
from engine.scenario.trace_file import Strings, distinct_pages, references_of
from engine.script.compile import compile_script, parse_script
from engine.script.source import check_length
from engine.script.variables import Parsed, Variables

Threads = tuple[ThreadForm, ...]


@dataclass(frozen=True)
class Compiled:
    """What the threads of a run do.

    programs: of each thread. setup: of the setup, or None. names: what expressions can name.
    moments: what the dump of the key `counters` says; () without one.
    """

    programs: tuple[Program, ...]
    setup: Program | None
    names: Names
    config: MachineConfig
    moments: Moments


def compile_programs(form: ScenarioForm, given: Given, hardware: RunHardware, strings: Strings) -> Compiled:
    """Compile every script, and read every reference string that a thread takes.

    strings: those that are given, by the name that the file has; others are read.
    Errors: BadInput with file and line.
    """
    threads = threads_of(form)
    taken = {one.name: references_of(one.trace, form.path.parent, strings) for one in threads if one.trace}
    check_length([*([form.setup] if form.setup else []), *(thread.script for thread in threads)])
    scripts = {one.name: parse_script(one.name, one.script) for one in threads if one.trace is None}
    setup = parse_script(SETUP, form.setup) if form.setup else None
    variables = _variables(form, threads)
    positions = {name: variables.number(name, POSITION).slot for name in taken}
    variables.declare([*([setup] if setup else []), *scripts.values()])
    setup_program = compile_script(setup, variables) if setup else None
    scripted = _scripted(threads, scripts, variables, form)
    ticks, places = _ticks(threads, scripted, form), distinct_pages(taken.values())
    config = config_of(form, variables.count, given, ticks, hardware, places)
    programs = tuple(
        scripted.get(one.name) or string_program(one, taken[one.name], positions[one.name], form, config)
        for one in threads
    )
    if config.stepped_boot:
        programs = (*programs[:-1], boot_program(boot_calls(config.hardware)))
    check_cpus(form, config)
    check_daemons(form, programs)
    return Compiled(programs, setup_program, variables.names, config, hardware.moments(form.machine))


def _variables(form: ScenarioForm, threads: Threads) -> Variables:
    return Variables(
        (*(part.name for part in form.objects), *([THE_PAGES] if form.machine.counters else [])),
        tuple(part.name for part in threads),
        tuple(part.name for part in form.processes),
        {part.name: part.value for part in form.parameters},
    )


def _scripted(
    threads: Threads, scripts: Mapping[str, Parsed], variables: Variables, form: ScenarioForm
) -> dict[str, Program]:
    """The programs of the threads that have a script, by name."""
    own = (one for one in threads if one.name in scripts)
    return {one.name: program_of(one, scripts[one.name], variables, form) for one in own}


def _ticks(threads: Threads, scripted: Mapping[str, Program], form: ScenarioForm) -> bool:
    """Whether the clock ticks by itself: a daemon works, and no reference string counts the ticks."""
    daemons = any(program.daemon for program in scripted.values())
    return daemons and not any(ticks_of(one, form) for one in threads)
