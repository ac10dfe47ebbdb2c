"""How a replay goes: what ends a segment, what a queue may show, what a panic compares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs.kernel_trace import MAX_SHOWN, replay_trace
from engine.inputs.traces import driver
from engine.inputs.traces.report import Divergence, Tally

Line = dict[str, Any]
Write = Callable[[list[Line]], str]
Recorder = Callable[..., list[Line]]

NORMAL = 1
NULL_OK = 0x40


def create(number: int) -> tuple[str, Line, int, int]:
    address = 18446735281911496704 + 512 * number
    kind = {"object": number, "type": "default", "pg_color": 0, "size": 100, "addr": address}
    return "object_create", kind, 0, 0


ALLOC = ("vm_page_alloc", {"object": 1, "pindex": 3, "page_req": NORMAL}, 0, 0)
ALLOC_AGAIN = ("vm_page_alloc", {"object": 1, "pindex": 3, "page_req": NORMAL | NULL_OK}, 0, 0)
LOOSE = ("vm_page_alloc", {"object": 0, "pindex": 3, "page_req": NORMAL}, 0, 0)
HARDCLOCK: tuple[str, Line, int, int] = ("hardclock", {}, 0, 0)


def replay(path: str) -> tuple[Tally, list[Divergence]]:
    tally = Tally()
    found = list(replay_trace(path, tally))
    return tally, found


def test_segments_boot_machines_of_their_own(recorder: Recorder, write: Write) -> None:
    lines = recorder([HARDCLOCK, create(1), ALLOC]) + recorder([HARDCLOCK, create(1), ALLOC], ticks=7)
    tally, found = replay(write(lines))
    assert found == []
    assert (tally.segments, tally.operations, tally.not_covered.total()) == (2, 6, 0)
    assert tally.comparisons > 100


def test_a_trace_without_boot_lines_begins_on_a_booted_machine(recorder: Recorder, write: Write) -> None:
    lines = [line for line in recorder([HARDCLOCK, create(1), ALLOC]) if "boot" not in line]
    assert replay(write(lines))[1] == []


def test_an_unknown_operation_ends_its_segment_uncovered(recorder: Recorder, write: Write) -> None:
    first = recorder([HARDCLOCK, HARDCLOCK, create(1)])
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


def test_a_line_after_a_panic_is_no_trace(story: tuple[Line, ...], write: Write) -> None:
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
    lines = recorder([HARDCLOCK, create(1), ALLOC, LOOSE, ALLOC_AGAIN])
    asked, last = lines[-2], lines[-1]
    assert "queues" not in last
    base, color, lcnt, lastq, adds, pages = asked["queues"][0]
    last["queues"] = [[base, color, lcnt, lastq, adds, pages]]
    assert replay(write(lines))[1] == []


@pytest.mark.parametrize(("field", "value"), [(2, 1), (3, 4), (4, 1), (5, [1])])
def test_a_restored_queue_is_listed_as_it_is(
    recorder: Recorder, write: Write, field: int, value: object
) -> None:
    lines = recorder([HARDCLOCK, create(1), ALLOC, LOOSE, ALLOC_AGAIN])
    row = list(lines[-2]["queues"][0])
    row[field] = value
    lines[-1]["queues"] = [row]
    assert [each.key for each in replay(write(lines))[1]] == ["queues"]


def test_an_undisturbed_queue_is_not_listed(recorder: Recorder, write: Write) -> None:
    lines = recorder([HARDCLOCK, create(1), ALLOC, HARDCLOCK])
    lines[-1]["queues"] = lines[-2]["queues"]
    assert [each.key for each in replay(write(lines))[1]] == ["queues"]


def test_an_assertion_is_compared_by_function_alone(recorder: Recorder, write: Write) -> None:
    page = {"page": "@2"}
    lines = recorder([create(1), ALLOC, ("vm_page_wakeup", page, 0, 0), ("vm_page_wire", page, 0, 0)])
    panic = lines[-1]["panic"]
    assert (panic["kind"], panic["func"]) == ("KKASSERT", "vm_page_wire")
    panic["msg"] = "in other words"
    assert replay(write(lines))[1] == []
    panic["func"] = "vm_page_unwire"
    assert [each.key for each in replay(write(lines))[1]] == ["panic"]


def test_waiting_for_a_lock_that_nobody_can_release_is_a_deadlock(recorder: Recorder, write: Write) -> None:
    page = {"page": "@3"}
    lines = recorder(
        [HARDCLOCK, create(1), ALLOC, ("spin_hold", page, 0, 0), ("vm_page_activate", page, 0, 0)]
    )
    assert lines[-1]["panic"]["kind"] == "spin_deadlock"
    lines[-1]["panic"]["msg"] = "lock held"
    assert replay(write(lines))[1] == []


def test_a_call_that_never_returns_is_a_livelock(
    recorder: Recorder, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without limits no free page is as good as any, so an allocation looks for one again and again."""
    monkeypatch.setattr(driver, "LIVELOCK", 20_000)
    loose = [("vm_page_unqueue_nowakeup", {"page": page}, 0, 0) for page in range(64, 1023)]
    lines = recorder([*loose, LOOSE], **SMALL)
    assert lines[-1]["panic"]["kind"] == "livelock"
    assert replay(write(lines))[1] == []


