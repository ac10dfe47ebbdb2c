"""The seven experiments: each number in the text of one is measured here, over a part of its points."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import pytest

from engine.experiments.experiment import experiment_names, load_experiment
from engine.experiments.sweep import sweep
from engine.experiments.table import Row
from engine.kernel.thresholds import nice_margin

NAMES: Final = ("contention", "fragmentation", "nice", "numa", "policy", "reuse", "statistics")

LS: Final = ("trace=recorded:ls", "policy=kernel,lru")
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
        assert all(verdict.say and verdict.otherwise for verdict in verdicts)
        assert set(experiment.form.measures) <= set(experiment.form.means)


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
    assert has("and no factor can be named")
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
    ticks = {n: mean(far, "writes_a_tick", steps_per_tick=n, cpus=16) for n in (300, 3000)}
    has(f"{ticks[300]:.0f} on average at 300 steps, {ticks[3000]:.0f} at 3,000")


@pytest.mark.slow
def test_statistics_of_cpus_that_allocate_little_in_a_tick() -> None:
    has = text_of("statistics")
    found = rows("statistics", "percpu_stats=true", "steps_per_tick=10,30,300")
    each = {
        (row.settings["machine.steps_per_tick"], row.settings["cpus"]): (
            (row.measured["pages_a_tick"] or 0) / int(row.settings["cpus"]),
            1 - (row.measured["writes"] or 0) / 2,
        )
        for row in found
    }
    (most, saved), (fewer, less) = each[30, 1], each[300, 16]
    has(f"With {most:.1f} allocations of each cpu", f"{percent(saved)} of the global writes are saved")
    has(f"with {fewer:.1f} (16 cpus, 300 steps) {percent(less)};")
    rare = [saved for pages, saved in each.values() if round(pages, 1) <= 0.3]
    assert len(rare) == 5
    assert set(rare) == {0}
    own = {row.measured["own_writes"] for row in found if row.measured["writes"] == 2}
    assert own == {4}
    has("with 0.3 or fewer none, and 4 writes of the cpu's own counters")


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
    assert hogged[1].measured["searched_far"] == 48
    chance = rows("numa", "one_sided=1", "upper=1", "fill=60,70,80,90", "numa_color=false")
    far = [1 - (row.measured["local"] or 0) for row in chance]
    has("left at `fill = 60`", "half of all pages; without colouring")
    has(f"without colouring {min(far) * 100:.0f} to {percent(max(far))} are")


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
    found = rows("nice", "nice_rule=monotone")
    touches, asleep, jobs = (
        {n: mean(found, measure, nice=n) for n in (-10, 0, 10, 19)}
        for measure in ("editor_touches", "editor_asleep", "job_touches")
    )
    has(f"nice 0 the editor gets {touches[0]:.0f} touches done")
    has(f"and sleeps for memory for {asleep[0]:.0f} ticks")
    has(f"nice 10 it gets {touches[10]:.0f} done, with nice 19 it gets {touches[19]:.0f} done")
    assert asleep[10] == asleep[19] == 0
    # After 40 faults, each tick has one touch.
    has(f"which take {(1000 - (touches[19] - 40)) / 40:.1f} ticks each")
    has(f"they get {jobs[0]:.0f} touches done at nice 0 and {jobs[19]:.0f} at nice 19")
    has(f"nice -10, which get {jobs[-10]:.0f} done, the editor gets {touches[-10]:.0f} done")
    has(f"sleeps for {asleep[-10]:.0f} ticks")
    none = rows("nice", "nice_rule=none", "nice=0")
    lucky, other = (row.measured["editor_touches"] for row in none)
    has(f"gets {lucky} touches done with one schedule and {other} with the other")
    assert rows("nice", "nice_rule=none", "nice=19", "seed=0")[0].measured == none[0].measured
    formula = rows("nice", "nice_rule=formula", "nice=-10")
    has(f"get {mean(formula, 'job_touches'):.0f} touches done instead of {jobs[0]:.0f}")
    has(f"the editor gets {mean(formula, 'editor_touches'):.0f} done instead of {touches[0]:.0f}")
    ticks = [int(row.measured["ticks"] or 0) for row in (*found, *none, *formula)]
    has(f"after {min(ticks):,} to {max(ticks):,} ticks")


def test_how_many_pages_nice_adds_to_the_limit() -> None:
    has = text_of("nice")
    for rule, words in (("formula", "adds 17 pages"), ("monotone", "takes 34 away")):
        experiment = load_experiment("nice", ("nice=-10", f"nice_rule={rule}", "seed=0"))
        vm = experiment.scenario_of(experiment.points[0]).start().vm
        assert abs(nice_margin(vm, -10)) == int(words.split()[1])
        assert (nice_margin(vm, -10) > 0) == (rule == "formula")
        has(words)


@pytest.mark.slow
def test_reuse() -> None:
    has = text_of("reuse")
    instead = rows("reuse", "instead=1")
    reads = {n: mean(instead, "pageins", cached=n) for n in (0, 60)}
    has(f"read {reads[0]:.0f} times, with 60 it is read {reads[60]:.0f} times")
    has(f"of the {reads[0] - 140:.0f} reads beyond the first ones, {reads[0] - reads[60]:.0f} are saved")
    rescues = [f"{row.measured['rescues']}" for row in instead]
    has(f"they are {', '.join(rescues[:-1])} and {rescues[-1]} as the aim grows")
    last = instead[-1].measured
    has(f"At 60 at most {last['minor_faults']} of the {last['rescues']} are")
    held, cached = ([row.measured[name] or 0 for row in instead] for name in ("mean_free", "mean_cached"))
    both = [free + cache for free, cache in zip(held, cached, strict=True)]
    has(f"On average {min(both):.0f} to {max(both):.0f} pages are free or cached")
    has(f"only {min(cached):.1f} to {max(cached):.0f} of them are on CACHE")
    third = instead[2].measured
    assert third["rescues"] == 0
    has(f"CACHE has {third['mean_cached']:.1f} pages on average and no page is rescued")
    has(f"there are {reads[0] - (third['pageins'] or 0):.0f} reads fewer than with 0")
    on_top = rows("reuse", "instead=0", "cached=0,30,45,60")
    reads = {n: mean(on_top, "pageins", cached=n) for n in (0, 45, 60)}
    has(f"drop from {reads[0]:.0f} to {reads[45]:.0f} at 45 pages, and rise to {reads[60]:.0f} at 60")
    hits, passes = ([mean(on_top, measure, cached=n) for n in (0, 30, 60)] for measure in ("hits", "passes"))
    has(f"is {percent(hits[0])} at 0, {percent(hits[1])} at 30 and {percent(hits[2])} at 60")
    has(f"makes {passes[0]:.0f}, {passes[1]:.0f} and {passes[2]:.0f} passes")
    assert on_top[-1].measured == last


def test_the_reader_of_reuse_reads_140_pages() -> None:
    x, pages = 1, set()
    for _ in range(600):
        x = (x * 1103515245 + 12345) % 4294967296
        pages.add((x >> 8) % 200 * ((x >> 24) % 200) // 200)
    assert text_of("reuse")(f"{len(pages)} different pages are read")


@pytest.mark.slow
def test_fragmentation() -> None:
    has = text_of("fragmentation")
    assert rows("fragmentation", "age=3200", "reserve=1", "life=1")[0].measured["buffers_met"] == 6
    without = rows("fragmentation", "age=3200", "reserve=0")
    met = [f"{row.measured['buffers_met']}" for row in without]
    has(f"room for {mean(without, 'buffers_met'):.1f} buffers on average")
    has(f"({met[0]}, {met[1]} and {met[2]} in three lives)")
    has(f"After 3,200 operations {mean(without, 'free_pages'):.0f} of 927 pages are free")
    middle = rows("fragmentation", "age=1600,2400", "reserve=0")
    assert mean(middle, "buffers_met", age=1600) == 6
    fewest = [int(row.measured["fewest_free"] or 0) for row in middle]
    has(f"At least {min(fewest[:3])} pages were free at all times")
    has(f"({min(fewest[3:])} to {max(fewest[3:])} pages were left; programs stop at 60)")
    has(f"there is room for {mean(middle, 'buffers_met', age=2400):.1f} buffers on average")
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
    ls = {row.settings["policy"]: row.measured["misses"] or 0 for row in rows("policy", "frames=32", *LS)}
    has(f"with 32 frames, is `ls` with {ls['kernel'] / ls['lru']:.2f} times")
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
