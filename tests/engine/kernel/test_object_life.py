"""Waiting until no paging is in progress in an object: whenever the last I/O ends, a thread wakes."""

from __future__ import annotations

import pytest

from engine.kernel.object_life import vm_object_pip_add, vm_object_pip_wait, vm_object_pip_wakeup_n
from tests.engine.kernel.checked_crew import ASLEEP, DONE, Crew, configuration


@pytest.mark.parametrize("before", range(8))
def test_no_wakeup_is_lost_wherever_the_last_io_ends(before: int) -> None:
    crew = Crew(configuration())
    crew.call(vm_object_pip_add, 0, 1)
    crew.begin(0, vm_object_pip_wait, 0, "objtrm")
    for _ in range(before):
        if crew.stands(0) is None:
            crew.step(0)
    crew.call(vm_object_pip_wakeup_n, 0, 1, t=1)
    for _ in range(12):
        if crew.stands(0) is None:
            crew.step(0)
    assert crew.stands(0) == DONE


def test_it_sleeps_only_while_paging_is_in_progress() -> None:
    crew = Crew(configuration())
    crew.call(vm_object_pip_wait, 0, "objtrm")
    crew.call(vm_object_pip_add, 0, 2)
    crew.begin(0, vm_object_pip_wait, 0, "objtrm")
    while crew.stands(0) is None:
        crew.step(0)
    assert crew.stands(0) == ASLEEP
    crew.call(vm_object_pip_wakeup_n, 0, 1, t=1)
    assert crew.stands(0) == ASLEEP
