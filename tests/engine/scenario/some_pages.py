"""A small scenario with parameters, for tests: how many pages a thread takes, of how many colours."""

from __future__ import annotations

from pathlib import Path

from engine.scenario.loader import Scenario, load_text
from engine.scenario.settings import parse_setting

PAGES = """format = 1
title = "Some pages"

[parameters]
n = [4, 6, 8]
colors = [16, 32]

[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = "{colors}"

[machine.thresholds]
v_free_min = "{n}"

[[object]]
name = "heap"

[[thread]]
name = "app"
cpu = 1
script = '''
taken = 0
while taken < n:
    m = vm_page_alloc(heap, taken, VM_ALLOC_NORMAL)
    vm_page_wakeup(m)
    taken += 1
'''

[[page]]
at = "start"
say = "It takes {n} pages of {colors} colours, {not_one} of {{2}}."

[[question]]
id = "taken"
asked = "start"
after = "when app.taken == n"
ask = "With {n} in the file, how many pages does it take?"
choices = ["n - 1", "n", "{colors}"]
answer = "n"
value = "app.taken"
why = "The loop ends at {n}."

[[expect]]
that = "object[heap].resident_page_count == n"
"""
"""Six variants: 4, 6 or 8 pages, of 16 or 32 colours."""


def pages(*sets: str, seed: int | None = None, text: str = PAGES, name: str = "pages.toml") -> Scenario:
    """Load a text with settings and a seed."""
    return load_text(text, name, settings=tuple(map(parse_setting, sets)), seed=seed)


def written(folder: Path, text: str = PAGES) -> str:
    """Write a text to a file; return its path."""
    path = folder / "pages.toml"
    path.write_text(text)
    return str(path)
