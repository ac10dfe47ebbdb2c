"""A breakpoint on what the kernel prints on its console."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.debug.journal_search import Steps
from engine.debug.stops import Kind
from engine.memory.distinct import distinct
from engine.run.history import History


@dataclass(frozen=True)
class OnConsole(Kind):
    """A step that printed a message that contains `text`; what boot and the setup printed does not count."""

    text: str

    def positions(self, history: History, first: int, last: int) -> Steps:
        """See Kind."""
        printed = history.branch.remarks.messages(max(first + 1, 1), last)
        return distinct(np.array([step for step, said in printed if self.text in said[1]], np.int64))
