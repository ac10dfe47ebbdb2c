"""What a check finds, and how it calls the cells that disagree: by the names a person can look them up by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.memory.cells import Array

Mask = npt.NDArray[np.bool_]

MOST: Final = 8
"""How many breaches of one kind a check names: where one list is broken, a thousand pages may complain."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Two ends that should agree and do not.

    check:     which rule is broken, in words.
    page:      array index of the page concerned, or NULL.
    one, other: what each end says.
    """

    check: str
    page: int
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.check}: {self.one}, but {self.other}"


def some(rows: Array) -> list[int]:
    """The first MOST of the rows found."""
    found: list[int] = rows[:MOST].tolist()
    return found
