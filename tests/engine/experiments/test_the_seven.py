"""The seven experiments: each number in the text of one is measured here, over a part of its points."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import pytest

from engine.experiments.experiment import experiment_names, load_experiment
from engine.experiments.sweep import sweep
from engine.experiments.table import Row

NAMES: Final = ("contention", "fragmentation", "nice", "numa", "policy", "reuse", "statistics")

SCAN: Final = "made:scan:set=50,pages=2000,every=4,length=5000,seed=1"


@cache
def rows(name: str, *vary: str) -> tuple[Row, ...]:
    """Measure a part of an experiment; every run ends as it should."""
    table = sweep(load_experiment(name, vary))
    assert all(row.ok for row in table.rows), [row.notes for row in table.rows if not row.ok]
    return table.rows


def mean(found: tuple[Row, ...], measure: str, **where: object) -> float:
    """The mean of a measure over the rows with these settings; a key is written by its last part."""
    values = [
        row.measured[measure]
        for row in found
        if where.items() <= {key.rpartition(".")[2]: value for key, value in row.settings.items()}.items()
    ]
    assert values, where
    known = [value for value in values if value is not None]
    assert len(known) == len(values)
    return sum(known) / len(known)


def percent(share: float, digits: int = 0) -> str:
    return f"{share * 100:.{digits}f} %"


def text_of(name: str) -> Callable[..., bool]:
    """Return what checks that the text of an experiment has some words, however its lines are broken."""
    says = " ".join(load_experiment(name).says.split())

    def has(*words: str) -> bool:
        missing = [word for word in words if word not in says]
        assert not missing
        return True

    return has


# --- fast ---------------------------------------------------------------------------------------------------


def test_there_are_the_seven_and_all_compile() -> None:
    assert experiment_names() == NAMES
    for name in NAMES:
        experiment = load_experiment(name)
        assert experiment.section
        assert experiment.chart is not None
        assert len(experiment.says) > 500
        verdicts = experiment.form.verdicts
        assert len(verdicts) >= 3
        assert all(verdict.say or verdict.otherwise for verdict in verdicts)


def test_a_point_of_one_of_them_is_measured() -> None:
    (row,) = rows("contention", "colors=1", "topology=1x4x1", "strangers=0", "seed=0")
    assert row.measured["contended"] == 0.6875


# --- each number --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_contention() -> None:
    has = text_of("contention")
    found = rows("contention", "topology=1x64x1", "colors=1,64,256,1024", "strangers=1")
    share = {n: mean(found, "contended", colors=n) for n in (1, 64, 256, 1024)}
    waited = {n: mean(found, "waited", colors=n) for n in (1, 1024)}
    has(f"{percent(share[1])} have to wait", f"waits for {waited[1]:,.0f} steps")
    has(f"64 cpus leave {percent(share[64])} of the acquisitions waiting")
    has(f"256 leave {percent(share[256])}, and 1,024 leave {percent(share[1024], 1)}")
    has(f"to a {share[1] / share[1024]:.0f}st, and the steps waited to a {waited[1] / waited[1024]:.0f}th")


@pytest.mark.slow
def test_contention_of_cpus_with_pages_of_their_own() -> None:
    has = text_of("contention")
    for cpus in (4, 16, 64):
        found = rows("contention", f"colors={cpus}", f"topology=1x{cpus}x1", "strangers=0", "seed=0")
        assert mean(found, "contended") == 0
    has("from 4 colours for 4 cpus, 16 for 16, and 64 for 64")
    few = rows("contention", "colors=1,16,32", "topology=1x64x1", "strangers=0", "seed=0")
    assert len({row.measured["contended"] for row in few}) == 1
    found = rows("contention", "colors=16,32", "topology=4x8x2", "strangers=0")
    has(f"{percent(mean(found, 'contended', colors=16))} still wait")
    has(f"{percent(mean(found, 'contended', colors=32))} wait.")


@pytest.mark.slow
def test_statistics() -> None:
    has = text_of("statistics")
    without = rows("statistics", "percpu_stats=false", "steps_per_tick=30,3000", "cpus=1,16")
    assert {row.measured["writes"] for row in without} == {2}
    far = rows("statistics", "percpu_stats=true", "steps_per_tick=300,3000", "cpus=1,16")
    one, sixteen = (mean(far, "writes", steps_per_tick=3000, cpus=n) for n in (1, 16))
    has(f"one cpu makes {one:.3f} global writes for each allocation, {2 / one:.0f} times fewer")
    has(f"make {sixteen:.2f}, which is {2 / sixteen:.0f} times fewer")
    ticks = {n: mean(far, "a_tick", steps_per_tick=n, cpus=16) for n in (300, 3000)}
    has(f"{ticks[300]:.0f} at 300 steps, {ticks[3000]:.0f} at 3,000")
    near = rows("statistics", "percpu_stats=true", "steps_per_tick=30", "cpus=4,16")
    assert {(row.measured["writes"], row.measured["own"]) for row in near} == {(2, 4)}
    has("still make 2 global writes for each allocation, and 4 writes of their own counters")


@pytest.mark.slow
def test_numa() -> None:
    has = text_of("numa")
    even = rows("numa", "one_sided=0", "upper=1")
    near = {row.settings["fill"]: row.measured["local"] for row in even if row.settings["machine.numa_color"]}
    assert [fill for fill, local in near.items() if local == 1] == [0, 20, 40, 50, 60, 70, 80]
    has("up to `fill = 80`", f"{percent(mean(even, 'local', numa_color=False))} are local on average")
    costs = [mean(even, "latency", numa_color=on, fill=0) for on in (False, True)]
    has(f"An access then costs {costs[0]} on average instead of {costs[1]:.0f}.")
    hogged = rows("numa", "one_sided=1", "upper=1", "fill=50,60", "numa_color=true")
    assert [row.measured["local"] for row in hogged] == [1, 0.5]
    assert hogged[1].measured["far"] == 48
    has("left at `fill = 60`", "half of all pages")


@pytest.mark.slow
def test_numa_with_a_node_without_memory_and_with_pages_that_boot_lends() -> None:
    has = text_of("numa")
    without = rows("numa", "upper=0", "one_sided=0", "fill=50")
    assert [(row.measured["local"], row.measured["latency"]) for row in without] == [(0.5, 1.75)] * 2
    assert [row.measured["lent"] for row in without] == [48, 0]
    halves = rows("numa", "split=8", "upper=1", "one_sided=0", "fill=50", "numa_color=true")
    assert (halves[0].measured["local"], halves[0].measured["lent"]) == (0.5, 48)
    has("50 % are local, with and without colouring", "only 50 % of the pages are local at `fill = 50`")


@pytest.mark.slow
def test_nice() -> None:
    has = text_of("nice")
    seed = rows("nice", "nice_rule=monotone", "nice=-10,0,10,19")
    touches = {n: mean(seed, "touches", nice=n) for n in (-10, 0, 10, 19)}
    has(f"nice 0 the editor gets {touches[0]:.0f} touches done", f"nice 10 it gets {touches[10]:.0f} done")
    has(f"nice 19 it gets {touches[19]:.0f} done")
    assert mean(seed, "asleep", nice=19) == 0 == mean(seed, "jobs_asleep", nice=-10)
    has(f"for {mean(seed, 'asleep', nice=-10):.0f} ticks instead of {mean(seed, 'asleep', nice=0):.0f}")
    jobs = {n: mean(seed, "job_touches", nice=n) for n in (0, 19)}
    has(f"they get {jobs[0]:.0f} touches done at nice 0 and {jobs[19]:.0f} at nice 19")
    none = rows("nice", "nice_rule=none", "nice=0,19", "seed=0")
    assert none[0].measured == none[1].measured
    assert none[0].measured["asleep"] == none[0].measured["jobs_asleep"] == 0
    formula = rows("nice", "nice_rule=formula", "nice=-10")
    has(f"get {mean(formula, 'job_touches'):.0f} touches done instead of {jobs[0]:.0f}")
    has(f"the editor gets {mean(formula, 'touches'):.0f} done instead of {touches[0]:.0f}")


@pytest.mark.slow
def test_reuse() -> None:
    has = text_of("reuse")
    instead = rows("reuse", "instead=1")
    reads = {n: mean(instead, "pageins", cached=n) for n in (0, 60)}
    has(f"read {reads[0]:.0f} times, with 60 it is read {reads[60]:.0f} times")
    has(f"of the {reads[0] - 140:.0f} reads beyond the first ones, {reads[0] - reads[60]:.0f} are saved")
    rescues = [f"{row.measured['rescues']}" for row in instead]
    has(f"they are {', '.join(rescues[:-1])} and {rescues[-1]} as the cache grows")
    has(f"At 60 there are {instead[-1].measured['soft']} of them")
    on_top = rows("reuse", "instead=0", "cached=0,30,45,60")
    reads = {n: mean(on_top, "pageins", cached=n) for n in (0, 45, 60)}
    has(f"drop from {reads[0]:.0f} to {reads[45]:.0f} at 45 pages, and rise to {reads[60]:.0f} at 60")
    hits = {n: percent(mean(on_top, "hits", cached=n)) for n in (30, 60)}
    has(f"from {hits[30]} at 30 pages to {hits[60]} at 60")
    passes = [mean(on_top, "passes", cached=n) for n in (60, 0)]
    has(f"makes {passes[0]:.0f} passes instead of {passes[1]:.0f}")


def test_the_reader_of_reuse_reads_140_pages() -> None:
    x, pages = 1, set()
    for _ in range(600):
        x = (x * 1103515245 + 12345) % 4294967296
        pages.add((x >> 8) % 200 * ((x >> 24) % 200) // 200)
    assert text_of("reuse")(f"{len(pages)} different pages are read")


@pytest.mark.slow
def test_fragmentation() -> None:
    has = text_of("fragmentation")
    old = rows("fragmentation", "age=3200")
    assert {row.measured["met"] for row in old if row.settings["reserve"]} == {6}
    without = tuple(row for row in old if not row.settings["reserve"])
    met = [f"{row.measured['met']}" for row in without]
    has(f"room for {mean(without, 'met'):.1f} buffers on average ({met[0]}, {met[1]} and {met[2]} in three")
    has(f"After 3,200 operations {mean(without, 'free'):.0f} of 927 pages are free")
    middle = rows("fragmentation", "age=1600", "reserve=0", "life=1")
    assert middle[0].measured["met"] == 6
    experiment = load_experiment("fragmentation")
    scenario = experiment.scenario_of(experiment.points[0])
    assert scenario.expression("count(FREE) + 200 == 927").holds(scenario.start().vm)


@pytest.mark.slow
def test_policy() -> None:
    has = text_of("policy")
    found = rows("policy", "frames=64")
    misses = {
        (str(row.settings["trace"]), row.settings["policy"]): row.measured["misses"] or 0 for row in found
    }
    traces = {trace for trace, _ in misses}
    ratios = [misses[trace, "kernel"] / misses[trace, "lru"] for trace in traces]
    has(f"{min(ratios):.2f} to {max(ratios):.2f} times as often")
    scan = {policy: count for (trace, policy), count in misses.items() if trace == SCAN}
    has(f"misses {scan['opt']:,} times and LRU {scan['lru']:,} times")
    has(f"the kernel misses {scan['kernel']:,} times", f"2Q misses {scan['2q']:,} times, ARC {scan['arc']:,}")
    loop = {policy: count for (trace, policy), count in misses.items() if ":loop:" in trace}
    assert loop["kernel"] == loop["lru"] == 5000
    has(f"OPT misses at {loop['opt']:,}")
    fifo, lru, kernel = (
        [misses[f"recorded:{name}", policy] for name in ("ls", "awk")] for policy in ("fifo", "lru", "kernel")
    )
    has(f"misses {fifo[0]} times in `ls` and {fifo[1]} times in `awk`, LRU {lru[0]} and {lru[1]} times")
    has(f"the kernel {kernel[0]} and {kernel[1]} times")
