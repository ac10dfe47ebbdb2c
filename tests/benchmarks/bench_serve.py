"""The screen in a browser, without the browser: memory of a visit, the first frame, and answers to keys.

The visitors are websockets in this process, so their share of the processors is in the figures too. A step is
the key s; its answer is the first byte for the terminal that comes back.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from typing import Any, Final

from tests.explorer.serve.running_server import Server, cpu_seconds, private, rss, serving
from tests.explorer.serve.socket_visits import SocketVisit, socket_visit

SCENARIO, TITLE = "swap-full", "Swap is full"
"""A scenario of more than 1,000 steps."""

VISITS: Final = 20
STEPS: Final = 1000
KEYS: Final = 60
CLASS_S: Final = 30
QUIET_S: Final = 0.3
"""Nothing comes for this long: the answer to a key is complete."""

OPENINGS: Final = 5
MEMORY_MB, FIRST_FRAME_S, FIRST_BYTE_MS, CORES = 60.0, 0.8, 40.0, 2.0
"""Targets; the first frame's is that of `pageq tui`."""

MB: Final = 1e6
GIB: Final = 1024**3

Row = dict[str, Any]


def measure() -> list[Row]:
    """Serve SCENARIO and measure it; return rows {name, median, unit, target, ratio = median / target}."""
    with serving(SCENARIO, "--sessions", str(VISITS + 1)) as server:
        return asyncio.run(_measured(server))


async def _measured(server: Server) -> list[Row]:
    rows = [_row("a visit, to its first frame", await _opening(server), "s", FIRST_FRAME_S)]
    rows += await _memory_rows(server)
    rows += await _idle_rows(server)
    rows += await _class_rows(server)
    return rows


async def _opening(server: Server) -> float:
    """Return the median time from the socket's request to the scenario's title, in seconds."""
    taken = []
    for _ in range(OPENINGS):
        begin = time.perf_counter()
        async with socket_visit(server) as visit:
            await visit.wait_for(TITLE)
            taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


async def _memory_rows(server: Server) -> list[Row]:
    """Measure the process of one visit, new and after STEPS steps that were all shown."""
    async with AsyncExitStack() as stack:
        (visit,) = await _class_of(server, 1, stack)
        (pid,) = server.visits()
        new = private(pid)
        for _ in range(STEPS):
            await visit.first_byte("s")
        await visit.settled(QUIET_S)
        used, resident = private(pid), rss(pid)
        without = rss(server.process.pid) + rss(server.forker())
    after = f"after {STEPS:,} steps"
    return [
        _row("a new visit: memory of its own", new / MB, "MB", MEMORY_MB),
        _row(f"a visit {after}: memory of its own", used / MB, "MB", MEMORY_MB),
        _row(f"a visit {after}: with shared memory", resident / MB, "MB", None),
        _row("the server without visits", without / MB, "MB", None),
        _row(f"visits in a GiB, {after}, with the server", (GIB - without) / used, "visits", None),
    ]


async def _idle_rows(server: Server) -> list[Row]:
    """Measure one visitor who steps while VISITS others look."""
    async with AsyncExitStack() as stack:
        visit, *_ = await _class_of(server, VISITS + 1, stack)
        taken = []
        for _ in range(KEYS):
            taken.append(await visit.first_byte("s") * 1e3)
            await visit.settled(QUIET_S)
    name = f"a step's first byte, {VISITS} others idle"
    return [
        _row(f"{name}: median", statistics.median(taken), "ms", FIRST_BYTE_MS),
        _row(f"{name}: p95", _p95(taken), "ms", FIRST_BYTE_MS),
    ]


async def _class_rows(server: Server) -> list[Row]:
    """Measure VISITS visitors, each of whom steps once a second for CLASS_S seconds.

    Steps that wait for others would make the last third of the time slower than the first.
    """
    async with AsyncExitStack() as stack:
        visits = await _class_of(server, VISITS, stack)
        pids = [server.process.pid, *server.visits()]
        before, own = sum(map(cpu_seconds, pids)), time.process_time()
        steppers = [_stepper(visit, number / VISITS) for number, visit in enumerate(visits)]
        answers = [answer for each in await asyncio.gather(*steppers) for answer in each]
        used = (sum(map(cpu_seconds, pids)) - before) / CLASS_S
        own = (time.process_time() - own) / CLASS_S
    third = CLASS_S / 3
    early, late = (
        statistics.median(taken for at, taken in answers if begin <= at < begin + third)
        for begin in (0, 2 * third)
    )
    name = f"{VISITS} visitors step once a second"
    return [
        _row(f"{name}: median, first {third:.0f} s", early, "ms", FIRST_BYTE_MS),
        _row(f"{name}: median, last {third:.0f} s", late, "ms", FIRST_BYTE_MS),
        _row(f"{name}: p95", _p95([taken for _, taken in answers]), "ms", FIRST_BYTE_MS),
        _row(f"{name}: processors used", used, "cores", CORES),
        _row(f"{name}: the visitors' own share", own, "cores", None),
        _row("visitors that a core carries, a step a second each", VISITS / used, "visits", None),
    ]


async def _class_of(server: Server, number: int, stack: AsyncExitStack) -> list[SocketVisit]:
    """Open visits one after another, and wait until none of them is sent anything more."""
    await asyncio.to_thread(server.until_visits, 0)
    visits = []
    for _ in range(number):
        visits.append(await stack.enter_async_context(socket_visit(server)))
        await visits[-1].wait_for(TITLE)
        await visits[-1].type(":learn off\r")  # a step never stops at a question
    await asyncio.gather(*(visit.settled(QUIET_S) for visit in visits))
    return visits


async def _stepper(visit: SocketVisit, start: float) -> list[tuple[float, float]]:
    """Step once a second from `start` on; return each step's second and its answer's milliseconds."""
    begin, answers = time.monotonic(), []
    for second in range(CLASS_S):
        await asyncio.sleep(max(0.0, begin + start + second - time.monotonic()))
        answers.append((second + start, await visit.first_byte("s") * 1e3))
    return answers


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _row(name: str, median: float, unit: str, target: float | None) -> Row:
    ratio = None if target is None else round(median / target, 3)
    return {"name": name, "median": round(median, 3), "unit": unit, "target": target, "ratio": ratio}


if __name__ == "__main__":
    for figure in measure():
        print(figure)
