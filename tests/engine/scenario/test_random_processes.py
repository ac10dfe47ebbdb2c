"""Random processes on random schedules: the machine agrees with itself, and comes to rest."""

from __future__ import annotations

import random

import pytest

from engine.invariants import validate_machine
from engine.kernel.swap_space import swp_pager_getswapspace, swp_pager_meta_build
from engine.scenario.loader import load_text

HEAD = """format = 1
title = "t"
[machine]
memory = "2 MiB"
topology = "1x2x1"
colors = 4
swap = 256
[[object]]
name = "heap"
type = "swap"
size = 16
[[object]]
name = "file"
type = "vnode"
size = 8
"""

PROCESS = """[[process]]
name = "{name}"
maps = [{{object = "heap", start = 0x10000, pages = 8}}, {{object = "file", start = 0x40000, pages = 8}}]
"""

LINES = (
    *["read({addr})", "write({addr})"] * 5,
    *[f"madvise({{addr}}, 8192, MADV_{advice})" for advice in ("WILLNEED", "DONTNEED", "FREE", "RANDOM")],
    "munmap({addr}, 1)",
    "mlock({addr}, 2)\nmunlock({addr}, 2)",
    "m = heap.page[{at}]\nif m != NULL:\n    vm_page_try_to_free(m)",
    "m = heap.page[{at}]\nif m != NULL:\n    if vm_page_busy_try(m, TRUE) == 0:\n        vm_page_cache(m)",
    "exit()",
    "vm_pageout_oom()",
)
"""What a script may do; a page is one of the first four of the heap or the file."""


def scenario_text(chance: random.Random) -> str:
    """Two processes, three threads, of a handful of calls each."""
    text = HEAD + PROCESS.format(name="A") + PROCESS.format(name="B")
    for t, process in enumerate("AAB"):
        calls = []
        for _ in range(chance.randrange(3, 8)):
            at = chance.randrange(4)
            addr = chance.choice((0x10000, 0x40000)) + at * 4096
            calls.append(chance.choice(LINES).format(addr=addr, at=at))
        script = "\n".join(calls)
        text += (
            f'[[thread]]\nname = "t{t}"\ncpu = {t % 2}\nprocess = "{process}"\nscript = """\n{script}\n"""\n'
        )
    return text


@pytest.mark.parametrize("seed", range(6))
def test_whatever_processes_do(seed: int) -> None:
    chance = random.Random(seed)
    history = load_text(scenario_text(chance), schedule=f"random:{seed}" if seed % 3 else None).start()
    vm = history.vm
    for pindex in range(2):
        swp_pager_meta_build(vm, 0, pindex, swp_pager_getswapspace(vm, 1))
    vm.glob.swap_burst_read[0] = seed % 3
    while history.forward():
        if history.step % 29 == 0:
            validate_machine(vm, history.step)
    validate_machine(vm, history.step)
    assert history.branch.outcome == "completed"
    assert not vm.memory.vector("page.busy_count").any()
    for column in ("hold_count", "paging_in_progress", "token_owner", "token_shared"):
        assert not vm.memory.vector(f"object.{column}").any()
    assert not vm.memory.vector("process.map_readers").any()
    assert not vm.memory.vector("process.map_writer").any()
