"""What the sessions of a program share of experiments: the one that runs, and what the last one found.

Imports nothing that only an experiment needs: every session has this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.session.experiment_sweep import ExperimentSweep
    from explorer.views.experiment_words import ExperimentResult


@dataclass
class Experiments:
    """What the user sees of experiments.

    sweep: that which runs, or None. measured: what the last one found, or None.
    each:  whether the table has a line for each run, and not one for each group of repetitions.
    """

    sweep: ExperimentSweep | None = None
    measured: ExperimentResult | None = None
    each: bool = False

    @property
    def shown(self) -> ExperimentResult | None:
        """The table so far of the sweep that runs, else what the last one found."""
        return self.measured if self.sweep is None else self.sweep.so_far
