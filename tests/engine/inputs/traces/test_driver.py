"""The operations of a trace run on the model: arguments, results, sleeps, panics, and errors."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadInput, KernelPanic
from engine.inputs.kernel_trace import replay_trace
from engine.inputs.traces import driver
from engine.inputs.traces.driver import NotCovered, TraceDriver, describe_panic
from engine.inputs.traces.machine import read_header
from engine.inputs.traces.report import Tally
from engine.inputs.traces.values import Impossible
from engine.kernel.boot.sequence import load_kernel
from tests.engine.inputs.recorded_traces import OBJECT_BASE, Line, Operation, Recorder, Write, create, header

HARDCLOCK: Operation = ("hardclock", {}, 0, 0)
ALLOC: Operation = ("vm_page_alloc", {"object": 1, "pindex": 3, "page_req": 1}, 0, 0)
LOOSE: Operation = ("vm_page_alloc", {"object": 0, "pindex": 3, "page_req": 1}, 0, 0)


def panic_of(lines: list[Line]) -> Any:
    """The panic of the last operation."""
    return lines[-1]["panic"]


def refused(recorder: Recorder, *operations: Operation) -> Impossible:
    """Why the last of the operations is impossible; those before it are not."""
    recorder(operations[:-1])
    with pytest.raises(Impossible) as caught:
        recorder(operations)
    return caught.value


# --- what no machine could do -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "key", "model"),
    [
        (("vm_page_activate", {"page": 10**9}, 0, 0), "args", "no such page"),
        (("vm_page_activate", {"page": -1000}, 0, 0), "args", "no such page"),
        (("vm_page_activate", {"page": 0}, 0, 0), "args", "no such page"),
        (("vm_page_activate", {"page": 10**30}, 0, 0), "args", "no such page"),
        (("vm_page_activate", {"page": 1000, "also": 1}, 0, 0), "args", "no such argument"),
        (("hardclock", {}, -1, 0), "thread", "256 threads"),
        (("hardclock", {}, 10**12, 0), "thread", "256 threads"),
        (("hardclock", {}, 0, -1), "cpu", "2 cpus"),
        (("hardclock", {}, 0, 2), "cpu", "2 cpus"),
        (("resume", {}, 0, 0), "thread", "the thread has no call to resume"),
        (("timeout", {"thread": 5}, 0, 0), "args", "the thread does not sleep"),
        (("vm_page_alloc", {"object": 4, "pindex": 0, "page_req": 1}, 0, 0), "args", "no such object"),
        (("vm_page_alloc", {"object": 0, "pindex": 1 << 64, "page_req": 1}, 0, 0), "args", "64 bits"),
        (("vm_page_alloc", {"object": 0, "pindex": 0, "page_req": 0x90201}, 0, 0), "args", "2 cpus"),
        (("vm_page_list_find", {"basequeue": "NONE", "index": 0}, 0, 0), "args", "no such queue type"),
        (("set_threshold", {"name": "v_tea", "value": 1}, 0, 0), "args", "no such threshold"),
        (("tick", {"n": -1}, 0, 0), "args", f"from 0 to {1 << 62}"),
        (("spin_release", {"page": 1000}, 0, 0), "args", "its spinlock is free"),
    ],
)
def test_an_impossible_operation_is_refused(
    recorder: Recorder, operation: Operation, key: str, model: str
) -> None:
    refusal = refused(recorder, HARDCLOCK, operation)
    assert (refusal.key, refusal.model) == (key, model)


@pytest.mark.parametrize(
    "operation",
    [
        ("vm_page_set_valid", {"page": 1000, "base": -512, "size": 512}, 0, 0),
        ("alist_free", {"blkno": -5, "count": 1}, 0, 0),
    ],
)
def test_a_number_out_of_its_range_is_impossible(recorder: Recorder, operation: Operation) -> None:
    assert refused(recorder, operation).key == "args"


def test_an_object_has_the_address_of_its_number(recorder: Recorder) -> None:
    name, given, thread, cpu = create(1, "vnode")
    refusal = refused(recorder, (name, given | {"addr": given["addr"] + 512}, thread, cpu))
    assert (refusal.value, refusal.model) == ({"addr": given["addr"] + 512}, str(given["addr"]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`args` of vm_page_activate has no `page`; give page"),
        ({"page": "1000"}, '`page` is "1000"; it must be an integer'),
        ({"page": None}, "`page` is null; it must be an integer"),
    ],
)
def test_arguments_of_another_shape_are_refused(recorder: Recorder, given: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        recorder([("vm_page_activate", given, 0, 0)])


def test_a_line_without_arguments_is_refused() -> None:
    config = read_header(header()).config
    assert config is not None
    threads = TraceDriver(load_kernel(config), OBJECT_BASE)
    with pytest.raises(BadInput, match="the line has no `args`; add an object"):
        threads.perform({"op": "vm_page_activate", "args": [], "thread": 0, "cpu": 0}, 1)


@pytest.mark.parametrize(
    ("name", "thread", "cpu"), [(5, 0, 0), ("hardclock", None, 0), ("hardclock", 0, "0")]
)
def test_a_name_thread_or_cpu_of_another_type_is_refused(
    recorder: Recorder, name: Any, thread: Any, cpu: Any
) -> None:
    with pytest.raises(BadInput):
        recorder([(name, {}, thread, cpu)])


def test_an_operation_that_the_model_does_not_have_is_not_covered(recorder: Recorder) -> None:
    with pytest.raises(NotCovered, match="vm_page_juggle"):
        recorder([("vm_page_juggle", {}, 0, 0)])


# --- sleeps -------------------------------------------------------------------------------------------------

BUSY_WAIT: Operation = ("vm_page_busy_wait", {"page": "@2", "also_m_busy": 0}, 1, 1)
ASLEEP: tuple[Operation, ...] = (create(1, "vnode"), ALLOC, BUSY_WAIT)
"""Thread 1 sleeps on cpu 1, since thread 0 has busied the page."""


def test_a_thread_sleeps_until_it_is_woken_and_resumed(recorder: Recorder) -> None:
    wakeup = ("vm_page_wakeup", {"page": "@2"}, 0, 0)
    *_, asleep, woken, resumed = recorder([*ASLEEP, wakeup, ("resume", {}, 1, 1)])
    page = asleep["args"]["page"]
    assert asleep["blocked"]["chan"] == ["page", page]
    assert woken["wakeups"][0][:2] == [["page", page], [1]]
    assert (resumed["of"], resumed["ret"]) == (3, None)


def test_a_sleeping_thread_neither_starts_an_operation_nor_is_resumed(recorder: Recorder) -> None:
    begins = refused(recorder, *ASLEEP, ("vm_page_hold", {"page": "@2"}, 1, 1))
    assert (begins.key, begins.model) == ("thread", "the thread is still in operation 3")
    resumed = refused(recorder, *ASLEEP, ("resume", {}, 1, 1))
    assert (resumed.key, resumed.model) == ("thread", "the thread sleeps")


def test_a_woken_thread_resumes_on_its_own_cpu(recorder: Recorder) -> None:
    refusal = refused(recorder, *ASLEEP, ("vm_page_wakeup", {"page": "@2"}, 0, 0), ("resume", {}, 1, 0))
    assert (refusal.key, refusal.value, refusal.model) == ("cpu", 0, "1")


# --- calls that do not return -------------------------------------------------------------------------------


def test_a_panic_is_a_result_of_kind_message_and_function() -> None:
    panic = KernelPanic("panic", "vm_page_free_toq", "expected: busy", message="freeing busy page ")
    assert describe_panic(panic) == {
        "panic": {"kind": "panic", "msg": "freeing busy page ", "func": "vm_page_free_toq"}
    }


def test_waiting_for_a_lock_that_is_never_released_is_a_deadlock(recorder: Recorder, write: Write) -> None:
    page = {"page": "@3"}
    lines = recorder(
        [HARDCLOCK, create(1, "default"), ALLOC, ("spin_hold", page, 0, 0), ("vm_page_activate", page, 0, 0)]
    )
    assert panic_of(lines)["kind"] == "spin_deadlock"
    lines[-1]["panic"]["msg"] = "lock held"
    assert list(replay_trace(write(lines), Tally())) == []


@pytest.mark.slow
def test_a_call_that_never_returns_is_a_livelock(
    recorder: Recorder, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without limits no free page is as good as any, so an allocation looks for one again and again."""
    monkeypatch.setattr(driver, "LIVELOCK", 20_000)
    loose = [("vm_page_unqueue_nowakeup", {"page": page}, 0, 0) for page in range(64, 1023)]
    lines = recorder([*loose, LOOSE], **SMALL)
    assert panic_of(lines)["kind"] == "livelock"
    assert list(replay_trace(write(lines), Tally())) == []


