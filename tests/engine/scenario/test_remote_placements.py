"""The library shows remote placements with each of their causes, and its lessons about them are true."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
import pytest

from engine.constants import PQ_FREE, Cpu, Thread
from engine.debug.placements import (
    ASKED,
    FINALIZED,
    LOCAL,
    NO_NODE,
    REDIRECTED,
    WIDENED,
    causes,
    nodes_of,
    placements,
)
from engine.run.history import History
from engine.scenario.library import OWN
from engine.scenario.loader import load

CAUSES: Final = {
    "home-is-used-up": {LOCAL: 1, REDIRECTED: 1, WIDENED: 1},
    "a-page-for-another-processor": {LOCAL: 3, ASKED: 1},
    "a-socket-with-little-memory": {LOCAL: 1, FINALIZED: 25},
    "two-sockets-boot": {FINALIZED: 1},
}
"""Scenario -> how many of its pages were placed for each cause."""


def ended(name: str, rules: str = "document") -> History:
    scenario = load(name, rules=rules)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    return history


def variable(history: History, who: str, name: str) -> int:
    (program,) = (program for program in history.programs if program.name == who)
    return history.vm.variable.value[program.names[name]]


@pytest.mark.parametrize("rules", ["document", "source"])
@pytest.mark.parametrize("name", CAUSES)
def test_a_scenario_places_its_pages_for_these_causes(name: str, rules: str) -> None:
    history = ended(name, rules)
    assert Counter(causes(history.vm, placements(history)).tolist()) == CAUSES[name]


@pytest.mark.slow
def test_no_other_scenario_of_the_library_has_a_remote_placement() -> None:
    far = set()
    for name in OWN.names:
        scenario = load(name)
        history = scenario.start()
        if history.vm.topology.phys_ids > 1:
            scenario.run(history)
            history.seek(history.total)
            far |= {name for cause in causes(history.vm, placements(history)).tolist() if cause > NO_NODE}
    assert far == set(CAUSES)


def test_the_free_page_at_home_was_not_looked_at_in_the_second_request() -> None:
    history = ended("home-is-used-up")
    first, second, third = placements(history).steps.tolist()
    assert first < second < third
    spare = variable(history, "giver", "home")
    assert spare == 1
    looks = [history.record(step).action for step in range(first + 1, second)]
    assert "look at FREE[48]" not in looks
    assert "look at FREE[48]" in [history.record(step).action for step in range(second + 1, third)]
    history.seek(second)
    assert history.vm.queue.lcnt[PQ_FREE + 48] == 1


def test_the_lent_pages_are_above_the_sockets_own_ones() -> None:
    history = load("a-socket-with-little-memory").start()
    vm, pages = history.vm, []
    m = vm.queue.head[PQ_FREE + 32]
    while m >= 0:
        pages.append(m)
        m = vm.page.next[m]
    assert nodes_of(vm, np.array(pages)).tolist() == [0] * 25 + [1] * 16
    text = load("a-socket-with-little-memory").form.whole_lesson
    assert "25 lent pages were on top of the socket's own 16" in text
    assert "socket 0 has 14 MiB and socket 1 has 2 MiB" in text


def test_without_the_last_stage_of_numa_boot_the_lists_of_a_small_socket_stay_short() -> None:
    history = load("a-socket-with-little-memory").start()
    lengths = history.vm.memory.vector("queue.lcnt", PQ_FREE, 64)
    own = 16
    assert (lengths[32:] > 2 * own).all()
    assert lengths[:32].min() > lengths[32:].max()


def test_the_object_does_not_choose_the_socket_but_the_flag_does() -> None:
    history = ended("a-page-for-another-processor")
    placed = placements(history)
    took = [history.journal.thread(step) for step in placed.steps.tolist()]
    assert took == [0, 0, 0, 1]
    assert placed.cpus.tolist() == [0, 0, 0, 2]
    assert [history.programs[Thread(t)].cpu for t in took] == [Cpu(0)] * 3 + [Cpu(2)]
    assert nodes_of(history.vm, placed.pages).tolist() == [0, 1, 0, 1]
