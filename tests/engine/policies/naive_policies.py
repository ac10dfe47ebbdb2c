"""The policies again, as lists that are searched, to compare with; and the least misses of any policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from engine.references.references import References

Naive = Callable[[Sequence[int], int], tuple[int, list[tuple[int, int]]]]
"""(pages, frames) -> misses, and (time, page) of each eviction."""


def string_of(pages: Sequence[int], writes: Sequence[bool] = ()) -> References:
    """A reference string of these pages."""
    distinct, indices = np.unique(np.array(pages, np.int64), return_inverse=True)
    flags = np.array(writes or [False] * len(pages), np.bool_)
    return References("test", indices.astype(np.uint32), flags, distinct)


def writebacks(pages: Sequence[int], writes: Sequence[bool], evictions: Sequence[tuple[int, int]]) -> int:
    """The evictions of pages that were written since their last eviction."""
    found, since = 0, dict.fromkeys(pages, 0)
    for time, page in evictions:
        found += any(writes[at] for at in range(since[page], time) if pages[at] == page)
        since[page] = time
    return found


def fifo(pages: Sequence[int], frames: int) -> tuple[int, list[tuple[int, int]]]:
    queue: list[int] = []
    misses, evicted = 0, []
    for time, page in enumerate(pages):
        if page in queue:
            continue
        misses += 1
        if len(queue) == frames:
            evicted.append((time, queue.pop(0)))
        queue.append(page)
    return misses, evicted


def lru(pages: Sequence[int], frames: int) -> tuple[int, list[tuple[int, int]]]:
    stack: list[int] = []
    misses, evicted = 0, []
    for time, page in enumerate(pages):
        if page in stack:
            stack.remove(page)
        else:
            misses += 1
            if len(stack) == frames:
                evicted.append((time, stack.pop(0)))
        stack.append(page)
    return misses, evicted


def clock(pages: Sequence[int], frames: int) -> tuple[int, list[tuple[int, int]]]:
    """Second chance as a queue: a used page goes to its end, unused."""
    queue: list[list[int]] = []
    misses, evicted = 0, []
    for time, page in enumerate(pages):
        found = [entry for entry in queue if entry[0] == page]
        if found:
            found[0][1] = 1
            continue
        misses += 1
        if len(queue) == frames:
            while queue[0][1]:
                queue.append([queue.pop(0)[0], 0])
            evicted.append((time, queue.pop(0)[0]))
        queue.append([page, 1])
    return misses, evicted


def two_queues(pages: Sequence[int], frames: int) -> tuple[int, list[tuple[int, int]]]:
    """The paper's text; the head of a list is its element 0."""
    a1in: list[int] = []
    a1out: list[int] = []
    am: list[int] = []
    misses, evicted = 0, []

    def reclaim(time: int) -> None:
        if len(a1in) + len(am) < frames:
            return
        if len(a1in) > frames // 4:
            page = a1in.pop()
            evicted.append((time, page))
            a1out.insert(0, page)
            if len(a1out) > frames // 2:
                a1out.pop()
        else:
            evicted.append((time, am.pop()))

    for time, page in enumerate(pages):
        if page in am:
            am.remove(page)
            am.insert(0, page)
        elif page in a1out:
            misses += 1
            reclaim(time)
            if page in a1out:
                a1out.remove(page)
            am.insert(0, page)
        elif page not in a1in:
            misses += 1
            reclaim(time)
            a1in.insert(0, page)
    return misses, evicted


def arc(pages: Sequence[int], c: int) -> tuple[int, list[tuple[int, int]]]:
    """Figure 4 of the paper; the most recent page of a list is its last element."""
    t1: list[int] = []
    t2: list[int] = []
    b1: list[int] = []
    b2: list[int] = []
    p = 0.0
    misses, evicted = 0, []

    def replace(time: int, x: int) -> None:
        if len(t1) >= 1 and ((x in b2 and len(t1) == p) or len(t1) > p):
            evicted.append((time, t1[0]))
            b1.append(t1.pop(0))
        else:
            evicted.append((time, t2[0]))
            b2.append(t2.pop(0))

    for time, x in enumerate(pages):
        misses += x not in t1 + t2
        if x in t1 + t2:
            (t1 if x in t1 else t2).remove(x)
            t2.append(x)
        elif x in b1:
            p = min(float(c), p + (1 if len(b1) >= len(b2) else len(b2) / len(b1)))
            replace(time, x)
            b1.remove(x)
            t2.append(x)
        elif x in b2:
            p = max(0.0, p - (1 if len(b2) >= len(b1) else len(b1) / len(b2)))
            replace(time, x)
            b2.remove(x)
            t2.append(x)
        else:
            if len(t1) + len(b1) == c:
                if len(t1) < c:
                    b1.pop(0)
                    replace(time, x)
                else:
                    evicted.append((time, t1.pop(0)))
            elif len(t1) + len(t2) + len(b1) + len(b2) >= c:
                if len(t1) + len(t2) + len(b1) + len(b2) == 2 * c:
                    b2.pop(0)
                replace(time, x)
            t1.append(x)
    return misses, evicted


def opt(pages: Sequence[int], frames: int) -> tuple[int, list[tuple[int, int]]]:
    resident: list[int] = []
    misses, evicted = 0, []
    for time, page in enumerate(pages):
        if page in resident:
            continue
        misses += 1
        if len(resident) == frames:
            rest = list(pages[time:])
            away = {one: rest.index(one) if one in rest else len(rest) for one in resident}
            victim = min(resident, key=lambda one: (-away[one], one))
            resident.remove(victim)
            evicted.append((time, victim))
        resident.append(page)
    return misses, evicted


NAIVE: dict[str, Naive] = {
    "fifo": fifo, "lru": lru, "clock": clock, "2q": two_queues, "arc": arc, "opt": opt,
}  # fmt: skip


def least_misses(pages: tuple[int, ...], frames: int) -> int:
    """The fewest misses that any choice of victims has, by trying all."""

    @cache
    def least(at: int, resident: frozenset[int]) -> int:
        if at == len(pages):
            return 0
        page = pages[at]
        if page in resident:
            return least(at + 1, resident)
        if len(resident) < frames:
            return 1 + least(at + 1, resident | {page})
        return 1 + min(least(at + 1, resident - {victim} | {page}) for victim in resident)

    return least(0, frozenset())
