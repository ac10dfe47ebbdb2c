"""Wait until a screen is at rest, with the event loop, and read what it shows then.

Textual's tests wait until the processor is idle for a while: 20 ms and more after each key, longer on a busy
machine. Here, a screen is at rest when its event loop has nothing to run and no frame is due: the screen can
then change only after another key or a timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from textual import events
from textual.pilot import Pilot

FRAME: Final = 0.0005
"""Seconds from a change to its frame, instead of Textual's sixtieth."""

SOON: Final = 0.01
"""A timer that is due within this many seconds counts as work: a resize waits 1/120 s for the next one."""


async def until_at_rest(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Wait until the loop has nothing to do; `max_sleep` seconds at most, as a long run always has more."""
    loop: Any = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    while loop.time() < end:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=end + SOON)
        if due > loop.time() + SOON:
            return
        await asyncio.sleep(max(due - loop.time(), 0))


async def held_down(pilot: Pilot[None], key: str, times: int) -> None:
    """Press a letter several times at once, as a terminal repeats a key that is held down."""
    for _ in range(times):
        pilot.app.post_message(events.Key(key, key))
    await pilot.pause()


async def presses(pilot: Pilot[None], *keys: str) -> str:
    """Press keys and return what is on the screen then."""
    await pilot.press(*keys)
    return "\n".join(line.rstrip() for line in await lines_shown(pilot))


@contextmanager
def waiting_by_the_loop() -> Iterator[None]:
    """Let pilots wait with `until_at_rest`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual.pilot.wait_for_idle", until_at_rest)
        patch.setattr("textual.app.wait_for_idle", until_at_rest)
        patch.setattr("textual.screen.UPDATE_PERIOD", FRAME)
        yield


async def lines_shown(pilot: Pilot[None]) -> list[str]:
    """Return the lines of the screen, as a terminal gets them, when it is at rest."""
    await pilot.pause()
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]
