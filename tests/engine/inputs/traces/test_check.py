"""The compared part of a line; every change in a line is reported at that line.

A divergence does not touch the model, so many lines can be changed at once: turn n of a test changes the n-th
value of every line, and every line so changed must be reported.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs import kernel_trace
from engine.inputs.traces.check import (
    boot_part,
    check_shapes,
    comparable_panic,
    differences,
    expected_part,
    weigh,
)
from engine.inputs.traces.report import ABSENT, Tally
from tests.engine.inputs.changed_lines import changed, compared_values, reported
from tests.engine.inputs.recorded_traces import Line, Recorder, Write

DELTA = ("pages", "queues", "vmstats", "cpus", "objects", "hash", "globals", "wakeups", "pmap", "kprintf")


@pytest.fixture(autouse=True)
def every_divergence_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_trace, "MAX_SHOWN", 1 << 30)


# --- lines by themselves ------------------------------------------------------------------------------------

ACTIVATED: Line = {"i": 1, "op": "vm_page_activate", "args": {"page": 9}, "thread": 0, "cpu": 0, "ret": None}


def test_the_results_of_an_operation_are_compared_but_not_its_input() -> None:
    line = ACTIVATED | {"note": "seen", "vmstats": {"v_free_count": 1}}
    assert expected_part(line) == {"i": 1, "ret": None, "vmstats": {"v_free_count": 1}}


@pytest.mark.parametrize("results", [{}, {"ret": 0, "panic": {}}, {"ret": 0, "blocked": {}}])
def test_a_line_has_one_result(results: Line) -> None:
    with pytest.raises(BadInput, match="exactly one of `ret`, `blocked` and `panic`"):
        expected_part({"i": 1, "op": "hardclock", **results})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vmstats": []}, "`vmstats` has the wrong type; it must be an object"),
        ({"globals": 5}, "`globals` has the wrong type; it must be an object"),
        ({"pages": {}}, "`pages` has the wrong type; it must be a list of rows of 16"),
        ({"pages": [5]}, "`pages` has the wrong type; it must be a list of rows of 16"),
        ({"pages": [[1, 2]]}, "`pages` has the wrong type; it must be a list of rows of 16"),
        ({"queues": [["FREE", 0]]}, "`queues` has the wrong type; it must be a list of rows of 6"),
        ({"objects": [[1] * 5]}, "`objects` has the wrong type; it must be a list of rows of 6"),
        ({"hash": [[1] * 6]}, "`hash` has the wrong type; it must be a list of rows of 5"),
        ({"cpus": [[0, {}, {}]]}, "`cpus` has the wrong type; it must be a list of rows of 4"),
        (
            {"cpus": [[0, {}, 2, {}]]},
            "`cpus` has the wrong type; its rows must be a number and three objects",
        ),
    ],
)
def test_a_part_of_another_shape_is_refused(changes: Line, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        expected_part(ACTIVATED | changes)


@pytest.mark.parametrize("key", ["vmstats", "cpu0_view", "cpu0_adj", "args", "lcnt", "globals", "panic"])
@pytest.mark.parametrize("value", [5, [], None, "x"])
def test_a_part_of_a_boot_line_of_another_shape_is_refused(key: str, value: Any) -> None:
    line = {"boot": "vm_page_startup", "args": {}, "vmstats": {"v_free_count": 5}}
    assert boot_part(line) == {"args": {}, "vmstats": {"v_free_count": 5}}
    with pytest.raises(BadInput, match=f"`{key}` has the wrong type; it must be an object"):
        boot_part(line | {key: value})


def test_a_result_of_another_shape_is_refused() -> None:
    for key in ("blocked", "panic"):
        with pytest.raises(BadInput, match=f"`{key}` has the wrong type; it must be an object"):
            expected_part({"i": 1, "op": "hardclock", key: 5})


@pytest.mark.parametrize(
    ("kind", "compared"),
    [
        ("panic", {"kind": "panic", "msg": "m"}),
        ("KKASSERT", {"kind": "KKASSERT", "func": "f"}),
        ("fault", {"kind": "fault"}),
        ("livelock", {"kind": "livelock"}),
        ("spin_deadlock", {"kind": "spin_deadlock"}),
    ],
)
def test_of_a_panic_the_kernels_own_words_are_compared(kind: str, compared: Line) -> None:
    assert comparable_panic({"kind": kind, "msg": "m", "func": "f"}) == compared


def test_a_part_weighs_as_much_as_it_holds_values() -> None:
    assert weigh({}) == 0
    assert weigh({"i": 7, "ret": None}) == 2
    assert weigh({"vmstats": {"v_free_count": 1, "v_wire_count": 2}, "kprintf": ["out of swap"]}) == 3
    assert weigh({"hash": [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]], "pages": []}) == 10


def test_equal_lines_have_no_difference_in_any_order_of_their_rows() -> None:
    rows = [[1, 9, 1, 3, 50], [2, 8, 1, 4, 50]]
    assert list(differences({"hash": rows}, {"hash": rows[::-1]})) == []


def test_a_value_of_one_side_differs_from_absent_not_from_null() -> None:
    assert list(differences({"ret": None}, {})) == [("ret", None, ABSENT)]
    assert list(differences({}, {"ret": None})) == [("ret", ABSENT, None)]


def test_of_members_and_rows_only_what_differs_is_named() -> None:
    trace = {"vmstats": {"a": 1, "b": 2}, "hash": [[1, 9, 1, 3, 50]]}
    model = {"vmstats": {"b": 2, "c": 3}, "hash": [[1, 9, 1, 4, 50]]}
    assert list(differences(trace, model)) == [
        ("hash", {"slot": 1, "pindex": 3}, {"slot": 1, "pindex": 4}),
        ("vmstats", {"a": 1}, ABSENT),
        ("vmstats", ABSENT, {"c": 3}),
    ]


def test_differences_come_in_the_same_order_every_time() -> None:
    names = [f"key{number}" for number in range(10, 40)]
    assert [key for key, _, _ in differences(dict.fromkeys(names, 1), {})] == names
    rows = [[slot, 1, 1, 1, 1] for slot in range(10, 40)]
    assert [model["slot"] for _, _, model in differences({}, {"hash": rows})] == list(range(10, 40))


def test_of_a_cpus_counters_only_those_that_differ_are_named() -> None:
    trace = {"cpus": [[0, {"x": 1, "y": 2}, {}, {"v_tfree": 1}]]}
    model = {"cpus": [[0, {"x": 1, "y": 3}, {}, {"v_tfree": 1}]]}
    assert list(differences(trace, model)) == [
        ("cpus", {"cpu": 0, "view": {"y": 2}}, {"cpu": 0, "view": {"y": 3}})
    ]


def test_a_row_of_the_trace_alone_counts_unless_it_is_a_queue_that_was_restored() -> None:
    rows = [["FREE", 5, 1, -1, 0, [9]], ["HOLD", 5, 0, -1, 0, []]]
    names = ("base", "color", "lcnt", "lastq", "adds", "list")
    found = list(differences({"queues": rows}, {}, lambda row: row[0] == "FREE"))
    assert found == [("queues", dict(zip(names, rows[1], strict=True)), ABSENT)]
    assert len(list(differences({"queues": rows}, {}))) == 2


# --- whole traces -------------------------------------------------------------------------------------------


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


@pytest.mark.slow
def test_every_changed_value_is_reported(story: tuple[Line, ...], write: Write) -> None:
    for lines, chosen in turns(story, lambda line: list(compared_values(line)), changed):
        assert reported(write(lines)) == {(number + 1, path[0]) for number, path in chosen}


@pytest.mark.parametrize("change", [{"1": 5}, {"2": 0}, {"5000": 1}, {"tea": 1}])
def test_a_wrong_length_of_a_queue_after_boot_is_reported(
    recorder: Recorder, write: Write, change: Line
) -> None:
    lines = recorder([])
    lines[-1]["lcnt"] |= change
    assert reported(write(lines)) == {(len(lines), "lcnt")}


def test_the_lengths_of_queues_are_missed_unless_the_trace_is_brief(recorder: Recorder, write: Write) -> None:
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


# --- values of any type -------------------------------------------------------------------------------------

STRANGE: tuple[Any, ...] = (5, [], {}, None, "x", [[1], 2], int("9" * 3999))


def every_place(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a line, those that contain others included."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from every_place(part, (*path, key))


def with_value(line: Line, path: tuple[Any, ...], value: Any) -> Line:
    other = copy.deepcopy(line)
    part: Any = other
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return other


@pytest.mark.slow
@pytest.mark.parametrize("strange", STRANGE, ids=lambda value: str(value)[:12])
def test_no_value_of_another_type_ends_in_a_traceback(
    story: tuple[Line, ...], write: Write, strange: Any
) -> None:
    lines = [json.loads(json.dumps(line)) for line in story]
    refused = []
    for at in [0, 1, 2, next(n for n, line in enumerate(lines) if "cpus" in line), len(lines) - 1]:
        places = list(every_place(lines[at]))
        for path in places[:: len(places) // 8 + 1]:
            file = write([*lines[:at], with_value(lines[at], path, strange)])
            try:
                assert all(map(str, kernel_trace.replay_trace(file, Tally())))
            except BadInput as error:
                refused.append((error.line, at + 1))
    assert refused
    assert all(line == expected for line, expected in refused)


def test_a_check_of_shapes_leaves_other_keys_alone() -> None:
    check_shapes({"ret": [5], "wakeups": 3, "kprintf": None, "vmstats": {}, "pages": []})
    with pytest.raises(BadInput, match="`pages` has the wrong type"):
        check_shapes({"ret": [5], "pages": 3})
