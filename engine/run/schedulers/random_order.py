"""Random order, reproducible by seed: splitmix64 over the threads that can run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.run.events import Choice
from engine.run.schedule import Scheduler, Written
from engine.run.splitmix import MASK64, splitmix64
from engine.run.threads import Threads

GRAMMAR: Final = "random:SEED"

_BEGIN: Final = "random:"
_SEED: Final = re.compile(r"\d{1,20}", re.ASCII)


@dataclass(frozen=True)
class RandomOrder(Scheduler):
    """Each step is taken by a random thread that can run; all are equally likely."""

    text: str
    seed: int

    def choose(self, threads: Threads, step: int) -> Choice:
        """Choose a thread that can run, and store the next state of the random sequence in its cell."""
        runnable, glob = threads.runnable(), threads.vm.glob
        if not runnable:
            return threads.nothing_runs()
        state, number = splitmix64(glob.schedule_random[0] & MASK64)
        glob.schedule_random[0] = state
        return runnable[number % len(runnable)]

    def is_over(self, vm: Machine) -> bool:
        """Return False: a random schedule has no end."""
        return False


def read(written: Written) -> RandomOrder | None:
    """Read `random:SEED`; None if the text is not exactly one such word.

    Errors: BadInput if the seed is not a number.
    """
    words = written.words
    if len(words) != 1 or not words[0].text.startswith(_BEGIN):
        return None
    word, seed = words[0], words[0].text.removeprefix(_BEGIN)
    if _SEED.fullmatch(seed) is None:
        message = f"{word.text[:60]!r} has no seed; write random:NUMBER, with at most 20 digits"
        raise BadInput(message, file=word.file, line=word.line)
    return RandomOrder(word.text, int(seed) & MASK64)
