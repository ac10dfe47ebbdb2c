"""Counts and shares in a few digits: short, and never a number that says something else."""

from __future__ import annotations

import re

import pytest

from explorer.views.shares import share_text, short_count

COUNTS = [
    (0, "0"),
    (1, "1"),
    (1_540, "1,540"),
    (999_999, "999,999"),
    (1_000_000, "1.00e6"),
    (1_234_567, "1.23e6"),
    (29_412_345_678_901, "2.94e13"),
    (9_999_999, "1.00e7"),
    (7 * 10**5_000 + 1, "7.00e5000"),
]


@pytest.mark.parametrize(("count", "text"), COUNTS, ids=[text for _, text in COUNTS])
def test_a_count_has_all_digits_or_three(count: int, text: str) -> None:
    assert short_count(count) == text


SHARES = [
    ("alone", 1.0, 0.0, "100 %"),
    ("alone, after rounding", 0.9999999999999998, 0.0, "100 %"),
    ("half", 0.5, 0.5, "50 %"),
    ("more than a quarter", 0.2816, 0.7184, "28 %"),
    ("few", 0.0531, 0.9469, "5.3 %"),
    ("all but few", 0.9469, 0.0531, "94.7 %"),
    ("one in a hundred", 0.01, 0.99, "1 %"),
    ("fewer", 0.0047, 0.9953, "1 in 210"),
    ("one in millions", 8.3e-11, 1.0, "1 in 12,000,000,000"),
    ("rarer than can be read", 4.1e-20, 1.0, "1 in 2.4e19"),
    ("less than a float holds", 0.0, 1.0, "less than 1 in 1e300"),
    ("nearly all", 0.992, 0.008, "99.2 %"),
    ("99", 0.99, 0.01, "99 %"),
    ("all but a few", 1 - 8.3e-11, 8.3e-11, "99.999999992 %"),
    ("rounds up", 1 - 9.6e-9, 9.6e-9, "99.999999 %"),
    ("all but very few", 1.0, 4.1e-20, "all but 1 in 2.4e19"),
    ("bounded", 0.3, 0.0, "30 %"),
]


@pytest.mark.parametrize(
    ("share", "others", "text"), [row[1:] for row in SHARES], ids=[row[0] for row in SHARES]
)
def test_a_share_is_distinct_from_none_and_all(share: float, others: float, text: str) -> None:
    assert share_text(share, others) == text


@pytest.mark.parametrize("power", range(1, 18))
@pytest.mark.parametrize("digit", [1, 2.5, 4.9, 9.4, 9.96])
def test_only_what_has_no_others_is_100_percent(power: int, digit: float) -> None:
    others = digit * 10.0**-power
    text = share_text(1 - others, others)
    assert not re.match(r"100(\.0*)? %", text)
    assert share_text(others, 1 - others) != "0 %"
