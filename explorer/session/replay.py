"""A reference string through the policies that were asked for: what `pageq replay` measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Final

from engine.errors import BadInput
from engine.policies.comparison import POLICIES, WHOLE, WHOLE_BYTES, Comparison, compare
from engine.policies.curve import CURVE_BYTES, lru_curve
from engine.references.reader import MEMORY, Reading, open_references
from engine.references.references import References
from engine.replay.kernel import KernelCounts, replay_kernel
from engine.run.reference_string import REFERENCES_PER_TICK
from engine.words import byte_size, plural
from explorer.views.replay import COUNTED, KERNEL, KERNEL_COUNTED, LeftOut, Replay, ReplayRow

Progress = Callable[[str], None]

_KERNEL_ROW: Final = (*COUNTED, *KERNEL_COUNTED)

EVERY: Final = (KERNEL, *POLICIES)
"""Every policy, in the order of the rows."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a string.

    trace:    its name, as engine.references.reader says.
    reading:  how a file is read.
    frames:   the numbers of frames.
    policies: some of EVERY.
    curve:    whether the misses of LRU are wanted with every number of frames.
    tick, rules: of the kernel: references between two ticks, and the rule set.
    memory:   bytes that the string may take as a whole.
    """

    trace: str
    reading: Reading = field(default_factory=Reading)
    frames: tuple[int, ...] = ()
    policies: tuple[str, ...] = EVERY
    curve: bool = False
    tick: int = REFERENCES_PER_TICK
    rules: str = "document"
    memory: int = MEMORY


def replay(asked: Asked, progress: Progress = lambda _: None) -> Replay:
    """Take a string through the policies.

    progress: gets a text at times: how far it has come.
    Errors: BadInput for an invalid string, and for one that takes too much memory for all that is asked.
    """
    stream = open_references(asked.trace, asked.reading)
    found = compare(
        stream,
        [name for name in asked.policies if name != KERNEL],
        asked.frames,
        keep=asked.curve or KERNEL in asked.policies,
        memory=asked.memory,
        progress=lambda taken: progress(f"{taken:,} references"),
    )
    if not found.to_end:
        left_out = ", ".join(f"{one.policy}: {one.why}" for one in _too_large(asked, found, curved=False))
        raise BadInput(f"{left_out}; give more, or a policy that does not keep it, such as lru")
    rows = [ReplayRow(row.policy, row.frames, asdict(row.counts)) for row in found.rows]
    kernel = {frames: _kernel(asked, found.whole, frames, progress) for frames in asked.frames}
    counted = {frames: one for frames, one in kernel.items() if isinstance(one, KernelCounts)}
    for frames, counts in counted.items():
        rows.append(ReplayRow(KERNEL, frames, {name: getattr(counts, name) for name in _KERNEL_ROW}))
    curve = _curve(asked, found.whole)
    return Replay(
        trace=stream.name,
        format=stream.format,
        page_size=1 << asked.reading.page_shift,
        count=found.count,
        pages=found.pages,
        rows=tuple(sorted(rows, key=lambda row: (row.frames, EVERY.index(row.policy)))),
        left_out=(
            *(one for one in kernel.values() if isinstance(one, LeftOut)),
            *_too_large(asked, found, curve is not None),
        ),
        sized={frames: counts.sized for frames, counts in counted.items()},
        curve=curve,
    )


def _kernel(
    asked: Asked, whole: References | None, frames: int, progress: Progress
) -> KernelCounts | LeftOut | None:
    """What the kernel counts; None without the string, or if it was not asked for.

    Where it cannot have so many frames, it is left out, unless it is the only policy.

    Errors: BadInput.
    """
    if whole is None or KERNEL not in asked.policies:
        return None
    of = f"{KERNEL} with {plural(frames, 'frame')}"

    def taken(count: int) -> bool:
        progress(f"{of}: {count:,} of {len(whole):,} references")
        return True

    try:
        return replay_kernel(whole, frames, tick=asked.tick, rules=asked.rules, progress=taken)
    except BadInput as error:
        if asked.policies == (KERNEL,):
            raise
        return LeftOut(KERNEL, error.message, frames)


def _too_large(asked: Asked, found: Comparison, curved: bool) -> Iterator[LeftOut]:
    """What needs the string as a whole, if it takes too much memory for that; curved: there is a curve."""
    limit = byte_size(asked.memory)
    if found.whole is None and asked.frames:
        needs = f"it keeps the whole string, {WHOLE_BYTES} bytes a reference, in more than --memory {limit}"
        yield from (LeftOut(name, needs) for name in (KERNEL, WHOLE) if name in asked.policies)
    if asked.curve and not curved:
        yield LeftOut("--curve", f"it takes {CURVE_BYTES} bytes a reference, more than --memory {limit}")


def _curve(asked: Asked, whole: References | None) -> tuple[tuple[int, int], ...] | None:
    """The curve of LRU where it changes; None if it is not wanted, or takes too much memory."""
    if not asked.curve or whole is None or len(whole) * CURVE_BYTES > asked.memory:
        return None
    misses = lru_curve(whole).tolist()
    changes = (n for n in range(1, len(misses)) if n == 1 or misses[n] != misses[n - 1])
    return tuple((frames, misses[frames]) for frames in changes)
