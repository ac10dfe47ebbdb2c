"""Runs that begin at power-on: the boot, step by step, and the setup after it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constants import NULL, PQ_FREE, PQ_INACTIVE
from engine.debug.call_stack import frames
from engine.debug.moments import find_step
from engine.debug.why import cause_of, why
from engine.errors import BadInput
from engine.invariants import violations
from engine.kernel.boot.sequence import BootCall, boot, boot_calls, build_cpu_topology, power_on
from engine.machine.machine import Machine
from engine.machine.tables import EMPTY, READY
from engine.memory.block import EVENT
from engine.run.events import SETUP_LABEL, Event
from engine.run.history import History
from engine.run.opening import BOOT, SETUP_EVENT, Opening, boot_program, clear_thread
from engine.run.program import Program
from engine.run.schedule import parse_schedule
from engine.scenario.loader import Scenario, load_text

TEXT = """
format = 1
title = "two threads"
[machine]
memory = "1 MiB"
topology = "2x1x1"
colors = 16
{machine}
[setup]
script = '''
held = vm_page_alloc(heap, 7, VM_ALLOC_NORMAL)
'''
[[object]]
name = "heap"
[[thread]]
name = "near"
script = '''
m = vm_page_alloc(NULL, setup.held.pc, VM_ALLOC_NORMAL)
vm_page_free(m)
'''
[[thread]]
name = "far"
cpu = 1
script = '''
for i in range(2):
    m = vm_page_alloc(heap, i, VM_ALLOC_NORMAL)
    vm_page_free(m)
'''
"""
STEPPED = 'boot = "stepped"'

MACHINES = {
    "one processor": '[machine]\nmemory = "1 MiB"\n',
    "one colour": '[machine]\nmemory = "1 MiB"\ncolors = 1\n',
    "all colours, more than pages": '[machine]\nmemory = "2 MiB"\ntopology = "1x2x1"\n',
    "two sockets": '[machine]\nmemory = "4 MiB"\ntopology = "2x2x2"\ncolors = 64\n',
    "three sockets": '[machine]\nmemory = "3 MiB"\ntopology = "3x1x2"\ncolors = 32\nrules = "source"\n',
    "a socket without memory": """[machine]
ranges = [["0", "2 MiB"]]
topology = "2x2x1"
colors = 32
numa = [{begin = 0, end = "2 MiB", socket = 0}]
""",
    "a hole, a range that no socket has": """[machine]
ranges = [["64 KiB", "1 MiB"], ["2 MiB", "4 MiB"]]
topology = "2x1x1"
colors = 16
numa = [{begin = "2 MiB", end = "3 MiB", socket = 1}]
""",
    "swap, limits and ticks": """[machine]
