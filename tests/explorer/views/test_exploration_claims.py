"""Values and claims in words: how often a value comes, what is claimed, and what shows it."""

from __future__ import annotations

from dataclasses import replace

from engine.explore.exploration import Claim, ValueFound
from explorer.views.exploration_claims import claim_evidence, claim_words, value_runs_words, values_title
from tests.explorer.found_by_hand import SEARCH

RARE = ValueFound("app.n", 1, "1", 5, 0.001, 1)
OFTEN = ValueFound("app.n", 2, "2", 5, 0.999, 1)


def test_a_share_of_a_value_uses_the_other_values() -> None:
    assert values_title("app.n") == "app.n at the end:"
    assert value_runs_words(SEARCH, RARE, (RARE, OFTEN)) == "1 in 1,000 random runs"
    assert value_runs_words(SEARCH, OFTEN, (RARE, OFTEN)) == "99.9 % of random runs"


def test_a_value_without_a_known_share_has_none_and_samples_are_counted() -> None:
    unknown = replace(RARE, probability=None, sampled=3)
    assert value_runs_words(SEARCH, unknown, (unknown,)) == ""
    assert value_runs_words(replace(SEARCH, sampled=9), unknown, (unknown,)) == "3 of 9 sampled schedules"
    bounded = replace(SEARCH, complete=False)
    assert value_runs_words(bounded, OFTEN, (RARE, OFTEN)) == "at least 99.9 % of random runs"


def test_a_claim_names_its_line_and_what_shows_it() -> None:
    claim = Claim("always: app.n", False, "it is 0", "app:3", "pq1-x", 1_003, "a/my.toml:12")
    assert claim_words(claim) == "always: app.n (my.toml:12)"
    assert claim_evidence(claim) == ["it is 0", "counterexample: app:3  (step 1,003)"]
    holds = replace(claim, ok=True, found="")
    assert claim_evidence(holds) == ["example: app:3  (step 1,003)"]
    assert claim_evidence(Claim("every end: app.n", True)) == []
