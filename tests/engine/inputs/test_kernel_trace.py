"""A replay: the end of a segment, restored queues, and the comparison of panics."""

from __future__ import annotations

import copy

import pytest

from engine.errors import BadInput
from engine.inputs.kernel_trace import MAX_SHOWN, replay_trace
from engine.inputs.traces.report import ABSENT, Divergence, Tally
from tests.engine.inputs.recorded_traces import Line, Operation, Recorder, Write, create, header

NORMAL = 1
NULL_OK = 0x40


CREATE = create(1, "default")
ALLOC = ("vm_page_alloc", {"object": 1, "pindex": 3, "page_req": NORMAL}, 0, 0)
ALLOC_AGAIN = ("vm_page_alloc", {"object": 1, "pindex": 3, "page_req": NORMAL | NULL_OK}, 0, 0)
LOOSE = ("vm_page_alloc", {"object": 0, "pindex": 3, "page_req": NORMAL}, 0, 0)
HARDCLOCK: Operation = ("hardclock", {}, 0, 0)


TOO_SMALL = header(phys_avail=[[4096, 8192]], numa=[])
"""A machine of one page, which does not hold the page array."""

CLOCK: Line = {"i": 1, "op": "hardclock", "args": {}, "thread": 0, "cpu": 0, "ret": None}


def replay(path: str) -> tuple[Tally, list[Divergence]]:
    tally = Tally()
    found = list(replay_trace(path, tally))
    return tally, found


def reported(path: str) -> set[tuple[int, str]]:
    return {(each.line, each.key) for each in replay(path)[1]}


def test_segments_boot_machines_of_their_own(recorder: Recorder, write: Write) -> None:
    lines = recorder([HARDCLOCK, CREATE, ALLOC]) + recorder([HARDCLOCK, CREATE, ALLOC], ticks=7)
    tally, found = replay(write(lines))
    assert found == []
    assert (tally.segments, tally.operations, tally.not_covered.total()) == (2, 6, 0)
    assert tally.comparisons > 100


def test_a_trace_without_boot_lines_starts_on_a_booted_machine(recorder: Recorder, write: Write) -> None:
    lines = [line for line in recorder([HARDCLOCK, CREATE, ALLOC]) if "boot" not in line]
    assert replay(write(lines))[1] == []


def test_an_unknown_operation_ends_its_segment_uncovered(recorder: Recorder, write: Write) -> None:
    first = recorder([HARDCLOCK, HARDCLOCK, CREATE])
    first[-2]["op"] = "vm_page_juggle"
    tally, found = replay(write(first + recorder([HARDCLOCK])))
    assert found == []
    assert tally.not_covered == {"vm_page_juggle": 2}
    assert (tally.segments, tally.operations) == (2, 2)


def test_a_panic_of_the_model_alone_ends_its_segment(recorder: Recorder, write: Write) -> None:
    lines = recorder([HARDCLOCK, ("vm_page_wakeup", {"page": 1000}, 0, 0)])
    assert "panic" in lines.pop()
    lines += [{"i": 2, "op": "vm_page_wakeup", "args": {"page": 1000}, "thread": 0, "cpu": 0, "ret": None}]
    lines += [{"i": 3, "op": "hardclock", "args": {}, "thread": 0, "cpu": 0, "ret": None}]
    tally, found = replay(write(lines))
    assert {each.key for each in found} == {"ret", "panic"}
    assert tally.not_covered == {"vm_page_wakeup": 1}


def test_a_line_after_a_panic_is_refused(story: tuple[Line, ...], write: Write) -> None:
    with pytest.raises(BadInput, match="last line of its segment"):
        replay(write([*story, story[-1]]))


def test_only_the_first_divergences_of_a_segment_are_shown(recorder: Recorder, write: Write) -> None:
    lines = recorder([HARDCLOCK] * (MAX_SHOWN + 5))
    for line in lines:
        if "op" in line:
            line["ret"] = 1
    tally, found = replay(write(lines + lines))
    assert len(found) == 2 * MAX_SHOWN
    assert tally.divergences == 2 * (MAX_SHOWN + 5)


def test_a_queue_disturbed_and_restored_may_be_listed(recorder: Recorder, write: Write) -> None:
    """An allocation that loses the race for its place takes a page off FREE and puts it back."""
    lines = recorder([HARDCLOCK, CREATE, ALLOC, LOOSE, ALLOC_AGAIN])
    asked, last = lines[-2], lines[-1]
    assert "queues" not in last
    base, color, lcnt, lastq, adds, pages = asked["queues"][0]
    last["queues"] = [[base, color, lcnt, lastq, adds, pages]]
    assert replay(write(lines))[1] == []


@pytest.mark.parametrize(("field", "value"), [(2, 1), (3, 4), (4, 1), (5, [1])])
def test_a_restored_queue_is_listed_as_it_is(
    recorder: Recorder, write: Write, field: int, value: object
) -> None:
    lines = recorder([HARDCLOCK, CREATE, ALLOC, LOOSE, ALLOC_AGAIN])
    row = list(lines[-2]["queues"][0])
    row[field] = value
    lines[-1]["queues"] = [row]
    assert [each.key for each in replay(write(lines))[1]] == ["queues"]


