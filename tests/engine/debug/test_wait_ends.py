"""Which threads could end a wait; a wait that none of them can end is named, and the model proves it."""

from __future__ import annotations

import pytest

from engine.debug.wait_ends import Ends, ends
from engine.debug.waits import waiting
from engine.machine.tables import SLEEPING
from engine.run.history import History
from engine.scenario.loader import load, load_text
from tests.engine.run.waiting_for_memory import CYCLE, HUNGRY, NAPS
from tests.tiers import only_fast


def found(history: History) -> dict[str, Ends]:
    """What could end each wait at the cursor, by the name of the thread; without the interrupt thread."""
    by_thread = ends(history, waiting(history))
    programs = history.programs
    return {programs[t].name: one for t, one in by_thread.items() if not programs[t].interrupt}


def names(history: History, one: Ends) -> list[str]:
    return [history.programs[t].name for t in one.threads]


def until_asleep(text: str, who: str) -> History:
    """A run of a scenario, at the first step after which a thread sleeps."""
    history = load_text(text).start()
    t = [program.name for program in history.programs].index(who)
    while history.vm.thread.state[t] != SLEEPING:
        assert history.extend(1)
    return history


def test_the_thread_that_busied_a_page_can_end_the_wait_for_it() -> None:
    history = load("hard-and-soft-busy").start()
    history.extend(14)
    one = found(history)["fault"]
    assert (names(history, one), one.how, one.clock) == (["writer"], "by unbusying the page", False)


def test_a_lost_wakeup_can_be_ended_by_no_thread() -> None:
    scenario = load("lost-wakeup")
    history = scenario.start()
    assert scenario.run(history) == "blocked"
    assert all(one.none for one in found(history).values())


def test_the_daemon_can_end_a_wait_for_memory() -> None:
    history = until_asleep(HUNGRY, "hungry")
    one = found(history)["hungry"]
    assert (names(history, one)[0], one.how) == ("pager", "by freeing memory")
    assert (one.clock, one.tests) == (False, True)


def test_a_nap_alone_is_a_wait_that_no_thread_can_end() -> None:
    history = until_asleep(NAPS, "hungry")
    assert found(history)["hungry"] == Ends((), "by freeing memory", clock=False, tests=True)


def test_a_cycle_through_memory_has_no_end_before_the_run_is_known_to_repeat_itself() -> None:
    history = load_text(CYCLE).start()
    history.extend(16_000)
    while history.vm.thread.state[0] != SLEEPING:
        history.extend(1)
    assert history.outcome is None
    assert {name: one.none for name, one in found(history).items()} == {"fs": True, "pager": True}


def test_another_thread_that_can_run_could_end_the_same_cycle() -> None:
    idle = '[[thread]]\nname = "other"\ncpu = 1\nscript = """\nwhile TRUE:\n    pass\n"""\n'
    history = load_text(CYCLE + idle).start()
    history.extend(4_000)
    while history.vm.thread.state[0] != SLEEPING:
        history.extend(1)
    assert {name: names(history, one) for name, one in found(history).items()} == {
        "fs": ["pager", "other"],
        "pager": ["fs"],
    }


NAP = """
format = 1
title = "One nap"
[machine]
memory = "4 MiB"
[setup]
script = '''
while cpu[0].view.v_free_count > 20:
    p = vm_page_alloc(NULL, 0, VM_ALLOC_INTERRUPT)
tick()
'''
[[thread]]
name = "app"
script = '''
SCRIPT
'''
"""


@pytest.mark.parametrize(
    ("script", "clock"),
    [
        pytest.param("vm_wait(0)\nx = 1", True, id="vm_wait sleeps once"),
        pytest.param("for i in range(3):\n    vm_wait(0)", False, id="a loop comes back to it"),
        pytest.param("vm_wait_nominal()", False, id="vm_wait_nominal sleeps again"),
        pytest.param("vm_wait_pfault()", False, id="a fault sleeps again"),
    ],
)
@pytest.mark.parametrize("rules", ["document", "source"])
def test_whether_a_timeout_ends_a_wait_for_memory(script: str, clock: bool, rules: str) -> None:
    history = until_asleep(f'rules = "{rules}"\n' + NAP.replace("SCRIPT", script), "app")
    one = found(history)["app"]
    assert (one.clock, one.tests, one.threads) == (clock, not clock, ())
    history.extend(20_000)
    ended = {"vm_wait(0)\nx = 1": "completed", "for i in range(3):\n    vm_wait(0)": "completed"}
    assert history.outcome == ended.get(script, "livelock")


@pytest.mark.parametrize("rules", ["document", "source"])
def test_a_thread_that_waits_for_memory_itself_cannot_free_any(rules: str) -> None:
    second = '[[thread]]\nname = "other"\nscript = """\nvm_wait_nominal()\n"""\n'
    text = f'rules = "{rules}"\n' + NAP.replace("SCRIPT", "vm_wait_nominal()") + second
    history = until_asleep(text, "other")
    one = found(history)
    assert {name: (one[name].threads, one[name].none) for name in ("app", "other")} == {
        "app": ((), True),
        "other": ((), True),
    }
    history.extend(20_000)
    assert history.outcome == "livelock"


def test_a_sleeper_whose_timeout_ends_its_wait_could_free_memory_then() -> None:
    second = '[[thread]]\nname = "other"\nscript = """\nvm_wait_nominal()\n"""\n'
    history = until_asleep(NAP.replace("SCRIPT", "vm_wait(0)\nx = 1") + second, "other")
    assert names(history, found(history)["other"]) == ["app"]


LIBRARY = [
    "four-ways-to-wait",
    "nice-and-waiting",
    "nice-waits-first",
    "lost-wakeup",
    "waiting-leaves-a-footprint",
]


@pytest.mark.parametrize("rules", only_fast(["document", "source"], "document"))
@pytest.mark.parametrize("name", LIBRARY)
def test_a_wait_that_ends_in_the_library_was_never_said_to_have_no_end(name: str, rules: str) -> None:
    scenario = load(name, rules=rules)
    history = scenario.start()
    scenario.run(history)
    ended = {t for t in range(len(history.programs)) if history.vm.thread.state[t] != SLEEPING}
    for step in range(0, history.total, max(history.total // 150, 1)):
        history.seek(step)
        for t, one in ends(history, waiting(history)).items():
            assert not (one.none and not one.tests and t in ended), (step, history.programs[t].name)
