"""Everything before step 0: create the objects and processes, clear the variables, run the setup script."""

from __future__ import annotations

from typing import Final

from engine.constants import (
    KERN_SUCCESS,
    NULL,
    OBJECT_TYPES,
    OBJT_VNODE,
    PAGE_SHIFT,
    VM_PROT_EXECUTE,
    VM_PROT_NONE,
    VM_PROT_READ,
    VM_PROT_WRITE,
    Cpu,
    Obj,
    Thread,
)
from engine.errors import BadInput, CapacityError, Finding
from engine.kernel.boot.queue_lengths import fill_queues, missing_pages
from engine.kernel.locks import holds_spinlock
from engine.kernel.object_life import BOOT_THREAD, make_object
from engine.kernel.pagers.bio import pending_ios
from engine.kernel.process.map_entries import make_entry
from engine.kernel.process.process import make_process
from engine.kernel.tokens import held_tokens
from engine.language.symbols import Names
from engine.machine.bookkeeping import LISTS, PROGRESS, SCHEDULE
from engine.machine.counters import Counters
from engine.machine.machine import Machine
from engine.machine.tables import NO_THREAD
from engine.run.interrupt import interrupt_program
from engine.run.livelock import Livelock
from engine.run.program import Program
from engine.run.recurrence import run_unrecorded
from engine.run.remarks import Effect
from engine.run.runner import Runner
from engine.scenario.counters import THE_PAGES
from engine.scenario.enough_memory import enough_memory
from engine.scenario.format import ObjectForm, ProcessForm
from engine.script.source import Script

PROTECTIONS: Final = {
    "none": VM_PROT_NONE,
    "r": VM_PROT_READ,
    "rw": VM_PROT_READ | VM_PROT_WRITE,
    "rx": VM_PROT_READ | VM_PROT_EXECUTE,
    "rwx": VM_PROT_READ | VM_PROT_WRITE | VM_PROT_EXECUTE,
}
COMPLETED: Final = "completed"


def make_objects(vm: Machine, forms: tuple[ObjectForm, ...]) -> None:
    """Create the objects in file order, as a thread on cpu 0 would."""
    vm.object_names = tuple(form.name for form in forms)
    for obj, form in enumerate(forms):
        make_object(vm, Obj(obj), OBJECT_TYPES[form.type], form.size, BOOT_THREAD)
        vm.object.unclaimed[obj] = 1
        if form.pg_color is not None:
            vm.object.pg_color[obj] = form.pg_color


def begin_with(vm: Machine, counters: Counters) -> None:
    """Give the queues of a booted machine their lengths; their pages are in one more object, a file's.

    Errors: BadInput if the machine has too few pages of a colour.
    """
    missing = missing_pages(vm, counters)
    if missing.any():
        color = int(missing.argmax())
        raise BadInput(_too_small(vm, counters, color, int(missing[color])))
    obj = Obj(len(vm.object_names))
    vm.object_names = (*vm.object_names, THE_PAGES)
    make_object(vm, obj, OBJT_VNODE, counters.placed, BOOT_THREAD)
    vm.object.unclaimed[obj] = 1
    fill_queues(vm, counters, obj)


def _too_small(vm: Machine, counters: Counters, color: int, missing: int) -> str:
    hardware, has = vm.config.hardware, counters.needed[color] - missing
    words = (
        f"the dump of counters has {counters.needed[color]:,} pages of colour {color}, the machine {has:,}"
    )
    enough = enough_memory(counters, hardware.topology, hardware.dma_reserved)
    return f'{words}; memory = "{enough >> 20} MiB" is enough for this topology'


def make_processes(vm: Machine, forms: tuple[ProcessForm, ...]) -> None:
    """Create the processes in file order, with their maps.

    Errors: BadInput if two maps of a process overlap; CapacityError if the machine's tables are full.
    """
    vm.process_names = tuple(form.name for form in forms)
    rows = {name: obj for obj, name in enumerate(vm.object_names)}
    for form in forms:
        p = make_process(vm, form.pid, form.nice)
        for entry in form.maps:
            obj, start = rows[entry.object], entry.start >> PAGE_SHIFT
            if make_entry(vm, p, Obj(obj), 0, start, entry.pages, PROTECTIONS[entry.prot], 0) != KERN_SUCCESS:
                raise BadInput(f"process {form.name}: maps overlap at {entry.start:#x}; separate them")


def set_variables(vm: Machine, names: Names) -> None:
    """Initialize every variable: pointers to NULL, numbers to 0."""
    for variables in names.variables.values():
        for variable in variables.values():
            vm.variable.value[variable.slot] = NULL if variable.kind.nullable else 0


def run_setup(vm: Machine, program: Program, script: Script, limit: int) -> list[Effect]:
    """Run the setup on cpu 0 to its end, without keeping its steps, and clear its thread's rows.

    Returns: what it printed on the console.

    Errors: BadInput, with its current line, if it panics, blocks, repeats itself, takes more than `limit`
            steps, or ends with a lock held or an I/O pending.
    """
    runner = Runner(vm, [program, interrupt_program()])
    problem = None
    try:
        runner.start()
        run_unrecorded(runner, limit)
    except CapacityError as error:
        problem = str(error)
    problem = problem or _problem(vm, runner, limit)
    if problem:
        last = program.instructions[-1].line if program.instructions else 1
        line = script.line(program.line_at(vm.thread.pc[0]) or last)
        raise BadInput(f"the setup did not complete: {problem}", file=script.file, line=line)
    _forget_thread(vm)
    return runner.remarks.printed()


def _problem(vm: Machine, runner: Runner, limit: int) -> str | None:
    if isinstance(runner.finding, Livelock) and any(wait.memory for wait in runner.finding.waits):
        return f"{runner.finding}; give the machine more memory, or let the setup take fewer pages"
    if isinstance(runner.finding, Finding):
        return f"{runner.outcome}: {runner.finding}"
    if runner.outcome is None:
        return f"it takes more than {limit} steps; raise steps in [limits]"
    if runner.outcome != COMPLETED:
        return f"it is {runner.outcome}: no other thread can wake it"
    if holds_spinlock(vm, Thread(0)) or held_tokens(vm, Thread(0)):
        return "it ends with a spinlock or an object held; release them in the setup"
    if pending_ios(vm):
        return "it ends with an I/O pending; call tick() in the setup"
    return None


def _forget_thread(vm: Machine) -> None:
    """Reset the setup's thread to its state after boot: it is not a thread of the run."""
    for place in vm.memory.columns:
        name = f"{place.table}.{place.name}"
        lists = place.table in ("cpu", "global") and name in LISTS | PROGRESS | SCHEDULE
        if lists or place.table in ("thread", "token"):
            vm.memory.vector(name)[:] = 0
    vm.curthread, vm.mycpu, vm.biothread = NO_THREAD, Cpu(0), NO_THREAD
