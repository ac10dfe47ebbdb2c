"""The operations of the pageout daemon in a trace: their arguments, results and tunables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from engine.errors import BadInput
from engine.inputs.kernel_trace import replay_trace
from engine.inputs.traces.driver import NotCovered
from engine.inputs.traces.report import Tally
from engine.inputs.traces.values import Impossible

Line = dict[str, Any]
Recorder = Callable[..., list[Line]]
Write = Callable[[Iterable[Line]], str]
OBJECT_BASE = 18446735281911496704


def create(number: int, kind: str) -> tuple[str, Line, int, int]:
    address = OBJECT_BASE + 512 * number
    given = {"object": number, "type": kind, "pg_color": 0, "size": 100, "addr": address}
    return "object_create", given, 0, 0


def dirty_page(pindex: int, number: int) -> list[tuple[str, Line, int, int]]:
    """A hard-busied, dirty, inactive page: operation `number` allocates it."""
    page = {"page": f"@{number}"}
    return [
        ("vm_page_alloc", {"object": 1, "pindex": pindex, "page_req": 1}, 0, 0),
        ("vm_page_set_valid", {**page, "base": 0, "size": 4096}, 0, 0),
        ("vm_page_dirty", page, 0, 0),
        ("vm_page_deactivate", page, 0, 0),
    ]


def setup(*operations: tuple[str, Line, int, int]) -> list[tuple[str, Line, int, int]]:
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
def test_a_flush_of_something_else_is_no_trace(recorder: Recorder, pages: Any) -> None:
    with pytest.raises(BadInput, match="list of pages"):
        recorder(setup(("vm_pageout_flush", {"pages": pages, "vmflush_flags": 0}, 0, 0)))


def test_a_flush_of_a_page_that_is_none_is_impossible(recorder: Recorder) -> None:
    with pytest.raises(Impossible):
        recorder(setup(("vm_pageout_flush", {"pages": [99999], "vmflush_flags": 0}, 0, 0)))


def test_a_marker_is_no_page_of_a_trace(recorder: Recorder) -> None:
    with pytest.raises(Impossible):
        recorder(setup(("vm_page_hold", {"page": -257}, 0, 0)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("vm_max_launder", 1 << 40), ("vm_pageout_stats_max", -(1 << 40)), ("vm_pageout_allow_active", 0)],
)
def test_a_tunable_takes_what_its_type_holds(recorder: Recorder, name: str, value: int) -> None:
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
    operations: list[Any] = [("vm_pageout_thread", {}, thread, 0) for thread in (31, 30)]
    lines = recorder([*operations, ("resume", {}, 31, 0)])
    assert [line["blocked"]["wmesg"] for line in lines[-3:]] == ["pstartup", "psleep", "psleep"]
    assert list(replay_trace(write(lines), Tally())) == []
