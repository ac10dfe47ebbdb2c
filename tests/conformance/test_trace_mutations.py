"""Whatever is changed in a trace is reported, at its line.

A divergence does not touch the model, so many lines can be changed at once: turn n of a test changes the n-th
value of every line, and every line so changed must be reported.
"""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path as FilePath
from typing import Any

import pytest

from engine.inputs import kernel_trace
from engine.inputs.kernel_trace import replay_trace
from engine.inputs.traces.report import Tally

Line = dict[str, Any]
Path = tuple[Any, ...]
Write = Callable[[list[Line]], str]

INPUTS = ("op", "boot", "args", "thread", "cpu", "note")
DELTA = ("pages", "queues", "vmstats", "cpus", "objects", "hash", "globals", "wakeups", "pmap", "kprintf")


@pytest.fixture(autouse=True)
def every_divergence_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_trace, "MAX_SHOWN", 1 << 30)


def compared_values(line: Line) -> Iterator[Path]:
    """Where a line's compared leaves are: numbers, texts and nulls."""
    for key, value in line.items():
        if key not in INPUTS and "header" not in line:
            yield from leaves(value, (key,))


def leaves(value: Any, path: Path) -> Iterator[Path]:
    if path[-2:] == ("blocked", "wmesg") or (path[0] == "panic" and not compared_in_panics(path)):
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))
    else:
        yield path


def compared_in_panics(path: Path) -> bool:
    return path[1:] in ((), ("kind",), ("msg",))


def changed(line: Line, path: Path) -> Line:
    other = copy.deepcopy(line)
    part: Any = other
    for key in path[:-1]:
        part = part[key]
    value = part[path[-1]]
    part[path[-1]] = 7 if value is None else value + (1 if isinstance(value, int) else "x")
    return other


def reported(path: str) -> set[tuple[int, str]]:
    return {(found.line, found.key) for found in replay_trace(path, Tally())}


def turns(
    story: tuple[Line, ...], places: Callable[[Line], list[Any]], change: Callable[[Line, Any], Line]
) -> Iterator[tuple[list[Line], list[tuple[int, Any]]]]:
    """Turn n: the story with the n-th place of each line changed, and the places chosen."""
    table = [places(line) for line in story]
    for turn in range(max(map(len, table))):
        chosen = [(number, line[turn]) for number, line in enumerate(table) if turn < len(line)]
        lines = list(story)
        for number, place in chosen:
            lines[number] = change(lines[number], place)
        yield lines, chosen


def test_the_story_agrees_with_itself(story: tuple[Line, ...], write: Write) -> None:
    assert reported(write(list(story))) == set()


def test_the_story_has_every_key(story: tuple[Line, ...]) -> None:
    keys = {key for line in story for key in line}
    assert keys >= {"ret", "blocked", "panic", "of", "i", *DELTA}
    assert any(type(row[5]) is dict for line in story for row in line.get("queues", ()))
    assert any(type(row[5]) is list for line in story for row in line.get("queues", ()))


def test_every_changed_value_is_reported(story: tuple[Line, ...], write: Write) -> None:
    for lines, chosen in turns(story, lambda line: list(compared_values(line)), changed):
        assert reported(write(lines)) == {(number + 1, path[0]) for number, path in chosen}


@pytest.mark.parametrize("change", [{"1": 5}, {"2": 0}, {"5000": 1}, {"tea": 1}])
def test_a_wrong_length_of_a_queue_after_boot_is_reported(
    recorder: Callable[..., list[Line]], write: Write, change: Line
) -> None:
    lines = recorder([])
    lines[-1]["lcnt"] |= change
    assert reported(write(lines)) == {(len(lines), "lcnt")}


def test_the_lengths_of_queues_are_missed_unless_the_trace_is_brief(
    recorder: Callable[..., list[Line]], write: Write
) -> None:
    lines = recorder([])
    del lines[-1]["lcnt"]
    assert reported(write(lines)) == {(len(lines), "lcnt")}
    lines[0]["config"]["brief"] = True
    assert reported(write(lines)) == set()


