"""What the catalogue of scenarios says, written down apart from the scenarios: numbers, headings, answers.

A scenario's own expectations can be changed together with the model; these figures are the catalogue's.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.scenario.library import LIBRARY, library_names
from engine.scenario.loader import load

SHARED = Path(__file__).resolve().parents[4] / "shared"

ANSWERS = [
    ("S01 unused it leaves on the 11th visit", "from-fault-to-swap-and-back", "hog.visits", 11),
    ("S02 a cold swap-in takes three attempts", "reading-maps-nothing", "app.cold", 3),
    ("S02 with the exclusive mark it takes two", "reading-maps-nothing", "app.marked", 2),
    ("S03 an accessed bit alone: 5 + 1 + 3", "second-chance", "pager.used.act_count", 9),
    ("S03 with PG_REFERENCED too: 5 + 1 + 4", "second-chance", "pager.both.act_count", 10),
    ("S05 one page costs six cached ones", "rescue-or-steal", "kernel.stolen", 6),
    ("S05 a rescue does not count as reactivated", "rescue-or-steal", "cpu[0].cnt.v_reactivated", 0),
    ("S06 an anonymous page leaves on the 5th visit", "anonymous-and-file-ageing", "pager.anon_left", 5),
    ("S06 a file's page leaves on the 3rd", "anonymous-and-file-ageing", "pager.filed_left", 3),
    ("S07 the colour asked for", "colour-and-home", "worker.asked", 843),
    ("S07 the colour of frame 12345", "colour-and-home", "worker.frame.pc", 565),
    ("S08 the note in the queue that was asked for", "empty-colour", "queue[FREE, 5].lastq", 32),
    ("S08 the page freed last is taken first", "empty-colour", "taker.first == setup.y", 1),
    ("S09 the third soft busy is refused", "hard-and-soft-busy", "late.refused", 1),
]  # fmt: skip
"""(what the catalogue says, scenario, EXPR at its end, value)."""


@pytest.mark.parametrize(
    ("name", "text", "value"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_the_answer_is_the_catalogues(name: str, text: str, value: int) -> None:
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


def test_s10_a_page_that_somebody_waited_for_is_active_with_9_and_its_twin_cached() -> None:
    scenario = load("waiting-leaves-a-footprint")
    history = scenario.start()
    history.seek(scenario.find_step(history, "pager:7"))
    told = [scenario.expression(f"queue_of({m})").show(history.vm) for m in ("pager.wanted", "pager.quiet")]
    assert told == [scenario.expression(base).show(history.vm) for base in ("PQ_ACTIVE", "PQ_CACHE")]
    assert scenario.expression("pager.wanted.act_count").show(history.vm) == 9


def _shared_text(*parts: str) -> str:
    path = SHARED.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{'/'.join(parts)} does not lie beside this checkout")
    return path.read_text(encoding="utf-8")


def test_the_number_in_a_scenarios_first_line_is_in_the_catalogue() -> None:
    known = set(re.findall(r"\*\*(S\d\d) ", _shared_text("spec", "26-scenarios.md")))
    first_lines = {
        name: (LIBRARY / f"{name}.toml").read_text(encoding="utf-8").split("\n")[0]
        for name in library_names()
    }
    given = {name: line[2:] for name, line in first_lines.items() if re.fullmatch(r"# S\d+", line)}
    assert given["second-chance"] == "S03"
    assert {name: number for name, number in given.items() if number not in known} == {}


def test_what_a_scenario_covers_are_headings_of_the_document() -> None:
    text = _shared_text("document", "physical-page-management.md")
    headings = set(re.findall(r"^#+ (.+?)\s*$", text, flags=re.MULTILINE))
    wrong = {name: set(load(name).form.covers) - headings for name in library_names()}
    assert {name: covers for name, covers in wrong.items() if covers} == {}
