"""Small scenarios made from a seed: two to four threads of a few lines, whose schedules can all be tried.

The lines use what schedules decide: spinlocks, queues, tokens, busy and soft busy pages, holds, sleeps and
wakeups, naps with a timeout, ticks, I/O, branches on results, and loops. Many are wrong on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from engine.run.splitmix import splitmix64
from engine.scenario.loader import Scenario, load_text

T = TypeVar("T")

Lines = tuple[str, ...]

MACHINE: Final = """format = 1
title = "made from seed {seed}"

[machine]
memory = "1 MiB"
topology = "1x{cpus}x1"
colors = 2
swap = 256
io_delay = {io_delay}
{switches}

[machine.thresholds]
v_free_min = 20
v_free_reserved = 10
v_free_severe = 8
v_pageout_free_min = 6
v_interrupt_free_min = 4
v_free_target = 10000
v_cache_min = 0
v_cache_max = 0
v_inactive_target = 20

[setup]
script = \"\"\"
m = vm_page_alloc(file, 0, VM_ALLOC_NORMAL)
vm_page_set_valid(m, 0, PAGE_SIZE)
vm_page_activate(m)
vm_page_wakeup(m)
n = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_set_valid(n, 0, PAGE_SIZE)
vm_page_deactivate(n)
vm_page_wakeup(n)
{setup}
\"\"\"

[[object]]
name = "file"
type = "vnode"

