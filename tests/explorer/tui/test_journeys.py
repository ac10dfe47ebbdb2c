"""Whole sessions at the keyboard, checked on the screen: a student's first minutes, the search for a race.

The input is only keys, and the tests read only the text on the screen, as a user does.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.scenario.loader import load
from explorer.tui.app import PageqApp, make_app
from tests.explorer.screen_at_rest import presses

Person = Pilot[None]


def begin(name: str) -> PageqApp:
    """Open the program on a scenario."""
    scenario = load(name)
    app = make_app(scenario, scenario.start())
    app.session.scenario = scenario
    app.animation_level = "none"
    return app


async def types(person: Person, line: str) -> str:
    """Type a line into the console and return what is on the screen then."""
    names = {letter: unicodedata.name(letter).lower().replace(" ", "_") for letter in "_=().[]:,"}
    names |= {" ": "space", "_": "underscore", "-": "minus"}
    return await presses(person, "colon", *(names.get(letter, letter) for letter in line), "enter")


async def test_a_students_first_minutes() -> None:
    async with begin("life-of-a-page").run_test(size=(120, 40)) as person:
        first = await presses(person)
        assert "press s to take the first step, ? for help" in first
        assert "The life of a page" in first

        # The lesson is open. Close it, and open it again.
        assert "── lesson 1 of 11 ──" in first
        assert "4,096 bytes" in first
        assert "4,096 bytes" not in await presses(person, "L")
        assert (await presses(person, "L")).splitlines()[:-2] == first.splitlines()[:-2]

        # One step, and back: the same screen again, and the step ahead is still recorded.
        stepped = await presses(person, "s")
        assert " t 1/1 100% last  cpu0:app" in stepped
        assert "hold the object" in stepped
        assert " t 0/1 0%" in await presses(person, "S")

        # A whole call: a page leaves a free list and is not on a queue.
        called = await presses(person, "n")
        assert "app: vm_page_alloc(heap, 0, VM_ALLOC_NORMAL) took 24 steps" in called
        assert "◈queue NONE" in called
        assert "◈busy  LOCKED" in called

        # Which step took it off its list? W explains it, and names the step.
        asked = await types(person, "why page[0xc03].queue")
        assert "why is page 0xc03 queue = NONE?" in asked
        assert "leave the queue" in asked
        assert "_vm_page_rem_queue_spinlocked" in asked

        # Answer the question that is due, see what decides it and why, and get a score.
        question = await presses(person, "p")
        assert "question 3 of 7" in question
        assert "1-3 answers" in question
        answered = await presses(person, "1")
        assert "question 3 of 7: " in answered
        assert "✓ SLEEPING" in answered
        assert "sets the bit WANTED" in answered
        assert "predicted " in (await presses(person, "escape")).splitlines()[0]

        # Predict what the program makes up, and see the answer.
        await presses(person, "n", "s", "s")
        assert "predict (1-" in await presses(person, "p")
        answered = await presses(person, "1")
        assert "Right." in answered or "No: it is" in answered
        await presses(person, "escape")

        # To the end, and all the way back.
        assert "COMPLETED" in await presses(person, "c")
        assert " 0%" in (await presses(person, "g")).splitlines()[0]

        # Help describes the panel in focus, and lists every command.
        assert "the map" in (await presses(person, "?")).lower()
        await presses(person, "escape")

        # Another scenario, without leaving.
        assert "Second chance" in await types(person, "open second-chance")


KEYS = (
    *("s", "s", "s", "S", "n", "n", "right", "escape", "O", "O"),
    *("M", "M", "8", "left", "i", "2", ")", "W", "c", "g"),
)
"""Twenty keys through the life of a page: steps, calls, tiles, the code, the map, the page, the end."""


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 40), pytest.param((80, 24), marks=pytest.mark.slow)], ids=str)
async def test_each_of_twenty_keys_changes_something_that_can_be_seen(size: tuple[int, int]) -> None:
    async with begin("life-of-a-page").run_test(size=size) as person:
        before = (await presses(person)).splitlines()
        for number, key in enumerate(KEYS):
            after = (await presses(person, key)).splitlines()
            # The message line is not counted: it repeats each command.
            assert (after[:-2], after[-1]) != (before[:-2], before[-1]), f"key {number + 1}, {key}"
            before = after


@pytest.mark.slow
async def test_a_student_finds_out_why_a_page_could_not_be_freed() -> None:
    async with begin("held-while-freed").run_test(size=(120, 40)) as person:
        found = await types(person, "until queue_of(setup.held) == PQ_HOLD")
        assert "NONE→HOLD[0]" in found
        whole = await presses(person, "W")
        assert "why is page 0xbb queue = HOLD[0]?" in whole
        assert "vm_page_free_toq" in whole
        assert "peeker: hold_count 0 → 1" in whole


@pytest.mark.slow
async def test_a_developer_hunts_a_race(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with begin("lost-wakeup").run_test(size=(120, 40)) as person:
        # It hangs: which thread sleeps, on what, and why is it not woken?
        stuck = await presses(person, "c")
        assert "BLOCKED: waiter waits for page 0x40 to be unbusied; no thread can end this wait" in stuck
        waits = await types(person, "view waits")
        assert "waiter sleeps: page 0x40 was found busy" in waits
        assert "lost wakeup: the page is no longer busy" in waits

        # Back to the write that should have woken it.
        cause = await types(person, "why page[0x40].busy_count")
        assert "why is page 0x40 busy_count" in cause
        broken = await types(person, "watch page[0x40].busy_count")
        assert "watchpoint 1: page[0x40].busy_count; c runs to it, C back to it" in broken
        back = await presses(person, "C")
        assert "watchpoint 1: page 0x40 busy_count" in back
        hit = int(back.split(" t ")[1].split("/")[0].replace(",", ""))
        assert hit > 0

        # Another order from just before: the same threads complete.
        await presses(person, "g")
        assert "branch 1 follows rr" in await types(person, "reschedule rr")
        await types(person, "disable 1")
        assert "COMPLETED" in await presses(person, "c")

        # Both branches are kept and can be compared, and the moment can be sent as a state string.
        tree = await types(person, "view branches")
        assert "main" in tree
        assert "blocked" in tree
        assert "branch 1:59 and main:50 differ" in await types(person, "compare 0")
        assert "waiter state" in await presses(person, "1", "5", "z")
        await presses(person, "z")
        assert "pageq tui --open pq1-" in await presses(person, "y")
        assert "wrote " in await presses(person, "e")
    assert [path.suffix for path in tmp_path.iterdir()] == [".svg"]


@pytest.mark.slow
async def test_a_user_opens_other_scenarios_without_leaving() -> None:
    async with begin("life-of-a-page").run_test(size=(120, 40)) as person:
        await presses(person, "n", "n", "m", "space")
        assert "this loses 1 mark; " in await types(person, "open colour-and-home")
        opened = await types(person, "open colour-and-home")
        assert " t 0/0 start" in opened.splitlines()[0]
        assert "Colour and home" in opened.splitlines()[0]
        assert "opened colour-and-home" in opened
        assert "COMPLETED" in await presses(person, "c")
        assert "node 3" in await types(person, "machine four-socket")
        assert " t 0/0" in await types(person, "rules source")

        # A failed open gives a message, and the session stays open.
        await presses(person, "n")
        refused = await types(person, "open no-such-scenario")
        assert "no-such-scenario" in refused
        assert "rules source" in refused or "source" in refused.splitlines()[0]
        assert "machine" in await types(person, "machine nonsense")
        assert " t 0/0" not in await presses(person)
