"""Options of a search of the schedules that make no sense together, in the shell and in the console."""

from __future__ import annotations

import argparse
from typing import Final

from engine.errors import BadInput

_FOR_ALL: Final = {
    "reduce": "--reduce leaves schedules out of a search of all, and --sample does not search all",
    "graph": "--graph writes the states of a search of all schedules, and --sample keeps none",
    "states": "--states ends a search of all schedules; --schedules N says how many --sample runs",
    "memory": "--memory limits a search of all schedules; --schedules N says how many --sample runs",
}
"""An option that --sample does not take -> why."""

_FOR_SAMPLES: Final = {
    "schedules": "--schedules says how many schedules --sample runs; without it, all are searched",
    "workers": "--workers is for --sample; a search of all schedules stays in one process",
}
"""An option that needs --sample -> why."""

_NOT_REDUCED: Final = {
    "always": "--reduce does not come to every state, so --always cannot be checked",
    "order": "--reduce keeps one of several schedules, and --order could leave out just that one",
}
"""An option that --reduce does not go with -> why."""


def check_together(given: argparse.Namespace) -> None:
    """Check which options are given together: None, an empty list or False is not given.

    Errors: BadInput with the reason and what to remove.
    """
    sampled = getattr(given, "sample", None) is not None
    for name, why in (_FOR_ALL if sampled else _FOR_SAMPLES).items():
        if getattr(given, name, None):
            right = f"remove --{name} or --sample" if sampled else f"remove --{name}, or add --sample pct:2"
            raise BadInput(f"{why}; {right}")
    if sampled and getattr(given, "invariants", None) == "all":
        raise BadInput("--sample does not check invariants; remove --invariants all or --sample")
    if not getattr(given, "reduce", False):
        return
    for name, why in _NOT_REDUCED.items():
        if getattr(given, name, None):
            raise BadInput(f"{why}; remove --{name} or --reduce")
    if getattr(given, "invariants", None) == "all":
        raise BadInput("--reduce does not come to every state; remove --invariants all or --reduce")
