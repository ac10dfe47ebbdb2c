"""Stops are found at the same places forwards and backwards, and are what a walk step by step would find."""

from __future__ import annotations

import pytest

from engine.debug.call_stack import frames, spans
from engine.debug.stop_syntax import parse_break, parse_watch
from engine.debug.stops import Stop, chunks, next_hit
from engine.language.naming import parse_cell
from engine.memory.block import EVENT
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text

SCENARIOS = ("life-of-a-page", "hard-and-soft-busy")


@pytest.fixture(scope="module", params=SCENARIOS)
def played(request: pytest.FixtureRequest) -> tuple[Scenario, History]:
    """A scenario of the library, run to its end."""
    scenario: Scenario = load(request.param)
    history = scenario.start()
    scenario.run(history)
    return scenario, history


def positions(stop: Stop, history: History) -> list[int]:
    return list(stop.found(history, -1, history.total))


def page_with_a_life(history: History) -> int:
    """The page whose busy_count was written most."""
    place = history.vm.memory.places["page.busy_count"]
    written = [
        address - place.base
        for step in range(1, history.total + 1)
        for address, _, _ in history.journal.writes_of(step)
    ]
    inside = [m for m in written if 0 <= m < place.length]
    return max(set(inside), key=inside.count)


# --- entries and returns, against every stack of the run -------------------------------------------------


def entered(history: History, function: str) -> list[int]:
    """Every position in front of a call, read off the stacks of every step."""
    return [
        step - 1
        for step in range(1, history.total + 1)
        if any(frame.function == function and frame.entered == step for frame in frames(history, step))
    ]


def functions_of(history: History) -> set[str]:
    return {
        frame.function
        for step in range(1, history.total + 1)
        for frame in frames(history, step)
        if frame.kernel
    }


def test_a_thread_is_at_its_first_line_at_step_0(played: tuple[Scenario, History]) -> None:
    scenario, history = played
    for program in history.programs:
        if not program.instructions or program.name == "biodone":
            continue
        first = program.line_at(0)
        stop = parse_break(f"{program.name}:{first}", 1, history, scenario.names)
        assert positions(stop, history)[0] == 0
        assert next_hit(history, [stop], -1, history.total) == (0, stop)
        assert next_hit(history, [stop], 0, history.total) is None


def test_a_breakpoint_is_before_every_call(played: tuple[Scenario, History]) -> None:
    scenario, history = played
    functions = functions_of(history)
    assert len(functions) > 10
    for function in functions:
        stop = parse_break(function, 1, history, scenario.names)
        assert positions(stop, history) == entered(history, function), function


@pytest.mark.slow
def test_a_breakpoint_on_return_is_after_the_last_step_of_every_call(
    played: tuple[Scenario, History],
) -> None:
    scenario, history = played
    for function in functions_of(history):
        ends = {
            span.last
            for step in range(1, history.total + 1)
            if history.journal.thread(step) != EVENT
            for span in spans(history, step)
            if span.function == function and span.returned
        }
        stop = parse_break(f"{function} return", 1, history, scenario.names)
        assert positions(stop, history) == sorted(ends), function


STOPS = [
    "vm_page_wakeup",
    "vm_page_wakeup return",
    "wakeup if vmstats.v_free_count > 0",
    "block",
    "wake",
    "vm_page_spin_lock hits 2",
]


@pytest.mark.parametrize("text", STOPS)
@pytest.mark.parametrize("stride", [1, 3, 7, 1000])
def test_the_same_stops_are_hit_in_both_directions_and_in_any_stretches(
    played: tuple[Scenario, History], text: str, stride: int
) -> None:
    scenario, history = played
    history.seek(5)
    stop = parse_break(text, 1, history, scenario.names)
    forwards = [
        at for low, high in chunks(-1, history.total, stride) for at in stop.found(history, low, high)
    ]
    backwards = [
        at
        for low, high in chunks(-1, history.total, stride, backwards=True)
        for at in stop.found(history, low, high, backwards=True)
    ]
    assert forwards == backwards[::-1] == positions(stop, history)


