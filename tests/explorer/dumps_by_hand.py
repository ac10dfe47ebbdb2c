"""Moments of dumps made by hand: a machine of eight colours, of which a part is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.inputs.dumps.moment import NOTHING_KNOWN, QUEUES, DumpMoment, Grid


def moment(
    lengths: Mapping[str, Sequence[int]],
    vmstats: Mapping[str, int] | None = None,
    *,
    events: dict[str, int] | None = None,
    grid: Grid | None = None,
    notes: tuple[str, ...] = (),
    file: str = "ddb.txt",
) -> DumpMoment:
    """Return a moment; a type without lengths is unknown, -1 is the unknown length of a colour."""
    queues = {name: np.array(lengths[name], np.int64) if name in lengths else None for name in QUEUES}
    known = {**NOTHING_KNOWN, **(vmstats or {})}
    return DumpMoment(file, 3, queues, known, events or {}, grid, None, notes)


LIMITS = {"v_free_min": 30, "v_free_target": 60, "v_free_severe": 15, "v_free_reserved": 10}

FREE = ((4, 4, 4, 4, 4, 4, 4, 4), (4, 4, 4, 4, 3, 4, 4, 4), (4, 4, 4, 4, 0, 0, 0, 2))


def three_moments() -> tuple[DumpMoment, ...]:
    """The second socket of a machine runs out of free pages; HOLD is unknown, and so is the end of ACTIVE."""
    return tuple(
        moment(
            {"FREE": free, "CACHE": (1,) * 8, "ACTIVE": (9, 9, 9, 9, 9, 9, -1, -1), "INACTIVE": (7 + n,) * 8},
            {**LIMITS, "v_free_count": sum(free), "v_cache_count": 8},
            events={"v_pdwakeups": 5, "v_vm_faults": 100 + n},
            grid=Grid(2, 2, None),
            notes=("line 9 ends early",) if n == 2 else (),
        )
        for n, free in enumerate(FREE)
    )
