"""Small scenarios made by hand, each for one thing that a search of all schedules can get wrong.

Each has the outcomes that its schedules have, worked out by thinking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.scenario.loader import Scenario, load_text
from tests.engine.explore.small_scenarios import MACHINE, THREAD


@dataclass(frozen=True)
class Named:
    """A scenario: its threads as (name, cpu, script), and the outcomes of its schedules.

    setup: lines of the setup, which has made page m of the vnode file and page n of the object heap.
    rest: what the file has after the objects, before the threads.
    """

    name: str
    outcomes: frozenset[str]
    threads: tuple[tuple[str, int, str], ...]
    setup: str = ""
    switches: str = ""
    cpus: int = 2
    rest: str = ""

    @property
    def text(self) -> str:
        """The file."""
        machine = MACHINE.format(
            seed=self.name, cpus=self.cpus, io_delay=2, switches=self.switches, setup=self.setup
        )
        threads = [THREAD.format(name=name, cpu=cpu, script=script) for name, cpu, script in self.threads]
        return machine + self.rest + "".join(threads)

    def load(self) -> Scenario:
        """The scenario, with the schedule `rr`."""
        return load_text(self.text, f"{self.name}.toml", schedule="rr")


def _named(name: str, outcomes: str, *threads: tuple[str, int, str], **more: object) -> Named:
    return Named(name, frozenset(outcomes.split(", ")), threads, **more)  # type: ignore[arg-type]


NAMED: Final = (
    # A cell that only says who has a processor decides, since a script reads it.
    _named(
        "who-has-the-cpu",
        "completed, panic:vm_page_wakeup",
        ("a", 0, "x = cpu[1].current\nif x != NULL:\n    vm_page_wakeup(setup.m)"),
        ("b", 1, "y = 1\ny = 2"),
    ),
    # The same cells at the end: what is left is the setup's hold under one order, b's under the other.
    _named(
        "whose-hold-is-left",
        "completed, leak",
        ("a", 0, "vm_page_unhold(setup.m)"),
        ("b", 1, "vm_page_hold(setup.m)"),
        setup="vm_page_hold(m)",
    ),
    _named(
        "whose-busy-is-left",
        "blocked, leak, panic:vm_page_wakeup",
        ("a", 0, "vm_page_wakeup(setup.m)\nvm_page_busy_wait(setup.m, 1)"),
        ("b", 1, "vm_page_wakeup(setup.m)\nvm_page_busy_wait(setup.m, 1)"),
        setup="vm_page_busy_wait(m, 1)",
    ),
    # A page that is on no queue has no queue to lock, so that its lock may be released first.
    _named(
        "early-if-queued",
        "completed, unlock_order",
        ("a", 0, "vm_page_unqueue_nowakeup(setup.m)"),
        (
            *("b", 1),
            "vm_page_spin_lock(setup.m)\nvm_page_queue_spin_lock(setup.m)\n"
            "vm_page_spin_unlock(setup.m)\nvm_page_queue_spin_unlock(setup.m)",
        ),
    ),
    _named(
        "two-tokens",
        "completed, deadlock",
        ("a", 0, "lwkt_gettoken(file)\nlwkt_gettoken(heap)\nlwkt_reltoken(heap)\nlwkt_reltoken(file)"),
        ("b", 1, "lwkt_gettoken(heap)\nlwkt_gettoken(file)\nlwkt_reltoken(file)\nlwkt_reltoken(heap)"),
        ("c", 0, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
    ),
    # The cpu after b's has a thread that can run: the deadlock is found all the same before its turn.
    _named(
        "beside-a-deadlock",
        "completed, deadlock",
        ("a", 0, "lwkt_gettoken(file)\nlwkt_gettoken(heap)\nlwkt_reltoken(heap)\nlwkt_reltoken(file)"),
        ("b", 1, "lwkt_gettoken(heap)\nlwkt_gettoken(file)\nlwkt_reltoken(file)\nlwkt_reltoken(heap)"),
        ("c", 2, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
        cpus=3,
    ),
    # The deadlock needs a step of c, which can still run then.
    _named(
        "a-deadlock-while-one-runs",
        "completed, deadlock",
        ("c", 0, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)\nx = 1"),
        (
            *("a", 1),
            "lwkt_gettoken(file)\nif setup.m.hold_count:\n    lwkt_gettoken(heap)\n    lwkt_reltoken(heap)\n"
            "lwkt_reltoken(file)",
        ),
        ("b", 2, "lwkt_gettoken(heap)\nlwkt_gettoken(file)\nlwkt_reltoken(file)\nlwkt_reltoken(heap)"),
        cpus=3,
    ),
    # The deadlocked threads have their cpus; c and d wait for them, and could run.
    _named(
        "two-spinlocks",
        "deadlock, leak",
        (
            *("a", 0),
            "vm_page_queues_spin_lock(2)\nwhile vm_page_spin_trylock(setup.m) == 0:\n    pass\n"
            "vm_page_queues_spin_unlock(2)\nvm_page_spin_unlock(setup.m)",
        ),
        (
            *("b", 1),
            "vm_page_spin_lock(setup.m)\nvm_page_queues_spin_lock(2)\n"
            "vm_page_queues_spin_unlock(2)\nvm_page_spin_unlock(setup.m)",
        ),
        ("c", 0, "vm_page_hold(setup.n)"),
        switches="trylock = false",
    ),
    _named(
        "lost-wakeup",
        "blocked, completed",
        ("a", 0, "vm_page_busy_wait(setup.m, 1)\nvm_page_wakeup(setup.m)"),
        ("b", 1, "vm_page_busy_wait(setup.m, 1)\nvm_page_wakeup(setup.m)"),
        switches="interlock = false",
    ),
    _named(
        "handshake",
        "completed",
        ("a", 0, "flag = 0\nwhile b.flag == 0:\n    pass"),
        ("b", 1, "flag = 0\nflag = 1"),
    ),
    _named(
        "never-a-hold",
        "livelock",
        ("a", 0, "while setup.m.hold_count == 0:\n    pass"),
        ("b", 0, "vm_page_hold(setup.n)"),
    ),
    # A loop over two lines that are alike, and a loop in a loop on one line each.
    _named(
        "loops",
        "completed",
        ("a", 0, "for i in range(2):\n    for j in range(2):\n        vm_page_hold(setup.m)"),
        (
            *("b", 1),
            "for i in range(4):\n    while setup.m.hold_count == 0:\n        pass\n"
            "    vm_page_unhold(setup.m)",
        ),
    ),
    # Three threads of one cpu: who is next when one sleeps decides who spins and keeps the cpu.
    _named(
        "queue-of-a-cpu",
        "completed",
        ("a", 0, "vm_page_spin_lock(setup.m)\nvm_page_spin_unlock(setup.m)"),
        ("b", 0, "vm_page_sleep_busy(setup.n, 1)"),
        ("c", 0, "x = 1"),
        ("d", 1, "vm_page_spin_lock(setup.m)\nvm_page_wakeup(setup.n)\nvm_page_spin_unlock(setup.m)"),
        setup="vm_page_busy_wait(n, 1)",
    ),
    # Thread b frees the page or not: then a's lookup finds none, and its next line cannot be run.
    _named(
        "a-page-that-is-gone",
        "completed, script error",
        ("a", 0, "x = vm_page_lookup(file, 0)\ny = page[x].busy_count"),
        ("b", 1, "vm_page_busy_try(setup.m, 1)\nvm_page_free(setup.m)"),
    ),
    _named(
        "too-many-tokens",
        "leak, script error",
        ("a", 0, "if setup.m.hold_count:\n    for i in range(9):\n        lwkt_gettoken(file)"),
        ("b", 1, "vm_page_hold(setup.m)"),
    ),
    _named(
        "free-while-held",
        "completed, panic:vm_page_hold, panic:vm_page_unhold",
        ("a", 0, "if vm_page_busy_try(setup.m, 1) == 0:\n    vm_page_free(setup.m)"),
        ("b", 1, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
    ),
    # Each nap is shorter than the time that passes in between, if that comes first.
    _named(
        "naps",
        "completed",
        ("a", 0, "vm_wait(3)\nx = global.vm_pages_waiting"),
        ("b", 1, "tick(2)\nvm_wait(3)"),
    ),
    _named(
        "the-time-is-read",
        "completed, leak",
        ("a", 0, "vm_wait(2)\nif global.ticks > 2:\n    vm_page_hold(setup.m)"),
        ("b", 1, "tick()"),
    ),
    _named(
        "a-stamp",
        "completed",
        ("a", 0, "vm_req_vmdaemon()\ntick(101)\nvm_req_vmdaemon()"),
        ("b", 1, "vm_req_vmdaemon()\ntick(3)"),
    ),
    _named(
        "a-rollup",
        "completed, leak",
        ("a", 0, "vm_page_deactivate(setup.m)"),
        ("b", 1, "tick()\nif vmstats.v_inactive_count == 2:\n    vm_page_hold(setup.m)"),
    ),
    # The read is done two ticks after its start, and the interrupt thread completes it.
    _named(
        "a-read",
        "completed",
        ("a", 0, "read(0x10000, 100)"),
        ("b", 1, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
        setup="x = vm_page_lookup_busy_wait(heap, 0, 1)\nvm_page_dirty(x)\nvm_pageout_clean_helper(x, 0)\n"
        "x = vm_page_lookup_busy_wait(heap, 0, 1)\nvm_pageout_page_free(x)",
        rest='\n[[process]]\nname = "program"\npid = 100\n'
        'maps = [{ object = "heap", start = 0x10000, pages = 1, prot = "rw" }]\n',
    ),
)
"""The scenarios."""
