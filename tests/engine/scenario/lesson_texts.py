"""The texts of the library's scenarios, unchanged or with parts replaced, and what holds in their runs."""

from __future__ import annotations

from engine.scenario.library import OWN
from engine.scenario.loader import Scenario


def source_of(name: str) -> str:
    """The text of a scenario of the library."""
    return OWN.find(name).read_text(encoding="utf-8")


def changed(name: str, changes: dict[str, str]) -> str:
    """The text of a scenario without its questions, with parts replaced, each of which it has once."""
    text = source_of(name).partition("[[question]]")[0]
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def holds(scenario: Scenario, at: str | int, that: str) -> bool:
    """Whether an expression holds at a moment of a scenario's run."""
    history = scenario.start()
    history.seek(scenario.find_step(history, at))
    return scenario.expression(that).holds(history.vm)
