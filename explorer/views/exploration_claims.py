"""What a search found of the values and claims that it was asked about, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from engine.explore.exploration import Claim, Exploration, ValueFound
from explorer.views.exploration_words import share_of_runs

CLAIMS: Final = "claims about all schedules:"
"""The line above the claims."""

VERDICT: Final = {True: "ok", False: "FAILS", None: "not known"}
"""Whether a claim holds -> how that is said."""


def values_title(expr: str) -> str:
    """The line above the values of an expression."""
    return f"{expr} at the end:"


def value_runs_words(exploration: Exploration, value: ValueFound, values: Sequence[ValueFound]) -> str:
    """How often random runs end with a value, or how many of the samples; "" if that is not known.

    values: all values of its expression.
    """
    if exploration.sampled:
        return f"{value.sampled:,} of {exploration.sampled:,} sampled schedules"
    if value.probability is None:
        return ""
    others = sum(other.probability or 0.0 for other in values if other is not value)
    if exploration.complete:
        return share_of_runs(value.probability, others)
    return f"at least {share_of_runs(value.probability, 1 - value.probability)}"


def claim_words(claim: Claim) -> str:
    """What is claimed, and the line of the file that says so."""
    place = f" ({PurePath(claim.place).name})" if claim.place else ""
    return f"{claim.text}{place}"


def claim_evidence(claim: Claim) -> list[str]:
    """What was found instead, or why it is not known; and a schedule that shows it."""
    shown = "example" if claim.ok else "counterexample"
    schedule = [f"{shown}: {claim.schedule}  (step {claim.step:,})"] if claim.schedule else []
    return [*claim.found.splitlines(), *schedule]
