"""How far a search of the schedules goes: its limits, its samples, and how far it has come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from engine.errors import BadInput
from engine.machine.topology import parse_limit

STATES: Final = 5_000_000
TICKS: Final = 200
MEMORY: Final = 2 << 30
SCHEDULES: Final = 10_000

MOST_DEPTH: Final = 99
"""The most change points of a sampled schedule."""

_SAMPLE: Final = re.compile(r"random|pct:([0-9]{1,2})", re.ASCII)


@dataclass(frozen=True)
class Limits:
    """Where a search ends although it has not searched every schedule.

    states: the number of states.
    ticks:  the number of clock ticks in a schedule.
    memory: of the search, in bytes.
    """

    states: int = STATES
    ticks: int = TICKS
    memory: int = MEMORY


@dataclass(frozen=True)
class Sample:
    """How schedules are sampled.

    strategy:  `random`: each step is taken by a random thread that can run. `pct`: by the thread with the
               highest of random priorities, which are lowered at random steps.
    depth:     of `pct`: the number of these steps, the change points; else 0.
    schedules: how many are run.
    seed:      of the random numbers, from 0 to 2**64 - 1; schedule i of a seed is always the same.
    workers:   the number of processes; the result does not depend on it.
    """

    strategy: Literal["pct", "random"]
    depth: int = 0
    schedules: int = SCHEDULES
    seed: int = 0
    workers: int = 1


@dataclass(frozen=True)
class Progress:
    """How far a search has come.

    states:      found until now; 0 while sampling.
    transitions: the steps between them; while sampling, all steps taken.
    sampled:     the number of schedules that were sampled.
    """

    states: int
    transitions: int
    sampled: int = 0


def read_sample(text: str) -> tuple[Literal["pct", "random"], int]:
    """Parse `random` or `pct:D`; return the strategy and its depth, the D change points.

    Errors: BadInput for any other text.
    """
    found = _SAMPLE.fullmatch(text)
    if found is None:
        right = f"use random, or pct:D with D change points, 0 to {MOST_DEPTH}"
        raise BadInput(f"{text[:40]!r} is not a way to sample; {right}")
    return ("random", 0) if found[1] is None else ("pct", int(found[1]))


def read_memory(text: str) -> int:
    """Parse the memory that a search may take, such as `2GiB`; return bytes.

    Errors: BadInput if it is not a size, or not one from 1 MiB to 64 GiB.
    """
    return parse_limit(text, "a search")
