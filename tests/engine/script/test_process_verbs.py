"""Scripts that use memory as processes do, and the I/O that follows: from the file to the outcome."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import pytest

from engine.constants import V_FREE_COUNT
from engine.errors import BadInput
from engine.invariants import validate_machine
from engine.language.naming import Keyed, name_of, parse_cell
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.scenario.loader import Scenario, load_text

HEAD = """format = 1
title = "t"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 16
swap = 256
{machine}
[[object]]
name = "heap"
size = 64
[[object]]
name = "file"
type = "vnode"
size = 64
[[process]]
name = "A"
pid = 100
maps = [{{object = "heap", start = 0x10000, pages = 16}}, {{object = "file", start = 0x40000, pages = 16}}]
[[process]]
name = "B"
pid = 200
nice = 5
"""

THREAD = '[[thread]]\nname = "{}"\ncpu = {}\n{}\nscript = """\n{}\n"""\n'


def scenario_of(*threads: tuple[str, int, str, str], machine: str = "", rest: str = "") -> Scenario:
    """A scenario with processes A and B; a thread is (name, cpu, process or "", script)."""
    text = HEAD.format(machine=machine) + rest
    for name, cpu, process, script in threads:
        text += THREAD.format(name, cpu, f'process = "{process}"' if process else "", script)
    return load_text(text)


def played(scenario: Scenario, limit: int = 20_000) -> tuple[str, History]:
    """The outcome of a run, every step checked."""
    history = scenario.start()
    while history.total < limit and history.forward():
        validate_machine(history.vm, history.step)
    return scenario.run(history), history


def value(scenario: Scenario, history: History, text: str) -> int | None:
    """What an EXPR is at the end."""
    return scenario.expression(text).show(history.vm)


def labels(history: History, thread: str | None = None) -> list[str]:
    """What was done, by one thread or by events."""
    records = [history.record(step) for step in range(1, history.total + 1)]
    names = [None if record.thread is None else history.programs[record.thread].name for record in records]
    return [record.action for record, name in zip(records, names, strict=True) if name == thread]


# --- what scripts say -------------------------------------------------------------------------------------


def test_a_script_reads_writes_maps_and_forks_as_its_process() -> None:
    script = """
