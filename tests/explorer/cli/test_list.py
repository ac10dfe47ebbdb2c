"""`pageq list`: each scenario under its level, and the scenarios as a JSON array."""

from __future__ import annotations

import json

from engine.scenario import library
from tests.explorer.cli.command_output import Run


def test_the_list_names_each_scenario_with_its_level(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    names = {line.split()[0] for line in out.splitlines()}
    assert {"life-of-a-page", "colour-and-home", "hard-and-soft-busy", "empty-colour"} <= names


def test_the_json_list_has_the_contracts_keys(run: Run) -> None:
    code, out, _ = run("list", "--json")
    assert code == 0
    assert all(list(entry) == ["name", "title", "level", "rules", "covers"] for entry in json.loads(out))


def test_the_list_is_grouped_by_level_the_easiest_first(run: Run) -> None:
    _, out, _ = run("list")
    lines = out.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [level for level in ("beginner", "intermediate", "expert") if level in heads]
    assert len(heads) > 1
    level, found = "", {}
    for line in lines:
        if line.startswith("  "):
            found[line.split()[0]] = level
        else:
            level = line
    assert found == {listing.name: listing.level for listing in library.OWN.listings()}
