"""Properties of every lens: it fits, its links are valid, it depends only on the step and changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from explorer.commands.table import parse
from explorer.lenses.kit.lens import WHOLE, Lens
from explorer.lenses.kit.registry import LENSES, lens_named
from explorer.session.session import Session
from explorer.tui.widgets.palette import STYLES
from explorer.views.spans import length, plain
from explorer.views.values import watched
from tests.tiers import only_fast

OpenRun = Callable[..., Session]

NAMES = LENSES[1:]
SIZES = ((67, 8), (40, 6), (80, 20), (200, 55), (24, 3), (12, 2), (12, 1), (1, 1))
RUNS = ("life-of-a-page", "colour-and-home", "empty-colour", "hard-and-soft-busy")

each_lens = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def lens(name: str) -> Lens:
    return lens_named(name)


def text_of(lens: Lens, session: Session) -> str:
    return plain(lens.draw(lens.look(session), 80, 20).lines)


def check_drawing(lens: Lens, session: Session, width: int, height: int) -> None:
    drawing = lens.draw(lens.look(session), width, height)
    assert 0 < len(drawing.lines) <= height
    assert all(length(line) <= width for line in drawing.lines)
    assert {style for line in drawing.lines for _, style in line} <= STYLES.keys()
    for spot in drawing.spots:
        assert 0 <= spot.y < len(drawing.lines)
        assert 0 <= spot.first < spot.beyond <= width
    for verb in {spot.verb for spot in drawing.spots}:
        check_verb(session, verb)


def check_verb(session: Session, verb: str) -> None:
    command, argument = parse(verb)
    if command.id == "goto":
        assert 0 <= int(argument) <= session.history.total
    elif command.id == "page":
        assert session.vm.page_index(int(argument, 0)) >= 0
    else:
        assert command.id in ("color", "thread", "branch", "pages", "experiment", "explore")


@pytest.mark.parametrize("run", only_fast(RUNS, RUNS[0]))
@each_lens
def test_it_fits_any_size_and_its_links_are_valid(lens: Lens, run: str, open_run: OpenRun) -> None:
    session = open_run(run)
    history, total = session.history, session.history.total
    digest = history.vm.memory.digest()
    for step in sorted({0, 1, 12, 31, total // 3, total // 2, total - 1, total}):
        history.seek(step)
        for width, height in SIZES:
            check_drawing(lens, session, width, height)
        assert history.step == step
    assert history.vm.memory.digest() == digest


@pytest.mark.parametrize("run", only_fast(RUNS[::3], RUNS[0]))
@each_lens
def test_nothing_is_cut_in_a_drawing_that_is_scrolled(lens: Lens, run: str, open_run: OpenRun) -> None:
    session = open_run(run)
    session.history.seek(session.history.total // 2)
    for width in (38, 74):
        check_drawing(lens, session, width, WHOLE)
        lines = plain(lens.draw(lens.look(session), width, WHOLE).lines).split("\n")
        assert not [line for line in lines if line.endswith("…")]


COMPRESSED = ("frames", "life", "moves", "reserve")
"""The lenses that draw all they know in fewer lines, with another scale."""


@pytest.mark.parametrize("run", only_fast(RUNS[::3], RUNS[0]))
@each_lens
def test_a_drawing_that_leaves_lines_out_says_so(lens: Lens, run: str, open_run: OpenRun) -> None:
    session = open_run(run)
    session.history.seek(session.history.total // 2)
    row = lens.look(session)
    for width, height in ((76, 8), (76, 11), (55, 14)):
        shown, whole = lens.fitted(row, width, height), lens.draw(row, width, WHOLE)
        less = len(shown.lines) < min(len(whole.lines), height)
        assert not less or shown.is_cut or lens.name in COMPRESSED
    assert not lens.draw(row, 120, WHOLE).short


@each_lens
def test_a_step_is_drawn_the_same_however_the_cursor_got_there(
    lens: Lens, open_run: OpenRun, every_kind: str
) -> None:
    session = open_run(every_kind)
    session.watched = [watched("count(FREE)", session.names)]
    history = session.history
    steps = list(range(0, history.total + 1, 3))

    def drawn(step: int) -> str:
        history.seek(step)
        return text_of(lens, session)

    once = {step: drawn(step) for step in steps}
    assert (len(set(once.values())) > 1) == (lens.name not in ("compare", "experiment", "explore"))
    random.Random(2).shuffle(steps)
    assert {step: drawn(step) for step in steps} == once


@each_lens
def test_stepping_and_running_show_the_same(lens: Lens, make_session: OpenRun) -> None:
    """A value computed from the journal is the same step by step and all at once."""
    slow, fast = make_session(), make_session()
    while slow.history.forward():
        lens.look(slow)
    fast.history.extend(100_000)
    assert text_of(lens, slow) == text_of(lens, fast)


@each_lens
def test_a_branch_is_not_mistaken_for_its_parent(lens: Lens, make_session: OpenRun) -> None:
    session = make_session()
    history = session.history
    history.extend(60)
    before = text_of(lens, session)
    history.seek(10)
    history.step_thread(1 - history.journal.thread(11))
    history.extend(49)
    lens.look(session)
    history.switch(0)
    history.seek(60)
    assert (before == text_of(lens, session)) == (lens.name != "branches")


@each_lens
def test_another_branch_is_drawn_as_if_it_were_the_only_one(lens: Lens, make_session: OpenRun) -> None:
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
        return text_of(lens, session)

    assert forked(look_at_main=True) == forked(look_at_main=False)


@each_lens
def test_steps_that_were_dropped_are_forgotten(lens: Lens, make_session: OpenRun) -> None:
    session, fresh = make_session(), make_session()
    session.history.extend(60)
    lens.look(session)
    session.history.forget(20)
    fresh.history.extend(20)
    for one in (session, fresh):
        for _ in range(40):
            one.history.step_thread(1)
    assert text_of(lens, session) == text_of(lens, fresh)