SMALL = {"phys_avail": [[4096, 4 << 20]], "numa": [], "phys_ids": 1, "core_ids": 2}
SMALL["cpu_ids"] = [[0, 0, 0], [0, 1, 0]]


def test_the_limit_of_a_livelock_is_a_million_steps() -> None:
    assert driver.LIVELOCK == 1_000_000


# --- the pageout daemon -------------------------------------------------------------------------------------


def dirty_page(pindex: int, number: int) -> list[Operation]:
    """A hard-busied, dirty, inactive page: operation `number` allocates it."""
    page = {"page": f"@{number}"}
    return [
        ("vm_page_alloc", {"object": 1, "pindex": pindex, "page_req": 1}, 0, 0),
        ("vm_page_set_valid", {**page, "base": 0, "size": 4096}, 0, 0),
        ("vm_page_dirty", page, 0, 0),
        ("vm_page_deactivate", page, 0, 0),
    ]


def setup(*operations: Operation) -> list[Operation]:
    return [create(1, "swap"), *dirty_page(3, 2), *operations]


def ret(lines: list[Line]) -> Any:
    """What the last operation returned."""
    return lines[-1]["ret"]


def test_a_page_decision_returns_its_seven_numbers(recorder: Recorder) -> None:
    given = {"page": "@2", "max_launder": 5, "pass": 1, "vmflush_flags": 0}
    lines = recorder(setup(("vm_pageout_page", given, 0, 0)))
    assert ret(lines) == [1, 4, 0, 1, 0, 0, 0]


