"""`pageq list`: list the scenario library, without loading the model."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from itertools import groupby
from typing import Final

from engine.scenario.library import OWN

PLACE: Final = 30
HELP: Final = "List the scenarios of the library, by level."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq list`."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def run(arguments: argparse.Namespace) -> int:
    """Print each scenario's name and title under its level, the easiest first, or one JSON array."""
    scenarios = OWN.listings()
    if arguments.json:
        keys = ("name", "title", "level", "rules", "covers")
        print(json.dumps([{key: asdict(scenario)[key] for key in keys} for scenario in scenarios]))
        return 0
    width = max(len(scenario.name) for scenario in scenarios)
    for level, group in groupby(scenarios, key=lambda scenario: scenario.level):
        print(level)
        for scenario in group:
            print(f"  {scenario.name:<{width}}  {scenario.title}")
    return 0
