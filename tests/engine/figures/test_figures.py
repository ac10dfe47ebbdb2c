"""Each figure against an independent count over the same run, under both rule sets."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pytest

from engine.constants import PQ_CACHE, PQ_FREE, PQ_L2_SIZE
from engine.figures import FIGURES, figure, figure_names
from engine.language.naming import name_of
from engine.run.history import History
from engine.scenario.loader import load_text
from tests.engine.figures.watched_run import Watched, watched
from tests.tiers import only_fast

RUNS = [
    (name, rules)
    for name in (
        "two nodes",
        "thrash",
        "rescue-or-steal",
        "home-is-used-up",
        "the-pager-waits-too",
        "swap-full",
    )
    for rules in ("document", "source")
]


def total(history: History, column: str) -> int:
    """The growth of a column's cells, by viewing the end and step 0."""
    history.seek(history.total)
    end = int(history.vm.memory.vector(column).sum())
    history.seek(0)
    return end - int(history.vm.memory.vector(column).sum())


@pytest.fixture(
    scope="module", params=only_fast(RUNS, ("thrash", "document"), ("two nodes", "source")), ids="-".join
)
def seen(request: pytest.FixtureRequest) -> Watched:
    name, rules = request.param
    with pytest.MonkeyPatch.context() as patch:
        return watched(name, rules, patch)


def test_a_figure_is_what_an_independent_count_finds(seen: Watched) -> None:
    history = seen.history
    history.seek(history.total // 2)
    found = {name: figure(history, name) for name in figure_names(names(history), history.vm.process_names)}
    assert history.step == history.total // 2
    assert found == found | counted_otherwise(seen)


def names(history: History) -> list[str]:
    return [program.name for program in history.programs]


def counted_otherwise(seen: Watched) -> dict[str, Any]:
    history, accesses = seen.history, seen.touched or seen.allocated
    far, moves = seen.far(accesses), moves_from_cache(history)
    counts: dict[str, Any] = {
        "run.steps": history.total,
        "run.ticks": total(history, "global.ticks"),
        "run.touches": seen.touches.total(),
        "run.hits": seen.hits.total(),
        "run.faults.minor": total(history, "process.minflt"),
        "run.faults.major": total(history, "process.majflt"),
        "run.pageins": total(history, "cpu.v_swappgsin") + total(history, "cpu.v_vnodepgsin"),
        "run.pageouts": total(history, "cpu.v_swappgsout"),
        "run.reactivations": total(history, "cpu.v_reactivated"),
        "run.rescues": moves["used"],
        "run.evictions": moves["freed"],
        "run.placements.allocations": len(seen.allocated),
        "run.placements.remote": seen.far(seen.allocated),
        "run.latency.accesses": len(accesses),
        "run.latency.steps": len(accesses) + 1.5 * far,
        "run.latency.mean": 1 + 1.5 * far / len(accesses),
    }
    for t, program in enumerate(history.programs):
        counts[f"run.threads.{program.name}.touches"] = seen.touches[t]
        counts[f"run.threads.{program.name}.asleep_for_memory"] = seen.asleep[t]
    return counts | writes_by_name(history)


def moves_from_cache(history: History) -> Counter[str]:
    """What became of the pages that left CACHE: `used` again or `freed`, by following each page."""
    place, found = history.vm.memory.places["page.queue"], Counter[str]()
    last: dict[int, int] = {}
    for step in range(1, history.total + 1):
        for address, old, new in history.journal.writes_of(step):
            if place.base <= address < place.base + place.length:
                if new and PQ_CACHE <= last.get(address, 0) < PQ_CACHE + PQ_L2_SIZE:
                    found["freed" if new < PQ_FREE + PQ_L2_SIZE else "used"] += 1
                last[address] = new or old
    return found


def writes_by_name(history: History) -> dict[str, int]:
    """The writes of vmstats cells, by the names of the cells."""
    counts = Counter[str]()
    for step in range(1, history.total + 1):
        for address, _, _ in history.journal.writes_of(step):
            words = name_of(history.vm, address).split(".")
            counts[words[0] if words[0] == "vmstats" else ".".join(words[:-1][-1:])] += 1
    return {
        "run.vmstats.global_writes": counts["vmstats"],
        "run.vmstats.cpu_writes": counts["adj"],
        "run.vmstats.view_writes": counts["view"],
    }


def test_the_figures_of_threads_and_processes_add_up_to_those_of_the_run(seen: Watched) -> None:
    history = seen.history
    threads, processes = names(history), history.vm.process_names

    def over(pattern: str, subjects: Any) -> Any:
        return sum(figure(history, pattern.format(subject)) or 0 for subject in subjects)

    assert over("run.threads.{}.touches", threads) == figure(history, "run.touches")
    for kind in ("minor", "major"):
        assert over("run.processes.{}.faults." + kind, processes) == figure(history, f"run.faults.{kind}")
    of_processes = [program.name for program in history.programs if program.process >= 0]
    for what in ("touches", "asleep_for_memory"):
        assert over("run.processes.{}." + what, processes) == over("run.threads.{}." + what, of_processes)
    placements = ("local", "no_node", "remote")
    assert over("run.placements.{}", placements) == figure(history, "run.placements.allocations")
    causes = ("asked", "redirected", "widened", "finalized", "unorganized")
    assert over("run.placements.{}", causes) == figure(history, "run.placements.remote")


def test_the_table_has_each_name_once_and_says_what_it_counts() -> None:
    assert len({one.name for one in FIGURES}) == len(FIGURES)
    assert all(one.unit and one.meaning for one in FIGURES)


FILE: Final = """format = 1
title = "A dirty page of a file"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "file"
type = "vnode"
size = 2
[[process]]
name = "A"
pid = 10
maps = [{object = "file", start = 0x10000, pages = 2}]
[[thread]]
name = "app"
process = "A"
script = \"\"\"
write(0x10000)
write(0x11000)
m = vm_page_lookup_busy_wait(file, 0, 1)
vm_page_deactivate(m)
n = vm_page_lookup_busy_wait(file, 1, 1)
vm_page_deactivate(n)
vm_page_wakeup(n)
written = vm_pageout_clean(m)
\"\"\"
"""


def test_pages_of_a_file_are_paged_in_and_out_too() -> None:
    history = load_text(FILE).start()
    history.extend(10_000)
    written = history.vm.variable.value[history.programs[0].names["written"]]
    assert (figure(history, "run.pageins"), figure(history, "run.pageouts")) == (2, written) == (2, 2)
    assert (figure(history, "run.faults.major"), figure(history, "run.touches")) == (2, 2)
