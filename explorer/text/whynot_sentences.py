"""The lens `whynot` of text mode in sentences."""

from __future__ import annotations

from explorer.lenses.whynot import ConditionRow, WhynotRow
from explorer.views.verdict import DONE


def whynot_lines(row: WhynotRow) -> list[str]:
    """Whether it can be done now; then the conditions that are not met, and those that are."""
    if not row.page:
        return ["No step has changed a page yet; whynot free PAGE asks about one."]
    answer = "can" if row.allowed else "cannot"
    where = row.answer.removeprefix("yes").removeprefix("no")
    lines = [f"Page {row.page} {answer} be {DONE[row.what]} now{where}."]
    return lines + [_words("Met" if one.met else "Not met", one, row.origin) for one in row.ordered]


def _words(how: str, one: ConditionRow, origin: str) -> str:
    return f"{how}: {one.text}; {one.cell} is {one.value}, {''.join(one.since(origin))}."
