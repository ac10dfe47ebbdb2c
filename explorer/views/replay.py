"""What came of a reference string: a row for each policy and number of frames, a curve and a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.experiments.arithmetic import Number
from engine.experiments.values import Value
from explorer.views.experiment_chart import PointChart, points_chart

KERNEL: Final = "kernel"
"""The policy of the kernel's model."""

COUNTED: Final = ("references", "pages", "hits", "misses", "evictions", "writebacks")
"""What every policy counts."""

KERNEL_COUNTED: Final = ("reactivations", "rescues", "pageins", "pageouts", "passes")
"""What only the kernel counts."""

CURVE: Final = "lru-curve"
"""The policy of a point of the curve."""

_MOST_POINTS: Final = 200
"""Points of the curve in a chart, about."""

_WIDE: Final = 8
"""From this factor between the smallest and the largest value on, an axis is logarithmic."""

_SCALES: Final = {
    (False, False): "linear", (True, False): "log-x", (False, True): "log-y", (True, True): "log-log",
}  # fmt: skip
"""Whether the horizontal and the vertical axis are logarithmic -> the scale."""


@dataclass(frozen=True)
class ReplayRow:
    """What one policy counted with one number of frames: COUNTED, of the kernel KERNEL_COUNTED too."""

    policy: str
    frames: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class LeftOut:
    """A policy that was asked for and not run, with the number of frames if it is about one, and why."""

    policy: str
    why: str
    frames: int | None = None


@dataclass(frozen=True)
class Replay:
    """A reference string through the policies.

    trace, format: its name, and the format in which it was read.
    page_size:     in bytes.
    count, pages:  its references, and the distinct pages that they touch.
    rows:          by frames and then by policy.
    left_out:      what has no row.
    sized:         number of frames -> how the kernel's machine was sized for it.
    curve:         (frames, misses of LRU) where the misses change; None if it was not asked for, or left out.
    """

    trace: str
    format: str
    page_size: int
    count: int
    pages: int
    rows: tuple[ReplayRow, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    sized: Mapping[int, str] = field(default_factory=dict)
    curve: tuple[tuple[int, int], ...] | None = None

    @property
    def frames(self) -> tuple[int, ...]:
        """The numbers of frames, rising."""
        return tuple(sorted({row.frames for row in self.rows}))


def misses_chart(replay: Replay) -> PointChart | None:
    """The chart of misses over frames, by policy; for less than two numbers of frames, that of the curve.

    None without the one or the other.
    """
    xs: Sequence[int] = replay.frames
    if len(xs) >= 2:
        series = {
            policy: [_misses(replay, policy, frames) for frames in xs]
            for policy in dict.fromkeys(row.policy for row in replay.rows)
        }
    elif replay.curve is not None and len(replay.curve) >= 2:
        points = _some(replay.curve)
        xs, series = [frames for frames, _ in points], {"lru": [misses for _, misses in points]}
    else:
        return None
    named: dict[str, Sequence[tuple[Value, Number]]] = {
        name: list(zip(xs, values, strict=True)) for name, values in series.items()
    }
    known = [value for values in series.values() for value in values if value is not None]
    wide = xs[-1] >= _WIDE * xs[0], max(known) >= _WIDE * min(known)
    return points_chart(
        named, "frames", "misses", "policy" if len(named) > 1 else "", _SCALES[wide], whole=True
    )


def _misses(replay: Replay, policy: str, frames: int) -> int | None:
    """The misses of one row; None if it was left out."""
    found = (row for row in replay.rows if (row.policy, row.frames) == (policy, frames))
    return next((row.counts["misses"] for row in found), None)


def _some(curve: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Some of the points of a curve, its first and its last among them."""
    step = -(-len(curve) // _MOST_POINTS)
    return [*curve[:-1:step], curve[-1]]
