"""Random processes and daemons on random schedules: the machine stays consistent and the run ends."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest

from engine.constants import PTE_RW, Obj, Page
from engine.invariants import validate_machine
from engine.kernel.pagers.swap_space import swp_pager_getswapspace, swp_pager_meta_build
from engine.kernel.process.page_table import page_of_pte
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.run.history import History
from engine.scenario.loader import load_text
from engine.script.verbs import verbs
from tests.engine.kernel.random_arguments import FUNCTIONS

pytestmark = pytest.mark.slow

SEEDS: Final = range(8)

HEAD: Final = """format = 1
title = "t"
[machine]
memory = "2 MiB"
topology = "1x2x1"
colors = 4
swap = 768
[[object]]
name = "heap"
type = "swap"
size = 16
[[object]]
name = "file"
type = "vnode"
size = 8
[[object]]
name = "hog"
size = 4096
"""

PROCESS: Final = """[[process]]
name = "{name}"
maps = [{{object = "heap", start = 0x10000, pages = 8}}, {{object = "file", start = 0x40000, pages = 8}}]
"""
CHILD: Final = '[[process]]\nname = "C{t}"\npid = {pid}\n'
THREAD: Final = '[[thread]]\nname = "{name}"\ncpu = {cpu}\n{process}script = """\n{script}\n"""\n'

HOG: Final = """
for i in range(420):
    m = vm_page_alloc(hog, i, VM_ALLOC_NORMAL)
    while m == NULL:
        vm_wait(0)
        m = vm_page_alloc(hog, i, VM_ALLOC_NORMAL)
    vm_page_set_valid(m, 0, PAGE_SIZE)
    vm_page_dirty(m)
    vm_page_deactivate(m)
    vm_page_wakeup(m)
"""
"""Uses more memory than there is: with it there are daemons, which write its pages to swap."""

BUSIED: Final = "m = heap.page[{at}]\nif m != NULL:\n    if vm_page_busy_try(m, TRUE) == 0:\n        "
MAPPED: Final = """code = map(NULL, {own}, 4, VM_PROT_READ | VM_PROT_WRITE)
write({own} + PAGE_SIZE)
munmap({own}, 4)"""
PAGED_IN: Final = """n = vm_page_grab(file, {at} + 4, VM_ALLOC_NORMAL)
if n != NULL:
    pager_getpage(file, n)
    vm_page_wakeup(file.page[{at} + 4])"""
SHOWN: Final = """code = map(file, {own}, 4, VM_PROT_READ)
m = vm_page_lookup_busy_wait(file, {at}, TRUE)
if m != NULL:
    map_page({own} + {at} * PAGE_SIZE, m, VM_PROT_READ)
    vm_page_wakeup(m)
