"""Playback on the screen: by steps and by moves, what it shows, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from explorer.session import running, stops
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.stage_panel import Stage
from explorer.views.flights import PageMove
from tests.explorer.screen_at_rest import lines_shown

MOVES = [24, 41, 65, 82, 112, 142]
"""The steps of life-of-a-page that complete the move of a page."""


def screen_of(pilot: Pilot[None]) -> MainScreen:
    assert isinstance(pilot.app.screen, MainScreen)
    return pilot.app.screen


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Let the screen play until the condition holds."""
    for _ in range(2_000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come to hold")


async def test_playing_by_moves_shows_each_move_and_animates_it(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    flown: list[tuple[PageMove, ...]] = []
    shown: list[int] = []
    monkeypatch.setattr(Stage, "fly", lambda _, moves: flown.append(moves))
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        pilot.app.animation_level = "full"
        screen = screen_of(pilot)
        show = screen.show

        def noted() -> None:
            shown.append(life.history.step)
            show()

        monkeypatch.setattr(screen, "show", noted)
        screen.set_speed("30 moves")
        await pilot.press("space")
        await until(pilot, lambda: not screen.busy)
        assert [step for step in dict.fromkeys(shown) if step] == [*MOVES, 145]
    targets = [moves[-1].target for moves in flown if moves]
    assert targets == ["NONE", "ACTIVE", "INACTIVE", "CACHE", "FREE", "NONE"]


async def test_a_move_stays_for_its_time(life: Session) -> None:
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        screen = screen_of(pilot)
        screen.set_speed("2 moves")
        await pilot.press("space")
        await until(pilot, lambda: life.history.step > 0)
        assert "playing 2 moves/s" in (await lines_shown(pilot))[0]
        await asyncio.sleep(0.2)
        assert life.history.step == MOVES[0]
        await pilot.press("space")
        assert life.note.text == "paused"


async def test_the_unit_changes_while_it_plays_and_the_console_does_not_stop_it(life: Session) -> None:
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        screen = screen_of(pilot)
        await pilot.press("space", "*")
        assert life.note.text == "playback: 4 moves/s"
        await pilot.press("+", ":")
        assert str(screen.player) == "8 moves/s"
        for line, words in (("speed 1", "playback: 1 move/s"), ("speed soon", "'soon' is not a speed; ")):
            screen.on_console_entered(Console.Entered(line))
            assert words in life.note.text
            assert screen.player.rate == 1
            assert screen.busy


async def test_playing_by_moves_ends_with_the_run_although_no_page_moves(deadlock_session: Session) -> None:
    async with PageqApp(deadlock_session).run_test(size=(80, 24)) as pilot:
        screen = screen_of(pilot)
        screen.set_speed("moves")
        await pilot.press("space")
        await until(pilot, lambda: not screen.busy)
        assert deadlock_session.history.outcome == "deadlock"
        assert "DEADLOCK" in "\n".join(await lines_shown(pilot))


async def test_a_pause_leaves_only_shown_steps(life: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "REPEATED", -1)
    stops.add_break(life, "vm_page_hold")
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        screen = screen_of(pilot)
        screen.set_speed("1 moves")
        await pilot.press("space")
        await until(pilot, lambda: life.history.step > 0)
        assert life.history.total > life.history.step
        await pilot.press("space")
        assert (life.history.step, life.history.total) == (MOVES[0], MOVES[0])


async def test_steps_recorded_before_it_played_stay_recorded(life: Session) -> None:
    life.history.extend(1_000)
    life.history.seek(0)
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        screen_of(pilot).set_speed("1 moves")
        await pilot.press("space")
        await until(pilot, lambda: life.history.step > 0)
        await pilot.press("space")
        assert (life.history.step, life.history.total) == (MOVES[0], 145)
