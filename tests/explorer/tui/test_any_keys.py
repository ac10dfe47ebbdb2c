"""The screen survives any sequence of keys, clicks, lines and sizes."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from textual.errors import NoWidget
from textual.pilot import Pilot

from engine.scenario.loader import load
from explorer.commands.table import COMMANDS
from explorer.tui.app import make_app
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.console import Console

pytestmark = pytest.mark.slow

LEAVING: Final = {"quit", "edit"}
"""Commands that are left out: an editor needs the terminal."""

KEYS: Final = sorted(
    {
        {" ": "space"}.get(key, key)
        for command in COMMANDS.values()
        if command.id not in LEAVING
        for key in command.keys
    }
    | {"enter", "escape", "tab", "backspace", "delete", "f5", "a", "9", "é", "ctrl+p", "ctrl+end"}
)

LINES: Final = """
12
last
goto end
view LENS
page 0x40
page 99999999
color ACTIVE 7
color NONE 99999
until queue_of(app.m) == PQ_ACTIVE
until 1 fence 50
back-until 0 == 1
break vm_page_alloc
break nonsense
watch global.ticks
delete all
fork
branch 0
branch 7
reschedule random:3
call vm_page_count_target()
call cpu 99 tick()
compare 0
save mine
theme light
ascii
projector
thread ghost
explain flags
why page[0x40].queue
why nonsense[
export x.json
open second-chance
open no-such
machine tiny
rules source
rules nonsense
step 99999999999
mark z
mark-goto z
[[[
'
view
rename \u2603
undo
redo
enable 1
digest
messages
print count(FREE)
print app.m
watching queue_of(app.m)
watching delete 1
pages wired by -queue
pages p.act_count > 0
pages nonsense
explain vm_page_alloc
explain soft busy
browse
open
state
""".strip().split("\n")
LENSES: Final = (
    *("log", "why", "whynot", "life", "lanes", "queue", "moves", "search", "frames", "numa", "machine"),
    *("stats", "object", "reserve", "hash", "waits", "branches", "ddb"),
)
SIZES: Final = ((120, 40), (80, 24), (40, 15), (200, 60), (21, 9), (300, 100), (75, 20), (118, 30))


async def act(person: Pilot[None], chance: random.Random) -> str:
    """Do one random action of a user and return it; a page over the screen is closed soon."""
    if not isinstance(person.app.screen, MainScreen) and chance.random() < 0.4:
        await person.press("escape")
        return "escape"
    kind = chance.randrange(20)
    if kind < 12:
        key = chance.choice(KEYS)
        await person.press(key)
        return key
    if kind < 16:
        line = chance.choice(LINES).replace("LENS", chance.choice(LENSES))
        if isinstance(person.app.screen, MainScreen):
            person.app.screen.post_message(Console.Entered(line))
        return f":{line}"
    if kind < 19:
        width, height = person.app.size
        at = chance.randrange(width), chance.randrange(height)
        with suppress(NoWidget):  # the terminal has just shrunk
            await person.click(offset=at, times=chance.choice((1, 1, 2)))
        return f"click {at}"
    size = chance.choice(SIZES)
    await person.resize_terminal(*size)
    return f"resize {size}"


@pytest.mark.parametrize("seed", range(4))
async def test_no_action_of_a_user_ends_the_program(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    chance = random.Random(seed)
    scenario = load(chance.choice(("life-of-a-page", "hard-and-soft-busy", "lost-wakeup", "thrash", "tour")))
    app = make_app(scenario, scenario.start())
    app.session.scenario = scenario
    done: list[str] = []
    async with app.run_test(size=chance.choice(SIZES)) as person:
        for _ in range(100):
            done.append(await act(person, chance))
            assert person.app.is_running, done[-8:]
        await person.resize_terminal(120, 40)
        for _ in range(3):
            await person.press("escape")
            await person.pause()
        assert isinstance(person.app.screen, MainScreen)
        await person.press("g")
        for _ in range(3):
            await person.pause()
        assert person.app.screen.session.history.step == 0, done[-8:]
