"""`pageq conform`: traces of the real kernel replayed on the model, and what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TextIO

from engine.errors import BadInput
from engine.inputs.kernel_trace import replay_trace
from engine.inputs.traces.limits import compare_limits, is_limits_file
from engine.inputs.traces.report import Divergence, Tally

AGREES: Final = 0
DIVERGES: Final = 1
BAD: Final = 2


def run_conform(paths: list[str], out: TextIO, err: TextIO) -> int:
    """Replay each file, print each divergence as it is found, and last what was compared.

    A file that is no trace is named on `err`; the others are replayed all the same.
    Returns the exit code: 0 all agree, 1 something diverges, 2 some file is no trace.
    """
    tally = Tally()
    code = AGREES
    for path in paths:
        try:
            for divergence in _compare(path, tally):
                print(divergence, file=out)
        except BadInput as error:
            print(error, file=err)
            code = BAD
    if uncovered := tally.uncovered():
        print(uncovered, file=out)
    print(tally.summary(), file=out)
    return code or (DIVERGES if tally.divergences else AGREES)


def _compare(path: str, tally: Tally) -> Iterator[Divergence]:
    return compare_limits(path, tally) if is_limits_file(path) else replay_trace(path, tally)
