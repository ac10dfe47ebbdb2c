"""What holds of every lens: it fits the panel, leads somewhere real, and leaves the session as it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.scenario.loader import load
from explorer.commands.table import parse
from explorer.lenses.branches import LENS as BRANCHES
from explorer.lenses.ddb import LENS as DDB
from explorer.lenses.kit.lens import Lens
from explorer.lenses.lanes import LENS as LANES
from explorer.lenses.life import LENS as LIFE
from explorer.lenses.moves import LENS as MOVES
from explorer.lenses.search import LENS as SEARCH
from explorer.lenses.waits import LENS as WAITS
from explorer.lenses.why import LENS as WHY
from explorer.session.session import Scene, Session
from explorer.tui.widgets.palette import STYLES
from explorer.views.spans import length, plain

LENSES = (LANES, MOVES, WHY, LIFE, WAITS, BRANCHES, DDB, SEARCH)
SIZES = ((67, 8), (40, 6), (80, 20), (200, 55), (12, 2), (1, 1))

each_lens = pytest.mark.parametrize("lens", LENSES, ids=[lens.name for lens in LENSES])
each_scenario = pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy", "empty-colour"])


def session_at_end(name: str) -> Session:
    scenario = load(name)
    session = Session(scenario.start(), Scene(scenario.name, scenario.title, "", scenario.names))
    session.history.extend(100_000)
    return session


def check_drawing(lens: Lens, session: Session, width: int, height: int) -> None:
    drawing = lens.draw(lens.look(session), width, height)
    assert len(drawing.lines) <= height
    assert all(length(line) <= width for line in drawing.lines)
    assert {style for line in drawing.lines for _, style in line} <= STYLES.keys()
    for spot in drawing.spots:
        assert 0 <= spot.y < len(drawing.lines)
        assert 0 <= spot.first < spot.beyond <= width
        command, argument = parse(spot.verb)
        if command.id == "goto":
            assert 0 <= int(argument) <= session.history.total


@each_scenario
@each_lens
def test_it_fits_any_size_and_leads_to_what_is_there(lens: Lens, name: str) -> None:
    session = session_at_end(name)
    total = session.history.total
    for step in {0, 1, 12, 31, total // 2, total - 1, total}:
        session.history.seek(step)
        for width, height in SIZES:
            check_drawing(lens, session, width, height)
        assert session.history.step == step


@each_lens
def test_a_look_leaves_the_machine_as_it_was_and_depends_on_the_step_alone(lens: Lens) -> None:
    session = session_at_end("life-of-a-page")
    history = session.history
    digest = history.vm.memory.digest()
    shown = {}
    for step in (0, 40, 11, history.total):
        history.seek(step)
        shown[step] = plain(lens.draw(lens.look(session), 80, 20).lines)
    assert history.vm.memory.digest() == digest
    for step in reversed(shown):
        history.seek(step)
        assert plain(lens.draw(lens.look(session), 80, 20).lines) == shown[step]


@each_lens
def test_stepping_shows_what_running_shows(lens: Lens, make_session: Callable[..., Session]) -> None:
    """A value that grows with the journal comes to the same step by step and all at once."""
    slow, fast = make_session(), make_session()
    while slow.history.forward():
        lens.look(slow)
    fast.history.extend(100_000)
    drawings = [plain(lens.draw(lens.look(session), 80, 20).lines) for session in (slow, fast)]
    assert drawings[0] == drawings[1]


@each_lens
def test_a_branch_of_its_own_is_not_taken_for_the_one_it_left(
    lens: Lens, make_session: Callable[..., Session]
) -> None:
    session = make_session()
    history = session.history
    history.extend(60)
    before = plain(lens.draw(lens.look(session), 80, 20).lines)
    history.seek(10)
    history.step_thread(1 - history.journal.thread(11))
    history.extend(49)
    lens.look(session)
    history.switch(0)
    history.seek(60)
    after = plain(lens.draw(lens.look(session), 80, 20).lines)
    assert (before == after) == (lens is not BRANCHES)


def test_the_lenses_need_no_textual() -> None:
    names = " ".join(f"explorer.lenses.{lens.name}" for lens in LENSES)
    code = f"import importlib, sys; [importlib.import_module(n) for n in '{names}'.split()]"
    code += "; sys.exit('textual' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