s = write(0x10000)
t = read(0x90000)
r = map(NULL, 0x90000, 4, VM_PROT_READ | VM_PROT_WRITE)
u = touch(0x90000)
v = write(0x40000)
fork(200)
w = write(0x10000, 200)
munmap(0x90000, 4)
x = read(0x90000)
"""
    scenario = scenario_of(("app", 0, "A", script))
    outcome, history = played(scenario)
    assert outcome == "completed"
    assert [value(scenario, history, f"app.{name}") for name in "strux"] == [0, 11, 0, 0, 11]
    assert value(scenario, history, "process[B].minflt + process[B].majflt") == 1
    assert value(scenario, history, "process[A].majflt") == 1
    assert value(scenario, history, "object[heap].page[0].flags & PG_MAPPEDMULTI") == 0
    assert value(scenario, history, "process[A].pte[0x10] & PTE_RW") == 0
    assert value(scenario, history, "process[B].pte[0x10] & PTE_M") == 0x40


def test_the_setup_can_use_memory_for_a_process_and_do_its_io() -> None:
    rest = '[setup]\nscript = """\nwrite(0x10000, 100)\nread(0x40000, 100)\n"""\n'
    scenario = scenario_of(("app", 0, "A", "read(0x10000)\nread(0x40000)"), rest=rest)
    outcome, history = played(scenario)
    assert (outcome, history.total) == ("completed", 2)
    assert value(scenario, history, "process[A].minflt") == 1


@pytest.mark.parametrize(
    ("process", "script", "words"),
    [
        ("", "read(0x10000)", "read needs an address space, but this thread does not belong to a process"),
        ("", "exit()", "give its [[thread]] a process"),
        ("A", "read(0x10000, 300)", "no process has pid 300; the pids are: 100, 200"),
        ("A", "fork(100)", "already has an address space"),
        ("A", "map(heap, 17, 1, 3)", "0x11 is not page-aligned"),
        ("A", "read(-1)", "addr = -1 is not possible"),
        ("A", "map(heap, 0x90000, 1, 9)", "prot = 9 is not possible"),
        ("A", "m = vm_page_grab(heap, 0, VM_ALLOC_NORMAL)\nmap_page(0x40000, m, 1)", "does not have that page"),
    ],
)  # fmt: skip
def test_a_bad_call_is_a_message_with_its_line(process: str, script: str, words: str) -> None:
    def attempt() -> None:
        scenario = scenario_of(("app", 0, process, script))
        scenario.run(scenario.start())

    with pytest.raises(BadInput, match=r"scenario:\d+: ") as caught:
        attempt()
    assert words in str(caught.value)


def test_a_device_of_the_model_keeps_its_name_for_itself() -> None:
    with pytest.raises(BadInput, match="biodone"):
        scenario_of(("biodone", 0, "A", "pass"))


def test_a_process_gives_its_nice_value_to_its_threads() -> None:
    scenario = scenario_of(("app", 0, "B", "pass"))
    history = scenario.start()
    assert value(scenario, history, "thread[app].nice") == 5
    assert value(scenario, history, "thread[app].process") == 1


def test_cells_of_processes_have_names_both_ways() -> None:
    scenario = scenario_of(("app", 0, "A", "write(0x10000)"))
    _, history = played(scenario)
    vm, names = history.vm, scenario.names
    for text in ("process[A].minflt", "process[A].pte[0x10]", "buf[0].done", "map_entry[1].start"):
        address = parse_cell(vm, text, names)
        assert isinstance(address, int)
        assert name_of(vm, address, names) == text
    assert isinstance(parse_cell(vm, "process[A].pte[0x99]", names), Keyed)


# --- I/O in the schedule ----------------------------------------------------------------------------------

READERS = (
    ("one", 0, "A", "s = read(0x40000)"),
    ("two", 1, "A", "s = read(0x41000)"),
)


def test_when_nothing_can_run_the_clock_jumps_to_the_ends_of_io() -> None:
    scenario = scenario_of(*READERS, machine="io_delay = 3")
    outcome, history = played(scenario)
    assert outcome == "completed"
    assert labels(history)[0] == "3 ticks"
    assert history.vm.glob.ticks[0] == 3


def test_the_schedule_can_end_an_io_at_once_and_out_of_order() -> None:
    items = '[schedule]\nitems = "one:block, two:block, io:2, two:end, io, one:end"\n'
    scenario = scenario_of(*READERS, rest=items)
    outcome, history = played(scenario)
    assert (outcome, labels(history)) == ("completed", ["I/O completion"] * 2)
    assert history.vm.glob.ticks[0] == 0


@pytest.mark.parametrize(
    ("items", "words"),
    [("io", "no I/O is pending"), ("one:block, io:2", "only 1 I/O pending")],
)
def test_an_io_that_is_not_under_way_cannot_end(items: str, words: str) -> None:
    scenario = scenario_of(*READERS, rest=f'[schedule]\nitems = "{items}"\n')
    with pytest.raises(BadInput, match=words):
        scenario.run(scenario.start())


def test_the_interrupt_thread_runs_before_the_thread_it_interrupts_and_not_under_a_spinlock() -> None:
    scenario = scenario_of(
        ("one", 0, "A", "s = read(0x10000)"),
        ("spinner", 0, "", "vm_page_spin_lock(page[70])\nx = 1\nvm_page_spin_unlock(page[70])\ny = 2"),
    )
    history = scenario.start()
    vm = history.vm
    # A block of swap for the page, as if it had been written before.
    vm.object.type[0] = 1
    vm.blist.used[0] = 1
    vm.glob.vm_swap_size[0] -= 1
    vm.swap.block[vm.swap_slots.slot((0, 0))] = 256
    vm.object.swblock_count[0] = 1
    biodone = len(history.programs) - 1
    while not vm.buf.kind[0] or vm.thread.state[0] == 0:
        assert history.forward()
    while vm.thread.page_spin[1] != 70:
        assert history.forward()
    history.fork(parse_schedule("io"))
    assert history.forward()
    assert history.record(history.step).action == "I/O completion"
    order = []
    while history.forward() and vm.process.majflt[0] == 0:
        validate_machine(vm, history.step)
        record = history.record(history.step)
        order.append((record.thread, record.action))
    threads = [thread for thread, _ in order]
    release = order.index((1, "release the page's spinlock"))
    assert threads[: release + 1] == [1] * (release + 1)
    assert threads[release + 1] == biodone
    assert threads[threads.index(biodone) :].index(1) > threads[threads.index(biodone) :].index(biodone)


@pytest.mark.slow
def test_a_run_with_io_can_be_gone_back_to_and_lived_through_again() -> None:
    scenario = scenario_of(*READERS)
    outcome, history = played(scenario)
    assert outcome == "completed"
    digests = []
    for step in range(history.total + 1):
        history.seek(step)
        digests.append(history.vm.memory.digest())
    for step in range(history.total, -1, -5):
        history.seek(step)
        history.go_live()
        assert history.vm.memory.digest() == digests[step]
    assert scenario.start().vm.memory.digest() == digests[0]


# --- the document's four patterns -------------------------------------------------------------------------

PATTERN_1 = """
vm_object_hold(heap)
m = vm_page_lookup_busy_wait(heap, 0, TRUE, "fault")
if m == NULL:
    m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
    if m == NULL:
        vm_wait_pfault()
    error = pager_getpage(heap, m, 1)
    vm_page_set_valid(m, 0, PAGE_SIZE)
