"""Whether the wakeup of a thread that sleeps on a page is lost."""

from __future__ import annotations

import pytest

from engine.constants import Thread
from engine.debug.lost_wakeup import is_lost
from engine.kernel.sleep import CHAN_PAGE
from engine.machine.tables import SLEEPING
from engine.run.history import History
from engine.scenario.loader import load

LOST = "owner:3,waiter:3,owner:3,waiter:1,hungry:6,freer:29,hungry:4"
KEPT = "owner:3,waiter:4"


def slept_on(history: History, t: int) -> int:
    """The page that thread `t` sleeps on."""
    assert history.vm.thread.state[t] == SLEEPING
    return history.vm.thread.chan[t] - CHAN_PAGE


@pytest.mark.parametrize(("schedule", "steps", "lost"), [(LOST, 49, True), (KEPT, 7, False)])
def test_a_wakeup_is_lost_if_no_thread_is_asked_for_it(schedule: str, steps: int, lost: bool) -> None:
    history = load("lost-wakeup", schedule=schedule).start()
    history.extend(steps)
    t = history.vm.thread_names.index("waiter")
    assert is_lost(history.vm, Thread(t), slept_on(history, t)) is lost
