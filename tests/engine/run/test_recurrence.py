"""A run that repeats itself is a livelock within 16,384 steps and one period; a run that ends is not one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.constants import PQ_HOLD
from engine.inputs.kernel_trace import Segment
from engine.inputs.traces import driver
from engine.inputs.traces.file import read_lines
from engine.inputs.traces.machine import read_header
from engine.inputs.traces.report import Tally
from engine.machine.machine import Machine
from engine.memory.journal import Journal
from engine.run import recurrence
from engine.run.history import History
from engine.run.position import Aside, places, position
from engine.run.recurrence import (
    LOOK_EVERY,
    LoneCall,
    possible_periods,
    run_unrecorded,
    unchanged,
)
from engine.run.runner import Runner
from engine.scenario.loader import load_text
from tests.engine.run.waiting_for_memory import CYCLE, HUNGRY, NAPS, TWO_PAGERS
from tests.engine.scenario.small_scenarios import sentences

GOLDEN = Path(__file__).resolve().parents[2] / "conformance" / "golden"

HEAD = """
format = 1
title = "Loops"
[machine]
memory = "4 MiB"
topology = "1x2x1"
{}
[[object]]
name = "heap"
[setup]
script = '''
k = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(k)
'''
"""


def looping(*scripts: str, machine: str = "", schedule: str = "") -> History:
    """The run of threads a, b, ... on cpus 0, 1, ... for up to 200,000 steps."""
    threads = [
        f"[[thread]]\nname = '{name}'\ncpu = {cpu}\nscript = '''\n{script}\n'''\n"
        for cpu, (name, script) in enumerate(zip("ab", scripts, strict=False))
    ]
    items = f"[schedule]\nitems = '{schedule}'\n" if schedule else ""
    scenario = load_text(HEAD.format(machine) + "".join(threads) + f"[limits]\nsteps = 200_000\n{items}")
    history = scenario.start()
    history.extend(200_000)
    return history


FOR_EVER = sentences(
    ("a loop that does nothing", ["while TRUE:\n    pass"], 2),
    ("a loop of a call that changes cells and restores them",
     ["while TRUE:\n    vm_page_busy_try(setup.k, 0)\n    vm_page_wakeup(setup.k)"], None),
    ("a loop that waits for another thread, which has ended",
     ["while TRUE:\n    if b.x == 2:\n        break", "x = 1"], None),
    ("two threads",
     ["while TRUE:\n    pass", "while TRUE:\n    vm_page_hold(setup.k)\n    vm_page_unhold(setup.k)"], None),
    ("a loop in which only time passes", ["while TRUE:\n    tick(1)"], None),
    ("a loop in which only a counter that no script reads grows",
     ["while TRUE:\n    m = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)\n    vm_page_free(m)"], None),
)  # fmt: skip


@pytest.mark.parametrize(("scripts", "period"), FOR_EVER)
def test_a_run_that_repeats_itself_is_a_livelock(scripts: list[str], period: int | None) -> None:
    history = looping(*scripts)
    assert history.outcome == "livelock"
    assert LOOK_EVERY < history.total < 2 * LOOK_EVERY
    found = history.total - LOOK_EVERY
    assert period is None or found == period
    # The same steps were taken a period earlier, by the same threads.
    records = [history.record(step) for step in range(history.total - 2 * found + 1, history.total + 1)]
    assert [(one.thread, one.action) for one in records[:found]] == [
        (one.thread, one.action) for one in records[found:]
    ]


ENDING = sentences(
    ("a loop that counts",
     ["for i in range(15000):\n    vm_page_hold(setup.k)\n    vm_page_unhold(setup.k)"]),
    ("a loop that reads the clock", ["while global.ticks < 30000:\n    tick(1)"]),
    ("a loop that reads an event counter",
     ["while cpu[0].cnt.v_tfree < 999:\n    m = vm_page_alloc(heap, 5, 1)\n    vm_page_free(m)"]),
    ("a loop that another thread ends",
     ["while b.x == 0:\n    pass", "x = 0\nfor i in range(20000):\n    y = i\nx = 1"]),
)  # fmt: skip


@pytest.mark.parametrize("scripts", ENDING)
def test_a_run_that_ends_is_not_a_livelock(scripts: list[str]) -> None:
    history = looping(*scripts)
    assert (history.outcome, history.total > LOOK_EVERY) == ("completed", True)


def test_a_long_period_is_found_in_a_longer_window() -> None:
    """23 steps of a loop, and a tick after each 1,000 steps: together they repeat after 23,023 steps."""
    body = "\n    ".join(["pass"] * 22)
    history = looping(f"while TRUE:\n    {body}", machine="steps_per_tick = 1000")
    assert history.outcome == "livelock"
    assert str(history.branch.finding).startswith("a repeats the same 23,023 steps")
    assert history.total < 8 * LOOK_EVERY


def test_a_random_schedule_has_no_livelock_of_this_kind() -> None:
    thread = '[[thread]]\nname = \'a\'\nscript = """\nwhile TRUE:\n    pass\n"""\n'
    history = load_text(HEAD.format("") + thread, schedule="random:3").start()
    history.extend(3 * LOOK_EVERY)
    assert (history.outcome, history.total) == (None, 3 * LOOK_EVERY)


@pytest.mark.slow
def test_the_outcome_does_not_depend_on_how_the_steps_are_taken() -> None:
    whole, single = (load_text(NAPS).start() for _ in range(2))
    whole.extend(100_000)
    while single.extend(1):
        pass
    assert (single.outcome, single.total) == (whole.outcome, whole.total) == ("livelock", LOOK_EVERY + 10)
    single.seek(LOOK_EVERY)
    single.fork()
    single.extend(100_000)
    assert (single.outcome, single.total) == ("livelock", whole.total)


def test_a_livelock_can_be_stepped_back_from_and_branched() -> None:
    history = load_text(NAPS).start()
    history.extend(100_000)
    history.seek(100)
    assert history.outcome is None
    history.fork()
    assert history.extend(50) == 50


@pytest.mark.slow
def test_threads_that_wait_for_memory_for_ever_are_a_livelock() -> None:
    ends = {}
    texts = {"naps": NAPS, "cycle": CYCLE, "two pagers": TWO_PAGERS, "hungry": HUNGRY}
    for name, text in texts.items():
        scenario = load_text(text)
        history = scenario.start()
        ends[name] = scenario.run(history), history.total < 8 * LOOK_EVERY
    assert ends == dict.fromkeys(texts, ("livelock", True))


def test_the_ticks_of_steps_do_not_hide_a_livelock() -> None:
    """The steps since the last tick are the same again after each jump in time."""
    for text in (CYCLE, TWO_PAGERS):
        scenario = load_text(text.replace("steps_per_tick = 0\n", ""))
        history = scenario.start()
        assert (scenario.config.steps_per_tick, scenario.run(history)) == (1000, "livelock")
        assert history.total < 8 * LOOK_EVERY


def test_the_next_hold_queue_counts_if_any_page_is_on_one_or_moves() -> None:
    vm = load_text(HUNGRY).start().vm
    before, moving = position(vm, [], moved=False), position(vm, [], moved=True)
    vm.daemon.q3[0] += 1
    assert position(vm, [], moved=False).repeats(before, cleared=False)
    assert not position(vm, [], moved=True).repeats(moving, cleared=False)
    vm.queue.lcnt[PQ_HOLD + 2] = 1
    before = position(vm, [], moved=False)
    vm.daemon.q3[0] += 1
    assert not position(vm, [], moved=False).repeats(before, cleared=False)


# --- the parts --------------------------------------------------------------------------------------------


def test_possible_periods_are_those_at_which_the_cells_were_the_same() -> None:
    history = looping("while TRUE:\n    vm_page_hold(setup.k)\n    vm_page_unhold(setup.k)")
    history.seek(history.total)
    aside, last = Aside(history.vm), history.total
    periods = possible_periods(history.vm, history.journal, last - 100, last, aside)
    period = last - LOOK_EVERY
    assert periods[:3] == [period, 2 * period, 3 * period]
    assert all(unchanged(history.journal, last - one, last, aside) for one in periods)
    assert not unchanged(history.journal, last - period - 2, last, aside)


def test_a_page_that_moved_before_a_period_does_not_count_in_it() -> None:
    """The daemon's next hold queue differs after each pass; that matters only where a page may be on one."""
    early = "m = vm_page_alloc(heap, 4000, VM_ALLOC_INTERRUPT)\nvm_page_activate(m)\nvm_page_free(m)"
    scenario = load_text(HUNGRY.replace("vm_wait_nominal()", f"{early}\nvm_wait_nominal()"))
    history = scenario.start()
    assert (scenario.run(history), history.total < 3 * LOOK_EVERY) == ("livelock", True)


