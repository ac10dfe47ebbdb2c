"""The lens `explore` of text mode: what was found, as `pageq explore` prints it, and what is open."""

from __future__ import annotations

from explorer.lenses.explore import ExploreRow
from explorer.text.explore_output import lines


def explore_lines(row: ExploreRow) -> list[str]:
    """The exploration in lines, and the branches of the opened outcome."""
    if row.exploration is None:
        return ["No schedule is searched yet; explore searches all of them."]
    opened = row.opened
    if opened is None:
        return [
            *lines(row.exploration, scenario=row.scenario),
            "explore open OUTCOME opens the simplest schedule of one as a branch.",
        ]
    beside = f", beside it {opened.beside}; compare compares them" if opened.beside else ""
    outcome = row.exploration.outcomes[opened.outcome - 1].outcome
    return [
        *lines(row.exploration, scenario=row.scenario),
        f"{outcome} is open as branch {opened.branch}{beside}.",
    ]