munmap({own}, 4)"""

LINES: Final = (
    *["read({addr})", "write({addr})", "touch({addr})"] * 4,
    *[f"madvise({{addr}}, 8192, MADV_{advice})" for advice in ("WILLNEED", "DONTNEED", "FREE", "RANDOM")],
    "munmap({addr}, 1)",
    "mlock({addr}, 2)\nmunlock({addr}, 2)",
    MAPPED,
    PAGED_IN,
    SHOWN,
    "m = heap.page[{at}]\nif m != NULL:\n    vm_page_try_to_free(m)",
    *[BUSIED + call for call in ("vm_page_cache(m)", "vm_pageout_page_free(m)")],
    BUSIED + "vm_page_dirty(m)\n        vm_pageout_clean(m)",
    BUSIED + "vm_page_deactivate(m)\n        vm_pageout_page(m, 8, NULL, {at}, 0)",
    "vm_object_madvise(heap, {at}, 2, MADV_DONTNEED)",
    "io_fails(file, 1)\nread({addr})\nio_fails(file, 0)",
    *[
        f"vm_pageout_scan_{call}"
        for call in ("inactive(0, {at}, 4)", "active(1, {at}, 4, 4)", "cache(0, 0, 0, 0)")
    ],
    "vm_pageout_page_stats({at})\nvm_req_vmdaemon()\nvm_pageout_free_page_calc(64)",
    "vm_pageout_setup()",
    "exit()",
    "vm_pageout_oom()",
)
"""What a script may do; a page is one of the first four of the heap or the file."""


def script_of(chance: random.Random, t: int) -> str:
    """A handful of calls; every second thread first forks, to the process reserved for its child."""
    calls = [f"fork({300 + t})"] * chance.randrange(2)
    for _ in range(chance.randrange(3, 9)):
        at = chance.randrange(4)
        addr = chance.choice((0x10000, 0x40000)) + at * 4096
        calls.append(chance.choice(LINES).format(addr=addr, at=at, own=0x90000 + t * 0x10000))
    return "\n".join(calls)


def scenario_text(chance: random.Random, pressure: bool) -> str:
    """Two processes of three threads and their children; under pressure with daemons and a hog."""
    text = HEAD + PROCESS.format(name="A") + PROCESS.format(name="B")
    text += "".join(CHILD.format(t=t, pid=300 + t) for t in range(3))
    for t, process in enumerate("AAB"):
        row = {"name": f"t{t}", "cpu": t % 2, "process": f'process = "{process}"\n'}
        text += THREAD.format(**row, script=script_of(chance, t))
    if pressure:
        scripts = {"eater": HOG, "pd": "pagedaemon()", "ep": "emergpager()"}
        for t, (name, script) in enumerate(scripts.items()):
            text += THREAD.format(name=name, cpu=t % 2, process="", script=script)
    return text


def begun(seed: int) -> History:
    """A run at step 0, some of the heap on swap."""
    chance = random.Random(seed)
    schedule = f"random:{seed}" if seed % 3 else None
    rules = "source+pmap_model=counted" if seed % 4 == 2 else None
    history = load_text(scenario_text(chance, seed % 2 == 1), schedule=schedule, rules=rules).start()
    for pindex in range(2):
        swp_pager_meta_build(history.vm, Obj(0), pindex, swp_pager_getswapspace(history.vm, 1))
    history.vm.glob.swap_burst_read[0] = seed % 3
    return history


@pytest.mark.parametrize("seed", SEEDS)
def test_random_processes(seed: int) -> None:
    history = begun(seed)
    vm, stride = history.vm, 101 if seed % 2 else 13
    while history.forward():
        if history.step % stride == 0:
            validate_machine(vm, history.step)
    validate_machine(vm, history.step)
    assert history.branch.outcome == "completed"
    if not seed % 2:  # no daemon, which would be in the middle of something
        at_rest(vm)


@pytest.mark.parametrize("seed", range(2, 40, 4))
def test_a_counting_pmap_counts_what_the_page_tables_map(seed: int) -> None:
    history = begun(seed)
    vm = history.vm
    assert vm.rules.pmap_model == "counted"
    while history.forward():
        # Every mapping of a page goes in one step, its counts a few steps later.
        assert all(counted >= mapped for counted, mapped in counts(vm))
    assert all(counted == mapped for counted, mapped in counts(vm))


def counts(vm: Machine) -> Iterator[tuple[int, int]]:
    """How often each page is mapped, and may be written: as it counts, and as the page tables have it."""
    ptes = [pte for slot in vm.pte_slots.slots.values() if (pte := vm.pte.entry[slot])]
    mapped = Counter(page_of_pte(vm, pte) for pte in ptes)
    writeable = Counter(page_of_pte(vm, pte) for pte in ptes if pte & PTE_RW)
    for m in map(Page, range(vm.page.length)):
        yield vm.page.pmap_count[m], mapped[m]
        yield vm.page.writeable_count[m], writeable[m]


def at_rest(vm: Machine) -> None:
    """Nothing is busy, held or locked."""
    assert not vm.memory.vector("page.busy_count").any()
    for column in ("hold_count", "paging_in_progress", "token_owner", "token_shared"):
        assert not vm.memory.vector(f"object.{column}").any()
    assert not vm.memory.vector("process.map_readers").any()
    assert not vm.memory.vector("process.map_writer").any()


def test_they_call_every_function_that_is_for_processes_and_daemons() -> None:
    called: set[str] = set()
    for seed in SEEDS:
        history = begun(seed)
        while history.forward():
            t = history.journal.thread(history.step)
            if t != EVENT:
                called.update(frame.function for frame in history.runner.live[t].stack())
    wanted = {name: verb for name, verb in verbs().items() if name not in FUNCTIONS and name != "sysctl"}
    lacking = {name for name, verb in wanted.items() if not {name, name_of(verb.function)} & called}
    assert sorted(lacking) == []


def name_of(function: Any) -> str:
    """A function's own name; a daemon's verb is one of another with some arguments given."""
    return str(getattr(function, "func", function).__name__)
