"""Threads that are pageout daemons: how they start, that they never end, and that any step can be had."""

from __future__ import annotations

from typing import Any

import pytest

from engine.constants import PG_MARKER, V_FREE_COUNT, VMSTATS_SIZE
from engine.errors import BadInput
from engine.invariants import validate_machine
from engine.kernel.sleep import CHAN_PAGEDAEMON_TIME, CHAN_PAGES_NEEDED
from engine.machine.tables import PHASE_HOLD, PHASE_IDLE, PHASE_MONITOR, SLEEPING
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.scenario.loader import load_text

HOG = """
for i in range({pages}):
    m = vm_page_alloc(heap, i, VM_ALLOC_NORMAL)
    while m == NULL:
        vm_wait(0)
        m = vm_page_alloc(heap, i, VM_ALLOC_NORMAL)
    vm_page_set_valid(m, 0, PAGE_SIZE)
    vm_page_activate(m)
    vm_page_wakeup(m)
"""

FILL = """
n = 0
while cpu[0].view.v_free_count > 20:
    p = vm_page_alloc(heap, n, VM_ALLOC_INTERRUPT)
    vm_page_set_valid(p, 0, PAGE_SIZE)
    vm_page_deactivate(p)
    vm_page_wakeup(p)
    n += 1
tick()
"""
"""Leaves 20 free pages, and all others clean on inactive queues."""


def scenario(threads: dict[str, tuple[int, str]], *, machine: str = "", setup: str = "pass") -> Any:
    """A scenario on 1,024 pages with an object `heap`; threads by name: their cpu and script."""
    text = f"""
format = 1
title = "daemons"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 16
{machine}
[[object]]
name = "heap"
size = 4096
[setup]
script = '''{setup}'''
"""
    for name, (cpu, script) in threads.items():
        text += f"[[thread]]\nname = '{name}'\ncpu = {cpu}\nscript = '''{script}'''\n"
    return load_text(text)


def under_pressure(pages: int = 1400) -> dict[str, tuple[int, str]]:
    """A thread that uses more memory than there is, and the two daemons."""
    return {
        "hog": (0, HOG.format(pages=pages)),
        "pager": (1, "pagedaemon()"),
        "second": (1, "emergpager()"),
    }


def ended(loaded: Any) -> tuple[History, str]:
    history = loaded.start()
    return history, loaded.run(history)


def test_the_daemon_finds_memory_for_a_thread_that_uses_more_than_there_is() -> None:
    history, outcome = ended(scenario(under_pressure()))
    vm = history.vm
    assert outcome == "completed"
    assert vm.object.resident_page_count[0] < 1024
    assert vm.cpu.v_pdwakeups[1] > 0
    assert vm.cpu.v_dfree[1] > 100
    assert (vm.pagethread, vm.emergpager) == (1, 2)


def test_without_a_daemon_the_same_thread_waits_in_vain() -> None:
    threads = {"hog": under_pressure()["hog"]}
    loaded = scenario(threads)
    history = loaded.start()
    loaded.run(history, 60_000)
    assert history.vm.object.resident_page_count[0] < 1000
    assert history.vm.glob.vm_pages_needed[0] > 0


def test_a_run_is_complete_once_its_daemons_are_idle() -> None:
    history, outcome = ended(scenario({"pager": (0, "pagedaemon()"), "second": (1, "emergpager()")}))
    vm = history.vm
    assert outcome == "completed"
    assert [vm.thread.state[t] for t in (0, 1)] == [SLEEPING, SLEEPING]
    assert [vm.thread.chan[t] for t in (0, 1)] == [CHAN_PAGES_NEEDED, CHAN_PAGEDAEMON_TIME]
    assert [vm.daemon.phase[d] for d in (0, 1)] == [PHASE_IDLE, PHASE_MONITOR]
    assert vm.glob.ticks[0] == 0


def test_a_thread_that_sleeps_forever_is_blocked_despite_the_daemons() -> None:
    waiter = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_page_busy_wait(m, 0)"
    _, outcome = ended(scenario({"waiter": (0, waiter), "pager": (1, "pagedaemon()")}))
    assert outcome == "blocked"


def test_time_that_passes_for_another_reason_wakes_an_idle_daemon_too() -> None:
    history, outcome = ended(scenario({"pager": (0, "pagedaemon()"), "clock": (0, "tick(499)\ntick(1)")}))
    assert outcome == "completed"
    assert history.vm.daemon.q3[0] == 2


@pytest.mark.parametrize("daemon", ["pagedaemon()", "emergpager()"])
@pytest.mark.parametrize(
    ("machine", "steps"), [("", 1000), ("steps_per_tick = 0", 0), ("steps_per_tick = 7", 7)]
)
def test_the_clock_ticks_by_default_where_a_daemon_runs(daemon: str, machine: str, steps: int) -> None:
    assert scenario({"d": (0, daemon)}, machine=machine).config.steps_per_tick == steps


def test_without_a_daemon_the_clock_does_not_tick_by_default() -> None:
    assert scenario({"d": (0, "pagedaemon_wakeup()")}).config.steps_per_tick == 0