[[object]]
name = "heap"
"""
"""The start of each file: two pages, m of a file and n of a heap."""

THREAD: Final = """
[[thread]]
name = "{name}"
cpu = {cpu}
script = \"\"\"
{script}
\"\"\"
"""

SETUPS: Final[Sequence[Lines]] = (
    *[()] * 6,
    ("vm_page_busy_wait(m, 1)",),
    ("vm_page_hold(n)",),
    ("vm_page_hold(m)", "vm_page_hold(m)"),
    ("vm_page_sbusy_try(m)",),
    ("vm_page_busy_wait(n, 1)", "vm_page_wire(n)", "vm_page_wakeup(n)"),
)
"""What the setup leaves."""

RIGHT: Final[Sequence[Sequence[Lines]]] = (
    [("vm_page_spin_lock({p})", "vm_page_spin_unlock({p})")],
    [
        ("vm_page_busy_wait({p}, 1)", "vm_page_wakeup({p})"),
        ("vm_page_busy_wait({p}, 0)", "vm_page_wakeup({p})"),
        ("if vm_page_busy_try({p}, 1) == 0:", "    vm_page_wakeup({p})"),
    ],
    [
        ("if vm_page_sbusy_try({p}) == 0:", "    vm_page_sbusy_drop({p})"),
        ("if vm_page_sbusy_try({p}) == 0:", "    vm_page_io_finish({p})"),
    ],
    [("vm_page_sleep_busy({p}, 1)",), ("vm_page_sleep_busy({p}, 0)",), ("vm_page_flash({p})",)],
    [("vm_page_deactivate({p})",), ("vm_page_activate({p})",), ("vm_page_unqueue_nowakeup({p})",)],
    [
        ("vm_page_busy_wait({p}, 1)", "vm_page_wire({p})", "vm_page_wakeup({p})"),
        ("if vm_page_busy_try({p}, 1) == 0:", "    vm_page_wire({p})", "    vm_page_unwire({p}, 0)",
         "    vm_page_wakeup({p})"),
    ],
    [
        ("vm_page_hold({p})", "vm_page_unhold({p})"),
        ("if {p}.hold_count:", "    vm_page_unhold({p})"),
    ],
    [
        ("if vm_page_busy_try({p}, 1) == 0:", "    vm_page_free({p})"),
        ("if vm_page_busy_try({p}, 1) == 0:", "    vm_page_cache({p})"),
        ("vm_page_try_to_free({p})",),
    ],
    [
        ("lwkt_gettoken({a})", "lwkt_reltoken({a})"),
        ("lwkt_gettoken_shared({a})", "lwkt_reltoken({a})"),
        ("if lwkt_trytoken({a}):", "    lwkt_reltoken({a})"),
        ("vm_object_hold({a})", "vm_object_drop({a})"),
        ("lwkt_gettoken({a})", "vm_page_busy_wait({p}, 1)", "vm_page_wakeup({p})", "lwkt_reltoken({a})"),
    ],
    [
        ("lwkt_gettoken({a})", "lwkt_gettoken({b})", "lwkt_reltoken({b})", "lwkt_reltoken({a})"),
        ("lwkt_gettoken({a})", "lwkt_gettoken_shared({b})", "lwkt_reltoken({b})", "lwkt_reltoken({a})"),
    ],
    [
        ("vm_page_queues_spin_lock(2)", "vm_page_queues_spin_unlock(2)"),
        ("vm_page_queues_spin_lock(2)", "if vm_page_spin_trylock({p}):", "    vm_page_spin_unlock({p})",
         "vm_page_queues_spin_unlock(2)"),
    ],
    [("tick()",), ("tick(2)",), ("vm_wait(3)",), ("vm_wait(5)",), ("vm_wait(2)", "tick()")],
    [
        ("while vm_page_busy_try({p}, 1):", "    pass", "vm_page_wakeup({p})"),
        ("while {p}.busy_count:", "    pass"),
        ("while vm_page_spin_trylock({p}) == 0:", "    pass", "vm_page_spin_unlock({p})"),
        ("while {p}.busy_count:", "    vm_wait(2)"),
        ("for i in range(2):", "    vm_page_hold({p})", "    vm_page_unhold({p})"),
    ],
    [("new = vm_page_alloc(heap, 1, VM_ALLOC_NORMAL)", "vm_page_wakeup(new)")],
)  # fmt: skip
"""What a thread may do; {p} is replaced by a page, {a} and {b} by two different objects."""

WRONG: Final[Sequence[Sequence[Lines]]] = (
    [("vm_page_busy_wait({p}, 1)",), ("vm_page_wakeup({p})",), ("vm_page_wire({p})",)],
    [("vm_page_sbusy_try({p})", "vm_page_sbusy_drop({p})"), ("vm_page_io_finish({p})",)],
    [("vm_page_hold({p})",), ("vm_page_unhold({p})",), ("vm_page_free({p})",)],
    [
        ("lwkt_gettoken({a})", "lwkt_gettoken({b})", "lwkt_reltoken({a})", "lwkt_reltoken({b})"),
        ("lwkt_gettoken({a})",),
        ("vm_page_spin_lock({p})",),
    ],
    [
        ("vm_page_spin_lock({p})", "vm_page_queue_spin_lock({p})", "vm_page_spin_unlock({p})",
         "vm_page_queue_spin_unlock({p})"),
    ],
    [
        ("vm_page_queues_spin_lock(2)", "if vm_page_spin_trylock({p}):", "    vm_page_queues_spin_unlock(2)",
         "    vm_page_spin_unlock({p})", "else:", "    vm_page_queues_spin_unlock(2)"),
    ],
    [("while {p}.hold_count == 0:", "    pass")],
    [
        ("z = vm_page_lookup(heap, 0)", "y = page[z].busy_count"),
        ("z = vm_page_lookup(file, 0)", "vm_page_hold(z)"),
        ("if {p}.busy_count:", "    y = page[-9].queue"),
        ("x = 7", "y = x % ({p}.hold_count - 1)"),
        ("x = 7", "if {p}.busy_count:", "    y = x % {p}.hold_count"),
        ("for i in range(9):", "    lwkt_gettoken({a})"),
    ],
)  # fmt: skip
"""What goes wrong, under some schedules or all."""


LARGEST: Final = 600
"""The most states of a small scenario."""

NOT_SMALL: Final = frozenset({
    6, 12, 23, 31, 44, 53, 62, 69, 72, 88, 92, 95, 97, 99, 100, 102, 108, 109, 112, 135, 147, 152,
    155, 158, 161, 175, 177, 178, 188, 200, 202, 211, 218, 222, 223, 226, 229, 231, 239, 240, 242,
    249, 251, 253, 255, 263, 264, 267, 270, 273, 280, 290, 294, 295,
})  # fmt: skip
"""The seeds below 300 whose scenarios have more states, let very much time pass, or cannot be read."""

SEEDS: Final = [seed for seed in range(300) if seed not in NOT_SMALL]
"""The seeds whose scenarios are small."""


@dataclass
class Draws:
    """Numbers that a seed determines."""

    state: int

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        self.state, number = splitmix64(self.state)
        return number % limit

    def one_of(self, choices: Sequence[T]) -> T:
        """One of some choices."""
        return choices[self.below(len(choices))]


def text_of(seed: int) -> str:
    """The file of the scenario that a seed makes, whatever its size."""
    draws = Draws(seed)
    cpus = 1 + draws.below(3)
    switches = draws.one_of(["", "", "", "interlock = false", "trylock = false", "token_release = false"])
    setup = draws.one_of(SETUPS)
    text = MACHINE.format(
        seed=seed, cpus=cpus, io_delay=1 + draws.below(3), switches=switches, setup="\n".join(setup)
    )
    groups = [draws.one_of(RIGHT), draws.one_of(RIGHT), draws.one_of(WRONG)]
    for name in "abcd"[: draws.one_of([2, 2, 2, 2, 3, 3, 4])]:
        parts = [_part(draws, groups) for _ in range(draws.one_of([1, 1, 2]))]
        script = "\n".join(line for part in parts for line in part)
        text += THREAD.format(name=name, cpu=draws.below(cpus), script=script)
    return text


def _part(draws: Draws, groups: Sequence[Sequence[Lines]]) -> Lines:
    """Lines of one of the groups; the last one is wrong, and comes less often."""
    forms = groups[draws.below(5) // 2]
    a, b = draws.one_of([("file", "heap"), ("heap", "file")])
    page = draws.one_of(["setup.m"] * 4 + ["setup.n"])
    return tuple(line.format(p=page, a=a, b=b) for line in draws.one_of(forms))


def scenario_of(seed: int) -> Scenario:
    """The scenario that a seed makes, with the schedule `rr`."""
    return load_text(text_of(seed), f"seed-{seed}.toml", schedule="rr")
