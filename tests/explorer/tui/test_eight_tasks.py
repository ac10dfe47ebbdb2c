"""Eight questions that a user has, each answered on the screen with at most twelve keys from its opening."""

from __future__ import annotations

from typing import Final

import pytest

from engine.scenario.loader import load
from explorer.tui.app import make_app
from tests.explorer.screen_at_rest import presses

FEW: Final = 12
"""The most keys that a question may take."""

SIZES: Final = ((120, 40), (80, 24))

NAMES: Final = {":": "colon", " ": "space", "⇥": "tab", "⏎": "enter", ">": "greater_than_sign"}

TASKS: Final = {
    "why can this page not be freed?": (
        "wired-but-still-queued", "nn", ("freed: no - wired since step 4",)
    ),
    "why does a freed page not become free?": (
        "held-while-freed", "c:g⇥max HO⇥⏎", ("freed: yes, to HOLD - held since",)
    ),
    "which cpu's page came from the other node, and why?": (
        "home-is-used-up", "c:v mac⇥⏎", ("node 0 ━━→ cpu 2 of node 1", "remote: widened")
    ),
    "who has what the sleeper waits for?": (
        "lock-order-reversal", "c", ("DEADLOCK", "waits for", "held by")
    ),
    "when was free memory lowest?": (
        "thrash", "c:g⇥min fr⇥⏎", ("free is 2 after step 994, its smallest value",)
    ),
    "which pages are wired?": (
        "wired-but-still-queued", "nn:pages w⇥⏎", ("65 wired", "0x55", "buffer[0]")
    ),
    "what did the pageout daemon do to a dirty page?": (
        "clean-is-cheap", "cvvv", ("INACTIVE", "pager")
    ),
    "what does show pageq print here?": (
        "debugger-view", "VV", ("v_free_count: 927", "PQ_FREE: 0 0 0")
    ),
    "how do two orders of the same calls end?": (
        "lost-wakeup", "cgs>scd", ("BLOCKED", "branch 1")
    ),
}  # fmt: skip
"""Question -> scenario, keys (⇥ Tab, ⏎ Enter), and what the screen then shows."""


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("task", TASKS)
async def test_a_question_is_answered_with_few_keys(task: str, size: tuple[int, int]) -> None:
    name, keys, answers = TASKS[task]
    assert len(keys) <= FEW
    scenario = load(name)
    app = make_app(scenario, scenario.start())
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        shown = await presses(pilot, *(NAMES.get(key, key) for key in keys))
    for answer in answers:
        assert answer in shown, shown
