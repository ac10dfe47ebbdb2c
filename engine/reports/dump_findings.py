"""What is odd about a dump of a real machine, in sentences.

Each sentence is computed from the numbers of the moment, or of those before it, and is about the 2020
kernel unless it says otherwise. An unknown number gives no sentence. The counters of pages
lag: a cpu adds its own changes to the global at its clock tick, 100 times a second, so they may differ a
little from the lengths of the queues, which are exact.
Source: spec 03; spec 10; spec 20; spec 22.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from engine.constants import PAGE_SHIFT, ROLLED_UP, VMSTATS_FIELDS
from engine.inputs.dumps.moment import COUNTERS, QUEUES, DumpMoment
from engine.kernel.pageout.setup import daemon_limits
from engine.machine.counters import UNKNOWN
from engine.memory.cells import Array
from engine.words import listed, plural

MANY: Final = 16
"""Average pages of a colour from which an empty colour among them is odd."""

WINDOW: Final = 16
"""Colours of the first aligned block that a search for a page looks at."""

UNEVEN: Final = 4
"""One part of the colours has this many times the free pages of another."""

GROWING: Final = 3
"""Moments in a row, each with more pages on HOLD than the one before."""

BOOT_PART: Final = 25
"""Boot takes up to this part of memory for the page array and itself: the limits may have been computed from
the size of memory, before, or from v_page_count."""

_NO_CACHE: Final = ("v_cache_min", "v_cache_max")
"""Limits that are 0 where few pages were free when the daemon started, and in the later kernel."""

_COUNTERS: Final = tuple(VMSTATS_FIELDS[field] for field in ROLLED_UP)
_LAG: Final = "the counter lags until each cpu adds its own changes, at a clock tick"
_FAR: Final = f"{_LAG}, but seldom by so much"


def findings(moments: Sequence[DumpMoment], at: int) -> tuple[str, ...]:
    """Return what is odd about the moment `at`, compared with those before it, one sentence each.

    moments: of one machine, in order. Returns: empty if nothing that is looked for was found.
    """
    now, past = moments[at], moments[:at]
    found = (
        *_negative(now),
        *_more_than_memory(now),
        *_counter_and_queues(now),
        *_below_min(now, past),
        *_below_reserved(now),
        *_other_limits(now),
        *_holes(now),
        *_uneven(now),
        *_growing_hold([*past, now]),
    )
    return tuple(found)


# --- counters -----------------------------------------------------------------------------------------------


def _negative(now: DumpMoment) -> Iterator[str]:
    below = [f"{name} is {value:,}" for name, value in _known(now).items() if value < 0]
    if not below:
        return
    words = f"{listed(below)}: a number of pages below 0"
    if any(_known(now).get(name, 0) < 0 for name in _COUNTERS):
        words += f"; {_LAG}"
    yield f"{words}."


def _known(now: DumpMoment) -> dict[str, int]:
    return {name: value for name, value in now.vmstats.items() if value is not None}


def _more_than_memory(now: DumpMoment) -> Iterator[str]:
    pages = now.vmstats["v_page_count"]
    queued = _queued(now)
    if pages is None:
        return
    if queued > pages:
        yield f"The queues hold {plural(queued, 'page')}, but the machine has {pages:,} (v_page_count)."
    if now.physmem is not None and pages > now.physmem >> PAGE_SHIFT:
        room = f"hw.physmem, {now.physmem:,} bytes, has room for {now.physmem >> PAGE_SHIFT:,}"
        yield f"v_page_count is {pages:,}, but {room} pages of 4 KiB."


def _queued(now: DumpMoment) -> int:
    """The pages on all queues whose lengths are known."""
    lists = (lengths for lengths in now.queues.values() if lengths is not None)
    # Python's integers do not overflow.
    return sum(sum(lengths[lengths != UNKNOWN].tolist()) for lengths in lists)


def _slack(now: DumpMoment) -> int:
    """By how many pages a counter may differ from the queues: 2 % of memory, at least 64."""
    return max(64, max(now.vmstats["v_page_count"] or 0, _queued(now)) // 50)


def _counter_and_queues(now: DumpMoment) -> Iterator[str]:
    slack = _slack(now)
    for queue in ("FREE", "CACHE", "INACTIVE"):
        counter = COUNTERS[queue]
        count, length = now.vmstats[counter], now.total(queue)
        if count is not None and length is not None and abs(count - length) > slack:
            yield f"{counter} is {count:,}, but the {queue} queues hold {plural(length, 'page')}; {_FAR}."
    count, active, hold = now.vmstats["v_active_count"], now.total("ACTIVE"), now.total("HOLD")
    if count is None or active is None:
        return
    if count < active - slack or (hold is not None and count > active + hold + slack):
        both = f"the ACTIVE queues hold {plural(active, 'page')}"
        if hold is not None:
            both = f"the ACTIVE and HOLD queues hold {plural(active + hold, 'page')}"
        yield f"v_active_count is {count:,}, but {both}; {_FAR}."


# --- shortage -----------------------------------------------------------------------------------------------


def _below_min(now: DumpMoment, past: Sequence[DumpMoment]) -> Iterator[str]:
    free, cached, least = now.counted("FREE"), now.counted("CACHE"), now.vmstats["v_free_min"]
    if free is None or cached is None or least is None or free + cached >= least:
        return
    asked = _asked(now, past)
    if asked is not None:
        words = f"{plural(free, 'free page')} and {cached:,} cached are fewer than v_free_min, {least:,}"
        yield f"{words}; {asked}."


def _asked(now: DumpMoment, past: Sequence[DumpMoment]) -> str | None:
    """Say whether the pageout daemon was asked; None if it was, and works."""
    passes = now.events.get("v_pdwakeups")
    if passes is None:
        return "the dump does not have v_pdwakeups, so whether the pageout daemon runs is unknown"
    if passes == 0:
        return "the pageout daemon has not run since boot (v_pdwakeups is 0)"
    before = next((one.events["v_pdwakeups"] for one in reversed(past) if "v_pdwakeups" in one.events), None)
    if before is None:
        return f"v_pdwakeups is {passes:,}; a second dump would show whether it still grows"
    if passes == before:
        return f"the pageout daemon has not run since the moment before (v_pdwakeups is still {passes:,})"
    return None


def _below_reserved(now: DumpMoment) -> Iterator[str]:
    free, reserved = now.counted("FREE"), now.vmstats["v_free_reserved"]
    if free is not None and reserved is not None and free < reserved:
        words = f"{plural(free, 'free page')} {'is' if free == 1 else 'are'} fewer than v_free_reserved"
        yield f"{words}, {reserved:,}: an ordinary allocation does not take one, and page faults wait."


# --- limits -------------------------------------------------------------------------------------------------


def _other_limits(now: DumpMoment) -> Iterator[str]:
    pages = now.vmstats["v_page_count"]
    if not pages or pages < 0:
        return
    least, most = _limits(pages), _limits(pages + pages // BOOT_PART)
    later = 2 * least["v_free_min"], 2 * most["v_free_min"]
    wrong = []
    for name in (name for name in least if name != "v_inactive_target"):
        limit = now.vmstats[name]
        spans = [(least[name], most[name])]
        spans += [later] if name == "v_free_target" else [(0, 0)] if name in _NO_CACHE else []
        if limit is not None and not any(low <= limit <= high for low, high in spans):
            also = f" ({later[0]:,} in later kernels)" if name == "v_free_target" else ""
            wrong.append(f"{name} is {limit:,} instead of {least[name]:,}{also}")
    aim = now.vmstats["v_inactive_target"]
    if aim is not None and aim > most["v_inactive_target"]:
        wrong.append(f"v_inactive_target is {aim:,} instead of at most {least['v_inactive_target']:,}")
    if wrong:
        whose = f"the kernel's rules for {plural(pages, 'page')} of memory (v_page_count)"
        yield f"Limits differ from {whose}: {listed(wrong)}. They can be set by sysctl."


def _limits(pages: int) -> dict[str, int]:
    """Return each limit as the kernel computes it; of v_inactive_target, the most that it can be."""
    return {VMSTATS_FIELDS[field]: limit for field, limit in daemon_limits(pages, pages).items()}


# --- colours ------------------------------------------------------------------------------------------------


def _holes(now: DumpMoment) -> Iterator[str]:
    for queue in QUEUES:
        lengths = now.queues[queue]
        if lengths is None or (lengths == UNKNOWN).any():
            continue
        block = min(WINDOW, lengths.size)
        around = lengths.reshape(-1, block).mean(axis=1).repeat(block)
        empty = np.flatnonzero((lengths == 0) & (around >= MANY))
        if empty.size:
            yield _hole(queue, lengths, empty, float(around[empty].min()), block)


def _hole(queue: str, lengths: Array, empty: Array, around: float, block: int) -> str:
    fullest = int(lengths.argmax())
    names = [f"{color:,}" for color in empty[:3].tolist()]
    if empty.size > 3:
        names.append(f"{empty.size - 3:,} more")
    noun, verb = ("colour", "is") if empty.size == 1 else ("colours", "are")
    words = f"{queue}: {noun} {listed(names)} of {lengths.size:,} {verb} empty next to full ones"
    full = f"the {block} colours around have {around:,.0f} pages each on average or more"
    most = f"colour {fullest:,} has the most, {lengths[fullest]:,}"
    searched = "; an allocation for an empty colour searches the colours around" if queue == "FREE" else ""
    return f"{words}: {full}, and {most}{searched}."


def _uneven(now: DumpMoment) -> Iterator[str]:
    lengths = now.queues["FREE"]
    if lengths is None or (lengths == UNKNOWN).any():
        return
    sockets = None if now.grid is None else now.grid.sockets
    for parts in (2, 4) if sockets is None else (sockets,):
        if not 2 <= parts <= lengths.size // 2:
            continue
        width = lengths.size // parts
        totals = lengths[: parts * width].astype(object).reshape(parts, width).sum(axis=1)
        if totals.max() >= max(UNEVEN * totals.min(), MANY * width):
            yield _uneven_parts(totals, width, named=sockets is not None)
            return


def _uneven_parts(totals: Array, width: int, *, named: bool) -> str:
    rich, poor = int(totals.argmax()), int(totals.argmin())
    most, least = (
        f"{plural(int(totals[part]), 'page')} in colours {part * width:,} to {(part + 1) * width - 1:,}"
        for part in (rich, poor)
    )
    if named:
        words = f"FREE: socket {rich} has {most}, and socket {poor} has {least}"
        return f"{words}; cpus of socket {poor} will take pages of other sockets."
    words = f"FREE: {most}, but {least}"
    hint = f"with {totals.size} sockets, one of them has little free memory left"
    return f"{words}; {hint}, but the dump does not say how many sockets there are."


# --- held pages ---------------------------------------------------------------------------------------------


def _growing_hold(moments: Sequence[DumpMoment]) -> Iterator[str]:
    exact = moments[-1].total("HOLD") is not None
    slack = 0 if exact else _slack(moments[-1])
    series: list[int] = []
    for moment in reversed(moments):
        pages = _held(moment, exact)
        if pages is None and not series:
            return
        if pages is not None:
            if series and series[-1] - pages <= slack:
                return
            series.append(pages)
    if len(series) < GROWING:
        return
    series.reverse()
    shown = listed(f"{pages:,}" for pages in series[-5:])
    held = "a page that was freed while it was held stays there until its hold is released"
    if exact:
        yield f"HOLD only grows: in {len(series)} moments, the last with {shown} pages; {held}."
        return
    words = f"v_active_count exceeds the pages on the ACTIVE queues by more in each moment: by {shown}"
    yield f"{words}; it counts the pages on HOLD too, whose number seems to grow; {held}."


def _held(moment: DumpMoment, exact: bool) -> int | None:
    """The pages on HOLD: from its list, or else those of v_active_count that are not on ACTIVE."""
    if exact:
        return moment.total("HOLD")
    count, active = moment.vmstats["v_active_count"], moment.total("ACTIVE")
    return None if count is None or active is None else count - active
