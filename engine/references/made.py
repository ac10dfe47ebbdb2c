"""Made reference strings: loop, scan, zipf and phases, the same on every computer.

A name has the parameters, such as `zipf:pages=1000,length=100000,seed=1`. Reference i depends on i and on the
number i of the splitmix64 sequence of the seed, so a string of any length is made in chunks.

Source: Johnson and Shasha, "2Q" (VLDB 1994) for zipf and scans; Denning, "The Working Set Model for Program
Behavior" (1968) for phases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import BadInput
from engine.references.chunk import Chunk
from engine.references.distinct import MOST_PAGES
from engine.run.splitmix import MASK64

PREFIX: Final = "made:"
"""Before the name of a made string where a file can be named too."""

MOST_LENGTH: Final = 10**10

_CHUNK: Final = 1 << 18
"""References of a chunk."""

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_LOW: Final = 24
"""Bits of a random number that decide whether a reference writes; the higher ones choose the page."""

Numbers = npt.NDArray[np.int64]
Random = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a made string: its default, its least and its largest value, and what it is."""

    default: int
    least: int
    most: int
    meaning: str


_LENGTH: Final = Parameter(100_000, 1, MOST_LENGTH, "references")
_SEED: Final = Parameter(0, 0, MASK64, "of the random numbers")
_WRITES: Final = Parameter(0, 0, 100, "percent of the references that write")


def _pages(default: int, meaning: str) -> Parameter:
    return Parameter(default, 1, MOST_PAGES, meaning)


@dataclass(frozen=True)
class Kind:
    """A kind of made strings.

    meaning:    what it is, in one sentence.
    parameters: by name.
    make:       (the values of the parameters) -> a function from the numbers of some references, and a random
                number for each, to their pages.
    """

    meaning: str
    parameters: Mapping[str, Parameter]
    make: Callable[[Mapping[str, int]], Callable[[Numbers, Random], Numbers]]


@dataclass(frozen=True)
class Made:
    """A made string.

    name:   its name, which makes it again.
    kind:   one of KINDS.
    values: of its parameters, by name.
    """

    name: str
    kind: Kind
    values: Mapping[str, int]

    def __len__(self) -> int:
        return self.values["length"]

    def chunks(self) -> Iterator[Chunk]:
        """Yield its references."""
        pages_at = self.kind.make(self.values)
        seed, percent = np.uint64(self.values.get("seed", 0)), np.uint64(self.values["writes"])
        for start in range(0, len(self), _CHUNK):
            numbers = np.arange(start, min(start + _CHUNK, len(self)))
            random = random_numbers(seed, numbers)
            chance = ((random & np.uint64((1 << _LOW) - 1)) * np.uint64(100)) >> np.uint64(_LOW)
            yield Chunk(pages_at(numbers, random), chance < percent)


def made(name: str) -> Made:
    """Parse the name of a made string: `KIND`, or `KIND:PARAMETER=VALUE,...`; `made:` may be before it.

    Errors: BadInput.
    """
    word, _, rest = name.removeprefix(PREFIX).partition(":")
    if word not in KINDS:
        raise BadInput(f"{word[:40]!r} is not a made string; use {', '.join(KINDS)}, such as {_EXAMPLE}")
    kind = KINDS[word]
    values = {key: parameter.default for key, parameter in kind.parameters.items()}
    given: set[str] = set()
    for item in rest.split(",") if rest else ():
        key, _, text = item.partition("=")
        if key not in values:
            raise BadInput(f"{key[:40]!r} is not a parameter of {word}; use {', '.join(values)}")
        if key in given:
            raise BadInput(f"{key} of {word} is given twice; give it once")
        given.add(key)
        values[key] = _value(word, key, text, kind.parameters[key])
    return Made(name, kind, values)


def _value(word: str, key: str, text: str, parameter: Parameter) -> int:
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(MASK64))
    if not digits or not parameter.least <= int(text) <= parameter.most:
        span = f"{parameter.least:,} to {parameter.most:,}"
        raise BadInput(f"{key} of {word} is {text[:40]!r}; use a number from {span}")
    return int(text)