def test_a_lone_call_without_a_journal_is_at_the_same_place_again() -> None:
    vm = load_text(NAPS).start().vm
    vm.memory.record(None)

    def spin(vm: Machine) -> Any:
        while True:
            yield "look"
            vm.page.hold_count[3] += 1
            yield "look again"
            vm.page.hold_count[3] -= 1

    steps = spin(vm)
    next(steps)
    call = LoneCall(vm, steps)
    found = []
    for _ in range(4):
        next(steps)
        found.append(call.repeats())
    assert found == [False, True, False, True]
    assert places(steps) == [steps.gi_frame.f_lasti]
    vm.page.hold_count[4] += 1
    assert not call.repeats()


@pytest.mark.slow
def test_a_run_that_is_not_kept_records_two_longest_periods_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    most = []

    class Watched(Journal):
        def release(self, step: int) -> None:
            most.append(sum(block.sealed_bytes > 0 for block in self.blocks))
            super().release(step)

    monkeypatch.setattr(recurrence, "Journal", Watched)
    monkeypatch.setattr(recurrence, "_WINDOWS", 4)
    vm = load_text(HEAD.format("")).start().vm
    scenario = load_text(HEAD.format("").replace("k = vm", "n = 0\nwhile TRUE:\n    n += 1\nk = vm"))
    assert scenario.setup is not None
    runner = Runner(vm, [scenario.setup])
    runner.start()
    run_unrecorded(runner, 20 * LOOK_EVERY + 5)
    assert (runner.step, runner.outcome) == (20 * LOOK_EVERY + 5, None)
    assert max(most) <= 2 * 4 + 1
    assert vm.memory.journal is None


