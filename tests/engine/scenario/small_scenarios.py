"""Scenarios of a few lines: text, loaded, and run to the end; and the message about a bad one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


THREAD: Final = '[[thread]]\nname = "app"\nscript = """\n{}\n"""\n'
"""A thread whose script is to be filled in."""

SETUP: Final = '[setup]\nscript = """\nm = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_page_wakeup(m)\n"""\n'
"""A setup that leaves a page of the object heap in setup.m."""

GOOD: Final = '''format = 1
title = "t"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = """
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
"""
[[question]]
before = "app:2"
ask = "?"
answer = "PQ_NONE"
value = "queue_of(app.m)"
[[expect]]
at = "end"
that = "app.m != NULL"
'''
"""A file without fault; each row of a table of bad files replaces one piece of it."""

CALL: Final = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"
WAKE: Final = "vm_page_wakeup(m)"
"""The lines of its script."""


def scenario_of(machine: str = 'memory = "4 MiB"', top: str = "", rest: str = "", **options: Any) -> Scenario:
    """A scenario of a [machine], with keys above and tables below it."""
    return load_text(f'format = 1\ntitle = "t"\n{top}\n[machine]\n{machine}\n{rest}', **options)


def played(script: str, rest: str = "") -> tuple[Scenario, History]:
    """The run of one thread, app, in a scenario with an object, heap."""
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{THREAD.format(script)}{rest}')
    history = scenario.start()
    scenario.run(history)
    return scenario, history


def refused(folder: Path, old: str, new: str, line: int, words: str) -> None:
    """See that GOOD with one piece replaced is refused, with the file's name, the line and the words."""
    assert GOOD.count(old) == 1
    path = folder / "bad.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(BadInput) as caught:
        load(str(path))
    assert str(caught.value).startswith(f"{path}:{line}: "), str(caught.value)
    assert words in str(caught.value)


def counting(most: int) -> Scenario:
    """A scenario whose thread counts from 0 to `most`, a step for each number and one for each comparison."""
    return scenario_of(rest=THREAD.format(f"i = 0\nwhile i < {most}:\n    i = i + 1"))