def test_every_missing_key_is_reported(story: tuple[Line, ...], write: Write) -> None:
    def without(line: Line, key: str) -> Line:
        return {name: value for name, value in line.items() if name != key}

    for lines, chosen in turns(story, lambda line: [key for key in DELTA if key in line], without):
        assert reported(write(lines)) == {(number + 1, key) for number, key in chosen}


def test_every_missing_row_is_reported(story: tuple[Line, ...], write: Write) -> None:
    def rows(line: Line) -> list[tuple[str, int]]:
        return [(key, k) for key in DELTA if isinstance(line.get(key), list) for k in range(len(line[key]))]

    def without(line: Line, place: tuple[str, int]) -> Line:
        key, k = place
        return line | {key: line[key][:k] + line[key][k + 1 :]}

    for lines, chosen in turns(story, rows, without):
        assert reported(write(lines)) == {(number + 1, key) for number, (key, _) in chosen}


EXTRA = {
    "pages": [1400, "NONE", None, 1, 0, 0, 0, 0, 0, 0, 0, None, 0, 6, 0, 0],
    "queues": ["HOLD", 5, 0, -1, 0, []],
    "cpus": [7, {}, {}, {"v_dfree": 1}],
    "objects": [9, 0, 0, 0, 0, 1],
    "hash": [5000, 1, 1, 1, 1],
    "wakeups": [["v_free_count"], [1]],
    "pmap": ["collect"],
    "kprintf": "out of swap space",
}
"""For each key a row that no operation of the story has."""


def test_every_extra_row_is_reported(story: tuple[Line, ...], write: Write) -> None:
    def more(line: Line, key: str) -> Line:
        return line | {key: [*line.get(key, []), EXTRA[key]]}

    for lines, chosen in turns(story, lambda line: list(EXTRA) if "op" in line else [], more):
        assert reported(write(lines)) == {(number + 1, key) for number, key in chosen}


def test_every_row_listed_twice_is_reported(story: tuple[Line, ...], write: Write) -> None:
    def twice(line: Line, key: str) -> Line:
        return line | {key: [*line[key], line[key][0]]}

    rows = ("pages", "queues", "cpus", "objects", "hash", "wakeups", "pmap", "kprintf")
    for lines, chosen in turns(story, lambda line: [key for key in rows if key in line], twice):
        assert reported(write(lines)) == {(number + 1, key) for number, key in chosen}


def test_every_extra_member_is_reported(story: tuple[Line, ...], write: Write) -> None:
    def more(line: Line, key: str) -> Line:
        return line | {key: line.get(key, {}) | {"v_invented": 1}}

    for lines, chosen in turns(story, lambda line: ["vmstats", "globals"] if "op" in line else [], more):
        assert reported(write(lines)) == {(number + 1, key) for number, key in chosen}


def test_an_unknown_key_is_reported(story: tuple[Line, ...], write: Write) -> None:
    lines = [line | {"weather": "fine"} for line in story]
    assert reported(write(lines)) == {(number, "weather") for number in range(1, len(lines) + 1)}


def test_a_note_and_a_drivers_sleep_message_are_not_compared(story: tuple[Line, ...], write: Write) -> None:
    lines = [line | ({"note": 5} if "op" in line else {}) for line in story]
    asleep = next(k for k, line in enumerate(lines) if line.get("op") == "vm_page_busy_wait")
    lines[asleep]["blocked"] = lines[asleep]["blocked"] | {"wmesg": "orabw"}
    assert reported(write(lines)) == set()


def test_the_kernels_own_sleep_message_is_compared(story: tuple[Line, ...], write: Write) -> None:
    lines = [copy.deepcopy(line) for line in story]
    asleep = next(k for k, line in enumerate(lines) if line.get("op") == "vm_wait")
    lines[asleep]["blocked"]["wmesg"] = "orabw"
    assert reported(write(lines)) == {(asleep + 1, "blocked")}


