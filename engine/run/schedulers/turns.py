"""The default: the cpus take one step each, in number order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.machine.machine import Machine
from engine.run.schedule import Scheduler, Written
from engine.run.threads import Threads

GRAMMAR: Final = "rr"


@dataclass(frozen=True)
class Turns(Scheduler):
    """Lets the cpus take turns from the start."""

    text: str = GRAMMAR

    def choose(self, threads: Threads, step: int) -> None:
        """Return None: the cpus take turns."""

    def is_over(self, vm: Machine) -> bool:
        """Return True: the cpus always take turns."""
        return True


def read(written: Written) -> Turns | None:
    """Read `rr` or an empty text; None for anything else."""
    return Turns() if [word.text for word in written.words] in ([], [GRAMMAR]) else None
