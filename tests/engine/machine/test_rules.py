"""Each rule option alone: a situation in which it matters, and the result for each of its values.

A case keeps all other options of its rule set, so only the option under test changes the result.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import pytest

from engine.constants import (
    NULL,
    PAGE_SIZE,
    PAT_WRITE_BACK,
    PG_MAPPEDMULTI,
    PQ_CACHE,
    PQ_FREE,
    PQ_NONE,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_FREE_MIN,
    VM_ALLOC_NORMAL,
    VM_ALLOC_ZERO,
    Obj,
    Page,
    Queue,
    Thread,
)
from engine.errors import BadInput, KernelPanic
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.numa import vm_numa_organize_finalize
from engine.kernel.boot.sequence import boot, load_kernel, run_to_the_end
from engine.kernel.contig import vm_page_alloc_contig
from engine.kernel.free import vm_page_free_toq
from engine.kernel.hash import hash_position, vm_page_hash_enter
from engine.kernel.locks import vm_page_queues_spin_unlock
from engine.kernel.memory_wait import vm_wait, vm_wait_pfault
from engine.kernel.pmap import pmap_enter, pmap_remove
from engine.kernel.queues import _vm_page_add_queue_spinlocked
from engine.kernel.search import vm_page_select_free, vm_page_select_free_or_cache
from engine.kernel.thresholds import nice_margin
from engine.machine.machine import Machine, MachineConfig
from engine.machine.rules import RULE_VALUES, Rules, read_rules
from engine.machine.tables import NO_OBJECT, READY, SLEEPING
from engine.machine.topology import Hardware, Topology, parse_spec

# --- machines ---------------------------------------------------------------------------------------------


def booted(rules: Rules, spec: str = "4MiB:1x1x1", thresholds: dict[str, int] | None = None) -> Machine:
    hardware = parse_spec(spec)
    assert hardware is not None
    vm = boot(MachineConfig(hardware, rules, thresholds=tuple((thresholds or {}).items())))
    vm.curthread = Thread(0)
    vm.effects.clear()
    return vm


def finish(steps: Any) -> Any:
    """Run a call to completion; return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


def sweep(vm: Machine) -> list[int]:
    """Take every page off the free queues; return the pages."""
    queue = vm.memory.vector("page.queue")
    pages = queue.nonzero()[0].tolist()
    queue[:] = PQ_NONE
    for name in ("queue.head", "queue.tail"):
        vm.memory.vector(name)[:] = NULL
    vm.memory.vector("queue.lcnt")[:] = 0
    return [int(m) for m in pages]


def put(vm: Machine, m: int, base: int, color: int) -> None:
    """Put page `m` on the queue of a colour and give it that colour."""
    vm.page.pc[m] = color
    finish(_vm_page_add_queue_spinlocked(vm, Page(m), Queue(base + color), False))
    finish(vm_page_queues_spin_unlock(vm, Queue(base + color)))


# --- situations: what a machine with these rules does -----------------------------------------------------


def first_windows(rules: Rules) -> list[int]:
    """The first window of a search, less 1, with 1, 2, 4 ... 64 cpus."""
    return [booted(rules, f"4MiB:1x{1 << n}x1").glob.set_assoc_mask[0] for n in range(7)]


def near_or_far(rules: Rules) -> int:
    """With 8 cpus: the colour found for colour 40 when only 39 and 60 have a page."""
    vm = booted(rules, "4MiB:1x8x1")
    first, second, *_ = sweep(vm)
    put(vm, first, PQ_FREE, 39)
    put(vm, second, PQ_FREE, 60)
    return vm.page.pc[finish(vm_page_select_free(vm, 40))]


def cached_colors(cpus: int, *colors: int) -> Callable[[Rules], list[bool]]:
    """Whether a search for colour 5 finds the only page there is, on the cache queue of each colour."""

    def situation(rules: Rules) -> list[bool]:
        found = []
        for color in colors:
            vm = booted(rules, f"4MiB:1x{cpus}x1")
            put(vm, sweep(vm)[0], PQ_CACHE, color)
            found.append(finish(vm_page_select_free_or_cache(vm, 5))[0] != NULL)
        return found

    return situation


def windows(cpus: int) -> Callable[[Rules], str]:
    """How far a search of empty queues is in FREE and in CACHE, each time it changes over to the other."""

    def situation(rules: Rules) -> str:
        vm = booted(rules, f"4MiB:1x{cpus}x1")
        sweep(vm)
        told = [str(step) for step in vm_page_select_free_or_cache(vm, 5)]
        looked = [match[1] for step in told if (match := re.fullmatch(r"look at (F|C)\w+\[\d+\]", step))]
        seen = {"F": 0, "C": 0}
        parts = []
        for letter, run in itertools.groupby(looked):
            seen[letter] += len(list(run))
            parts.append(f"{letter}{seen[letter]}")
        return " ".join(parts)

    return situation


