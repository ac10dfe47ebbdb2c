"""The options of a search of all schedules, as `explore` takes them in the console: those of the shell."""

from __future__ import annotations

import argparse
import shlex
from typing import Any, Final, NoReturn

from engine.errors import BadInput
from engine.explore.limits import MEMORY, SCHEDULES, STATES, TICKS, Limits, Sample, read_memory, read_sample
from engine.words import listed
from explorer.session.search_conflicts import check_together
from explorer.session.typed_number import number_of

LISTS: Final = {"expr": "exprs", "always": "always", "end": "end", "order": "order", "allow": "allow"}
"""Options that may come several times, each with a text, and the arguments of `explore`."""

NUMBERS: Final = ("states", "ticks", "schedules", "seed")
TEXTS: Final = ("memory", "sample", "invariants")
FLAGS: Final = ("reduce",)

OPTIONS: Final = tuple(f"--{name}" for name in (*LISTS, *NUMBERS, *TEXTS, *FLAGS))
"""Every option."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(f"explore: {message[:100]}; use {listed(OPTIONS)}")


def read_options(text: str) -> dict[str, Any]:
    """Parse options such as `--states 100000 --expr 'count(FREE)'` into keyword arguments of `explore`.

    Those that are not given are left to `explore`.
    Errors: BadInput for an unknown option, a value that it does not take, or options that exclude each other.
    """
    parser = _Parser(prog="explore", add_help=False, allow_abbrev=False)
    for name in LISTS:
        parser.add_argument(f"--{name}", action="append", default=[])
    for name in (*NUMBERS, *TEXTS):
        parser.add_argument(f"--{name}")
    for name in FLAGS:
        parser.add_argument(f"--{name}", action="store_true")
    given, others = parser.parse_known_args(_words(text))
    if others:
        parser.error(f"{others[0][:40]!r} is not an option")
    check_together(given)
    options: dict[str, Any] = {LISTS[name]: tuple(texts) for name in LISTS if (texts := getattr(given, name))}
    limits = Limits(
        _number(given, "states", STATES),
        _number(given, "ticks", TICKS),
        MEMORY if given.memory is None else read_memory(given.memory),
    )
    found = {
        "limits": None if limits == Limits() else limits,
        "reduce": given.reduce or None,
        "invariants": _one_of(given.invariants, ("calm", "all")),
        "sample": _sample(given),
    }
    return options | {name: value for name, value in found.items() if value is not None}


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadInput(
            f"explore: {str(error).lower()} in {text[:60]!r}; quote an expression as a whole"
        ) from None


def _number(given: argparse.Namespace, name: str, default: int, least: int = 1) -> int:
    text = getattr(given, name)
    if text is None:
        return default
    number = number_of(text, f"a number for --{name}")
    if number < least:
        raise BadInput(f"--{name} {number} is not possible; use a number from {least}")
    return number


def _one_of(text: str | None, known: tuple[str, ...]) -> str | None:
    if text is not None and text not in known:
        raise BadInput(f"--invariants {text[:20]!r} is not known; use {' or '.join(known)}")
    return text


def _sample(given: argparse.Namespace) -> Sample | None:
    """Return how to sample; None for a search of all schedules."""
    if given.sample is None:
        if given.seed is not None:
            raise BadInput("--seed chooses the schedules of --sample; add --sample random or --sample pct:D")
        return None
    strategy, depth = read_sample(given.sample)
    seed = _number(given, "seed", 0, 0)
    if seed >= 1 << 64:
        raise BadInput(f"--seed {seed} is not possible; use a number below 2^64")
    return Sample(strategy, depth, _number(given, "schedules", SCHEDULES), seed)
