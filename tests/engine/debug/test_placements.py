"""Who was given which page, and why it was one of another node: read off the journal, and true."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from engine.constants import NULL, PQ_FREE, Cpu, Obj
from engine.debug.placements import (
    ASKED,
    FINALIZED,
    LOCAL,
    NO_NODE,
    REDIRECTED,
    UNORGANIZED,
    WIDENED,
    Placements,
    causes,
    nodes_of,
    placement_of,
    placements,
)
from engine.kernel.color import vm_get_pg_color
from engine.machine.tables import NO_OBJECT
from engine.run.history import History
from engine.scenario.loader import load_text

RUN = """format = 1
title = "Memory of another node"
[machine]
memory = "8 MiB"
topology = "2x2x2"
colors = 64
[[object]]
name = "heap"
pg_color = 0
[[thread]]
name = "near"
cpu = 3
script = \"\"\"
for i in range(32):
    p = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)
\"\"\"
[[thread]]
name = "asker"
cpu = 4
script = \"\"\"
for i in range(6):
    p = vm_page_alloc(heap, i, VM_ALLOC_NORMAL | VM_ALLOC_CPU(0))
\"\"\"
[[thread]]
name = "hungry"
cpu = 7
script = \"\"\"
for i in range(1000):
    p = vm_page_alloc(NULL, 3, VM_ALLOC_NORMAL)
\"\"\"
"""


@pytest.fixture(scope="module")
def run() -> History:
    scenario = load_text(RUN)
    history = scenario.start()
    assert scenario.run(history) == "leak"
    return history


def at_end(history: History) -> Placements:
    history.seek(history.total)
    return placements(history)


def assigned(history: History, t: int) -> list[int]:
    """The pages that thread `t` stored in a variable, in order: what its script was given."""
    place = history.vm.memory.places["variable.value"]
    slot = history.programs[t].names["p"]
    journal = history.journal
    found = []
    for step in range(1, history.total + 1):
        if journal.thread(step) == t:
            writes = journal.writes_of(step)
            found += [new for address, _, new in writes if address == place.base + slot and new != NULL]
    return found


def test_the_pages_are_those_that_the_scripts_were_given(run: History) -> None:
    placed = at_end(run)
    for t, program in enumerate(run.programs):
        mine = placed.cpus == program.cpu
        assert placed.pages[mine].tolist() == assigned(run, t)
    assert np.all(np.diff(placed.steps) > 0)


def test_the_colour_asked_for_is_the_kernels(run: History) -> None:
    placed, vm = at_end(run), run.vm
    wanted = {
        3: [vm_get_pg_color(vm, Cpu(3), NO_OBJECT, 1)] * 32,
        4: [vm_get_pg_color(vm, Cpu(0), Obj(0), pindex) for pindex in range(6)],
        7: [vm_get_pg_color(vm, Cpu(7), NO_OBJECT, 3)] * 1000,
    }
    for cpu, colors in wanted.items():
        assert placed.asked[placed.cpus == cpu].tolist() == colors


def test_a_search_starts_where_lastq_redirected_it(run: History) -> None:
    placed = at_end(run)
    elsewhere = np.flatnonzero(placed.began != placed.asked).tolist()
    assert len(elsewhere) > 100
    for at in elsewhere[::20]:
        queue = PQ_FREE + int(placed.asked[at])
        run.seek(int(placed.steps[at - 1]))
        assert run.vm.queue.lastq[queue] == placed.began[at]


def test_the_causes_of_remote_pages_are_distinguished(run: History) -> None:
    placed = at_end(run)
    why = causes(run.vm, placed)
    by_cpu = {cpu: Counter(why[placed.cpus == cpu].tolist()) for cpu in (3, 4, 7)}
    assert by_cpu[3] == {LOCAL: 28, FINALIZED: 4}
    assert by_cpu[4] == {ASKED: 6}
    assert by_cpu[7].keys() == {LOCAL, REDIRECTED, WIDENED}
    assert by_cpu[7][WIDENED] < by_cpu[7][REDIRECTED] < by_cpu[7][LOCAL]


def test_a_page_is_local_exactly_when_its_address_is_on_its_cpus_socket(run: History) -> None:
    placed = at_end(run)
    why = causes(run.vm, placed)
    socket = np.array([place.phys_id for place in run.vm.topology.cpus])[placed.cpus]
    half = 4 << 20
    address = (run.vm.first_page + placed.pages) << 12
    assert np.array_equal(why == LOCAL, (address >= half) == (socket == 1))
    assert nodes_of(run.vm, placed.pages).tolist() == (address >= half).astype(int).tolist()


def test_only_what_happened_up_to_the_cursor_counts(run: History) -> None:
    placed = at_end(run)
    middle = int(placed.steps[40])
    for step, count in ((0, 0), (middle - 1, 40), (middle, 41), (run.total, len(placed))):
        run.seek(step)
        assert len(placements(run)) == count
        assert run.step == step


def test_a_machine_of_one_node_and_one_without_bands_have_no_colour_to_blame() -> None:
    text = RUN.replace("VM_ALLOC_CPU(0)", "0").replace("cpu = 4", "cpu = 1").replace("cpu = 7", "cpu = 1")
    one = load_text(text.replace("cpu = 3", "cpu = 0").replace("2x2x2", "1x2x1"))
    flat = load_text(text.replace("cpu = 3", "cpu = 0").replace("2x2x2", "2x1x1"))
    found = []
    for scenario in (one, flat):
        history = scenario.start()
        scenario.run(history)
        found.append(set(causes(history.vm, at_end(history)).tolist()))
    assert found == [{LOCAL}, {LOCAL, UNORGANIZED}]
    assert NO_NODE not in found[1]


def test_a_branch_inherits_its_parents_value_up_to_the_fork() -> None:
    scenario = load_text(RUN)
    history = scenario.start()
    history.extend(4000)
    before = at_end(history)
    history.seek(300)
    history.fork()
    assert placements(history).steps.tolist() == [step for step in before.steps.tolist() if step <= 300]
    for _ in range(200):
        history.step_thread(2)
    branch = placements(history)
    journal, label = history.journal, "clear the page's flags, activity and valid bits"
    certain = [step for step in range(1, history.total + 1) if journal.label(step) == label]
    assert branch.steps.tolist() == certain
    assert len(branch) > 2 + sum(step <= 300 for step in certain)
    history.switch(0)
    assert at_end(history).steps.tolist() == before.steps.tolist()


def test_the_last_placement_of_a_page_is_the_one_before_the_cursor() -> None:
    history = load_text(RUN).start()
    history.extend(100_000)
    placed = placements(history)
    step, page = int(placed.steps[4]), int(placed.pages[4])
    assert placement_of(history, page).cpus.tolist() == [int(placed.cpus[placed.pages == page][-1])]
    history.seek(step)
    assert placement_of(history, page).steps.tolist() == [step]
    history.seek(step - 1)
    assert len(placement_of(history, page)) == 0
