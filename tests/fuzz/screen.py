"""Keys, pastes, clicks, wheels and sizes on the screen, in any order."""

from __future__ import annotations

import asyncio
import json
import os
import random
from contextlib import suppress
from pathlib import Path
from typing import Final

from textual import events
from textual.errors import NoWidget
from textual.pilot import Pilot

from engine.scenario.loader import load
from explorer.commands.table import COMMANDS
from explorer.tui.app import make_app
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.console import Console
from tests.fuzz.kinds import LINES, Kind
from tests.fuzz.mutations import mutated

SCENARIOS: Final = ("life-of-a-page", "hard-and-soft-busy", "lost-wakeup", "thrash", "tour", "swap-full")

SIZES: Final = ((120, 40), (80, 24), (40, 15), (200, 60), (21, 9), (300, 100), (75, 20), (5, 3), (1, 1))

LEAVING: Final = {"quit", "edit"}
"""Commands that are left out: an editor needs the terminal."""

KEYS: Final = sorted(
    {
        {" ": "space"}.get(key, key)
        for command in COMMANDS.values()
        if command.id not in LEAVING
        for key in command.keys
    }
    | {
        "enter",
        "escape",
        "tab",
        "shift+tab",
        "backspace",
        "delete",
        "f5",
        "a",
        "9",
        "é",
        "ctrl+p",
        "ctrl+end",
    }
)

ACTIONS: Final = 25
"""Actions of one input."""


def _action(chance: random.Random) -> list[object]:
    """Draw one action: its kind and what it needs."""
    kind = chance.choices(("key", "line", "click", "wheel", "size", "paste"), (12, 4, 3, 1, 1, 1))[0]
    match kind:
        case "key":
            return [kind, chance.choice(KEYS)]
        case "line":
            return [kind, chance.choice(mutated(chance, LINES, 3_000).splitlines() or [""])]
        case "size":
            return [kind, *chance.choice(SIZES)]
        case "paste":
            return [kind, mutated(chance, LINES, 3_000)]
    return [kind, chance.random(), chance.random()]


def _make(chance: random.Random) -> bytes:
    actions = [_action(chance) for _ in range(ACTIONS)]
    return json.dumps([chance.choice(SCENARIOS), chance.choice(SIZES[:4]), actions]).encode()


async def _act(pilot: Pilot[None], action: list[object]) -> None:
    width, height = pilot.app.size
    match action:
        case ["key", str(key)]:
            await pilot.press(key)
        case ["line", str(line)] if isinstance(pilot.app.screen, MainScreen):
            if not line.lstrip(": ").startswith(("quit", "q", "edit", "open", "export")):
                pilot.app.screen.post_message(Console.Entered(line))
        case ["size", int(columns), int(lines)]:
            await pilot.resize_terminal(columns, lines)
        case ["paste", str(text)]:
            pilot.app.post_message(events.Paste(text))
        case [str(kind), float(x), float(y)]:
            at = min(int(x * width), width - 1), min(int(y * height), height - 1)
            with suppress(NoWidget):
                await (pilot.click(offset=at) if kind == "click" else pilot.hover(offset=at))


async def _play(content: bytes, folder: Path) -> None:
    name, (width, height), actions = json.loads(content)
    scenario = load(name)
    app = make_app(scenario, scenario.start())
    app.session.scenario = scenario
    async with app.run_test(size=(width, height)) as pilot:
        for action in actions:
            await _act(pilot, action)
            assert pilot.app.is_running, action
        await pilot.resize_terminal(120, 40)
        for _ in range(4):
            await pilot.press("escape")
            await pilot.pause()
        assert isinstance(pilot.app.screen, MainScreen)


def _feed(content: bytes, folder: Path) -> None:
    os.environ["XDG_DATA_HOME"] = str(folder)
    asyncio.run(_play(content, folder))


SCREEN: Final = Kind("screen", _make, _feed)
