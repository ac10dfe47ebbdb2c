"""Ticks asleep for memory: of sleeps that a jump of the clock ends one by one, and of one without end."""

from __future__ import annotations

from engine.figures.memory_sleeps import ticks_asleep_for_memory
from engine.run.history import History
from tests.engine.scenario.small_scenarios import scenario_of

THREAD = '[[thread]]\nname = "{}"\ncpu = {}\nscript = """\n{}\n"""\n'
SHORT = 'memory = "4 MiB"\ntopology = "1x3x1"\nthresholds.v_free_target = 100_000'


def started(*scripts: tuple[str, str]) -> History:
    threads = "".join(THREAD.format(name, cpu, script) for cpu, (name, script) in enumerate(scripts))
    return scenario_of(SHORT, rest=threads).start()


def run(*scripts: tuple[str, str]) -> History:
    history = started(*scripts)
    history.extend(10_000)
    return history


def test_a_jump_of_the_clock_ends_each_sleep_at_its_own_tick() -> None:
    history = run(("a", "vm_wait(5)"), ("b", "vm_wait(7)\nvm_wait(2)"), ("c", "tick(30)"))
    jumps = [
        step for step in range(1, history.total + 1) if history.journal.label(step) == "advance the clock"
    ]
    assert len(jumps) == 1
    assert ticks_asleep_for_memory(history) == (5, 9, 0)


def test_a_sleep_for_a_page_does_not_count() -> None:
    busy = "m = vm_page_alloc(NULL, 0, VM_ALLOC_INTERRUPT)\nvm_page_busy_wait(m, 0)"
    history = run(("a", busy), ("b", "tick(9)"))
    assert history.outcome == "blocked"
    assert ticks_asleep_for_memory(history) == (0, 0)


def test_a_sleep_that_does_not_end_lasts_to_the_end() -> None:
    threads = (("a", "vm_wait(50)"), ("b", "i = 0\n" * 40 + "tick(4)\n" * 3 + "i = 1"))
    history = started(*threads)
    while history.vm.glob.ticks[0] < 8:
        history.extend(1)
    assert ticks_asleep_for_memory(history) == (8, 0)
    history.extend(1000)
    assert ticks_asleep_for_memory(history) == (50, 0)
