"""Options that make no sense together are refused with what to remove."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from engine.errors import BadInput
from explorer.session.search_conflicts import check_together

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"sample": "random", "reduce": True}, "remove --reduce or --sample"),
    ({"sample": "random", "graph": "a.graphml"}, "remove --graph or --sample"),
    ({"sample": "random", "states": 5}, "--schedules N says how many --sample runs; remove --states or"),
    ({"sample": "random", "memory": "1GiB"}, "--schedules N says how many --sample runs; remove --memory or"),
    ({"schedules": 5}, "remove --schedules, or add --sample pct:2"),
    ({"workers": 2}, "stays in one process; remove --workers, or add --sample pct:2"),
    ({"reduce": True, "always": ["1"]}, "remove --always or --reduce"),
    ({"reduce": True, "order": ["a:1<b:1"]}, "remove --order or --reduce"),
    ({"sample": "random", "invariants": "all"}, "remove --invariants all or --sample"),
    ({"reduce": True, "invariants": "all"}, "remove --invariants all or --reduce"),
]


def refusal(given: dict[str, Any]) -> str:
    """The message about these options, "" if there is none."""
    try:
        check_together(argparse.Namespace(**given))
    except BadInput as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=[" ".join(given) for given, _ in REFUSED])
def test_options_that_do_not_go_together_are_refused(given: dict[str, Any], message: str) -> None:
    assert message in refusal(given)


FINE: list[dict[str, Any]] = [
    {},
    {"sample": "pct:2", "schedules": 5, "workers": 2, "always": ["1"], "order": ["a:1<b:1"], "states": None},
    {
        "sample": None,
        "reduce": True,
        "graph": "a.graphml",
        "always": [],
        "invariants": "calm",
        "memory": "1GiB",
    },
    {"invariants": "all", "always": ["1"], "order": ["a:1<b:1"], "states": 5, "reduce": False},
]


@pytest.mark.parametrize("given", FINE, ids=range(len(FINE)))
def test_other_options_go_together(given: dict[str, Any]) -> None:
    assert refusal(given) == ""