def test_what_the_daemon_frees_on_its_cpu_reaches_a_waiter_on_another() -> None:
    threads = {"hungry": (1, "vm_wait_nominal()"), "pager": (0, "pagedaemon()")}
    history, outcome = ended(scenario(threads, setup=FILL))
    vm = history.vm
    assert outcome == "completed"
    assert len({vm.gd_vmstats.view[cpu * VMSTATS_SIZE + V_FREE_COUNT] for cpu in vm.cpus}) == 1


def test_many_steps_at_once_are_the_same_steps_one_by_one() -> None:
    loaded = scenario(under_pressure(300), machine="steps_per_tick = 37", setup=FILL)
    at_once, one_by_one = loaded.start(), loaded.start()
    at_once.extend(5000)
    while one_by_one.total < 5000:
        one_by_one.extend(1)
    records = [[history.record(step) for step in range(1, 5001)] for history in (at_once, one_by_one)]
    assert records[0] == records[1]
    assert at_once.vm.memory.digest() == one_by_one.vm.memory.digest()
    assert [step for step in range(37, 5000, 38) if at_once.record(step + 1).thread is not None] == []


def test_a_daemon_works_on_while_pages_are_needed_although_every_other_thread_has_ended() -> None:
    """Only the daemon's own naps make time pass then."""
    machine = "[machine.thresholds]\nv_free_target = 100000\nv_free_min = 100000"
    loaded = scenario({"app": (0, "pagedaemon_wakeup()"), "pager": (1, "pagedaemon()")}, machine=machine)
    history = loaded.start()
    assert loaded.run(history, 3_000) == "stopped"
    assert history.vm.glob.ticks[0] > 0
    assert history.vm.daemon.passes[0] > 1


def test_any_step_of_a_daemon_can_be_gone_back_to_and_left_another_way() -> None:
    loaded = scenario(under_pressure(1200))
    history, _ = ended(loaded)
    digests = {}
    places = range(history.total - 5000, history.total, 457)
    for step in places:
        history.seek(step)
        digests[step] = history.vm.memory.digest()
    for step in reversed(places):
        history.seek(step)
        history.go_live()
        assert history.vm.memory.digest() == digests[step]
    history.fork(parse_schedule("random:5"))
    history.seek(history.total)
    history.extend(2000)
    validate_machine(history.vm)


WRITER = """
i = 0
while True:
    m = vm_page_lookup_busy_wait(heap, i % 800, 1)
    if m != NULL:
        vm_page_dirty(m)
        vm_page_deactivate(m)
        vm_page_wakeup(m)
        m = NULL
    i += 7
"""


@pytest.mark.slow
def test_the_machine_holds_together_after_every_step_of_two_daemons_at_work() -> None:
    """A tick after every step: so the primary daemon soon seems stuck, and the emergency pager helps out."""
    limits = "[machine.thresholds]\nv_free_min = 200\nv_free_target = 700\nv_inactive_target = 300"
    threads = {
        "writer": (0, WRITER),
        "other": (0, WRITER.replace("7", "5")),
        "pager": (1, "pagedaemon_wakeup()\npagedaemon()"),
        "second": (1, "emergpager()"),
    }
    loaded = scenario(threads, machine=f"steps_per_tick = 1\n{limits}", setup=HOG.format(pages=800))
    history = loaded.start()
    history.fork(parse_schedule("random:11"))
    vm, marked = history.vm, [0, 0, 0, 0]
    for _ in range(4000):
        assert history.extend(1) == 1
        validate_machine(vm, history.step)
        for t in range(4):
            marked[t] += bool(vm.page.flags[vm.marker_of(t)] & PG_MARKER)
    assert marked[0] == marked[1] == 0
    assert min(marked[2:]) > 100


# --- what cannot be ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["pagedaemon", "emergpager"])
def test_a_machine_has_each_daemon_once(verb: str) -> None:
    with pytest.raises(BadInput, match=f"thread b: a is already the {verb}"):
        scenario({"a": (0, f"{verb}()"), "b": (1, f"{verb}()")})


def test_a_thread_cannot_be_two_daemons() -> None:
    with pytest.raises(BadInput, match="this thread is already the pagedaemon"):
        scenario({"a": (0, "if 1 == 1:\n    pagedaemon()\nelse:\n    emergpager()")})


def test_an_endless_setup_is_refused() -> None:
    with pytest.raises(BadInput, match="pagedaemon never returns"):
        scenario({"a": (0, "pass")}, setup="pagedaemon()")


def test_a_daemon_returns_nothing() -> None:
    with pytest.raises(BadInput, match="pagedaemon returns nothing"):
        scenario({"a": (0, "x = pagedaemon()")})


def test_the_lines_before_a_daemon_verb_run_once() -> None:
    history, outcome = ended(scenario({"a": (0, "x = 0\nx = x + 1\npagedaemon()")}))
    assert outcome == "completed"
    assert history.vm.variable.value[history.programs[0].names["x"]] == 1
    assert history.vm.daemon.phase[0] in (PHASE_HOLD, PHASE_IDLE)
