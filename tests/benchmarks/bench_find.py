"""The cost of finding: completion at the console, the palette's entries, the list of pages after a step."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from engine.scenario.loader import load
from explorer.commands.completion import complete
from explorer.commands.finder import entries
from explorer.lenses import pages
from explorer.session.page_list import list_pages
from explorer.session.session import Session

LINES = (
    "",
    "break v",
    "break vm_page_a",
    "explain ",
    "until ",
    "call ",
    "open ",
    "page ",
    "whynot al",
    "pages ",
)


def _timed(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1e3


def _row(name: str, median: float, target: float) -> dict[str, Any]:
    ratio = round(median / target, 3)
    return {"name": name, "median": round(median, 3), "unit": "ms", "target": target, "ratio": ratio}


def measure() -> list[dict[str, Any]]:
    """Completion of the slowest line, the palette's first list, a look at a thousand free pages."""
    scenario = load("life-of-a-page")
    session = Session(scenario.start(), scenario)
    session.history.extend(60)
    first = max(_timed(lambda: complete(session, line)) for line in LINES)  # noqa: B023  # called at once
    later = [[_timed(lambda: complete(session, line)) for line in LINES] for _ in range(20)]  # noqa: B023
    found = [_timed(lambda: [*entries(session)]) for _ in range(20)]
    list_pages(session, "FREE")
    looks = [_timed(lambda: pages.LENS.draw(pages.look(session), 120, 20)) for _ in range(100)]
    return [
        _row("completion, the first time, slowest of ten lines", first, 50),
        _row("completion, slowest of ten lines", statistics.median(map(max, later)), 50),
        _row("palette: all entries", statistics.median(found), 50),
        _row("pages FREE: look and draw", statistics.median(looks), 2 + 5),
    ]
