"""A suspended instruction: its next action, the lock that it takes, and the active calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from engine.constants import Page
from engine.errors import KernelPanic
from engine.kernel import age
from engine.kernel.age import vm_page_deactivate
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.locks import vm_page_spin_lock
from engine.kernel.process import fault_layers
from engine.machine.machine import Machine, Steps
from engine.memory.block import key
from engine.run.suspended import (
    HELPERS,
    Frame,
    Live,
    frame_of,
    kernel_calls,
    kernel_function,
    stack_of_traceback,
)

ROOT = Path(__file__).parents[3]

PAGE = Page(900)


@pytest.fixture
def vm(stage: Callable[..., Any]) -> Machine:
    machine: Machine = stage().vm
    return machine


def own(vm: Machine) -> Steps[int]:
    """A call of a function of this file, not of the kernel, that calls a kernel function."""
    yield "go in"
    yield from vm_page_spin_lock(vm, PAGE)
    yield "stay"
    return 5


@pytest.mark.parametrize(
    ("function", "kernel"),
    [
        (vm_page_deactivate, True),
        (age._vm_page_deactivate_locked, True),
        (age._activate_locked, False),
        (fault_layers.find_page, False),
        (own, False),
    ],
    ids=["the kernel's", "the kernel's with an underscore", "a helper", "a public helper", "outside"],
)
def test_a_frame_records_whether_it_is_a_kernel_function(
    function: Callable[..., object], kernel: bool
) -> None:
    name = function.__name__
    assert frame_of(function.__code__, 7) == Frame(name, 7, kernel, entered=0)


def test_a_public_function_names_its_place_in_the_kernel_or_is_listed_as_a_helper() -> None:
    """Call stacks show kernel names only, so a helper without an underscore has to be in HELPERS."""
    unnamed = {
        node.name
        for path in (ROOT / "engine" / "kernel").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))
        and "Source:" in (ast.get_docstring(node) or "")
        and not re.search(rf"Source:[^:]*\b{node.name}\b", ast.get_docstring(node) or "")
    }
    assert unnamed - HELPERS == RENAMED


RENAMED = {
    "getpbuf", "pmap_clear_modify", "pmap_clear_reference", "pmap_enter", "pmap_mapped_sync",
    "pmap_object_init_pt", "pmap_page_set_memattr", "pmap_remove", "pmap_ts_referenced",
    "vm_page_alloczwq", "vm_page_freezwq", "vnode_pager_getpage",
}  # fmt: skip
"""Functions that the kernel has, but whose behaviour comes from another place than their source."""


STACK = (
    Frame("vm_page_a", 1, True),
    Frame("_helper", 2, False),
    Frame("vm_page_b", 3, True),
    Frame("x", 4, False),
)


def test_the_kernel_functions_of_a_stack_are_listed() -> None:
    assert kernel_calls(STACK) == ("vm_page_a", "vm_page_b")
    assert kernel_function(STACK) == "vm_page_b"
    assert (kernel_calls(STACK[1:2]), kernel_function(())) == ((), "")


def test_an_instruction_announces_before_it_acts(vm: Machine) -> None:
    before = vm.memory.digest()
    live = Live(3, 1)
    assert (live.thread, live.cpu, live.key) == (3, 1, key(3))
    live.count = 9
    live.prime(own(vm))
    assert (live.action, live.lock, live.count) == ("go in", None, 0)
    assert vm.memory.digest() == before


def test_an_action_that_takes_a_lock_names_it(vm: Machine) -> None:
    live = Live(0, 0)
    live.prime(own(vm))
    live.announcement = live.advance(None)
    assert live.action == "take the page's spinlock"
    assert live.lock == vm.memory.address("page.spin", PAGE)


def test_the_active_calls_are_outermost_first(vm: Machine) -> None:
    live = Live(0, 0)
    live.prime(own(vm))
    assert [frame.function for frame in live.stack()] == ["own"]
    live.announcement = live.advance(None)
    outer, inner = live.stack()
    assert (outer.function, outer.kernel, inner.function, inner.kernel) == (
        "own",
        False,
        "vm_page_spin_lock",
        True,
    )
    first = own.__code__.co_firstlineno
    assert outer.line == first + 3
    assert [call.gi_code.co_name for call in live.calls()] == ["own", "vm_page_spin_lock"]
    vm.curthread = live.thread
    live.announcement = live.advance(None)
    assert [(frame.function, frame.line) for frame in live.stack()] == [("own", first + 4)]


def test_an_ended_program_has_no_stack_and_no_step(vm: Machine) -> None:
    live = Live(0, 0)
    live.prime(own(vm))
    live.clear("take the signal")
    assert (live.action, live.lock, live.stack()) == ("take the signal", None, ())
    with pytest.raises(StopIteration):
        live.advance(None)


def test_an_ended_call_is_not_active(vm: Machine) -> None:
    live = Live(0, 0)
    live.prime(own(vm))
    vm.curthread = live.thread
    live.advance(None)
    live.advance(None)
    with pytest.raises(StopIteration) as end:
        live.advance(None)
    assert end.value.value == 5
    assert live.stack() == ()


def raised(steps: Steps[object]) -> TracebackType | None:
    """The traceback of the panic that a call ends in."""
    with pytest.raises(KernelPanic) as panic:
        list(steps)
    return panic.value.__traceback__


def test_the_calls_that_a_panic_left_are_those_of_its_traceback(vm: Machine) -> None:
    def around(vm: Machine) -> Steps[None]:
        yield from vm_page_wakeup(vm, PAGE)

    stack = stack_of_traceback(raised(around(vm)))
    assert [frame.function for frame in stack] == ["around", "vm_page_wakeup"]
    assert kernel_calls(stack) == ("vm_page_wakeup",)
    assert stack_of_traceback(None) == ()
