"""A variable that only counts does not hide that a run only naps; one that anything reads is compared."""

from __future__ import annotations

import pytest

from engine.run.history import History
from engine.run.idle_counters import IdleCounter, idle_counters
from engine.run.livelock import Livelock
from engine.scenario.loader import load_text
from tests.engine.run.waiting_for_memory import NAPS


def started(script: str, other: str = "") -> History:
    """A run in which memory is short and `hungry` runs a script; other: the script of a second thread."""
    text = NAPS.replace("vm_wait_nominal()", script)
    more = f'[[thread]]\nname = "other"\nscript = """\n{other}\n"""\n' if other else ""
    return load_text(text + more).start()


IDLE = "tries = 0\nwhile TRUE:\n    vm_wait(0)\n    tries += 1"


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (IDLE, ["tries"]),
        (f"# tries is only for people\n{IDLE}", ["tries"]),
        ("x = 5\ny = 9\nx -= 1", ["x", "y"]),
        (IDLE.replace("tries += 1", "tries = tries + 1"), ["tries"]),
        (IDLE.replace("tries += 1", "tries += tries + 1"), []),
        (IDLE.replace("TRUE", "tries < 9"), []),
        (f"{IDLE}\n    x = tries", []),
        (IDLE.replace("vm_wait(0)", "vm_wait(tries)"), []),
        (IDLE.replace("tries += 1", "tries += tries"), []),
        (IDLE.replace("tries += 1", "tries *= 2"), []),
        ("for i in range(3):\n    tick()", []),
    ],
)
def test_a_counter_is_idle_if_only_its_own_counting_names_it(script: str, names: list[str]) -> None:
    assert [counter.name for counter in idle_counters(started(script).programs)] == names


def test_a_counter_that_another_script_reads_is_not_idle() -> None:
    assert idle_counters(started(IDLE, "while hungry.tries < 5:\n    pass").programs) == []


def test_idle_counters_are_listed_by_thread() -> None:
    found = idle_counters(started("a = 1\na += 1", "b = 1\nb += 1").programs)
    assert [(one.thread, one.name) for one in found] == [(0, "a"), (1, "b")]
    assert all(isinstance(one, IdleCounter) for one in found)


def test_a_thread_that_naps_and_counts_is_a_livelock() -> None:
    history = started(IDLE)
    history.extend(40_000)
    assert history.outcome == "livelock"
    assert isinstance(history.branch.finding, Livelock)
    first, counts, waits = str(history.branch.finding).split("; ")
    assert first.startswith("hungry repeats the same ")
    assert counts == "only hungry.tries counts"
    assert waits.startswith(
        "hungry waits for free memory (v_free_count), which no thread frees (v_free_target"
    )


@pytest.mark.slow
def test_a_thread_that_gives_up_after_many_naps_is_not_a_livelock() -> None:
    history = started(IDLE.replace("TRUE", "tries < 4000"))
    history.extend(100_000)
    assert history.outcome == "completed"
    assert history.total > 40_000


def test_a_thread_that_counts_without_a_nap_is_not_looked_at() -> None:
    history = started(IDLE.replace("vm_wait(0)", "pass"))
    history.extend(60_000)
    assert history.outcome is None
