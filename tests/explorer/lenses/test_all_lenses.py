"""What every lens keeps to: it fits, leads where it says, depends on the step alone, and leaves no trace."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable

import pytest

from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.tui.widgets.palette import STYLES
from explorer.views.spans import length, plain

OpenRun = Callable[..., Session]

NAMES = ("frames", "numa", "stats", "object", "reserve", "hash")
SIZES = ((67, 8), (40, 6), (80, 20), (200, 55), (24, 3), (12, 1))
RUNS = ("life-of-a-page", "colour-and-home", "empty-colour", "hard-and-soft-busy")


def lens_of(name: str) -> Lens:
    lens: Lens = importlib.import_module(f"explorer.lenses.{name}").LENS
    return lens


def check(drawing: Drawing, width: int, height: int) -> None:
    assert 0 < len(drawing.lines) <= height
    assert all(length(spans) <= width for spans in drawing.lines)
    assert {style for spans in drawing.lines for _, style in spans} <= set(STYLES)
    for spot in drawing.spots:
        assert 0 <= spot.y < len(drawing.lines)
        assert 0 <= spot.first < spot.beyond <= width


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_fits_and_its_spots_lead_somewhere(name: str, run: str, open_run: OpenRun) -> None:
    lens, session = lens_of(name), open_run(run)
    history = session.history
    digest = history.vm.memory.digest()
    for step in (0, 1, history.total // 3, history.total // 2, history.total):
        history.seek(step)
        shown = lens.look(session)
        assert history.step == step
        for width, height in SIZES:
            drawing = lens.draw(shown, width, height)
            check(drawing, width, height)
            for verb in {spot.verb for spot in drawing.spots}:
                word, _, argument = verb.partition(" ")
                if word == "page":
                    assert session.vm.page_index(int(argument, 0)) >= 0
                else:
                    assert word == "goto"
                    assert 1 <= int(argument) <= history.total
    assert history.vm.memory.digest() == digest


@pytest.mark.parametrize("name", NAMES)
def test_the_same_step_is_drawn_the_same_however_one_came_there(
    name: str, open_run: OpenRun, every_kind: str
) -> None:
    lens, session = lens_of(name), open_run(every_kind)
    history = session.history
    steps = list(range(0, history.total + 1, 3))

    def drawn(step: int) -> str:
        history.seek(step)
        return plain(lens.draw(lens.look(session), 80, 20).lines)

    once = {step: drawn(step) for step in steps}
    assert len(set(once.values())) > 1
    random.Random(2).shuffle(steps)
    assert {step: drawn(step) for step in steps} == once


@pytest.mark.parametrize("name", NAMES)
def test_another_branch_is_drawn_as_if_nothing_else_had_been_looked_at(
    name: str, make_session: OpenRun
) -> None:
    lens = lens_of(name)

    def forked(look_at_main: bool) -> str:
        session = make_session()
        history = session.history
        history.extend(120)
        if look_at_main:
            lens.look(session)
        history.seek(30)
        history.fork()
        history.extend(40)
        if look_at_main:
            lens.look(session)
        history.step_thread(1)
        return plain(lens.draw(lens.look(session), 80, 20).lines)

    assert forked(look_at_main=True) == forked(look_at_main=False)


@pytest.mark.parametrize("name", NAMES)
def test_steps_that_were_dropped_are_forgotten(name: str, make_session: OpenRun) -> None:
    lens, session = lens_of(name), make_session()
    history = session.history
    history.extend(60)
    lens.look(session)
    history.forget(20)
    for _ in range(40):
        history.step_thread(1)
    fresh = make_session()
    fresh.history.extend(20)
    for _ in range(40):
        fresh.history.step_thread(1)
    drawings = [plain(lens.draw(lens.look(one), 80, 20).lines) for one in (session, fresh)]
    assert drawings[0] == drawings[1]
