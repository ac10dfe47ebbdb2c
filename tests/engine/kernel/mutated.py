"""A kernel module with one change of its source, for the length of a `with`, in this process.

The changed source is compiled, and its functions lend their code to the module's own function objects: every
module that imported one of them calls the changed code. No file is written, and the end of the `with` takes
the change back.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]

OPTIONS: Final = (
    *("-x", "-q", "--tb=line", "--no-header", "--noconftest", "--import-mode=importlib"),
    *("-c", os.devnull, f"--rootdir={ROOT}", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:asyncio"),
    *("-p", "no:hypothesispytest", "--assert=plain"),
)
"""Pytest without what these tests do not need."""


def changed(text: str, old: str, new: str) -> str | None:
    """The text with `old` replaced, or None unless it occurs exactly once."""
    return text.replace(old, new) if text.count(old) == 1 else None


def _functions(module: ModuleType, space: dict[str, Any]) -> dict[str, FunctionType]:
    """The functions that a namespace defines itself, by name."""
    return {
        name: value
        for name, value in space.items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    }


def _constants(module: ModuleType, again: dict[str, Any]) -> dict[str, object]:
    """The numbers at the top of the module that the change gave another value."""
    return {
        name: value
        for name, value in again.items()
        if isinstance(value, int) and name in vars(module) and vars(module)[name] != value
    }


@contextmanager
def mutation(name: str, old: str, new: str) -> Iterator[bool]:
    """Replace `old` by `new` in the module; false, and nothing changed, unless `old` occurs exactly once."""
    module = importlib.import_module(name)
    path = Path(module.__file__ or "")
    text = changed(path.read_text(encoding="utf-8"), old, new)
    if text is None:
        yield False
        return
    again: dict[str, Any] = {"__name__": name, "__package__": module.__package__, "__file__": str(path)}
    exec(compile(text, str(path), "exec"), again)
    own, others = _functions(module, vars(module)), _functions(module, again)
    assert own.keys() == others.keys(), f"{name}: the change adds or takes away a function"
    codes = {function: function.__code__ for function in own.values()}
    constants = {key: vars(module)[key] for key in _constants(module, again)}
    try:
        vars(module).update(_constants(module, again))
        for key, function in own.items():
            function.__code__ = others[key].__code__
        yield True
    finally:
        vars(module).update(constants)
        for function, code in codes.items():
            function.__code__ = code


def run_with(name: str, old: str, new: str, tests: list[str]) -> int | None:
    """What pytest says of these tests with the change; None unless `old` occurs exactly once."""
    with mutation(name, old, new) as made:
        return int(pytest.main([*OPTIONS, *(str(ROOT / test) for test in tests)])) if made else None
