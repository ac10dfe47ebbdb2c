"""Races that were put into the kernel on purpose: the search finds each one, and none in the kernel as it is.

A mutant is the kernel without an interlock, a compare-and-set, a test of WANTED, or a second look under a
lock. Each has a small scenario of which every schedule completes, and in the mutant only some do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from engine.explore import explore
from engine.explore.exploration import Exploration
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.test_reported_schedules import check_outcomes
from tests.engine.kernel.mutated import mutation

BUSY: Final = "vm_page_busy_wait(setup.m, 1)\nvm_page_wakeup(setup.m)"
TRY: Final = "if vm_page_busy_try(setup.m, 1) == 0:\n    vm_page_wakeup(setup.m)"
SOFT: Final = "if vm_page_sbusy_try(setup.m) == 0:\n    vm_page_sbusy_drop(setup.m)"
SPIN: Final = "vm_page_spin_lock(setup.m)\nvm_page_spin_unlock(setup.m)"
SPIN_TRY: Final = "if vm_page_spin_trylock(setup.m):\n    vm_page_spin_unlock(setup.m)"
TOKEN: Final = "lwkt_gettoken(file)\nlwkt_reltoken(file)"
TOKEN_TRY: Final = "if lwkt_trytoken(file):\n    lwkt_reltoken(file)"
ADDS: Final = "queue[INACTIVE,0].adds + queue[INACTIVE,1].adds"
WIRED: Final = "vm_page_busy_wait(m, 1)\nvm_page_wire(m)\nvm_page_wire(m)\nvm_page_wire(m)\nvm_page_wakeup(m)"


@dataclass(frozen=True)
class Mutant:
    """A mutant of a kernel module: `old` is replaced by `new`; what its threads a, b, ... run.

    outcome: that only the mutant has; "" if it completes too.
    end: what holds at every end in the kernel as it is, and not in the mutant.
    """

    sentence: str
    module: str
    old: str
    new: str
    threads: tuple[str, ...]
    outcome: str = ""
    setup: str = ""
    end: str = ""

    def search(self) -> Exploration:
        """Search all schedules of its scenario."""
        return explore(self.scenario.load(), end=[self.end] if self.end else [])

    @property
    def scenario(self) -> Named:
        """Its threads, each on a cpu of its own."""
        threads = tuple(("abc"[cpu], cpu, script) for cpu, script in enumerate(self.threads))
        return Named("mutant", frozenset({self.outcome}), threads, setup=self.setup, cpus=len(threads))


MUTANTS: Final = (
    Mutant(
        "a waiter that sets WANTED before its interlock",
        "busy",
        '    yield from tsleep_interlock(vm, CHAN_PAGE + m)\n    yield "compare-and-set WANTED"\n'
        "    if not vm.cmpset(vm.page.busy_count, m, seen, seen | PBUSY_WANTED):\n        return False\n",
        '    yield "compare-and-set WANTED"\n'
        "    if not vm.cmpset(vm.page.busy_count, m, seen, seen | PBUSY_WANTED):\n        return False\n"
        "    yield from tsleep_interlock(vm, CHAN_PAGE + m)\n",
        (BUSY, BUSY),
        "blocked",
    ),
    Mutant(
        "a waiter that sets WANTED without comparing",
        "busy",
        "    if not vm.cmpset(vm.page.busy_count, m, seen, seen | PBUSY_WANTED):\n        return False\n",
        "    vm.page.busy_count[m] |= PBUSY_WANTED\n",
        (BUSY, BUSY),
        "blocked",
    ),
    Mutant(
        "a busy that is taken without comparing",
        "busy",
        "        if vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_LOCKED):\n            return\n",
        "        vm.page.busy_count[m] = busy | PBUSY_LOCKED\n        return\n",
        (BUSY, BUSY),
        "panic:vm_page_wakeup",
    ),
    Mutant(
        "a busy that is tried without comparing",
        "busy",
        "        if vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_LOCKED):\n            return False\n",
        "        vm.page.busy_count[m] = busy | PBUSY_LOCKED\n        return False\n",
        (TRY, TRY),
        "panic:vm_page_wakeup",
    ),
    Mutant(
        "a release that clears a WANTED which it has not seen",
        "busy",
        "        if vm.cmpset(vm.page.busy_count, m, busy, busy & ~(PBUSY_LOCKED | PBUSY_WANTED)):\n"
        "            return busy\n",
        "        vm.page.busy_count[m] = busy & ~(PBUSY_LOCKED | PBUSY_WANTED)\n        return busy\n",
        (BUSY, BUSY),
        "blocked",
    ),
    Mutant(
        "a release that wakes no waiter",
        "busy",
        "    if busy & PBUSY_WANTED:\n        yield from wakeup(vm, CHAN_PAGE + m)\n",
        "",
        (BUSY, BUSY),
        "blocked",
    ),
    Mutant(
        "a soft release that does not look for WANTED",
        "busy",
        "    if old - 1 == PBUSY_WANTED:\n        yield from _clear_wanted(vm, m)\n",
        "    del old\n",
        (SOFT, BUSY),
        "blocked",
    ),
    Mutant(
        "a soft busy that is taken without comparing",
        "busy",
        "        if vm.cmpset(vm.page.busy_count, m, busy, busy + 1):\n            return False\n",
        "        vm.page.busy_count[m] = busy + 1\n        return False\n",
        (SOFT, SOFT),
        "leak",
    ),
    Mutant(
        "a sleep that does not notice the wakeup that came before it",
        "sleep",
        "    if interlocked and vm.switches.interlock and vm.thread.chan[t] != chan:\n        return 0\n",
        "",
        (BUSY, BUSY),
        "blocked",
    ),
    Mutant(
        "a wakeup that wakes the first sleeper only",
        "sleep",
        "            setrunqueue(vm, t)\n            woken.append(t)\n",
        "            setrunqueue(vm, t)\n            woken.append(t)\n            break\n",
        (BUSY, BUSY, BUSY),
        "blocked",
    ),
    Mutant(
        "a try of a page's spinlock that takes it from its owner",
        "locks",
        "        if vm.page.spin[m]:\n            return False\n",
        "",
        (SPIN, SPIN_TRY),
        "invariant",
    ),
    Mutant(
        "a try of a token that does not look whether it is free",
        "tokens",
        "    if not token_free(vm, vm.curthread, obj, EXCLUSIVE):\n        return False\n",
        "",
        (TOKEN, TOKEN_TRY),
        "invariant",
    ),
    Mutant(
        "a wiring that is dropped without comparing",
        "wire",
        "        if vm.cmpset(vm.page.wire_count, m, wired, wired - 1):\n            return False\n",
        "        vm.page.wire_count[m] = wired - 1\n        return False\n",
        ("vm_page_unwire_quick(setup.m)", "vm_page_unwire_quick(setup.m)"),
        setup=WIRED,
        end="setup.m.wire_count == 1",
    ),
    Mutant(
        "a deactivation that does not look again under the page's lock",
        "age",
        '    yield "look at the queue, locked"\n'
        "    if base_queue(vm, m) == PQ_INACTIVE or never_queued(vm, m):\n        return\n",
        "",
        ("vm_page_deactivate(setup.m)", "vm_page_deactivate(setup.m)"),
        setup=f"adds = {ADDS}",
        end=f"{ADDS} == setup.adds + 1",
    ),
    Mutant(
        "a lookup that keeps its page over a sleep",
        "lookup",
        "            if (yield from _sleep_on_page(vm, m, busy, wmesg)):\n"
        '                m = yield from _find(vm, obj, pindex, "vm_page_lookup_busy_wait")\n',
        "            yield from _sleep_on_page(vm, m, busy, wmesg)\n",
        (
            "x = vm_page_lookup_busy_wait(file, 0, 1)\nif x != NULL:\n    vm_page_free(x)",
            "vm_page_free(setup.m)",
        ),
        "panic:vm_page_free_toq",
        setup="vm_page_busy_wait(m, 1)",
    ),
)
"""The mutants. In the kernel as it is, every schedule of their scenarios completes."""

every_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.sentence)


def failures(found: Exploration) -> set[str]:
    """The outcomes other than `completed`, and the claims that do not hold."""
    claims = {claim.text for claim in found.claims if not claim.ok}
    return {one.outcome for one in found.outcomes if one.outcome != "completed"} | claims


@every_mutant
def test_the_kernel_as_it_is_has_no_schedule_that_fails(mutant: Mutant) -> None:
    found = mutant.search()
    assert found.complete
    assert failures(found) == set()


@every_mutant
def test_the_search_finds_what_a_race_does(mutant: Mutant) -> None:
    with mutation(f"engine.kernel.{mutant.module}", mutant.old, mutant.new) as made:
        assert made, "the kernel no longer has this line"
        found = mutant.search()
        check_outcomes(mutant.scenario.load(), found.outcomes)
    assert found.complete
    expected = {mutant.outcome} if mutant.outcome else {f"every end: {mutant.end}"}
    assert failures(found) == expected
