"""The catalogue of scenarios (spec 26) against the library: numbers, headings, answers.

A change of the model can change a scenario's own expectations with it; the figures here are the catalogue's.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import load

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "engine/kernel/spec/26-scenarios.md"
DOCUMENT = ROOT.parent / "shared/document/physical-page-management.md"

CATALOGUE = {
    "S01": "from-fault-to-swap-and-back",
    "S02": "reading-maps-nothing",
    "S03": "second-chance",
    "S04": "clean-is-cheap",
    "S05": "rescue-or-steal",
    "S06": "anonymous-and-file-ageing",
    "S07": "colour-and-home",
    "S08": "empty-colour",
    "S09": "hard-and-soft-busy",
    "S10": "waiting-leaves-a-footprint",
    "S11": "wired-but-still-queued",
    "S12": "held-while-freed",
    "S13": "copy-on-write-demotes",
    "S14": "severe-with-a-full-cache",
    "S15": "nice-and-waiting",
    "S16": "thrash",
    "S17": "dma-fragmentation",
    "S18": "twenty-dontneeds",
    "S19": "two-cpus-two-truths",
    "S20": "swap-in-race",
    "S21": "store-against-a-write",
    "S22": "swap-full",
    "S23": "emergency-pager",
    "S24": "unhold-races-free",
    "S25": "lost-wakeup",
    "S26": "lock-order-reversal",
    "S27": "stale-hash-entry",
    "S28": "modified-bit-and-dirty-byte",
}
"""Number in spec 26 -> the scenario that shows it; trylock-skips is the second half of S26."""

ANSWERS = [
    ("S01 an unused page leaves on the 11th visit", "from-fault-to-swap-and-back", "hog.visits", 11),
    ("S02 a cold swap-in takes three attempts", "reading-maps-nothing", "app.cold", 3),
    ("S02 with the exclusive mark it takes two attempts", "reading-maps-nothing", "app.marked", 2),
    ("S03 an accessed bit alone: 5 + 1 + 3", "second-chance", "pager.used.act_count", 9),
    ("S03 with PG_REFERENCED too: 5 + 1 + 4", "second-chance", "pager.both.act_count", 10),
    ("S05 one page costs six cached ones", "rescue-or-steal", "kernel.stolen", 6),
    ("S05 a rescue does not count as reactivated", "rescue-or-steal", "cpu[0].cnt.v_reactivated", 0),
    ("S06 an anonymous page leaves on the 5th visit", "anonymous-and-file-ageing", "pager.anon_left", 5),
    ("S06 a file page leaves on the 3rd visit", "anonymous-and-file-ageing", "pager.filed_left", 3),
    ("S07 the colour that is asked for", "colour-and-home", "worker.asked", 843),
    ("S07 the colour of frame 12345", "colour-and-home", "worker.frame.pc", 565),
    ("S08 lastq of the colour that was asked for", "empty-colour", "queue[FREE, 5].lastq", 32),
    ("S08 the page that was freed last is taken first", "empty-colour", "taker.first == setup.y", 1),
    ("S09 the third soft busy is refused", "hard-and-soft-busy", "late.refused", 1),
]  # fmt: skip
"""(what the catalogue says, scenario, expression at the end of its run, value)."""


@pytest.mark.parametrize(
    ("name", "text", "value"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_the_scenario_gives_the_answer_of_the_catalogue(name: str, text: str, value: int) -> None:
    scenario = load(name)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert scenario.expression(text).show(history.vm) == value


@pytest.mark.parametrize(
    ("at", "dirty_visits", "clean_visits"),
    [pytest.param("pager:16", 3, 1, id="level 0"), pytest.param("end", 2, 1, id="level 1")],
)
def test_s04_a_dirty_page_is_cached_later_than_a_clean_one(
    at: str, dirty_visits: int, clean_visits: int
) -> None:
    scenario = load("clean-is-cheap")
    history = scenario.start()
    history.seek(scenario.find_step(history, at))
    vm = history.vm
    assert scenario.expression("pager.dirty_visits").show(vm) == dirty_visits
    assert scenario.expression("pager.clean_visits").show(vm) == clean_visits
    assert scenario.expression(
        "queue_of(pager.dirty) == PQ_CACHE and queue_of(pager.clean) == PQ_CACHE"
    ).show(vm)


def test_s10_a_page_that_a_thread_waited_for_is_active_with_9_and_its_twin_is_cached() -> None:
    scenario = load("waiting-leaves-a-footprint")
    history = scenario.start()
    history.seek(scenario.find_step(history, "pager:7"))
    queues = [scenario.expression(f"queue_of({m})").show(history.vm) for m in ("pager.wanted", "pager.quiet")]
    assert queues == [scenario.expression(base).show(history.vm) for base in ("PQ_ACTIVE", "PQ_CACHE")]
    assert scenario.expression("pager.wanted.act_count").show(history.vm) == 9


def test_each_entry_of_the_catalogue_has_a_scenario() -> None:
    numbers = re.findall(r"\*\*(S\d\d) ", SPEC.read_text(encoding="utf-8"))
    assert sorted(CATALOGUE) == sorted(numbers)
    assert set(CATALOGUE.values()) <= set(OWN.names)


@pytest.mark.parametrize(("entry", "name"), [(row[0][:3], row[1]) for row in ANSWERS])
def test_an_answer_is_checked_in_the_scenario_of_its_entry(entry: str, name: str) -> None:
    assert CATALOGUE[entry] == name


def test_what_a_scenario_covers_are_headings_of_the_document() -> None:
    if not DOCUMENT.is_file():
        pytest.skip("the design document is not in this checkout")
    text = DOCUMENT.read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ (.+?)\s*$", text, flags=re.MULTILINE))
    wrong = {name: set(load(name).form.covers) - headings for name in OWN.names}
    assert {name: covers for name, covers in wrong.items() if covers} == {}
