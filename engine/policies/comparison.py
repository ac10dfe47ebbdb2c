"""Several policies with several numbers of frames over one reference string, which is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby, product, repeat
from typing import Any, Final

import numpy.typing as npt

from engine.errors import BadInput
from engine.policies.arc import Arc
from engine.policies.clock import Clock
from engine.policies.fifo import Fifo
from engine.policies.lru import Lru
from engine.policies.opt import Opt, next_uses, replacement_keys
from engine.policies.policy import Counts, Policy
from engine.policies.runs import Flags, Indices, shortened
from engine.policies.two_queues import TwoQueues
from engine.references.distinct import MOST_PAGES, DistinctPages
from engine.references.reader import MEMORY, ReferenceStream, gathered
from engine.references.references import References

POLICIES: Final[dict[str, type[Policy]]] = {
    policy.name: policy for policy in (Lru, Fifo, Clock, TwoQueues, Arc, Opt)
}
"""Name -> the policy."""

WHOLE: Final = "opt"
"""The policy that takes a string only as a whole."""

WHOLE_BYTES: Final = 16
"""Bytes for each reference that a whole string takes while OPT takes it, at most."""

MOST_FRAMES: Final = MOST_PAGES

_PART: Final = 1 << 16
"""References that a policy takes at once."""


@dataclass(frozen=True)
class Row:
    """What one policy counts with one number of frames."""

    policy: str
    frames: int
    counts: Counts


@dataclass(frozen=True, eq=False)
class Comparison:
    """What the policies count over one string.

    count:  its references; pages: the distinct pages.
    rows:   by policy and frames, in the order in which they were asked for; none of OPT without `whole`.
    whole:  the string, if it was to be kept and did not take more memory than it may.
    to_end: whether it was read to its end; not once it takes too much memory for all that was asked for.
    """

    count: int
    pages: int
    rows: tuple[Row, ...]
    whole: References | None
    to_end: bool = True


def check_policy(name: str, frames: int) -> None:
    """Check a policy and its frames.

    Errors: BadInput.
    """
    if name not in POLICIES:
        raise BadInput(f"{name[:40]!r} is not a policy; use {', '.join(POLICIES)}")
    if not 1 <= frames <= MOST_FRAMES:
        raise BadInput(f"{frames} is not a number of frames; use 1 to {MOST_FRAMES:,}")


def measure(references: References, policy: str, frames: int) -> Counts:
    """Count what one policy does with a string.

    Errors: BadInput for an unknown policy or a number of frames that is not 1 to MOST_FRAMES.
    """
    check_policy(policy, frames)
    if policy == WHOLE:
        return _optimal(references, [frames])[0]
    one = POLICIES[policy](frames)
    _take([one], references.indices, references.writes)
    return _counts(one, len(references), len(references.pages))


def compare(
    stream: ReferenceStream,
    policies: Sequence[str],
    frames: Sequence[int],
    *,
    keep: bool = False,
    memory: int = MEMORY,
    progress: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Take a string through each policy with each number of frames.

    keep:     whether the string is needed afterwards; OPT needs it anyway.
    memory:   bytes that the string may take as a whole.
    progress: gets the number of references that were taken until now.
    Errors: BadInput as check_policy, and for a bad line.
    """
    for name, number in product(policies, frames):
        check_policy(name, number)
    online = {
        (name, number): POLICIES[name](number) for name, number in product(policies, frames) if name != WHOLE
    }
    keep = keep or WHOLE in policies
    kept, to_end = _Kept(memory // WHOLE_BYTES if keep else 0), True
    distinct, taken = DistinctPages(stream.name), 0
    for chunk in stream.chunks:
        indices = distinct.indices(chunk.pages)
        taken += len(indices)
        _take(online.values(), indices, chunk.writes)
        kept.add(indices, chunk.writes)
        progress(taken)
        if keep and kept.are_too_many and not online:
            to_end = False
            break
    found = {key: _counts(policy, taken, len(distinct)) for key, policy in online.items()}
    whole = kept.joined(stream.name, distinct)
    if whole is not None and WHOLE in policies:
        found |= {(WHOLE, number): one for number, one in zip(frames, _optimal(whole, frames), strict=True)}
    rows = (Row(*key, found[key]) for key in product(policies, frames) if key in found)
    return Comparison(taken, len(distinct), tuple(rows), whole, to_end)


class _Kept:
    """The chunks of a string, as long as they are few enough to be joined."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._indices: list[Indices] = []
        self._writes: list[Flags] = []

    @property
    def are_too_many(self) -> bool:
        """Whether they take more memory than they may."""
        return self._left < 0

    def add(self, indices: Indices, writes: Flags) -> None:
        """Add a chunk; if it is one too many, forget all."""
        self._left -= len(indices)
        if self._left >= 0:
            self._indices.append(indices)
            self._writes.append(writes)
        else:
            self._indices, self._writes = [], []

    def joined(self, name: str, distinct: DistinctPages) -> References | None:
        """Return the string, and forget its chunks; None if they were too many."""
        if self.are_too_many:
            return None
        indices, writes, self._indices, self._writes = self._indices, self._writes, [], []
        return gathered(name, distinct, indices, writes)


def _parts(*columns: npt.NDArray[Any]) -> Iterator[tuple[npt.NDArray[Any], ...]]:
    for start in range(0, len(columns[0]), _PART):
        yield tuple(column[start : start + _PART] for column in columns)


def _take(policies: Iterable[Policy], indices: Indices, writes: Flags) -> None:
    """Take the references of a chunk; policies that need as many of each run share the lists."""
    by_repeats = sorted(policies, key=lambda policy: policy.repeats)
    for repeats, group in groupby(by_repeats, key=lambda policy: policy.repeats):
        alike = list(group)
        for part, flags in _parts(*shortened(indices, writes, repeats)):
            pages, written = part.tolist(), flags.tolist() if flags.any() else repeat(False)
            for policy in alike:
                policy.run(pages, written)


def _optimal(references: References, frames: Sequence[int]) -> list[Counts]:
    """What OPT counts with each number of frames."""
    indices, writes = shortened(references.indices, references.writes, 1)
    length = len(indices)
    following = next_uses(indices, len(references.pages))
    policies = [Opt(number) for number in frames]
    for start, (part, flags, ahead) in zip(count(0, _PART), _parts(indices, writes, following)):
        keys = replacement_keys(part, ahead, length).tolist()
        pages, written = part.tolist(), flags.tolist()
        for policy in policies:
            policy.forget(length - start)
            policy.run(pages, written, keys)
    return [_counts(policy, len(references), len(references.pages)) for policy in policies]


def _counts(policy: Policy, references: int, pages: int) -> Counts:
    hits = references - policy.misses
    return Counts(references, pages, hits, policy.misses, policy.evictions, policy.writebacks)
