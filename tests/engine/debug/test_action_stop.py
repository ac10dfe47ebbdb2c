"""A breakpoint on an atomic action is hit before each time that it is performed, in both directions."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import defaultdict

import pytest

import engine.kernel
from engine.debug.action_stop import OnAction, action_breakpoint
from engine.debug.call_stack import frames
from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import action_at
from engine.debug.stop_syntax import parse_break
from engine.debug.stops import Stop, next_hit
from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario, load

Played = tuple[Scenario, History]


@pytest.fixture(scope="module", params=["life-of-a-page", "hard-and-soft-busy", "four-ways-to-wait"])
def played(request: pytest.FixtureRequest) -> Played:
    """A scenario of the library, run to its end."""
    scenario = load(request.param)
    history = scenario.start()
    scenario.run(history)
    return scenario, history


def performed(history: History) -> dict[tuple[str, int], list[int]]:
    """The positions before each action of a kernel function or helper, by function and number."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for step in range(1, history.total + 1):
        stack = frames(history, step)
        if stack and stack[-1].function in kernel_functions():
            action = action_at(stack[-1].code, stack[-1].line)
            assert action is not None
            assert action.texts is not None
            assert history.journal.label(step) in action.texts
            found[stack[-1].function, action.number].append(step - 1)
    return found


@pytest.mark.slow
def test_it_is_hit_before_each_time_that_the_action_is_performed(played: Played) -> None:
    _, history = played
    walked = performed(history)
    assert len(walked) > 15
    for (function, number), positions in walked.items():
        stop = Stop(1, "", OnAction(function, number))
        assert list(stop.found(history, -1, history.total)) == positions, (function, number)
        assert list(stop.found(history, -1, history.total, backwards=True)) == positions[::-1]


def test_an_action_that_another_function_announces_alike_is_not_hit(played: Played) -> None:
    _, history = played
    walked = performed(history)
    wait = action_breakpoint("vm_page_busy_wait", "1")
    assert wait.announcement == action_breakpoint("vm_page_busy_try", "1").announcement
    found = [p for p in map(int, wait.positions(history, -1, history.total)) if wait.confirms(history, p)]
    assert found == walked.get(("vm_page_busy_wait", 1), [])


def test_the_nearest_hit_is_found_in_both_directions(played: Played) -> None:
    _, history = played
    (function, number), positions = max(performed(history).items(), key=lambda item: len(item[1]))
    stop = Stop(1, "", OnAction(function, number))
    assert next_hit(history, [stop], positions[0], history.total) == (positions[1], stop)
    assert next_hit(history, [stop], -1, positions[1] - 1, backwards=True) == (positions[0], stop)


def test_a_condition_and_a_number_of_hits_apply(played: Played) -> None:
    scenario, history = played
    walked = performed(history)
    key = next(key for key, positions in walked.items() if len(positions) > 2)
    text = f"{key[0]}#{key[1]}"
    third = parse_break(f"{text} hits 3", 1, history, scenario.names)
    assert next(third.found(history, -1, history.total)) == walked[key][2]
    never = parse_break(f"{text} if 1 == 2", 1, history, scenario.names)
    assert list(never.found(history, -1, history.total)) == []


def test_a_function_may_be_a_helper_or_have_another_name_as_a_macro(played: Played) -> None:
    scenario, history = played
    helper = parse_break("_select_page # 1", 1, history, scenario.names)
    assert helper.kind == OnAction("_select_page", 1)
    assert helper.kind.announcement == "compare the free count with the reserve"
    macro = parse_break("vm_page_free#2", 1, history, scenario.names)
    assert macro.kind == OnAction("vm_page_free_toq", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vm_page_aloc#1", r"there is no kernel function 'vm_page_aloc' \(did you mean 'vm_page_alloc'\?\)"),
        ("vm_page_busy_try#3", "'3' is not the .* has 2 actions; write vm_page_busy_try#1 to #2"),
        ("vm_page_wakeup#0", "'0' is not the .* has 1 action; write vm_page_wakeup#1"),
        ("vm_page_wakeup#", "'' is not the number of an action"),
        ("vm_page_soft_activate#1", r"has no action of its own; use one of vm_page_activate"),
        ("vm_page_alloc#x", "'x' is not the number of an action"),
        ("vm_page_alloc#1 return", "'1 return' is not the number of an action"),
        ("what#is this", r"there is no kernel function 'what'; write FUNCTION \[return\], FUNCTION#N, "),
    ],
)
def test_an_action_that_does_not_exist_is_refused(played: Played, text: str, message: str) -> None:
    scenario, history = played
    with pytest.raises(BadInput, match=message):
        parse_break(text, 1, history, scenario.names)


def test_every_name_is_one_function_of_the_kernel() -> None:
    """If two modules had a helper of one name, FUNCTION#N would be ambiguous."""

    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(engine.kernel.__path__, "engine.kernel.")
    ]
    names = [
        name
        for module in modules
        for name, function in vars(module).items()
        if inspect.isgeneratorfunction(function)
        and function.__module__ == module.__name__ == function.__module__
        if name == function.__name__ and str(function.__annotations__["return"]).startswith("Steps[")
    ]
    assert len(names) == len(set(names)) == len(set(kernel_functions().values()))
