"""The library's scenarios, loaded and played once for all tests of a process."""

from __future__ import annotations

from functools import cache

from engine.run.history import History
from engine.scenario.loader import Scenario, load

loaded = cache(load)
"""load(name), once. A test that changes what it gets loads its own."""


@cache
def played(name: str) -> tuple[Scenario, History]:
    """A scenario and its run to the end; the cursor is where the last test left it.

    Do not step, branch or change settings: others get the same run.
    """
    scenario = loaded(name)
    history = scenario.start()
    scenario.run(history)
    return scenario, history
