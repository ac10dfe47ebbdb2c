"""Feed hostile inputs for a while: `python tests/fuzz/run.py --minutes N [--kind KIND ...] [--seed S]`.

One line per kind: inputs, the slowest in seconds, the growth of memory in MiB, failures. An input fails by an
exception that is not a refusal, by more than 10 seconds of processor time or a minute, or by more than 1 GiB.
Each failure is written to a file, with the command that repeats it. Exit 1 if there is one.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fuzz.kinds import KINDS, Kind
from tests.fuzz.screen import SCREEN

SECONDS: Final = 10
MIB: Final = 1024
GROWTH: Final = 1024
"""Limits of one input: seconds of processor time, and growth of the process in MiB (ru_maxrss counts KiB)."""

PATIENCE: Final = 6
"""How many times as long an input may take by the clock."""

ALL: Final = {**KINDS, SCREEN.name: SCREEN}


class TooSlow(Exception):
    """An input took more than its time."""


@dataclass
class Tally:
    """The inputs of a kind so far: how many, the slowest in seconds, the largest growth in MiB, failures."""

    inputs: int = 0
    slowest: float = 0.0
    growth: int = 0
    failures: int = 0


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MIB


@contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Raise TooSlow in the code under it after so many seconds of processor time, or PATIENCE times as many.

    On a busy machine, an input that is not slow takes long by the clock.
    """

    def late(signum: int, frame: FrameType | None) -> None:
        if signum == signal.SIGPROF:
            raise TooSlow(f"more than {seconds} s of processor time")
        raise TooSlow(f"more than {seconds * PATIENCE} s by the clock")

    timers = ((signal.ITIMER_PROF, signal.SIGPROF, 1), (signal.ITIMER_REAL, signal.SIGALRM, PATIENCE))
    before = [signal.signal(number, late) for _, number, _ in timers]
    for timer, _, times in timers:
        signal.setitimer(timer, seconds * times)
    try:
        yield
    finally:
        for (timer, number, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def feed_one(kind: Kind, seed: str, tally: Tally) -> str | None:
    """Make and feed the input of a seed in a folder of its own; return the failure as text, or None."""
    content = kind.make(random.Random(f"{kind.name}:{seed}"))
    began, memory = time.process_time(), _memory()
    failure = None
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        try:
            with limited():
                kind.feed(content, Path(folder))
        except KeyboardInterrupt:
            raise
        except BaseException:  # whatever it is, it is what this program looks for
            failure = traceback.format_exc()
    growth = _memory() - memory
    if failure is None and growth > GROWTH:
        failure = f"the process grew by {growth} MiB"
    tally.inputs += 1
    tally.slowest = max(tally.slowest, time.process_time() - began)
    tally.growth = max(tally.growth, growth)
    tally.failures += failure is not None
    return failure


def _keep(kind: Kind, seed: str, failure: str) -> None:
    """Write the input of a failure to a file; print the failure's last line and how to repeat it."""
    path = Path(tempfile.gettempdir()) / f"pageq-fuzz-{kind.name}-{seed}"
    path.write_bytes(kind.make(random.Random(f"{kind.name}:{seed}")))
    last = failure.strip().splitlines()[-1]
    again = f"python tests/fuzz/run.py --kind {kind.name} --seed {seed} --inputs 1"
    print(f"{kind.name} {seed}: {last}\n  {again}\n  {path}", flush=True)


def fuzz(kind: Kind, seed: int, until: float, inputs: int | None, shown: bool) -> Tally:
    """Feed inputs of a kind until a time of the monotonic clock, or so many."""
    tally = Tally()
    while time.monotonic() < until and (inputs is None or tally.inputs < inputs):
        name = f"{seed + tally.inputs}"
        failure = feed_one(kind, name, tally)
        if failure is not None:
            _keep(kind, name, failure)
            if shown:
                print(failure)
    return tally


def main() -> int:
    """Feed every kind for its share of the time; return 1 if an input failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--minutes", type=float, default=1.0, help="the time for all kinds together; default 1"
    )
    parser.add_argument("--kind", action="append", choices=list(ALL), help="only this kind; may be repeated")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; default 0")
    parser.add_argument("--inputs", type=int, help="stop a kind after so many inputs")
    arguments = parser.parse_args()
    kinds = [ALL[name] for name in arguments.kind or ALL]
    failed = 0
    for kind in kinds:
        until = time.monotonic() + arguments.minutes * 60 / len(kinds)
        tally = fuzz(kind, arguments.seed, until, arguments.inputs, arguments.inputs == 1)
        failed += tally.failures
        counts = f"{tally.inputs:>8,} inputs  slowest {tally.slowest:6.2f} s  +{tally.growth:>5,} MiB"
        print(f"{kind.name:<12}{counts}  {tally.failures} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
