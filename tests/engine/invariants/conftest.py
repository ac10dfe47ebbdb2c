"""A machine in a rich state, to be damaged, and a fixture that checks what each check finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

import engine.invariants
from engine.constants import PQ_FREE
from engine.errors import InvariantViolation
from engine.invariants import CHECKS
from engine.scenario.loader import load_text

TOWN: Final = '''
format = 1
title = "A machine with something of everything"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 1
[[object]]
name = "heap"
[[object]]
name = "file"

[[thread]]
name = "builder"
cpu = 0
script = """
busy = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_activate(busy)
active = vm_page_alloc(heap, 1, VM_ALLOC_NORMAL)
vm_page_activate(active)
vm_page_wakeup(active)
cached = vm_page_alloc(heap, 2, VM_ALLOC_NORMAL)
vm_page_cache(cached)
held = vm_page_alloc(heap, 3, VM_ALLOC_NORMAL)
vm_page_hold(held)
vm_page_free(held)
wired = vm_page_alloc(heap, 4, VM_ALLOC_NORMAL)
vm_page_wire(wired)
vm_page_wakeup(wired)
first = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)
vm_page_deactivate(first)
second = vm_page_alloc(heap, 6, VM_ALLOC_NORMAL)
vm_page_deactivate(second)
third = vm_page_alloc(heap, 7, VM_ALLOC_NORMAL)
vm_page_deactivate(third)
"""

[[thread]]
name = "keeper"
cpu = 0
script = """
vm_object_hold(file)
vm_object_hold(file)
m = builder.active
vm_page_spin_lock(m)
q = m.queue
vm_page_queues_spin_lock(q)
"""

[[thread]]
name = "waiter"
cpu = 1
script = """
m = builder.busy
vm_object_hold_shared(heap)
vm_page_busy_wait(m, 0)
"""

[[thread]]
name = "sleeper"
cpu = 1
script = """
m = builder.busy
vm_object_hold_shared(heap)
vm_page_busy_wait(m, 0)
"""

[[thread]]
name = "driver"
cpu = 1
script = """
vm_page_alloc_contig(0, 0, 0, 0, PAGE_SIZE, 6)
"""

[[thread]]
name = "reader"
cpu = 0
script = """
vm_object_hold_shared(heap)
"""

[[thread]]
name = "ready"
cpu = 1
script = """
pass
"""

[[thread]]
name = "later"
cpu = 1
script = """
pass
"""
'''
"""Each thread runs as far as it can, except `driver`, which takes one step, and the last two: none."""


class Town:
    """That machine, stopped in the middle of its run.

    INACTIVE[0] has first, second and third; ACTIVE[0] has busy and active; each other queue, except FREE, has
    one page. waiter and sleeper sleep on the busy page with their tokens released; keeper holds two spinlocks
    and a token twice, driver holds vm_contig_spin; ready and later wait for driver's cpu.

    thread: the threads by name. last: the last slot for a page, fictitious and marker ones included.
    """

    busy: int
    active: int
    cached: int
    held: int
    wired: int
    first: int
    second: int
    third: int

    def __init__(self) -> None:
        scenario = load_text(TOWN, "town")
        history = scenario.start()
        self.vm = history.vm
        self.thread = {program.name: t for t, program in enumerate(history.programs)}
        for name in ("builder", "keeper", "waiter", "sleeper", "reader"):
            while history.runner.take_thread(self.thread[name]):
                pass
        history.runner.take_thread(self.thread["driver"])
        for name, variable in scenario.names.variables["builder"].items():
            setattr(self, name, self.vm.variable.value[variable.slot])
        self.free = self.vm.queue.head[PQ_FREE]
        self.last = self.vm.page.length - 1

    def name(self, m: int) -> str:
        """The name of a page in the message of a check."""
        return f"page[{self.vm.page_number(m):#x}]"


@pytest.fixture
def town() -> Town:
    """A town to damage."""
    return Town()


@pytest.fixture
def finds(town: Town) -> Callable[..., None]:
    """finds(check, lines, *also): the check finds exactly these lines, and only `also` find something too."""

    def finds(check: str, lines: str, *also: str) -> None:
        expected = lines.splitlines()
        assert [str(found) for found in CHECKS[check](town.vm)] == expected
        assert {name for name, find in CHECKS.items() if list(find(town.vm))} == {check, *also}
        more = f" (and {len(expected) - 1} more)" if len(expected) > 1 else ""
        with pytest.raises(InvariantViolation) as caught:
            getattr(engine.invariants, f"validate_{check}")(town.vm, step=17)
        assert str(caught.value) == f"after step 17: {expected[0]}{more}"

    return finds
