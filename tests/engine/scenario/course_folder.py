"""Writes the folder of a course: scenarios and a course file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SCENARIO: Final = """format = 1
title = "{title}"
level = "{level}"
teaches = "What {name} is for."
covers = ["Overview"]

[machine]
memory = "4 MiB"
topology = "1x1x1"
colors = 4

[[thread]]
name = "app"
script = \"\"\"
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
vm_page_free(m)
\"\"\"

[[page]]
say = "See [the other one](scenario:second)."

[[question]]
id = "queue"
asked = "start"
before = "app:2"
ask = "On which queue is the page?"
choices = ["PQ_NONE", "PQ_ACTIVE"]
answer = "PQ_NONE"
value = "queue_of(app.m)"
why = "A page that was just allocated is on no queue."
"""

COURSE: Final = """format = 1
title = "A short course"

[[unit]]
name = "one"
title = "The first unit"
goal = "You can allocate a page."
minutes = 20
scenarios = ["first", "tour"]

[[unit]]
name = "two"
title = "The second unit"
needs = ["one"]
scenarios = ["second"]
"""


def scenario_text(name: str, level: str = "beginner") -> str:
    """The text of a scenario with one thread, a page and a question."""
    return SCENARIO.format(name=name, title=f"The scenario {name}", level=level)


def only(*names: str) -> str:
    """The text of a course file with one unit of these scenarios."""
    listed = ", ".join(f'"{name}"' for name in names)
    return f'format = 1\ntitle = "T"\n[[unit]]\nname = "a"\ntitle = "A"\nscenarios = [{listed}]\n'


def write_course(folder: Path, course: str = COURSE, names: tuple[str, ...] = ("first", "second")) -> Path:
    """Write a course file and the scenarios `names` into a folder, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "course.toml").write_text(course, encoding="utf-8")
    for name in names:
        (folder / f"{name}.toml").write_text(scenario_text(name), encoding="utf-8")
    return folder
