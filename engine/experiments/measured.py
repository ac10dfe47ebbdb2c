"""What was measured at a point, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.experiments.arithmetic import Number

Texts = tuple[tuple[str, str], ...]
"""The name and the text of each measure."""


@dataclass(frozen=True)
class Measured:
    """What was measured at a point; the parts are those of a Row."""

    values: Mapping[str, Number]
    notes: tuple[str, ...]
    outcome: str
    ok: bool


def failed(measures: Texts, outcome: str, note: str) -> Measured:
    """Return the result of a point without values."""
    return Measured({name: None for name, _ in measures}, (f"{outcome}: {note}",), outcome, False)
