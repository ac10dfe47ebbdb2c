"""The experiments of the package for a screen, which has no place for the error of a file."""

from __future__ import annotations

from functools import cache

from engine.errors import BadInput
from engine.experiments.form import read_experiment
from engine.experiments.listing import ExperimentListing, find_experiment, listed_experiments


@cache
def listed() -> tuple[ExperimentListing, ...]:
    """Every experiment of the package; none if a file is not an experiment."""
    try:
        return listed_experiments()
    except BadInput:
        return ()


@cache
def varied_keys(name: str) -> tuple[str, ...]:
    """The keys that an experiment of the package varies; none for another name."""
    if name not in {one.name for one in listed()}:
        return ()
    return tuple(one.key for one in read_experiment(find_experiment(name)).vary)
