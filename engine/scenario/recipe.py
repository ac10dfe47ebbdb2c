"""What makes a scenario once more, as plain values that another process can be given."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.scenario.bounds import UNBOUNDED, Bounds
from engine.scenario.library import Library
from engine.scenario.loader import Scenario, load_text
from engine.scenario.settings import Settings


@dataclass(frozen=True)
class Recipe:
    """What makes a scenario once more, in this process or another one; the parts as for `load_text`."""

    text: str
    path: str
    name: str
    machine: str | None
    rules: str | None
    settings: Settings
    seed: int | None
    library: Library
    bounds: Bounds = UNBOUNDED

    def scenario(self, schedule: str | None = "rr") -> Scenario:
        """Make the scenario, with another schedule; with None, its own.

        Errors: BadInput if the schedule cannot be read.
        """
        again = load_text(
            self.text,
            self.path,
            machine=self.machine,
            rules=self.rules,
            schedule=schedule,
            settings=self.settings,
            seed=self.seed,
            library=self.library,
            bounds=self.bounds,
        )
        return replace(again, name=self.name)