SMALL = {"phys_avail": [[4096, 4 << 20]], "numa": [], "phys_ids": 1, "core_ids": 2}
SMALL["cpu_ids"] = [[0, 0, 0], [0, 1, 0]]


def test_the_limit_of_a_livelock_is_a_million_steps() -> None:
    assert driver.LIVELOCK == 1_000_000


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"args": {"page": 10**9}}, "args"),
        ({"args": {"page": -1000}}, "args"),
        ({"args": {"page": 0}}, "args"),
        ({"args": {"page": 10**30}}, "args"),
        ({"args": {"page": 1000, "also": 1}}, "args"),
        ({"thread": -1}, "thread"),
        ({"thread": 10**12}, "thread"),
        ({"cpu": -1}, "cpu"),
        ({"cpu": 2}, "cpu"),
        ({"op": "resume", "args": {}, "of": 1}, "thread"),
        ({"op": "timeout", "args": {"thread": 5}}, "args"),
        ({"op": "vm_page_alloc", "args": {"object": 4, "pindex": 0, "page_req": 1}}, "args"),
        ({"op": "vm_page_alloc", "args": {"object": 0, "pindex": 1 << 64, "page_req": 1}}, "args"),
        ({"op": "vm_page_alloc", "args": {"object": 0, "pindex": 0, "page_req": 0x90201}}, "args"),
        ({"op": "vm_page_list_find", "args": {"basequeue": "NONE", "index": 0}}, "args"),
        ({"op": "set_threshold", "args": {"name": "v_tea", "value": 1}}, "args"),
        ({"op": "vm_page_set_valid", "args": {"page": 1000, "base": -512, "size": 512}}, "args"),
        ({"op": "tick", "args": {"n": -1}}, "args"),
        ({"op": "alist_free", "args": {"blkno": -5, "count": 1}}, "args"),
        ({"op": "spin_release", "args": {"page": 1000}}, "args"),
    ],
)
def test_what_no_machine_could_do_is_a_divergence(
    recorder: Recorder, write: Write, changes: Line, key: str
) -> None:
    lines = recorder([HARDCLOCK, ("vm_page_activate", {"page": 1000}, 0, 0)])
    lines[-1] |= changes
    _, found = replay(write(lines))
    assert [(each.line, each.key) for each in found] == [(len(lines), key)]
    assert ": trace " in str(found[0])


def test_a_sleeping_thread_cannot_begin_an_operation(story: tuple[Line, ...], write: Write) -> None:
    asleep = next(k for k, line in enumerate(story) if line.get("op") == "vm_page_busy_wait")
    lines = [*story[: asleep + 1], story[asleep + 1] | {"thread": 1}]
    assert [each.key for each in replay(write(lines))[1]] == ["thread"]


def test_a_woken_thread_resumes_on_its_own_cpu(story: tuple[Line, ...], write: Write) -> None:
    resumed = next(k for k, line in enumerate(story) if line.get("op") == "resume")
    lines = [*story[:resumed], story[resumed] | {"cpu": 0}]
    assert [each.key for each in replay(write(lines))[1]] == ["cpu"]