def random_numbers(seed: np.uint64, numbers: Numbers) -> Random:
    """Return these numbers of the splitmix64 sequence of a seed, counted from 0; 64 bits each."""
    z = (numbers.astype(np.uint64) + np.uint64(1)) * _GOLDEN + seed
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _below(limit: int, random: Random) -> Numbers:
    """Random numbers below a limit of at most 2^24."""
    return (((random >> np.uint64(_LOW)) * np.uint64(limit)) >> np.uint64(64 - _LOW)).astype(np.int64)


# --- the kinds --------------------------------------------------------------------------------------------


def _loop(values: Mapping[str, int]) -> Callable[[Numbers, Random], Numbers]:
    return lambda numbers, _random: numbers % values["pages"]


def _scan(values: Mapping[str, int]) -> Callable[[Numbers, Random], Numbers]:
    """A scan takes every n-th reference; the working set has the pages before those of the scan."""
    kept, every = values["set"], values["every"]

    def pages(numbers: Numbers, random: Random) -> Numbers:
        scanned = kept + (numbers // every) % values["pages"]
        return np.where(numbers % every == every - 1, scanned, _below(kept, random))

    return pages


def _zipf(values: Mapping[str, int]) -> Callable[[Numbers, Random], Numbers]:
    """Page k has the weight 1 / (k + 1)^(skew / 4), by operations that IEEE 754 rounds in one way only."""
    ranks = np.arange(1, values["pages"] + 1, dtype=np.float64)
    fourth = np.sqrt(np.sqrt(ranks))
    weights = np.ones(len(ranks))
    for _ in range(values["skew"] % 4):
        weights /= fourth
    for _ in range(values["skew"] // 4):
        weights /= ranks
    sums = np.cumsum(weights)
    scale = sums[-1] / float(1 << (64 - _LOW))

    def pages(_numbers: Numbers, random: Random) -> Numbers:
        drawn = (random >> np.uint64(_LOW)).astype(np.float64) * scale
        found: Numbers = np.minimum(np.searchsorted(sums, drawn, side="right"), len(sums) - 1)
        return found

    return pages


def _phases(values: Mapping[str, int]) -> Callable[[Numbers, Random], Numbers]:
    """In each phase, the working set starts at another random page."""
    total, seed = values["pages"], np.uint64(values["seed"] ^ MASK64)

    def pages(numbers: Numbers, random: Random) -> Numbers:
        starts = _below(total, random_numbers(seed, numbers // values["phase"]))
        found: Numbers = (starts + _below(values["set"], random)) % total
        return found

    return pages


KINDS: Final[Mapping[str, Kind]] = {
    "loop": Kind(
        "the pages in order, again and again",
        {"pages": _pages(100, "pages of the loop"), "length": _LENGTH, "writes": _WRITES},
        _loop,
    ),
    "scan": Kind(
        "a working set of random pages, and a scan of other pages beside it",
        {
            "set": _pages(50, "pages of the working set"),
            "pages": _pages(10_000, "pages of the scan, which starts again at its end"),
            "every": Parameter(2, 2, MOST_LENGTH, "the scan takes one reference of so many"),
            "length": _LENGTH, "seed": _SEED, "writes": _WRITES,
        },
        _scan,
    ),
    "zipf": Kind(
        "random pages, of which the k-th has a weight of 1 / k to the power of skew / 4",
        {
            "pages": _pages(1000, "pages"),
            "skew": Parameter(4, 0, 12, "four times the exponent"),
            "length": _LENGTH, "seed": _SEED, "writes": _WRITES,
        },
        _zipf,
    ),
    "phases": Kind(
        "random pages of a working set that is another one in each phase",
        {
            "pages": _pages(1000, "pages in all"),
            "set": _pages(50, "pages of a working set"),
            "phase": Parameter(10_000, 1, MOST_LENGTH, "references of a phase"),
            "length": _LENGTH, "seed": _SEED, "writes": _WRITES,
        },
        _phases,
    ),
}  # fmt: skip
"""Word -> the kind."""

_EXAMPLE: Final = "zipf:pages=1000,length=100000,seed=1"
