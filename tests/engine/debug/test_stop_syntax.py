"""The syntax of breakpoints and watchpoints: every form, its condition and hits, and bad ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import PQ_ACTIVE, PQ_NONE
from engine.debug.console_stop import OnConsole
from engine.debug.invariant_stop import OnBreach
from engine.debug.stop_syntax import parse_break, parse_watch
from engine.debug.stops import AtLine, Kind, OnEntry, OnLeave, OnPanic, OnReturn, OnState, OnWrite, Stop
from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario, load

Begun = tuple[Scenario, History]


@pytest.fixture(scope="module")
def begun() -> Begun:
    """The life of a page, whose threads are app and pager, at step 0."""
    scenario = load("life-of-a-page")
    return scenario, scenario.start()


def read_break(begun: Begun, text: str) -> Stop:
    scenario, history = begun
    return parse_break(text, 3, history, scenario.names)


def read_watch(begun: Begun, text: str) -> Stop:
    scenario, history = begun
    return parse_watch(text, 3, history, scenario.names)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("vm_page_free_toq", OnEntry("vm_page_free_toq")),
        ("vm_page_free_toq entry", OnEntry("vm_page_free_toq")),
        ("vm_page_free_toq  return", OnReturn("vm_page_free_toq")),
        # The kernel's vm_page_free is a macro for it.
        ("vm_page_free", OnEntry("vm_page_free_toq")),
        ("vm_page_free return", OnReturn("vm_page_free_toq")),
        ("pager:4", AtLine(1, 4)),
        ("pager : 4", AtLine(1, 4)),
        ("panic", OnPanic()),
        ("block", OnState(None, True)),
        ("block pager", OnState(1, True)),
        ("wake", OnState(None, False)),
        ("wake app", OnState(0, False)),
        ("console", OnConsole("")),
        ("console low on memory!", OnConsole("low on memory!")),
        ('console "out of swap"', OnConsole("out of swap")),
        ("console 'pid 30'", OnConsole("pid 30")),
    ],
)
def test_each_form_of_a_breakpoint_is_read(begun: Begun, text: str, kind: Kind) -> None:
    stop = read_break(begun, f"  {text} ")
    assert (stop.number, stop.text, stop.kind, stop.condition, stop.hits) == (3, text, kind, None, 1)


def test_a_breach_of_an_invariant_is_a_breakpoint(begun: Begun) -> None:
    assert isinstance(read_break(begun, "invariant").kind, OnBreach)


@pytest.mark.parametrize(
    ("text", "base", "color"),
    [
        ("page 0xc03 leaves ACTIVE[5]", PQ_ACTIVE, 5),
        ("page 3075 leaves PQ_ACTIVE[0x5]", PQ_ACTIVE, 5),
        ("page 0xc03 leaves NONE", PQ_NONE, None),
    ],
)
def test_a_watchpoint_may_be_a_page_that_leaves_a_queue(
    begun: Begun, text: str, base: int, color: int | None
) -> None:
    m = begun[1].vm.page_index(0xC03)
    assert read_watch(begun, text).kind == OnLeave(m, base, color)


def test_a_watchpoint_may_be_any_cell(begun: Begun) -> None:
    address = begun[1].vm.memory.address("page.queue", begun[1].vm.page_index(0xC03))
    assert read_watch(begun, "page[0xc03].queue").kind == OnWrite(address)


def test_a_condition_and_hits_come_after_any_of_them(begun: Begun) -> None:
    stop = read_break(begun, "wake app if vmstats.v_free_count > 0 hits 12")
    assert (stop.kind, stop.hits) == (OnState(0, False), 12)
    assert stop.condition is not None
    assert stop.condition.text == "vmstats.v_free_count > 0"
    turned = read_break(begun, "wake app hits 12 if vmstats.v_free_count > 0")
    assert turned.condition is not None
    assert (turned.kind, turned.condition.text, turned.hits) == (stop.kind, stop.condition.text, stop.hits)
    watch = read_watch(begun, "page[0xc03].queue hits 2")
    assert (watch.condition, watch.hits, watch.text) == (None, 2, "page[0xc03].queue hits 2")


BAD = [
    (parse_break, "vm_page_free_tok", "did you mean 'vm_page_free_toq'"),
    (parse_break, "app:999", "has no code"),
    (parse_break, "bob:1", "there is no thread .bob"),
    (parse_break, "", "is not a breakpoint"),
    (parse_break, "block bob", "there is no thread bob"),
    (parse_break, "wakeup if page[", "cannot read this"),
    (parse_watch, "page[0x40].busy", "is not a field of page"),
    (parse_watch, "page 0x40 leaves NOWHERE", "is not a queue type"),
    (parse_watch, "", "is not a cell"),
]


@pytest.mark.parametrize(("read", "text", "message"), BAD, ids=[row[1] or row[0].__name__ for row in BAD])
def test_a_bad_stop_is_refused_with_the_valid_forms(
    begun: Begun, read: Callable[..., Stop], text: str, message: str
) -> None:
    scenario, history = begun
    with pytest.raises(BadInput, match=message.replace("[", r"\[")):
        read(text, 1, history, scenario.names)