memory = "2 MiB"
swap = 512
steps_per_tick = 7
thresholds = {v_free_min = 9}
""",
    "a reserve that stays": '[machine]\nmemory = "2 MiB"\ndma_reserved = "2 MiB"\n',
}
"""Machines whose boot takes different ways; each is the start of a scenario."""


def scenario(text: str, stepped: bool) -> Scenario:
    """The scenario, with the line of `boot` or without."""
    return load_text(text.replace("{machine}", STEPPED if stepped else ""))


def of_machine(machine: str, stepped: bool) -> Scenario:
    """A scenario without threads on a machine of MACHINES."""
    rules = 'rules = "source"\n' if "source" in machine else ""
    table = machine.replace(rules, "") + (STEPPED if stepped else "")
    return load_text(f'format = 1\ntitle = "t"\n{rules}{table}\n')


def opened(history: History) -> int:
    """Take the steps of the opening; return the step of the setup."""
    while history.booted is None:
        assert history.extend(1) == 1
    return history.booted


@pytest.fixture(scope="module")
def both() -> tuple[History, History]:
    """The runs with the ordinary boot and with the stepped one, to their ends."""
    runs = scenario(TEXT, stepped=False).start(), scenario(TEXT, stepped=True).start()
    for history in runs:
        history.extend(1_000_000)
        assert history.outcome == "completed"
    return runs


# --- the same machine --------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_the_memory_after_boot_is_that_of_the_ordinary_boot(machine: str) -> None:
    ordinary, run = of_machine(machine, stepped=False), of_machine(machine, stepped=True)
    history = run.start()
    setup = opened(history)
    history.seek(setup - 1)
    assert history.vm.memory.digest() == boot(ordinary.config).memory.digest()
    assert history.vm.warnings == ordinary.start().vm.warnings


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_invariant_holds_after_each_step_of_boot(machine: str) -> None:
    history = of_machine(machine, stepped=True).start()
    setup = opened(history)
    for step in range(setup + 1):
        history.seek(step)
        assert violations(history.vm) == []


@st.composite
def machines(draw: st.DrawFn) -> str:
    """[machine] of some small size, with ranges that belong to sockets or to none."""
    sockets, colors = draw(st.integers(1, 3)), draw(st.sampled_from((1, 4, 16, 64)))
    first = draw(st.integers(0, 40)) * 4096
    end = first + draw(st.integers(260, 520)) * 4096
    hole = draw(st.integers(0, 30)) * 4096
    ranges = [[first, end], [end + hole, end + hole + draw(st.integers(1, 90)) * 4096]]
    cuts = sorted(draw(st.lists(st.integers(first, ranges[1][1]), min_size=2, max_size=4, unique=True)))
    numa = [
        f"{{begin = {beg}, end = {stop}, socket = {draw(st.integers(0, sockets - 1))}}}"
        for beg, stop in itertools.pairwise(cuts)
    ]
    return (
        f'[machine]\nranges = {ranges}\ntopology = "{sockets}x2x1"\ncolors = {colors}\n'
        f"dma_reserved = {draw(st.sampled_from((0, 4096, 200 * 4096)))}\nnuma = [{', '.join(numa)}]\n"
    )


@pytest.mark.slow
@settings(max_examples=40)
@given(machines())
def test_any_machine_boots_to_the_same_memory_and_keeps_the_invariants(machine: str) -> None:
    history = of_machine(machine, stepped=True).start()
    setup = opened(history)
    for step in range(setup):
        history.seek(step)
        assert violations(history.vm) == []
    assert history.vm.memory.digest() == boot(of_machine(machine, stepped=False).config).memory.digest()


def test_after_the_setup_the_memory_is_step_0_of_the_ordinary_run(both: tuple[History, History]) -> None:
    ordinary, stepped = both
    ordinary.seek(0)
    stepped.seek(opened(stepped))
    assert np.array_equal(stepped.vm.memory.array, ordinary.vm.memory.array)


def test_the_run_after_the_setup_is_the_ordinary_run(both: tuple[History, History]) -> None:
    ordinary, stepped = both
    late = opened(stepped)
    assert stepped.total == ordinary.total + late
    of_steps = {ordinary.vm.memory.address("thread.op_start", t) for t in range(3)}
    for step in range(1, ordinary.total + 1):
        other = step + late
        assert (stepped.journal.thread(other), stepped.journal.label(other)) == (
            ordinary.journal.thread(step),
            ordinary.journal.label(step),
        )
        written, expected = (
            [write for write in history.journal.writes_of(at) if write[0] not in of_steps]
            for history, at in ((stepped, other), (ordinary, step))
        )
        assert written == expected


# --- who runs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["rr", "random:3", "far:5,tick:2,near:end", "tick:3,far:line"])
def test_no_schedule_runs_anything_before_the_setup(schedule: str) -> None:
    run = load_text(TEXT.replace("{machine}", f"{STEPPED}\nsteps_per_tick = 3"), schedule=schedule)
    history = run.start()
    setup = opened(history)
    boots = history.vm.thread_names.index(BOOT)
    assert history.journal.threads(0, setup).tolist() == [boots] * (setup - 1) + [EVENT]
    assert history.journal.label(setup) == SETUP_LABEL
    history.extend(10_000)
    ordinary = load_text(TEXT.replace("{machine}", "steps_per_tick = 3"), schedule=schedule).start()
    ordinary.extend(10_000)
    after = [history.journal.label(step) for step in range(setup + 1, history.total + 1)]
    assert after == [ordinary.journal.label(step) for step in range(1, ordinary.total + 1)]


def test_a_thread_that_is_chosen_cannot_run_before_the_setup_and_boot_can() -> None:
    history = scenario(TEXT, stepped=True).start()
    names = history.vm.thread_names
    assert not history.step_thread(names.index("near"))
    assert history.next_choice() == names.index(BOOT)
    assert history.step_thread(names.index(BOOT))
    assert history.branch.chosen == [], "there was no choice, so the run follows its schedule"
    assert history.vm.thread.state[names.index("near")] == EMPTY


def test_no_call_starts_before_the_setup() -> None:
    history = scenario(TEXT, stepped=True).start()
    history.extend(9)
    with pytest.raises(BadInput, match="no thread can start before the machine has booted; run to the setup"):
        history.inject(Program("call", 0, (), ()))


def test_a_schedule_that_names_boot_is_refused() -> None:
    with pytest.raises(
        BadInput, match="schedule item 'boot:3' names boot: it runs before the schedule begins"
    ):
        load_text(TEXT.replace("{machine}", STEPPED), schedule="boot:3,near:end")
    with pytest.raises(BadInput, match="there is no thread boot"):
        load_text(TEXT.replace("{machine}", ""), schedule="boot:3")


def test_a_setup_that_fails_stops_the_run_at_its_line_and_leaves_the_memory() -> None:
    text = TEXT.replace("{machine}", STEPPED).replace("held =", "free = vm_page_free(0)\nheld =")
    text = text.replace("free = vm_page_free(0)", "vm_page_wakeup(page[0])")
    history = load_text(text).start()
    history.extend(10_000 if history.total else 1)
    with pytest.raises(BadInput, match="the setup did not complete") as caught:
        history.extend(10_000)
    assert caught.value.line == 11
    last, digest = history.total, history.vm.memory.digest()
    history.seek(0)
    history.seek(last)
    assert history.vm.memory.digest() == digest
    assert history.booted is None


# --- moving in time ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_boot_can_be_left_and_reached_from_every_step(both: tuple[History, History]) -> None:
    history = scenario(TEXT, stepped=True).start()
    digests = [history.vm.memory.digest()]
    while history.total < opened_at(both) + 5:
        history.extend(1)
        digests.append(history.vm.memory.digest())
    for step in range(history.total, -1, -3):
        history.seek(step)
        history.go_live()
        assert history.vm.memory.digest() == digests[step]
    while history.step < history.total:
        history.forward()
        assert history.vm.memory.digest() == digests[history.step]


def opened_at(both: tuple[History, History]) -> int:
    """The step of the setup."""
    return opened(both[1])


def test_a_branch_from_the_middle_of_boot_boots_the_same_machine(both: tuple[History, History]) -> None:
    history = scenario(TEXT, stepped=True).start()
    setup = opened(history)
    history.extend(10_000)
    ends = history.vm.memory.digest()
    history.seek(20)
    history.fork(parse_schedule("random:5"))
    history.extend(setup - 20)
    assert history.step == setup
    seeds = history.vm.memory.address("global.schedule_random", 0)
    assert history.vm.memory.cells[seeds] == 5, "the branch's schedule begins with the setup"
    history.switch(0)
    history.seek(history.total)
    assert history.vm.memory.digest() == ends
    history.seek(setup - 1)
    history.fork()
    history.extend(10_000)
    assert history.vm.memory.digest() == ends


def test_lines_of_threads_are_reached_after_the_setup_and_those_of_boot_before(
    both: tuple[History, History],
) -> None:
    history, setup = both[1], opened_at(both)
    assert find_step(history, "near:1") == setup
    assert find_step(history, "far:1") == setup
    assert [find_step(history, f"boot:{line}") for line in (1, 2)] == [1, 2]
    last = len(history.programs[history.vm.thread_names.index(BOOT)].lines)
    assert find_step(history, f"boot:{last}") == setup - 2


def test_a_thread_has_not_started_where_the_boot_was_taken_back() -> None:
    history = scenario(TEXT, stepped=True).start()
    setup = find_step(history, "near:1")
    near = history.vm.thread_names.index("near")
    assert history.start_of(near) == setup
    history.forget(setup - 1)
    assert history.start_of(near) is None
    with pytest.raises(BadInput, match="near never reaches line 1"):
        find_step(history, "near:1", history.total)
    assert find_step(history, "near:1") == setup


def test_pointers_are_null_before_the_threads_start(both: tuple[History, History]) -> None:
    history = both[1]
    run = scenario(TEXT, stepped=True)
    history.seek(opened_at(both) - 1)
    for text in ("near.m == NULL", "thread[far].var.m == NULL", "count(FREE) == vmstats.v_free_count"):
        assert run.expression(text).holds(history.vm)
    history.seek(0)
    assert run.expression("count(FREE) == 0 and page[0x40].pat_mode == 0").holds(history.vm)


def test_boot_is_named_as_the_cause_of_what_it_wrote(both: tuple[History, History]) -> None:
    history, setup = both[1], opened_at(both)
    history.seek(setup)
    first = int(np.flatnonzero(history.vm.memory.vector("page.queue"))[0])
    cell = history.vm.memory.address("page.queue", first)
    cause = cause_of(history, cell, setup)
    assert cause is not None
    assert cause.thread == history.vm.thread_names.index(BOOT)
    assert [frame.function for frame in cause.stack] == ["vm_page_startup_finish"]
    assert cause.stack[0].function == frames(history, cause.step)[0].function
    assert len(why(history, cell, setup)) == 1


def test_the_threads_of_the_run_leave_what_boot_wired(both: tuple[History, History]) -> None:
    history = both[1]
    assert history.branches[0].outcome == "completed", "no leak: boot and the setup are not the run"


# --- the parts --------------------------------------------------------------------------------------------


def test_the_free_lists_fill_round_by_round_and_the_reserve_shrinks(both: tuple[History, History]) -> None:
    history, setup = both[1], opened_at(both)
    free = []
    for step in range(setup):
        history.seek(step)
        lcnt = history.vm.memory.vector("queue.lcnt")
        free.append(int(lcnt[PQ_FREE : PQ_FREE + history.vm.colors].sum()))
        assert not lcnt[PQ_INACTIVE : PQ_INACTIVE + history.vm.colors].any()
    assert free == sorted(free)
    assert len(set(free)) > 10
    assert free[0] == 0


def test_the_opening_asks_boot_and_then_for_the_setup() -> None:
    history = scenario(TEXT, stepped=True).start()
    vm, t = history.vm, history.runner.live[-1].thread
    opening = Opening(t, lambda _: [])
    assert (opening.lasts(0), opening.choice(vm)) == (True, t)
    clear_thread(vm, t)
    assert opening.choice(vm) == Event(SETUP_EVENT, 0)
    opening.end = 5
    assert (opening.lasts(4), opening.lasts(5)) == (True, False)


def test_the_program_of_boot_has_a_line_for_each_call() -> None:
    config = scenario(TEXT, stepped=True).config
    calls = boot_calls(config.hardware)
    program = boot_program(calls)
    assert program.boot
    assert program.lines == tuple(call.text for call in calls)
    assert [instruction.line for instruction in program.instructions] == list(range(len(calls) + 1))
    vm = power_on(config)
    only = boot_program([BootCall("build_cpu_topology()", build_cpu_topology)])
    assert list(only.instructions[1].begin(vm)) == ["count sockets, cores and threads"]


def test_a_cleared_row_is_as_at_power_on() -> None:
    config = scenario(TEXT, stepped=True).config
    vm: Machine = power_on(config)
    digest, t = vm.memory.digest(), vm.threads[3]
    vm.thread.state[t], vm.thread.process[t], vm.thread.pc[t] = READY, 2, 7
    clear_thread(vm, t)
    assert (vm.memory.digest(), vm.curthread) == (digest, NULL)


@pytest.mark.parametrize(
    ("stepped", "words"), [(False, ("boot", "boot or setup")), (True, ("power-on",) * 2)]
)
def test_a_run_begins_after_boot_or_at_power_on(stepped: bool, words: tuple[str, str]) -> None:
    history = of_machine(next(iter(MACHINES.values())), stepped).start()
    assert (history.beginning, history.origin) == words
