"""The values and the claims of a search of all schedules, in rows of a lens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from engine.explore.exploration import Claim, Exploration, ValueFound
from explorer.lenses.kit.drawing import Row, row
from explorer.views.exploration_claims import (
    CLAIMS,
    VERDICT,
    claim_evidence,
    claim_words,
    value_runs_words,
    values_title,
)
from explorer.views.spans import columns, padded

_STYLE: Final = {True: "good", False: "bad", None: "warn"}
"""Whether a claim holds -> the style of its verdict."""


def value_rows(exploration: Exploration) -> Iterator[Row]:
    """The values that each expression has at the ends, and how often."""
    for expr, found in groupby(exploration.values, key=lambda value: value.expr):
        values = list(found)
        width = max(columns(value.shown) for value in values)
        yield row((values_title(expr), "title"))
        yield from (_value_row(exploration, value, values, width) for value in values)


def _value_row(exploration: Exploration, value: ValueFound, values: Sequence[ValueFound], width: int) -> Row:
    return row(f"  {padded(value.shown, width)}  ", (value_runs_words(exploration, value, values), "dim"))


def claim_rows(claims: Sequence[Claim]) -> Iterator[Row]:
    """Each claim with its verdict, and what shows it."""
    if claims:
        yield row((CLAIMS, "title"))
    for claim in claims:
        yield row("  ", (VERDICT[claim.ok], _STYLE[claim.ok]), f"  {claim_words(claim)}")
        yield from (row(("    " + words, "dim")) for words in claim_evidence(claim))
