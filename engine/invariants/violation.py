"""A violation of an invariant: the two ends that disagree, with cell names that the user can look up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.memory.cells import Array

Mask = npt.NDArray[np.bool_]

MOST: Final = 8
"""Maximum number of violations of a kind that a check reports: a broken list can affect many pages."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Two ends that should agree and do not.

    check:      the invariant, in words.
    page:       array index of the page involved, or NULL.
    one, other: the state of each end.
    """

    check: str
    page: int
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.check}: {self.one}, but {self.other}"


def some(rows: Array) -> list[int]:
    """Return the first MOST of the rows."""
    found: list[int] = rows[:MOST].tolist()
    return found
