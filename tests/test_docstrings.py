"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import engine

ROOT = Path(engine.__file__).parent

MODULES = [
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(ROOT.rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]
"""The engine's modules with examples."""


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name), verbose=False)
    assert failed == 0
    assert tried > 0


def test_each_example_of_the_library_takes_ten_lines() -> None:
    (example,) = doctest.DocTestFinder().find(engine)
    lines = [one.source for one in example.examples]
    second = lines.index("from engine.explore import explore\n")
    assert 0 < second <= 10
    assert len(lines) - second <= 10
