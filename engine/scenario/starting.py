"""What happens before step 0: the objects, the variables, and the setup script run to its end."""

from __future__ import annotations

from typing import Final

from engine.constants import NULL, OBJECT_TYPES
from engine.errors import BadInput, CapacityError, Finding
from engine.kernel.locks import holds_spinlock
from engine.kernel.tokens import held_tokens
from engine.language.names import Names
from engine.machine import Machine
from engine.program import Program
from engine.scenario.format import ObjectForm, Script
from engine.threads import Runner

BOOT_THREAD: Final = 0xFFFF_F801_0000_0000
"""The address of the thread that creates the objects: what their colours begin with."""

OBJECTS_AT: Final = 0xFFFF_F800_0010_0000
OBJECT_SIZE: Final = 512
QUICK_COLOR_STEP: Final = 23
COMPLETED: Final = "completed"


def make_objects(vm: Machine, forms: tuple[ObjectForm, ...]) -> None:
    """Create the objects in the order of the file, as one thread on cpu 0 would.

    Source: spec 01, struct vm_object: pg_color from the thread's address and the cpu's gd_quick_color.
    """
    vm.object_names = tuple(form.name for form in forms)
    for obj, form in enumerate(forms):
        low = BOOT_THREAD & 0xFFFFFFFF
        address = low - (1 << 32) if low >= 1 << 31 else low
        color = (address >> 10) + vm.cpu.quick_color[0] & 0xFFFF
        vm.cpu.quick_color[0] += QUICK_COLOR_STEP
        vm.object.type[obj] = OBJECT_TYPES[form.type]
        vm.object.size[obj] = form.size
        vm.object.pg_color[obj] = color if form.pg_color is None else form.pg_color
        vm.object.ref_count[obj] = 1
        vm.object.address[obj] = OBJECTS_AT + obj * OBJECT_SIZE


def set_variables(vm: Machine, names: Names) -> None:
    """Let every variable that can hold a page or an object hold NULL until it is assigned."""
    for variables in names.variables.values():
        for variable in variables.values():
            vm.variable.value[variable.slot] = NULL if variable.kind.nullable else 0


def run_setup(vm: Machine, program: Program, script: Script, limit: int) -> None:
    """Run the setup on cpu 0 to its end, unrecorded, and leave no trace of its thread.

    Errors: BadInput, with the line it stood at, when it panics, blocks, takes more than `limit` steps, or
            ends while it holds a lock.
    """
    runner = Runner(vm, [program])
    problem = None
    try:
        runner.start()
        runner.run(limit)
    except CapacityError as error:
        problem = str(error)
    last = program.instructions[-1].line if program.instructions else 1
    line = script.line(program.line_at(vm.thread.pc[0]) or last)
    problem = problem or _problem(vm, runner, limit)
    if problem:
        raise BadInput(f"the setup does not come to its end: {problem}", file=script.file, line=line)
    _forget_thread(vm)


def _problem(vm: Machine, runner: Runner, limit: int) -> str | None:
    if isinstance(runner.finding, Finding):
        return f"{runner.outcome}: {runner.finding}"
    if runner.outcome is None:
        return f"it takes more than {limit} steps; raise steps in [limits]"
    if runner.outcome != COMPLETED:
        return f"it is {runner.outcome}: nobody wakes it"
    if holds_spinlock(vm, 0) or held_tokens(vm, 0):
        return "it still holds a spinlock or an object; release them in it"
    return None


def _forget_thread(vm: Machine) -> None:
    """The setup's thread is no thread of the run: its row is as at boot again."""
    for place in vm.memory.columns:
        if place.table in ("thread", "token"):
            vm.memory.vector(f"{place.table}.{place.name}")[:] = 0
    for name in ("cpu.current", "cpu.runq_head", "cpu.runq_tail"):
        vm.memory.vector(name)[:] = 0
    for name in ("sleepq_head", "sleepq_tail", "schedule_item", "schedule_left", "schedule_random"):
        vm.memory.vector(f"global.{name}")[:] = 0
    vm.curthread, vm.mycpu = NULL, 0