map_page(0x10000, m, VM_PROT_READ | VM_PROT_WRITE)
vm_page_wakeup(m)
vm_object_drop(heap)
s = write(0x10000)
"""

PATTERN_2 = """
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_set_valid(m, 0, PAGE_SIZE)
vm_page_deactivate(m)
vm_page_wakeup(m)
if vm_page_busy_try(m, TRUE) == 0:
    if m.dirty:
        vm_page_deactivate(m)
    else:
        vm_page_cache(m)
    {}
"""

PATTERN_3 = """
m = vm_page_alloc_contig(0, 0xFFFFFFFF, 16, 0, 64 * 1024, 0)
if m != NULL:
    pa = VM_PAGE_TO_PHYS(m)
    vm_page_free_contig(m, 64 * 1024)
"""

PATTERN_4 = """
write(0x10000)
m = heap.page[0]
{}
vm_page_wire(m)
{}
read(0x40000)
{}
vm_page_unwire(m, 0)
{}
"""


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(PATTERN_1, "completed", id="1: a fault, as the document has it"),
        pytest.param("s = write(0x10000)", "completed", id="1: a fault, as the kernel does it"),
        pytest.param(PATTERN_2.format("vm_page_wakeup(m)"), "panic:vm_page_wakeup", id="2: a scan, unbusied twice"),
        pytest.param(PATTERN_2.format("pass"), "completed", id="2: a scan, where caching unbusies"),
        pytest.param(PATTERN_3, "completed", id="3: a buffer for a device"),
        pytest.param(PATTERN_4.format(*["pass"] * 4), "panic:vm_page_wire", id="4: wiring a page not busied"),
        pytest.param(
            PATTERN_4.format("vm_page_busy_wait(m, TRUE)", "vm_page_wakeup(m)", "vm_page_busy_wait(m, FALSE)", "vm_page_wakeup(m)"),
            "completed", id="4: wiring a busied page",
        ),
        pytest.param("mlock(0x10000, 1)\nread(0x40000)\nmunlock(0x10000, 1)", "completed", id="4: wiring by faults"),
    ],
)  # fmt: skip
def test_patterns(script: str, outcome: str) -> None:
    scenario = scenario_of(("app", 0, "A", script))
    assert played(scenario)[0] == outcome


# --- what the catalogue needs -----------------------------------------------------------------------------


@pytest.mark.parametrize(("nice", "waiters"), [(0, 0), (20, 1)])
def test_under_the_documents_rule_a_nice_process_waits_earlier(nice: int, waiters: int) -> None:
    limits = "[machine.thresholds]\nv_free_min = 100\nv_free_target = 5000\n"
    text = HEAD.format(machine=limits).replace("nice = 5", f"nice = {nice}")
    text += THREAD.format("app", 0, 'process = "B"', "map(NULL, 0x10000, 1, 3)\nwrite(0x10000)")
    history = load_text(text).start()
    vm = history.vm
    # More than v_free_min, less than what nice 20 adds to it.
    vm.gd_vmstats.view[V_FREE_COUNT] = 150
    while vm.thread.state[0] == 0 and history.forward():
        pass
    assert vm.glob.vm_pages_waiting[0] == waiters


def test_the_interrupt_thread_can_be_given_its_place_among_the_threads() -> None:
    rest = '[[thread]]\nname = "biodone"\ncpu = 1\n[[thread]]\nname = "last"\nscript = "pass"\n'
    scenario = scenario_of(("app", 0, "A", "pass"), rest=rest)
    assert [program.name for program in scenario.programs] == ["biodone", "last", "app"]
    assert [program.interrupt for program in scenario.programs] == [True, False, False]
    history = scenario.start()
    assert history.vm.biothread == 0
