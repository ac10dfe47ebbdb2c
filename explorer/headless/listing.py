"""`pageq list`: the scenario library, without loading the model."""

from __future__ import annotations

import json
from dataclasses import asdict

from engine.scenario.library import list_scenarios


def print_library(as_json: bool) -> int:
    """Print each scenario's name, level and title, or the JSON array of them."""
    scenarios = list_scenarios()
    if as_json:
        keys = ("name", "title", "level", "rules", "covers")
        print(json.dumps([{key: asdict(scenario)[key] for key in keys} for scenario in scenarios]))
        return 0
    width = max(len(scenario.name) for scenario in scenarios)
    for scenario in scenarios:
        print(f"{scenario.name:<{width}}  {scenario.level:<12}  {scenario.title}")
    return 0