def test_the_order_of_rows_is_not_compared(story: tuple[Line, ...], write: Write) -> None:
    lines = [copy.deepcopy(line) for line in story]
    for line in lines:
        for key in ("pages", "queues", "cpus", "objects", "hash"):
            line.get(key, []).reverse()
    assert reported(write(lines)) == set()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ncpus", 3),
        ("ncpus_fit", 4),
        ("phys_ids", 1),
        ("core_ids", 2),
        ("ht_ids", 2),
        ("hz", 99),
        ("cpu_ids", [[0, 0, 0], [0, 0, 0]]),
        ("cpu_ids", [[0, 0, 0], [512, 0, 0]]),
        ("cpu_ids", []),
        ("ticks", 1 << 31),
        ("phys_avail", []),
        ("phys_avail", [[4096, 1 << 60]]),
        ("vm_dma_reserved", -1),
        ("colors", 64),
    ],
)
def test_a_number_that_contradicts_the_header_is_reported_there(
    story: tuple[Line, ...], write: Write, key: str, value: Any
) -> None:
    first = story[0] | {"config": story[0]["config"] | {key: value}}
    assert (1, "config") in reported(write([first, *story[1:]]))


@pytest.mark.parametrize("key", ["object_addr_stride", "PQ_L2_SIZE", "pagethread", "emergpager"])
def test_a_constant_of_the_format_is_compared(story: tuple[Line, ...], write: Write, key: str) -> None:
    assert reported(write([story[0] | {key: 77}, *story[1:]])) == {(1, key)}


def test_another_object_base_is_reported_where_an_object_has_its_address(
    story: tuple[Line, ...], write: Write
) -> None:
    first = story[0] | {"object_addr_base": 4096}
    created = next(k for k, line in enumerate(story) if line.get("op") == "object_create")
    assert (created + 1, "args") in reported(write([first, *story[1:]]))


def test_a_boot_step_with_other_arguments_is_reported(story: tuple[Line, ...], write: Write) -> None:
    lines = [copy.deepcopy(line) for line in story]
    organized = next(k for k, line in enumerate(lines) if line.get("boot") == "vm_numa_organize")
    lines[organized]["args"]["physid"] = 1
    assert reported(write(lines)) == {(organized + 1, "args")}


def test_a_boot_step_that_the_header_does_not_ask_for_is_reported(
    story: tuple[Line, ...], write: Write
) -> None:
    lines = [line for line in story if line.get("boot") != "vm_numa_organize"]
    tally = Tally()
    found = list(replay_trace(write(lines), tally))
    assert [(each.line, each.key, each.model) for each in found] == [(3, "boot", "vm_numa_organize")]
    assert tally.not_covered.total() == sum("op" in line for line in story)


# --- the kernel's own traces --------------------------------------------------------------------------------

RECORDED = (
    *("busy", "commit", "contig", "dontneed", "fict", "hash", "hold", "lookup", "lowmem", "panics", "pmap"),
    *("random_a", "softbusy", "stats", "valid", "wire"),
)


def recorded_lines(path: FilePath) -> list[Line]:
    with gzip.open(path, "rt", encoding="ascii") as stream:
        return [json.loads(line) for line in stream]


def with_a_number_changed(
    lines: list[Line], chance: random.Random
) -> tuple[list[Line], set[tuple[int, str]]]:
    """Each line with one of its compared numbers changed, and what has to be reported."""
    expected = set()
    for number, line in enumerate(lines):
        numbers = [path for path in compared_values(line) if type(_at(line, path)) is int]
        if numbers:
            path = chance.choice(numbers)
            lines[number] = changed(line, path)
            expected.add((number + 1, path[0]))
    return lines, expected


def _at(line: Any, path: Path) -> Any:
    for key in path:
        line = line[key]
    return line


@pytest.mark.parametrize("name", RECORDED)
def test_a_changed_number_in_any_line_of_a_kernels_trace_is_reported(
    golden: FilePath, write: Write, name: str
) -> None:
    lines, expected = with_a_number_changed(recorded_lines(golden / f"{name}.jsonl.gz"), random.Random(name))
    assert expected
    assert reported(write(lines)) == expected
