"""Calls of functions in the library's scripts: an example of each, from the easiest scenario that has one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from engine.scenario.file_text import read_text
from engine.scenario.library import OWN
from engine.scenario.toml_reader import parse_toml


@dataclass(frozen=True)
class ExampleCall:
    """A line of a script that calls a function, without its comment, and the name of its scenario."""

    scenario: str
    line: str


def example_calls(names: Collection[str]) -> dict[str, ExampleCall]:
    """Return the first call of each function in the library's list; a function without one is left out.

    The scripts are read, not compiled; no more scenarios are read than it takes to find all names.
    """
    found: dict[str, ExampleCall] = {}
    for listing in OWN.listings():
        if len(found) == len(names):
            break
        path = OWN.find(listing.name)
        for script in _scripts(parse_toml(read_text(path), str(path))):
            for name, line in calls_in(script):
                if name in names:
                    found.setdefault(name, ExampleCall(listing.name, line))
    return found


def _scripts(document: dict[str, Any]) -> Iterator[str]:
    """The scripts of a scenario: of its threads, in their order, then of the setup."""
    for table in (*document.get("thread", ()), document.get("setup", {})):
        yield table.get("script", "")


def calls_in(script: str) -> Iterator[tuple[str, str]]:
    """The calls of a script, in order: the name of the function, and the line without its comment."""
    for line in script.splitlines():
        code = line.partition("#")[0].strip()
        for name in re.findall(r"(?<![\w.])([A-Za-z]\w*)\(", code):
            yield name, code
