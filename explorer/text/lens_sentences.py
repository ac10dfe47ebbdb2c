"""The lenses of text mode in sentences: numbers and words where the screen draws cells, bars, boxes or trees.

A lens that is words on the screen already, such as `why`, has no entry here and is printed as drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from explorer.text.chart_sentences import chart_lines
from explorer.text.counter_sentences import ddb_lines, stats_lines
from explorer.text.experiment_sentences import experiment_lines
from explorer.text.explore_sentences import explore_lines
from explorer.text.memory_sentences import frames_lines, machine_lines, numa_lines, reserve_lines
from explorer.text.page_sentences import hash_lines, object_lines, pages_lines, queue_lines, search_lines
from explorer.text.time_sentences import (
    branches_lines,
    compare_lines,
    console_lines,
    lanes_lines,
    life_lines,
    moves_lines,
)
from explorer.text.whynot_sentences import whynot_lines

SAID: Final[dict[str, Callable[[Any], list[str]]]] = {
    "branches": branches_lines,
    "chart": chart_lines,
    "compare": compare_lines,
    "console": console_lines,
    "ddb": ddb_lines,
    "experiment": experiment_lines,
    "explore": explore_lines,
    "frames": frames_lines,
    "hash": hash_lines,
    "lanes": lanes_lines,
    "life": life_lines,
    "moves": moves_lines,
    "numa": numa_lines,
    "machine": machine_lines,
    "object": object_lines,
    "pages": pages_lines,
    "queue": queue_lines,
    "reserve": reserve_lines,
    "search": search_lines,
    "stats": stats_lines,
    "whynot": whynot_lines,
}
"""Lens -> the function that says its row."""