def test_an_undisturbed_queue_is_not_listed(recorder: Recorder, write: Write) -> None:
    lines = recorder([HARDCLOCK, CREATE, ALLOC, HARDCLOCK])
    lines[-1]["queues"] = lines[-2]["queues"]
    assert [each.key for each in replay(write(lines))[1]] == ["queues"]


def test_an_assertion_is_compared_by_function_alone(recorder: Recorder, write: Write) -> None:
    page = {"page": "@2"}
    lines = recorder([CREATE, ALLOC, ("vm_page_wakeup", page, 0, 0), ("vm_page_wire", page, 0, 0)])
    panic = lines[-1]["panic"]
    assert (panic["kind"], panic["func"]) == ("KKASSERT", "vm_page_wire")
    panic["msg"] = "in other words"
    assert replay(write(lines))[1] == []
    panic["func"] = "vm_page_unwire"
    assert [each.key for each in replay(write(lines))[1]] == ["panic"]


def test_an_impossible_operation_is_a_divergence_and_is_not_run(recorder: Recorder, write: Write) -> None:
    lines = recorder([HARDCLOCK, ("vm_page_activate", {"page": 1000}, 0, 0), HARDCLOCK])
    lines[-2]["args"] = {"page": 10**9}
    tally, found = replay(write(lines))
    last = len(lines)
    assert [(each.line, each.name, each.key, each.model) for each in found] == [
        (last - 1, "vm_page_activate", "args", "no such page"),
        # No page was activated, so the clock counts none.
        (last, "hardclock", "cpus", ABSENT),
        (last, "hardclock", "vmstats", ABSENT),
    ]
    assert (tally.operations, tally.not_covered.total()) == (3, 0)


def test_a_machine_that_cannot_boot_is_a_divergence_at_its_boot_line(write: Write) -> None:
    lines: list[Line] = [TOO_SMALL, {"boot": "vm_page_startup", "args": {}}, CLOCK]
    tally, found = replay(write(lines))
    assert [(each.line, each.key, each.trace) for each in found] == [(2, "boot", "vm_page_startup")]
    assert str(found[0].model).startswith("the page array needs 4224 bytes, and the largest range")
    assert tally.not_covered == {"vm_page_startup": 1}


def test_a_machine_that_cannot_boot_is_bad_input_where_the_boot_lines_are_left_out(write: Write) -> None:
    with pytest.raises(BadInput, match="the page array needs 4224 bytes, and the largest range") as caught:
        replay(write([TOO_SMALL, CLOCK]))
    assert caught.value.line == 2


@pytest.mark.parametrize("last_end", [27262976, 24117248], ids=["as recorded", "inside the range before"])
def test_a_boot_with_overlapping_ranges_is_replayed(recorder: Recorder, write: Write, last_end: int) -> None:
    ranges = [[4096, 25165824], [20971520, last_end]]
    lines = recorder([HARDCLOCK, CREATE, ALLOC], phys_avail=ranges, numa=[])
    path = write(lines)
    assert replay(path)[1] == []
    started = next(number for number, line in enumerate(lines, 1) if line.get("boot") == "vm_page_startup")
    counted = lines[started - 1]
    assert counted["vm_page_array_size"] == last_end // 4096 - 1
    assert len(counted["kprintf"]) == 11
    # What a kernel would count that added the duplicates again.
    counted["vmstats"]["v_page_count"] += 1000
    assert (started, "vmstats") in reported(write(lines))


def test_a_machine_without_memory_diverges_at_its_header(write: Write) -> None:
    tally, found = replay(write([header(phys_avail=[], numa=[]), CLOCK]))
    assert [(each.line, each.name, each.key) for each in found] == [(1, "header", "config")]
    assert tally.not_covered == {"header": 1}


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


def test_a_boot_line_after_an_operation_is_refused(story: tuple[Line, ...], write: Write) -> None:
    with pytest.raises(BadInput, match="all boot lines come first"):
        replay(write([*story[:-1], story[1]]))


def test_a_queue_in_a_boot_line_is_a_difference(story: tuple[Line, ...], write: Write) -> None:
    at = next(number for number, line in enumerate(story) if "boot" in line)
    lines = [*story[:at], {**story[at], "queues": [["FREE", 0, 1, 0, 0, 0]]}, *story[at + 1 :]]
    assert (at + 1, "queues") in reported(write(lines))


@pytest.mark.parametrize("first", [{"op": "hardclock"}, {}])
def test_a_file_that_does_not_start_with_a_header_is_refused(write: Write, first: Line) -> None:
    with pytest.raises(BadInput, match="not a header line; a trace starts with one") as caught:
        replay(path := write([first]))
    assert (caught.value.file, caught.value.line) == (path, 1)
