"""The list of disagreements: complete, with this machine's numbers, and true of what decides each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.kernel.boot.sequence import boot
from engine.machine.machine import Machine, MachineConfig, Switches
from engine.machine.rules import RULE_VALUES, Rules, read_rules
from engine.machine.topology import parse_spec
from engine.reports.differences import Difference, differences
from engine.reports.differences_here import FOLLOWS, HERE
from engine.reports.differences_table import GROUPS, NOTE, RULE
from engine.scenario.loader import load

SPEC = Path(__file__).resolve().parents[3] / "engine" / "kernel" / "spec" / "11-differences.md"
DOCUMENT = Path(__file__).resolve().parents[4] / "shared/document/physical-page-management.md"
ROWS = [row for rows in GROUPS.values() for row in rows]


def machine(spec: str = "64MiB:2x4x2", rules: str = "document", switches: Switches | None = None) -> Machine:
    hardware = parse_spec(spec)
    assert hardware is not None
    return boot(MachineConfig(hardware, read_rules(rules), switches=switches or Switches()))


def row(number: int, vm: Machine) -> Difference:
    return next(difference for difference in differences(vm) if difference.row == number)


def test_there_are_49_rows_in_order_each_complete() -> None:
    found = differences(machine())
    assert [difference.row for difference in found] == list(range(1, 50))
    for difference in found:
        texts = (difference.subject, difference.document, difference.source, difference.here)
        assert all(text.strip() for text in texts), difference.row
        assert all(text.endswith(".") for text in texts[1:]), difference.row


def test_the_rows_are_those_of_the_spec() -> None:
    numbers = re.findall(r"^\| (\d+) \|", SPEC.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number in numbers] == sorted(entry.row for entry in ROWS)


def test_a_row_without_here_is_computed() -> None:
    assert {entry.row for entry in ROWS if entry.here is None} == set(HERE)
    assert set(FOLLOWS) <= {entry.row for entry in ROWS if entry.options}


def test_every_rule_option_decides_a_row_and_every_option_named_is_one() -> None:
    named = {option for entry in ROWS if entry.kind == RULE for option in entry.options}
    assert named == set(RULE_VALUES)


def test_what_the_document_does_not_say_is_a_note_and_says_so() -> None:
    found = differences(machine())
    notes = [difference for difference in found if difference.kind == NOTE]
    assert [note.row for note in notes] == [5, 32, 33, 34, 43, 46]
    assert all(note.document.startswith("It does not say. ") for note in notes)
    assert all(note.option is None and note.setting == "" for note in notes)
    assert not [
        difference.row for difference in found if "not say" in difference.document and difference not in notes
    ]


@pytest.mark.parametrize("number", [5, 32, 33, 34, 43, 46])
def test_the_spec_marks_the_same_rows_as_notes(number: int) -> None:
    text = SPEC.read_text(encoding="utf-8")
    assert re.search(rf"^\| {number} \| \*note\*: ", text, re.MULTILINE)
    assert text.count("*note*: ") == 6


SAID = {
    1: "Nice -10 process: blocks later (can dig deeper into reserves)",
    20: "Allocate 64KB contiguous, 16-byte aligned, below 4GB",
    47: "Now clean, it moves to `PQ_CACHE`",
    48: "vm_pageout_clean(m); /* Async write to backing store */ vm_page_deactivate(m);",
    49: "Wakes pagedaemon if page was on cache/free queue",
}
"""Row -> words of the document that it reports."""


def test_a_row_reports_what_the_document_says_and_a_note_what_it_does_not() -> None:
    if not DOCUMENT.is_file():
        pytest.skip("the design document is not next to this checkout")
    text = " ".join(DOCUMENT.read_text(encoding="utf-8").split())
    assert [number for number, words in SAID.items() if words not in text] == []
    # 5: no order of the limits; 43: no NULL after a block; 46: no v_free_target; 33, 34: nothing of the kind.
    for word in ("v_free_severe", "v_free_reserved", "v_free_target", "if it blocked", "passive"):
        assert word not in text


@pytest.mark.parametrize("rules", ["document", "source"])
def test_a_rule_set_takes_its_own_side_wherever_an_option_of_it_decides(rules: str) -> None:
    options = {"nice_rule", "assoc_rule", "find2_full", "zero_rule", "finalize_offset_fix"}
    options |= {"contig_rule", "hash_rule"}
    sides = {
        difference.row: difference.follows
        for difference in differences(machine(rules=rules))
        if difference.option and options & set(difference.option.split(", "))
    }
    assert sides == dict.fromkeys((1, 2, 3, 8, 9, 12, 16, 20, 38), rules)


def test_a_row_without_an_option_follows_the_source_except_the_newer_kernels_function() -> None:
    others = {d.row: d.follows for d in differences(machine()) if d.option is None}
    assert others.pop(6) == "newer kernel"
    assert set(others.values()) == {"source"}


# the machine, its rules, the row, what it says
WORDS = [
    ("nice moves v_free_min both ways", "64MiB:2x4x2", "document", 1, "214 at nice 10"),
    ("nice -10 digs deeper", "64MiB:2x4x2", "document", 1, "72 at nice -10, 143 at nice 0"),
    ("the formula waits earlier at -10", "64MiB:2x4x2", "source+nice_rule=formula", 1, "178 at nice -10"),
    (
        "few free pages stop every nice value",
        "64MiB:2x4x2",
        "document",
        1,
        "fewer than 78 free pages it waits at every",
    ),
    ("no nice at all", "64MiB:2x4x2", "source", 1, "has no effect"),
    ("the process's nice counts", "64MiB:2x4x2", "document", 2, "nice value and P_LOWMEMKILL flag"),
    ("only the flag counts", "64MiB:2x4x2", "source", 2, "only the process's P_LOWMEMKILL flag"),
    ("a process and flags", "64MiB:2x4x2", "document", 2, "and the flags of the fault, which decide nothing"),
    ("waiting at v_free_min", "64MiB:2x4x2", "document", 3, "sleeps with fewer than 143"),
    ("waiting while severe", "64MiB:2x4x2", "source", 3, "it sleeps with fewer than 71"),
    ("the newer thresholds", "64MiB:2x4x2", "source+thresholds=newer", 3, "sleeps with fewer than 143"),
    ("severe below reserved", "64MiB:2x4x2", "source", 5, "v_free_severe 71, v_free_reserved 78"),
    ("16 colours first", "64MiB:1x1x1", "document", 8, "starts with 16 colours"),
    ("1 cpu begins with all", "64MiB:1x1x1", "source", 8, "starts with 1,024 colours, which is all"),
    ("8 cpus begin with 128", "64MiB:1x4x2", "source", 8, "With 8 cpus a search starts with 128 colours"),
    ("the whole cache", "64MiB:1x4x2", "document", 9, "and at 1024 cache colours"),
    ("half of the cache", "64MiB:1x4x2", "source", 9, "and at 512 cache colours"),
    ("none of the cache", "64MiB:1x1x1", "source", 9, "and at 0 cache colours"),
    ("zeroed", "tiny", "document", 12, "zeroes the page's data"),
    ("not zeroed", "tiny", "source", 12, "returns the page as it is"),
    ("a thread's colours", "64MiB:2x4x2", "source", 14, "64 colours of its own (1024 / 2 / 4 / 2:"),
    ("colours left over", "64MiB:2x3x2", "source", 14, "and 4 colours are never requested"),
    ("no core level", "64MiB:1x1x1", "source", 14, "each cpu (of 1) requests 1024 colours"),
    ("two sockets", "64MiB:2x4x2", "source", 15, "each of 2 sockets 512 colours"),
    ("one socket", "64MiB:1x4x2", "source", 15, "depends only on its address"),
    ("the right average", "64MiB:2x4x2", "document", 16, "covers only the free queues"),
    ("the wrong average", "64MiB:2x4x2", "source", 16, "covers queue 0 and"),
    ("no finalize", "64MiB:1x4x2", "source", 16, "does not run"),
    (
        "a quarter of memory",
        "64MiB:2x4x2",
        "source",
        17,
        "boot reserved the memory below 16 MiB; the end of boot",
    ),
    (
        "a sixteenth of memory",
        "64MiB:2x4x2",
        "source",
        18,
        "4 MiB, a sixteenth of 64 MiB; 1,024 of its pages",
    ),
    ("128 MiB", "4GiB:1x4x1", "source", 18, "128 MiB, the maximum by default"),
    (
        "entries without a page",
        "64MiB:2x4x2",
        "source",
        19,
        "16384 entries, and boot added 15871 pages: 513 ",
    ),
    ("strict", "tiny", "document", 20, "all four conditions"),
    ("not strict", "tiny", "source", 20, "rounded up to a power of two"),
    ("flags alone", "tiny", "document", 24, "There are only flags"),
    ("counted mappings", "tiny", "document+pmap_model=counted", 24, "Mappings are counted"),
    (
        "the hysteresis",
        "64MiB:2x4x2",
        "source",
        26,
        "143 + 16 = 159 or more free and cached pages, or at 650",
    ),
    (
        "ticks from scripts",
        "tiny",
        "source",
        35,
        "1024 fewer pages. Ticks occur in scripts",
    ),
    ("true oldest", "tiny", "document", 38, "4096 elements, in overlapping sets of 4; an empty element"),
    ("not the oldest", "tiny", "source", 38, "the last element older than the first"),
    ("fictitious pages", "64MiB:2x4x2", "source", 39, "The array has 1,024 fictitious pages"),
    ("the target", "64MiB:2x4x2", "source", 46, "It is 4 x 143 + 78 = 650."),
    (
        "the target of the newer",
        "64MiB:2x4x2",
        "source+thresholds=newer",
        46,
        "waits use v_free_min",
    ),
]


@pytest.mark.parametrize(
    ("spec", "rules", "number", "words"), [entry[1:] for entry in WORDS], ids=[entry[0] for entry in WORDS]
)
def test_this_machine(spec: str, rules: str, number: int, words: str) -> None:
    assert words in row(number, machine(spec, rules)).here


# row, scenario, its rules, the moment, what holds there
CLEANED = "queue_of(pager.dirty) == PQ_INACTIVE and pager.dirty.dirty == 0"
SEEN = [
    (1, "nice-waits-first", "document", "giver:2", "giver.waiting == 3 and count(FREE) == 40"),
    (
        47,
        "clean-is-cheap",
        "document",
        "pager:13",
        CLEANED,
    ),
    (
        47,
        "clean-is-cheap",
        "source",
        "pager:13",
        CLEANED,
    ),
    (47, "clean-is-cheap", "source", "pager:14", "queue_of(pager.dirty) == PQ_CACHE"),
    (47, "clean-is-cheap", "source", "pager:28", "pager.dirty_visits == 2"),
    (
        49,
        "rescue-or-steal",
        "document",
        "end",
        "queue_of(app.m) == PQ_ACTIVE and cpu[0].cnt.v_reactivated == 0",
    ),
    (
        49,
        "rescue-or-steal",
        "source",
        "end",
        "queue_of(app.m) == PQ_ACTIVE and cpu[0].cnt.v_reactivated == 0",
    ),
    (49, "between-the-queues", "source", "mover:16", "cpu[0].cnt.v_reactivated == 1"),
]


@pytest.mark.parametrize(("number", "name", "rules", "at", "that"), SEEN)
def test_what_a_row_says_happens_in_a_scenario(
    number: int, name: str, rules: str, at: str, that: str
) -> None:
    scenario = load(name, rules=rules)
    history = scenario.start()
    assert row(number, history.vm).row == number
    history.seek(scenario.find_step(history, at))
    assert scenario.expression(that).holds(history.vm)


def test_a_switch_and_a_setting_decide_too() -> None:
    calm = row(44, machine("tiny"))
    assert (calm.kind, calm.setting, calm.follows) == ("machine switch", "trylock = on", "source")
    rash = row(44, machine("tiny", switches=Switches(trylock=False)))
    assert (rash.setting, rash.follows) == ("trylock = off", "neither")
    assert "deadlock" in rash.here
    hardware = parse_spec("tiny")
    assert hardware is not None
    ticking = row(35, boot(MachineConfig(hardware, Rules(), steps_per_tick=50)))
    assert (ticking.kind, ticking.setting) == ("machine setting", "steps_per_tick = 50")
    assert "Ticks occur every 50 steps" in ticking.here
