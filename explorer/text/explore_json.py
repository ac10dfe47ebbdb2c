"""The JSON of `pageq explore`: what a search of the schedules found, as one object."""

from __future__ import annotations

from typing import Any

from engine.explore.exploration import Access, Claim, Exploration, Found, Race, ValueFound
from engine.explore.graph.counts import count_text


def facts(exploration: Exploration) -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "format": 1,
        "scenario": exploration.scenario,
        "rules": exploration.rules,
        "complete": exploration.complete,
        "bound": exploration.bound or None,
        "states": exploration.states,
        "transitions": exploration.transitions,
        "outcomes": [_outcome(found) for found in exploration.outcomes],
        "values": [_value(value) for value in exploration.values],
        "claims": [_claim(claim) for claim in exploration.claims],
        "expected": sorted(exploration.expected),
        "growing": _growing(exploration.growing),
        "sampled": exploration.sampled,
        "reduced": exploration.reduced,
        "notes": list(exploration.notes),
    }


def _outcome(found: Found) -> dict[str, Any]:
    return {
        "outcome": found.outcome,
        "ends": found.ends,
        "schedules": _count(found.schedules),
        "probability": found.probability,
        "schedule": found.schedule,
        "settings": dict(found.settings),
        "switches": found.switches,
        "steps": found.steps,
        "state": found.state,
        "inevitable": _inevitable(found),
        "message": found.message,
        "race": None if found.race is None else _race(found.race),
        "lost": found.lost,
        "starves": list(found.starves),
        "cycle": found.cycle,
        "sampled": found.sampled,
    }


def _count(schedules: int | None) -> int | str | None:
    return None if schedules is None else count_text(schedules)


def _inevitable(found: Found) -> dict[str, Any] | None:
    point = found.inevitable
    if point is None:
        return None
    return {
        "step": point.step,
        "thread": point.thread or None,
        "action": point.action,
        "alternatives": list(point.alternatives),
        "others": [list(others) for others in point.others],
    }


def _race(race: Race) -> dict[str, Any]:
    return {"cell": race.cell, "first": _access(race.first), "second": _access(race.second)}


def _access(access: Access) -> dict[str, Any]:
    return {
        "thread": access.thread,
        "step": access.step,
        "action": access.action,
        "writes": access.writes,
    }


def _value(value: ValueFound) -> dict[str, Any]:
    return {
        "expr": value.expr,
        "value": value.value,
        "schedules": _count(value.schedules),
        "probability": value.probability,
        "shown": value.shown,
        "ends": value.ends,
        "sampled": value.sampled,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    keys = ("text", "ok", "found", "schedule", "state", "step", "place")
    return {key: getattr(claim, key) for key in keys}


def _growing(growing: tuple[str, int] | None) -> dict[str, Any] | None:
    return None if growing is None else {"cell": growing[0], "values": growing[1]}
