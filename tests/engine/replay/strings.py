"""Reference strings for tests, and the runs that replay them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.references.references import References
from engine.replay.scenario import replay_scenario
from engine.run.history import History
from engine.scenario.loader import Scenario, load_text


def string_of(
    pages: Sequence[int], writes: Sequence[bool] | bool = False, name: str = "string"
) -> References:
    """A string of page numbers; writes: for each reference, or for all of them."""
    distinct, indices = np.unique(np.array(pages, np.int64), return_inverse=True)
    flags = np.broadcast_to(np.array(writes, np.bool_), len(pages)).copy()
    return References(name, indices.astype(np.uint32), flags, distinct)


def random_string(seed: int, pages: int, length: int, writes: float = 0.3) -> References:
    """A string in which low pages are frequent, and pages are not neighbours of each other everywhere."""
    random = np.random.default_rng(seed)
    numbers = (random.zipf(1.3, length) % pages) * 3 // 2 + 100
    return string_of(numbers.tolist(), (random.random(length) < writes).tolist(), f"random {seed}")


def loop(pages: int, rounds: int) -> References:
    """A string that writes to pages 0 .. pages - 1 in turn."""
    return string_of(list(range(pages)) * rounds, writes=True, name="loop")


def scenario_of(references: References, frames: int, tick: int = 1000, rules: str = "document") -> Scenario:
    """The replay of a string as a scenario."""
    text = replay_scenario("given", references, frames, tick, rules)
    return load_text(text, "replay.toml", strings={"given": references})


def replayed(references: References, frames: int, tick: int = 1000) -> History:
    """The recorded run of a replay, at its end."""
    scenario = scenario_of(references, frames, tick)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    return history
