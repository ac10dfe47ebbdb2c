"""A chart of 40 steps with two curves, made by hand."""

from __future__ import annotations

import numpy as np

from engine.debug.series import Curve
from explorer.views.chart import ChartRow, CurveRow

FREE = Curve(np.array([10, 20, 30]), np.array([-4, -9, -2]), 12)
ACTIVE = Curve(np.array([10, 20]), np.array([4, 9]), 0)
NO_TICKS = Curve(np.zeros(0, np.int64), np.zeros(0, np.int64), 5)


def small_chart(step: int, *limits: tuple[str, int]) -> ChartRow:
    """The chart with the cursor at a step, and these limits."""
    curves = (
        CurveRow("FREE", "pages on the FREE queues", "F", "fill-FREE", FREE, 39, FREE.at(step)),
        CurveRow("ACTIVE", "pages on the ACTIVE queues", "A", "fill-ACTIVE", ACTIVE, 39, ACTIVE.at(step)),
    )
    return ChartRow(curves, limits, step, 39, False, "steps", NO_TICKS)