def test_a_flush_takes_a_list_of_pages(recorder: Recorder, write: Write) -> None:
    before = recorder(setup())
    page = before[-4]["ret"]
    given = {"pages": [page], "vmflush_flags": 0x20}
    lines = recorder(
        setup(("object_set_pager", {"object": 1, "mode": 3}, 0, 0), ("vm_pageout_flush", given, 0, 0))
    )
    assert (ret(lines), lines[-1]["pmap"]) == (1, [["put_pages", 1, 0x20, [page]]])
    tally = Tally()
    assert list(replay_trace(write(lines), tally)) == []
    assert tally.not_covered.total() == 0


@pytest.mark.parametrize("pages", ["all", [], 7])
def test_a_flush_of_something_else_is_refused(recorder: Recorder, pages: Any) -> None:
    with pytest.raises(BadInput, match="list of pages"):
        recorder(setup(("vm_pageout_flush", {"pages": pages, "vmflush_flags": 0}, 0, 0)))


def test_a_flush_of_a_missing_page_is_impossible(recorder: Recorder) -> None:
    with pytest.raises(Impossible):
        recorder(setup(("vm_pageout_flush", {"pages": [99999], "vmflush_flags": 0}, 0, 0)))


def test_a_marker_is_not_a_page_of_a_trace(recorder: Recorder) -> None:
    with pytest.raises(Impossible):
        recorder(setup(("vm_page_hold", {"page": -257}, 0, 0)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("vm_max_launder", 1 << 40), ("vm_pageout_stats_max", -(1 << 40)), ("vm_pageout_allow_active", 0)],
)
def test_a_tunable_takes_the_values_of_its_type(recorder: Recorder, name: str, value: int) -> None:
    assert ret(recorder([("set_tunable", {"name": name, "value": value}, 0, 0)])) is None


def test_a_tunable_of_the_wrong_size_or_name_is_refused(recorder: Recorder) -> None:
    with pytest.raises(Impossible):
        recorder([("set_tunable", {"name": "vm_pageout_algorithm", "value": 1 << 40}, 0, 0)])
    with pytest.raises(NotCovered):
        recorder([("set_tunable", {"name": "vm_page_array_size", "value": 1}, 0, 0)])


def test_the_base_limits_are_computed_alone(recorder: Recorder) -> None:
    lines = recorder([("vm_pageout_free_page_calc", {"count": 0}, 0, 0)])
    assert set(lines[-1]["vmstats"]) == {
        *("v_free_min", "v_free_reserved", "v_free_severe"),
        *("v_pageout_free_min", "v_interrupt_free_min"),
    }


def test_both_daemons_start_and_sleep(recorder: Recorder, write: Write) -> None:
    operations: list[Operation] = [("vm_pageout_thread", {}, thread, 0) for thread in (31, 30)]
    lines = recorder([*operations, ("resume", {}, 31, 0)])
    assert [line["blocked"]["wmesg"] for line in lines[-3:]] == ["pstartup", "psleep", "psleep"]
    assert list(replay_trace(write(lines), Tally())) == []
