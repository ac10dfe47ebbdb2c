"""Rules that every kernel function follows so that it can be stepped, suspended and replayed."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import engine.kernel
from engine.constants import Thread
from engine.kernel.boot.sequence import boot
from engine.kernel.process.fault_layers import Fault
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import parse_spec

KERNEL = Path(engine.kernel.__file__).parent


def kernel_generators() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every generator of atomic steps in the kernel modules by name."""
    for module in pkgutil.walk_packages(engine.kernel.__path__, "engine.kernel."):
        loaded = importlib.import_module(module.name)
        for name, function in vars(loaded).items():
            stepped = "Steps[" in str(getattr(function, "__annotations__", {}).get("return"))
            if stepped and inspect.isgeneratorfunction(function) and function.__module__ == loaded.__name__:
                yield name, function


GENERATORS = dict(kernel_generators())


def small_machine() -> Machine:
    hardware = parse_spec("4MiB:1x2x1")
    assert hardware is not None
    return boot(MachineConfig(hardware))


class Untouchable:
    """A column that must not be read or written."""

    def __getitem__(self, index: int) -> int:
        raise AssertionError("a cell was read before the first yield")

    def __setitem__(self, index: int, value: int) -> None:
        raise AssertionError("a cell was written before the first yield")


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_no_cell_is_touched_before_the_first_yield(name: str) -> None:
    function = GENERATORS[name]
    vm = small_machine()
    for place in vm.memory.columns:
        setattr(vm.memory.tables[place.table], place.name, Untouchable())
    vm.curthread = Thread(0)
    arguments = [_argument(parameter) for parameter in list(inspect.signature(function).parameters)[1:]]
    assert isinstance(next(function(vm, *arguments)), str | tuple)


def _argument(name: str) -> Any:
    """A value of the right kind for a parameter, by its name."""
    return {
        "skip": (-1, -1),
        "function": "f",
        "wmesg": "w",
        "interlocked": True,
        "tokens": ((1, 1),),
        "pages": (1,),
        "fs": Fault._make([1] * len(Fault._fields)),
    }.get(name, 1)


def _steps_functions() -> set[str]:
    return set(GENERATORS)


def _called(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return None


def forgotten(source: str, generators: set[str]) -> list[int]:
    """The lines on which a generator function is called without `yield from`."""
    tree = ast.parse(source)
    kept = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.YieldFrom)}
    calls = (node for node in ast.walk(tree) if _called(node) in generators)
    return [node.lineno for node in calls if id(node) not in kept and isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", sorted(KERNEL.rglob("*.py")), ids=lambda path: path.stem)
def test_every_kernel_call_is_yielded_from(path: Path) -> None:
    assert forgotten(path.read_text(encoding="utf-8"), _steps_functions()) == []


def test_the_check_finds_both_forms_of_a_forgotten_yield_from() -> None:
    source = "def f(vm):\n    vm_page_wakeup(vm, 1)\n    busy = vm_page_busy_try(vm, 1, 0)\n"
    assert forgotten(source, _steps_functions()) == [2, 3]


def test_every_stepped_kernel_function_is_documented_in_the_five_lines() -> None:
    short = {
        name: missing
        for name, function in GENERATORS.items()
        if (text := inspect.getdoc(function) or "") and "Source:" in text
        if (missing := [key for key in ("Locks:", "Blocks:", "Returns:", "Errors:") if key not in text])
    }
    assert short == {}
    public = [name for name in GENERATORS if not name.startswith("_")]
    assert [name for name in public if "Source:" not in (inspect.getdoc(GENERATORS[name]) or "")] == []