# --- watchpoints, against every write of the run ---------------------------------------------------------


def test_a_watchpoint_is_after_every_change_of_its_cell(played: tuple[Scenario, History]) -> None:
    scenario, history = played
    number = history.vm.page_number(page_with_a_life(history))
    for field in ("busy_count", "queue", "flags", "spin"):
        cell = f"page[{number:#x}].{field}"
        address = parse_cell(history.vm, cell, scenario.names)
        changed = [
            step
            for step in range(1, history.total + 1)
            if any(written == address for written, _, _ in history.journal.writes_of(step))
        ]
        assert positions(parse_watch(cell, 1, history, scenario.names), history) == changed


def test_a_page_is_seen_leaving_a_queue() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    m = page_with_a_life(history)
    number, color = history.vm.page_number(m), history.vm.page.pc[m]
    for queue in ("FREE", "ACTIVE", "INACTIVE", "CACHE", "NONE"):
        anywhere = positions(
            parse_watch(f"page {number} leaves {queue}", 1, history, scenario.names), history
        )
        assert len(anywhere) >= 1, queue
        if queue != "NONE":
            words = f"page {number:#x} leaves PQ_{queue}[{color}]"
            assert positions(parse_watch(words, 1, history, scenario.names), history) == anywhere
            elsewhere = f"page {number:#x} leaves {queue}[{(color + 1) % 1024}]"
            assert positions(parse_watch(elsewhere, 1, history, scenario.names), history) == []


def test_a_condition_is_evaluated_at_the_stop() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    number = history.vm.page_number(page_with_a_life(history))
    cell = f"page[{number:#x}].busy_count"
    every = positions(parse_watch(cell, 1, history, scenario.names), history)
    busy = positions(parse_watch(f"{cell} if {cell} != 0", 1, history, scenario.names), history)
    free = positions(parse_watch(f"{cell} if {cell} == 0", 1, history, scenario.names), history)
    assert busy
    assert free
    assert sorted([*busy, *free]) == every
    third = parse_watch(f"{cell} if {cell} != 0 hits 2", 1, history, scenario.names)
    assert positions(third, history) == busy[1:]


def test_a_condition_that_cannot_be_computed_does_not_hold(played: tuple[Scenario, History]) -> None:
    scenario, history = played
    stop = parse_break("wakeup if page[0x40].wire_count // 0 == 1", 1, history, scenario.names)
    assert positions(stop, history) == []


def test_searching_for_stops_does_not_move_the_cursor(played: tuple[Scenario, History]) -> None:
    scenario, history = played
    history.seek(7)
    digest = history.vm.memory.digest()
    stop = parse_break("vm_page_wakeup if vmstats.v_free_count > 0", 1, history, scenario.names)
    assert next_hit(history, [stop], 7, history.total) is not None
    assert (history.step, history.vm.memory.digest()) == (7, digest)


def test_of_several_stops_the_nearest_is_hit(played: tuple[Scenario, History]) -> None:
    scenario, history = played
    one = parse_break("vm_page_wakeup", 1, history, scenario.names)
    other = parse_break("wakeup", 2, history, scenario.names)
    first = min(*positions(one, history), *positions(other, history))
    last = max(*positions(one, history), *positions(other, history))
    assert next_hit(history, [one, other], -1, history.total)[0] == first  # type: ignore[index]
    assert next_hit(history, [one, other], -1, history.total, backwards=True)[0] == last  # type: ignore[index]
    one.enabled = False
    assert next_hit(history, [one], -1, history.total) is None


PANICS = """
format = 1
title = "A page is released twice"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[thread]]
name = "a"
cpu = 0
script = '''
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
vm_page_wakeup(m)
'''
[[expect]]
outcome = "panic:vm_page_wakeup"
"""


def test_a_panic_is_a_stop_at_the_end_of_the_run() -> None:
    scenario = load_text(PANICS)
    history = scenario.start()
    scenario.run(history)
    assert positions(parse_break("panic", 1, history, scenario.names), history) == [history.total]
