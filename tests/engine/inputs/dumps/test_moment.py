"""Moments of a dump: totals of what is known, and the colours that changed."""

from __future__ import annotations

import numpy as np

from engine.inputs.dumps.moment import NOTHING_KNOWN, QUEUES, DumpMoment, changed_colors
from engine.machine.counters import UNKNOWN


def _moment(**queues: list[int]) -> DumpMoment:
    lengths = {name: np.array(queues[name]) if name in queues else None for name in QUEUES}
    return DumpMoment("dump.txt", 1, lengths, NOTHING_KNOWN, {})


def test_a_total_is_known_only_if_every_length_is() -> None:
    moment = _moment(FREE=[3, 4], CACHE=[1, UNKNOWN])
    assert (moment.total("FREE"), moment.total("CACHE"), moment.total("HOLD")) == (7, None, None)
    assert moment.colors == 2


def test_a_moment_without_queues_has_no_colours() -> None:
    assert _moment().colors is None


def test_only_known_lengths_change() -> None:
    before, after = _moment(FREE=[3, 4, UNKNOWN], CACHE=[1, 1, 1]), _moment(FREE=[3, 5, 6])
    changed = changed_colors(before, after)
    assert changed["FREE"] == {1}
    assert changed["CACHE"] == frozenset()


def test_machines_of_different_colours_are_not_compared() -> None:
    assert changed_colors(_moment(FREE=[1]), _moment(FREE=[2, 2]))["FREE"] == frozenset()
