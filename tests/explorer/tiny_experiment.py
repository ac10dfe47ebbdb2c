"""A file with an experiment of four points that take milliseconds each, and the scenario that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SCENARIO: Final = '''format = 1
title = "One page"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[thread]]
name = "app"
cpu = 0
script = """
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
vm_page_free(m)
"""
'''

EXPERIMENT: Final = """format = 1
title = "One page, and its colours"
claim = "a page is given back"
scenario = "one-page.toml"
says = "It is."
[vary]
"machine.colors" = [1, 16]
seed = "0..1"
[measure]
steps = "run.steps"
free = "count(FREE)"
[[verdict]]
that = "min(free) > 0"
say = "pages are free"
otherwise = "no page is free"
"""


def write_tiny(folder: Path, text: str = EXPERIMENT) -> str:
    """Write both files; return the path of the experiment."""
    (folder / "one-page.toml").write_text(SCENARIO)
    path = folder / "tiny.toml"
    path.write_text(text)
    return str(path)
