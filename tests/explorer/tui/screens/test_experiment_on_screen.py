"""An experiment on the screen: table and chart fill, Esc, Enter opens a run, and the way back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.experiments.experiment import Experiment
from engine.experiments.table import Done, Row, Table
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from tests.explorer.screen_at_rest import presses
from tests.explorer.tiny_experiment import write_tiny
from tests.tiers import only_fast

SIZES = ((120, 40), (80, 24), (200, 60), (40, 15))
each_size = pytest.mark.parametrize(
    "size", only_fast(SIZES, (120, 40)), ids=lambda size: f"{size[0]}x{size[1]}"
)

LINE = "experiment {} seed=0..9"
"""20 points, in two groups."""


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return write_tiny(tmp_path)


class Gated:
    """A sweep that reports its first 3 rows, and ends when its gate is open or when it is stopped."""

    def __init__(self) -> None:
        self.gate = threading.Event()

    def __call__(self, one: Experiment, *, progress: Callable[[Done], bool], **_: object) -> Table:
        found = tuple(
            Row(point.settings, {"steps": 30 + n, "free": 900}, number=n)
            for n, point in enumerate(one.points)
        )
        while not self.gate.wait(0.005):
            if not progress(Done(found[:3], len(found), 0)):
                return Table(found[:3], len(found))
        return Table(found, len(found))


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> Gated:
    gated = Gated()
    monkeypatch.setattr("engine.experiments.sweep.sweep", gated)
    return gated


def session_of(pilot: Pilot[None]) -> Session:
    assert isinstance(pilot.app.screen, MainScreen)
    return pilot.app.screen.session


async def typed(pilot: Pilot[None], line: str) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, MainScreen)
    screen.enter_line(line)
    return await presses(pilot)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> str:
    for _ in range(1_000):
        if holds():
            return await presses(pilot)
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come to hold")


def screen_text(pilot: Pilot[None]) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@each_size
async def test_the_table_fills_and_enter_opens_a_run_from_which_the_result_is_not_lost(
    life: Session, sweep: Gated, tiny: str, size: tuple[int, int]
) -> None:
    async with PageqApp(life).run_test(size=size) as pilot:
        await typed(pilot, LINE.format(tiny))
        shown = await until(pilot, lambda: "1..3" in screen_text(pilot))
        assert "measuring" in shown
        assert "stop measuring" in shown
        sweep.gate.set()
        shown = await until(pilot, lambda: life.experiments.sweep is None)
        assert "20 points; the claim holds" in shown
        assert size[0] < 80 or "tiny: the claim holds; z shows them, Enter opens a run" in shown
        assert "▸  1..10" in shown
        assert "▸ 11..20" in await presses(pilot, "down")
        shown = await presses(pilot, "enter")
        run = session_of(pilot)
        assert run is not life
        assert (run.point, run.title, run.vm.colors, run.history.step) == (11, "One page", 16, 0)
        assert "▸ 11..20" in shown
        assert "tiny: row 11 (colors 16, seed 0): steps 40" in shown or size[0] < 80
        assert "An experiment: its claim" in await presses(pilot, "question_mark")
        await presses(pilot, "escape")
        await presses(pilot, "s", "s", "up", "enter")
        assert (session_of(pilot).point, session_of(pilot).vm.colors) == (1, 1)
        shown = await typed(pilot, "experiment back")
        assert session_of(pilot) is life
        assert "11..20" in shown


@pytest.mark.slow
async def test_a_run_opens_while_others_are_measured_and_the_table_fills_further(
    life: Session, sweep: Gated, tiny: str
) -> None:
    async with PageqApp(life).run_test(size=(120, 40)) as pilot:
        await typed(pilot, LINE.format(tiny))
        await until(pilot, lambda: "1..3" in screen_text(pilot))
        await presses(pilot, "enter")
        run = session_of(pilot)
        assert run.point == 1
        assert "measuring 3/20, Esc stops" in screen_text(pilot)
        sweep.gate.set()
        shown = await until(pilot, lambda: run.experiments.sweep is None)
        assert "20 points; the claim holds" in shown
        await typed(pilot, "open life-of-a-page")
        assert "20 points; the claim holds" in await typed(pilot, "experiment")


@pytest.mark.slow
async def test_esc_ends_it_and_keeps_what_is_finished(life: Session, sweep: Gated, tiny: str) -> None:
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        await typed(pilot, LINE.format(tiny))
        await until(pilot, lambda: "1..3" in screen_text(pilot))
        await presses(pilot, "escape")
        shown = await until(pilot, lambda: life.experiments.sweep is None)
        assert "partial: 3 of 20 points; the verdicts are not judged" in shown
        assert "1..3" in shown
        assert life.lens == "experiment"


@pytest.mark.slow
async def test_a_table_that_is_longer_than_the_panel_is_chosen_from_to_its_end(
    life: Session, sweep: Gated, tiny: str
) -> None:
    sweep.gate.set()
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        await typed(pilot, LINE.format(tiny))
        await until(pilot, lambda: life.experiments.sweep is None)
        await typed(pilot, "experiment rows")
        assert "▸  20      16     9     49   900" in await presses(pilot, *["down"] * 19)
        await presses(pilot, "down", "down", "down")
        assert "▸  16 " in await presses(pilot, "up", "up", "up", "up")
        assert "▸   1 " in await presses(pilot, "home", *["up"] * 19)
        await presses(pilot, "enter")
        assert session_of(pilot).point == 1


@pytest.mark.slow
async def test_the_whole_lens_without_colour_and_in_ascii(life: Session, sweep: Gated, tiny: str) -> None:
    sweep.gate.set()
    async with PageqApp(life).run_test(size=(80, 40)) as pilot:
        await typed(pilot, "ascii")
        await typed(pilot, LINE.format(tiny))
        await until(pilot, lambda: life.experiments.sweep is None)
        shown = await presses(pilot, "z")
        assert shown.isascii()
        for part in ("steps over machine.colors", "pages are free", "It is.", ")  1..10"):
            assert part in shown
