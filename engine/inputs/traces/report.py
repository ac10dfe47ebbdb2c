"""The result of a replay: the divergences, and counts of what was compared.

The text of a divergence is a fixed format: `FILE:LINE: op I NAME: KEY: trace X, model Y`, where X and Y are
JSON, or `absent` if one side does not have the key.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final


class _Absent:
    """The value of a missing key; JSON's null is an ordinary value."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()

MAX_TEXT: Final = 400
"""Maximum number of characters of a value in a message; a longer value is truncated and marked."""


def as_text(value: Any) -> str:
    """Format a value for a divergence: compact JSON, or `absent`."""
    if value is ABSENT:
        return "absent"
    text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}... ({len(text)} characters)"


def as_name(name: str) -> str:
    """Format an operation's name for a message; quoted if it is not an identifier."""
    return name if name.isidentifier() else as_text(name)


@dataclass(frozen=True)
class Divergence:
    """A value in which trace and model differ.

    index: the operation's `i`; 0 for the header and for boot.
    name:  the operation, the boot step, or `header`.
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
    """Counts of a replay, over any number of files.

    operations:  op lines that were replayed and compared.
    comparisons: values of the traces that were compared with the model's.
    not_covered: op lines that were not replayed, by the operation at which the replay of their segment ended.
    """

    files: int = 0
    segments: int = 0
    operations: int = 0
    comparisons: int = 0
    divergences: int = 0
    not_covered: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """Return the last line of `conform`."""
        return (
            f"{self.files} files, {self.segments} segments, {self.operations} operations, "
            f"{self.comparisons} comparisons, {self.not_covered.total()} not covered, "
            f"{self.divergences} divergences"
        )

    def uncovered(self) -> str:
        """Return the line before the last, or "" if everything was covered."""
        names = ", ".join(f"{as_name(name)} {count}" for name, count in sorted(self.not_covered.items()))
        return f"not covered: {names}" if names else ""
