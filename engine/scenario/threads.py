"""The threads of a scenario: the file's, those that are added to them, and their programs."""

from __future__ import annotations

from dataclasses import replace

from engine.errors import BadInput
from engine.machine.machine import MachineConfig
from engine.references.references import References
from engine.run.interrupt import BIODONE, interrupt_program
from engine.run.opening import BOOT
from engine.run.program import Instruction, Program
from engine.run.reference_string import (
    POSITION,
    REFERENCES_PER_TICK,
    AdvanceClock,
    ReferenceString,
    TakeReference,
)
from engine.scenario.format import ScenarioForm, ThreadForm
from engine.scenario.trace_file import check_mapped, places_of
from engine.script.compile import compile_script
from engine.script.source import Script
from engine.script.variables import Parsed, Variables


def threads_of(form: ScenarioForm) -> tuple[ThreadForm, ...]:
    """Return the threads in order: the file's, the interrupt thread if it is not there, `boot` if it runs."""
    threads, does_io = form.threads, form.machine.swap or form.processes
    if does_io and all(thread.name != BIODONE for thread in threads):
        threads = (*threads, _added_thread(BIODONE, form))
    return (*threads, _added_thread(BOOT, form)) if form.machine.stepped_boot else threads


def _added_thread(name: str, form: ScenarioForm) -> ThreadForm:
    return ThreadForm(name, 0, None, Script("", str(form.path), lambda: (1,)), 1)


def program_of(thread: ThreadForm, parsed: Parsed, variables: Variables, form: ScenarioForm) -> Program:
    """Return the thread's program, with the nice value and index of its process."""
    if thread.name == BIODONE:
        return interrupt_program(thread.cpu)
    program = compile_script(parsed, variables, thread.cpu, thread.process is not None)
    if thread.process is None:
        return program
    return replace(program, nice=thread.process.nice, process=form.processes.index(thread.process))


def ticks_of(thread: ThreadForm, form: ScenarioForm) -> int:
    """Return how many references of a thread make a tick of the clock; 0: it leaves the clock alone.

    Errors: BadInput if steps make ticks too.
    """
    if thread.trace is None:
        return 0
    steps, tick = form.machine.steps_per_tick, thread.trace.tick
    if tick is None:
        return 0 if steps else REFERENCES_PER_TICK
    if tick and steps:
        raise thread.trace.error(
            f"the clock would tick after {tick} references and after {steps} steps; set one of them to 0"
        )
    return tick


def string_program(
    thread: ThreadForm, references: References, slot: int, form: ScenarioForm, config: MachineConfig
) -> Program:
    """Return the program of a thread that takes a reference string.

    slot: the cell of its position.
    Errors: BadInput for an empty string, and for one whose pages its process does not map.
    """
    trace, process = thread.trace, thread.process
    assert trace is not None
    assert process is not None
    if not len(references):
        raise trace.error(f"{references.name} has no references; give a string with at least one")
    places, tick = places_of(references), ticks_of(thread, form)
    if form.setup is None:  # a setup may map more
        check_mapped(thread, places)
    string = ReferenceString(
        references.name, references.indices, references.writes, places, slot, tick, not config.steps_per_tick
    )
    lines: tuple[str, ...] = (f"take the {len(references):,} references of {references.name}, one by one",)
    instructions: tuple[Instruction, ...] = (TakeReference(1, lines[0], string),)
    if tick:
        lines += (f"after every {tick:,} of them, let the clock tick",)
        instructions += (AdvanceClock(2, lines[1], string),)
    return Program(
        thread.name, thread.cpu, lines, instructions, {POSITION: slot}, process.nice,
        process=form.processes.index(process), zeroed=frozenset({slot}), string=string,
    )  # fmt: skip


def check_cpus(form: ScenarioForm, config: MachineConfig) -> None:
    """Reject a thread on a cpu that the machine does not have."""
    ncpus = config.hardware.topology.ncpus
    for thread in form.threads:
        if thread.cpu >= ncpus:
            message = (
                f"thread {thread.name}: there is no cpu {thread.cpu}; this machine has cpus 0 to {ncpus - 1}"
            )
            raise BadInput(message, file=thread.script.file, line=thread.line)


def check_daemons(form: ScenarioForm, programs: tuple[Program, ...]) -> None:
    """Reject a second thread that runs the same daemon."""
    found: dict[str, str] = {}
    for thread, program in zip(form.threads, programs, strict=False):
        other = found.setdefault(program.daemon, program.name)
        if program.daemon and other != program.name:
            message = f"thread {program.name}: {other} is already the {program.daemon}; start it only once"
            raise BadInput(message, file=thread.script.file, line=thread.line)
