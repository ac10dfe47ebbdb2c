"""What a replay found: divergences one by one, and how much was compared.

The text of a divergence is part of the project's contract: `FILE:LINE: op I NAME: KEY: trace X, model Y`,
where X and Y are JSON, or `absent` where one side has nothing under that key.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final


class _Absent:
    """Stands for what one side does not have; JSON's null is a value like any other."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()

MAX_TEXT: Final = 400
"""Characters of a value in a message; what is longer is cut and says so."""


def as_text(value: Any) -> str:
    """A value as it stands in a divergence: compact JSON, or `absent`."""
    if value is ABSENT:
        return "absent"
    text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}... ({len(text)} characters)"


def as_name(name: str) -> str:
    """An operation's name as it stands in a message; quoted when it could not be one."""
    return name if name.isidentifier() else as_text(name)


@dataclass(frozen=True)
class Divergence:
    """One value in which trace and model differ.

    index: the operation's `i`; 0 for the header and for boot.
    name:  the operation, the step of boot, or `header`.
    """

    file: str
    line: int
    index: int
    name: str
    key: str
    trace: Any
    model: Any

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: op {self.index} {as_name(self.name)}: {as_name(self.key)}"
        return f"{place}: trace {as_text(self.trace)}, model {as_text(self.model)}"


@dataclass
class Tally:
    """How much was replayed, over any number of files.

    operations:  op lines that were replayed and compared.
    comparisons: values of the traces that were held against the model's.
    not_covered: op lines that were not replayed, by the operation at which their segment ended early.
    """

    files: int = 0
    segments: int = 0
    operations: int = 0
    comparisons: int = 0
    divergences: int = 0
    not_covered: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """The last line of `conform`."""
        return (
            f"{self.files} files, {self.segments} segments, {self.operations} operations, "
            f"{self.comparisons} comparisons, {self.not_covered.total()} not covered, "
            f"{self.divergences} divergences"
        )

    def uncovered(self) -> str:
        """The line before it, or nothing when everything was covered."""
        names = ", ".join(f"{as_name(name)} {count}" for name, count in sorted(self.not_covered.items()))
        return f"not covered: {names}" if names else ""
