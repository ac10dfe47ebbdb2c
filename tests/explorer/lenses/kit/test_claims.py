"""The rows of values and claims in a lens."""

from __future__ import annotations

from dataclasses import replace

from engine.explore.exploration import Claim, ValueFound
from explorer.lenses.kit.claims import claim_rows, value_rows
from tests.explorer.found_by_hand import SEARCH

VALUES = (
    ValueFound("a.n", 1, "1", 5, 0.25, 1),
    ValueFound("a.n", 12, "12", 5, 0.75, 1),
    ValueFound("b.n", None, "NULL", 5, 1.0, 1),
)


def test_each_expression_has_a_title_and_its_values_in_a_column() -> None:
    rows = ["".join(piece.text for piece in one) for one in value_rows(replace(SEARCH, values=VALUES))]
    assert rows == [
        "a.n at the end:",
        "  1   25 % of random runs",
        "  12  75 % of random runs",
        "b.n at the end:",
        "  NULL  100 % of random runs",
    ]
    assert list(value_rows(SEARCH)) == []


def test_a_verdict_has_the_style_of_good_bad_or_not_known() -> None:
    claims = [Claim("always: 1", ok) for ok in (True, False, None)]
    title, *rows = claim_rows(claims)
    assert [piece.text for piece in title] == ["claims about all schedules:"]
    assert [(one[1].text, one[1].style) for one in rows] == [
        ("ok", "good"),
        ("FAILS", "bad"),
        ("not known", "warn"),
    ]
    assert list(claim_rows(())) == []