# --- the traces of the real kernel ------------------------------------------------------------------------


@cache
def golden_livelocks() -> list[list[Any]]:
    """The lines of each segment of the real kernel's traces that ends in a livelock, read once."""
    found = []
    for path in sorted(GOLDEN.glob("*.jsonl.gz")):
        segment: list[Any] = []
        for _, line in read_lines(str(path)):
            segment = [line] if "header" in line else [*segment, line]
            if line.get("panic", {}).get("kind") == "livelock":
                found.append(segment)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_each_livelock_of_the_real_kernel_is_found_at_the_first_look(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that only reaches the limit of steps has a message about the limit."""
    lines = golden_livelocks()[number]
    monkeypatch.setattr(driver, "LIVELOCK", 2 * LOOK_EVERY)
    messages = []
    describe = driver.livelock

    def remember(call: Any, message: str) -> Any:
        messages.append(message)
        return describe(call, message)

    monkeypatch.setattr(driver, "livelock", remember)
    segment = Segment("golden", Tally(), read_header(lines[0]))
    assert segment.complain() == []
    assert [segment.replay(line) for line in lines[1:]] == [[]] * (len(lines) - 1)
    assert messages == ["the same steps again and again"]


@pytest.mark.slow
def test_the_golden_traces_have_livelocks() -> None:
    assert len(golden_livelocks()) == 4