def finalized(rules: Rules) -> tuple[list[int], str]:
    """Four colours with 0, 10, 10 and 20 pages after vm_numa_organize_finalize, and what it prints."""
    hardware = Hardware("four colours", Topology.grid(2, 2, 1), ((0, 4 << 20),))
    vm = load_kernel(MachineConfig(hardware, rules, colors=4))
    vm.curthread = Thread(0)
    pages = iter(range(40))
    for color, length in enumerate((0, 10, 10, 20)):
        for m in itertools.islice(pages, length):
            put(vm, m, PQ_FREE, color)
    run_to_the_end(vm_numa_organize_finalize, vm)
    return vm.memory.vector("queue.lcnt")[PQ_FREE : PQ_FREE + 4].tolist(), str(vm.effects[-1][1])


def contiguous(
    taken: int, size: int, low: int = 0, high: int = 0, alignment: int = 0, boundary: int = 0
) -> Callable[[Rules], int | None]:
    """The first page of a stretch, all in pages, when the first `taken` pages of the reserve are gone."""

    def situation(rules: Rules) -> int | None:
        vm = booted(rules, "64MiB:1x1x1")
        for _ in range(taken):
            finish(vm_page_alloc_contig(vm, 0, 0, 0, 0, PAGE_SIZE, PAT_WRITE_BACK))
        below, above, multiple, line = (pages * PAGE_SIZE for pages in (low, high, alignment, boundary))
        m = finish(vm_page_alloc_contig(vm, below, above, multiple, line, size * PAGE_SIZE, PAT_WRITE_BACK))
        return None if m == NULL else vm.page_number(m)

    return situation


def zeroed(rules: Rules) -> tuple[bool, int]:
    """Whether VM_ALLOC_ZERO zeroes an allocated page's data, and its valid bits."""
    vm = booted(rules)
    m = finish(vm_page_alloc(vm, NO_OBJECT, 0, VM_ALLOC_NORMAL | VM_ALLOC_ZERO))
    return ("zero_page", m) in vm.effects, vm.page.valid[m]


def hash_slots(ticking: int, refresh: bool = False) -> Callable[[Rules], list[int]]:
    """Which of the four elements each of eight pages of one set goes to, `ticking` ticks after another.

    refresh: before the fifth the first page is looked up again.
    """

    def enter(vm: Machine, m: int, first: int) -> int:
        before = [vm.hash.m[first + slot] for slot in range(4)]
        finish(vm_page_hash_enter(vm, Page(m)))
        after = [vm.hash.m[first + slot] for slot in range(4)]
        return next(slot for slot in range(4) if before[slot] != after[slot])

    def situation(rules: Rules) -> list[int]:
        vm = booted(rules)
        vm.object.address[0] = 0xFFFFF80012345600
        vm.glob.ticks[0] = 100
        first = hash_position(vm, Obj(0), 0)
        slots = []
        for number, m in enumerate(range(100, 108)):
            vm.page.flags[m] |= PG_MAPPEDMULTI
            vm.page.object[m], vm.page.pindex[m] = 0, number * 1024
            vm.glob.ticks[0] += ticking
            if refresh and number == 4:
                finish(vm_page_hash_enter(vm, Page(100)))
                vm.glob.ticks[0] += ticking
            slots.append(enter(vm, m, first))
        return slots

    return situation


NICES = (-20, -10, -1, 0, 1, 10, 19, 20)


def margins(rules: Rules) -> list[int]:
    """How much each nice value changes a v_free_min of 1,374."""
    vm = booted(rules)
    vm.vmstats.count[V_FREE_MIN] = 1374
    return [nice_margin(vm, nice) for nice in NICES]


MACHINE_OF_64_MIB = {
    "v_free_min": 145,
    "v_free_severe": 72,
    "v_free_reserved": 79,
    "v_free_target": 659,
}


def enough(function: Callable[..., Any], *arguments: int, nices: tuple[int, ...] = (0,)) -> Any:
    """The fewest free pages with which a call does not sleep, by nice value."""

    def sleeps(vm: Machine, free: int) -> bool:
        vm.gd_vmstats.view[V_FREE_COUNT], vm.gd_vmstats.view[V_CACHE_COUNT] = free, 0
        vm.thread.state[0] = READY
        return any(vm.thread.state[0] == SLEEPING for _ in function(vm, *arguments))

    def least(rules: Rules, nice: int) -> int:
        def awake(free: int) -> bool:
            vm = booted(rules, thresholds=MACHINE_OF_64_MIB)
            vm.thread.nice[0] = nice
            return not sleeps(vm, free)

        return bisect_left(range(1000), True, key=awake)

    return lambda rules: [least(rules, nice) for nice in nices]


