"""A small experiment for tests: two threads that take and free pages, milliseconds a point."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SCENARIO: Final = '''format = 1
title = "two threads take pages"
[parameters]
rounds = [2, 4]
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "a"
cpu = 0
script = """
for i in range(rounds):
    m = vm_page_alloc(NULL, i, VM_ALLOC_NORMAL)
    vm_page_free(m)
"""
[[thread]]
name = "b"
cpu = 1
script = """
for i in range(rounds):
    m = vm_page_alloc(NULL, i, VM_ALLOC_NORMAL)
    vm_page_free(m)
"""
'''

EXPERIMENT: Final = """format = 1
title = "Two threads at one queue"
claim = "more colours, less contention"
scenario = "two.toml"
[vary]
"machine.colors" = [1, 16]
rounds = [2, 4]
seed = "0..2"
[measure]
contended = "run.locks.queue.contended / run.locks.queue.acquisitions"
waited = "run.locks.queue.waited"
free = "count(FREE)"
[[verdict]]
that = "ratio(waited, 'machine.colors', 1, 16) >= 2"
say = "it is less"
otherwise = "it is not less"
"""

HEAD: Final = EXPERIMENT.partition("[vary]")[0]


def write(folder: Path, text: str = EXPERIMENT, scenario: str = SCENARIO) -> str:
    """Write an experiment and its scenario; return the path of the experiment."""
    (folder / "two.toml").write_text(scenario, "utf-8")
    path = folder / "small.toml"
    path.write_text(text, "utf-8")
    return str(path)
