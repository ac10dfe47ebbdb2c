"""The machine's invariants during a search: each combination of cells is checked once.

They hold after every step of a correct kernel, so a violation is a fault of this program. Those that a script
can break by using the kernel wrongly are not checked.
"""

from __future__ import annotations

from typing import Final, Literal

from engine.explore.model.transitions import Model
from engine.invariants import CALLERS_RULES, violations

ALL: Final = "all"
CALM: Final = "calm"
Where = Literal["calm", "all"]
"""Where the invariants are checked: at ends and where no call is unfinished, or at every state."""


class Consistency:
    """Checks a model's machine at its present state."""

    def __init__(self, model: Model, where: Where) -> None:
        self.model = model
        self.where = where
        self._known: dict[int, str] = {}

    def is_due(self, moved: int | None) -> bool:
        """Whether to check here; moved: the thread that has just taken a step, None for an event."""
        if self.where == ALL:
            return True
        states, local = self.model.states, self.model.local
        if moved is not None and not states[moved].begins[local[moved]]:
            return False
        return all(states[t].begins[number] for t, number in enumerate(local))

    def violation(self, total: int) -> str:
        """The first violation in words, or "".

        total: the part of the state's key that steps change.
        """
        model, cells = self.model, total
        for states, number in zip(model.states, model.local, strict=True):
            cells ^= model.keys.of((states.t, states.frames[number]))
        if cells not in self._known:
            found = violations(model.vm, CALLERS_RULES)
            self._known[cells] = str(found[0]) if found else ""
        return self._known[cells]