def freed_after_two_mappings(rules: Rules) -> str:
    """The result of freeing a page that was mapped twice and unmapped twice."""
    vm = booted(rules)
    m = finish(vm_page_alloc(vm, NO_OBJECT, 0, VM_ALLOC_NORMAL))
    for function, *arguments in ((pmap_enter, 0), (pmap_enter, 1), (pmap_remove,), (pmap_remove,)):
        finish(function(vm, m, *arguments))
    try:
        finish(vm_page_free_toq(vm, m))
    except KernelPanic as panic:
        return panic.kind
    return "free" if vm.page.queue[m] == PQ_FREE + vm.page.pc[m] else "lost"


# --- the table --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A situation, and its result for each value of one option.

    bases: the rule sets that all other options are taken from.
    """

    claim: str
    option: str
    situation: Callable[[Rules], Any]
    outcomes: dict[object, Any]
    bases: tuple[str, ...] = ("document", "source")


BY_TWOS = "F32 C16 F64 C32 F128 C64 F256 C128 F512 C256 F1024"

CASES = [
    Case(
        "the first window is 16, or the fewer cpus the wider",
        "assoc_rule",
        first_windows,
        {"seed16": [15] * 7, "source": [1023, 511, 255, 127, 63, 31, 15]},
    ),
    Case(
        "a wide first window finds a farther page first",
        "assoc_rule",
        near_or_far,
        {"seed16": 39, "source": 60},
    ),
    Case(
        "windows of 16: the other half of the cache is never seen",
        "find2_full",
        cached_colors(1, 5, 511, 512, 700, 1023),
        {True: [True] * 5, False: [True, True, False, False, False]},
        ("document",),
    ),
    Case(
        "one cpu of the source: no cache colour is seen, not even the one asked for",
        "find2_full",
        cached_colors(1, 5, 512),
        {True: [True, True], False: [False, False]},
        ("source",),
    ),
    Case(
        "the order of windows of 16",
        "find2_full",
        windows(1),
        {True: f"{BY_TWOS} C1024", False: f"{BY_TWOS} C512"},
        ("document",),
    ),
    Case(
        "the order of windows of 512",
        "find2_full",
        windows(2),
        {True: "F1024 C1024", False: "F1024 C512"},
        ("source",),
    ),
    Case(
        "the order of windows of 1024",
        "find2_full",
        windows(1),
        {True: "F1024 C1024", False: "F1024"},
        ("source",),
    ),
    Case(
        "finalize averages 0, 10, 10, 20 or index 0 and the first three",
        "finalize_offset_fix",
        finalized,
        {
            True: ([9, 9, 9, 13], "vm_page: avg 10 pages per queue, 4 queues"),
            False: ([5, 8, 8, 19], "vm_page: avg 5 pages per queue, 4 queues"),
        },
    ),
    Case(
        "a contiguous stretch above 1 MiB",
        "contig_rule",
        contiguous(0, 1, low=256),
        {"strict": 256, "source": 0},
    ),
    Case(
        "one that ends below page 5 is found, or given back because the aligned one ends above",
        "contig_rule",
        contiguous(1, 3, high=5),
        {"strict": 1, "source": None},
    ),
    Case(
        "one aligned to 16 pages", "contig_rule", contiguous(1, 1, alignment=16), {"strict": 16, "source": 1}
    ),
    Case(
        "one that crosses no third page",
        "contig_rule",
        contiguous(2, 2, boundary=3),
        {"strict": 3, "source": 2},
    ),
    Case(
        "the lowest one, aligned to nothing or to its size",
        "contig_rule",
        contiguous(1, 3),
        {"strict": 1, "source": 4},
    ),
    Case(
        "one that no boundary allows",
        "contig_rule",
        contiguous(0, 4, boundary=2),
        {"strict": None, "source": 0},
    ),
    Case(
        "one below an address that is too low for both",
        "contig_rule",
        contiguous(0, 4, high=3),
        {"strict": None, "source": None},
    ),
    Case(
        "an allocation is zeroed, and holds no valid data either way",
        "zero_rule",
        zeroed,
        {"alloc": (True, 0), "grab-only": (False, 0)},
    ),
    Case(
        "the hash fills up and starts again as time passes",
        "hash_rule",
        hash_slots(1),
        {"lru": [0, 1, 2, 3, 0, 1, 2, 3], "source": [0, 3, 2, 1, 0, 3, 2, 1]},
    ),
    Case(
        "the hash within one tick: the first element always, once all are full",
        "hash_rule",
        hash_slots(0),
        {"lru": [0, 1, 2, 3, 0, 0, 0, 0], "source": [0, 3, 2, 1, 0, 0, 0, 0]},
    ),
    Case(
        "an element that was looked up again is spared, or not the oldest goes",
        "hash_rule",
        hash_slots(1, refresh=True),
        {"lru": [0, 1, 2, 3, 1, 2, 3, 0], "source": [0, 3, 2, 1, 3, 2, 1, 0]},
    ),
    Case(
        "the margin of each nice value where v_free_min is 1374",
        "nice_rule",
        margins,
        {
            "monotone": [-1373, -686, -68, 0, 68, 686, 1304, 1373],
            "none": [0] * 8,
            "formula": [0, 343, 652, 0, 720, 1029, 1338, 1373],
        },
    ),
    Case(
        "where a fault of each nice value no longer waits",
        "nice_rule",
        enough(vm_wait_pfault, nices=NICES),
        {
            "monotone": [79, 79, 138, 145, 152, 217, 281, 289],
            "none": [79] * 8,
            "formula": [145, 181, 213, 145, 220, 253, 285, 289],
        },
    ),
    Case(
        "where vm_wait at nice 0 no longer waits: for nice 1 by the formula",
        "nice_rule",
        enough(vm_wait, 0),
        {"monotone": [659], "none": [659], "formula": [220]},
    ),
    Case(
        "without nice the newer vm_wait waits for v_free_min, not for the target",
        "thresholds",
        enough(vm_wait, 0, nices=(0, 10)),
        {"2020": [659, 659], "newer": [145, 145]},
        ("source",),
    ),
    Case(
        "with nice it waits for v_free_min and what nice + 1 adds",
        "thresholds",
        enough(vm_wait, 0, nices=(0, 10)),
        {"2020": [659, 659], "newer": [152, 224]},
        ("document",),
    ),
    Case(
        "a fault waits while memory is severely short, or below v_free_min",
        "thresholds",
        enough(vm_wait_pfault),
        {"2020": [79], "newer": [145]},
        ("source",),
    ),
    Case(
        "a page that was mapped twice is freed only where mappings are counted",
        "pmap_model",
        freed_after_two_mappings,
        {"advanced": "KKASSERT", "counted": "free"},
    ),
]

ALONE = [
    pytest.param(case, base, value, id=f"{case.claim}: {base}, {case.option} {value}")
    for case in CASES
    for base in case.bases
    for value in case.outcomes
]


@pytest.mark.parametrize(("case", "base", "value"), ALONE)
def test_an_option_alone(case: Case, base: str, value: object) -> None:
    rules = Rules.named(base).with_options({case.option: value})
    assert case.situation(rules) == case.outcomes[value]


@pytest.mark.parametrize("option", RULE_VALUES)
def test_each_pair_of_values_of_an_option_gives_different_results(option: str) -> None:
    cases = [case for case in CASES if case.option == option]
    for one, other in itertools.combinations(RULE_VALUES[option], 2):
        assert any(case.outcomes[one] != case.outcomes[other] for case in cases), (one, other)


# --- the two sets -----------------------------------------------------------------------------------------


def test_document_differs_from_source_in_exactly_the_options_of_the_design() -> None:
    document, source = Rules.named("document"), Rules.named("source")
    assert document == Rules()
    values = {f.name: (getattr(document, f.name), getattr(source, f.name)) for f in fields(Rules)}
    assert {name: pair for name, pair in values.items() if pair[0] != pair[1]} == {
        "assoc_rule": ("seed16", "source"),
        "find2_full": (True, False),
        "finalize_offset_fix": (True, False),
        "contig_rule": ("strict", "source"),
        "zero_rule": ("alloc", "grab-only"),
        "hash_rule": ("lru", "source"),
        "nice_rule": ("monotone", "none"),
    }
    assert values["thresholds"] == ("2020", "2020")
    assert values["pmap_model"] == ("advanced", "advanced")


def test_every_option_of_the_rules_has_its_values_listed_with_its_default() -> None:
    assert list(RULE_VALUES) == [f.name for f in fields(Rules)]
    assert all(f.default in RULE_VALUES[f.name] for f in fields(Rules))


def test_options_that_belong_to_neither_set_are_named_with_the_set() -> None:
    rules = Rules.named("source").with_options({"thresholds": "newer", "pmap_model": "counted"})
    assert rules.name() == "source+thresholds=newer,pmap_model=counted"


def test_an_unknown_value_of_an_option_is_refused_with_the_possible_ones() -> None:
    with pytest.raises(
        BadInput, match="pmap_model = 'guessed' is not possible; use one of advanced, counted"
    ):
        Rules().with_options({"pmap_model": "guessed"})


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules.named("source"),
        Rules.named("document").with_options({"find2_full": False, "nice_rule": "none"}),
        Rules.named("source").with_options({"finalize_offset_fix": True, "thresholds": "newer"}),
    ],
    ids=Rules.name,
)
def test_the_name_of_rules_reads_back(rules: Rules) -> None:
    assert read_rules(rules.name()) == rules
