"""The lens explore: what it shows of an exploration, at every size, and where its clicks go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.explore.exploration import Claim, ValueFound
from engine.explore.limits import Progress
from engine.scenario.loader import load
from explorer.commands.table import parse
from explorer.lenses.explore import LENS, OPEN, ExploreRow, draw, look
from explorer.lenses.kit.lens import WHOLE
from explorer.session import exploration
from explorer.session.schedule_search import Explored
from explorer.session.session import Session
from explorer.tui.widgets.palette import STYLES
from explorer.views.ascii_twins import in_ascii
from explorer.views.exploration import Column, Picture
from explorer.views.spans import length, plain
from tests.explorer.explored_by_hand import BOTH, FOUND, PICTURE, explored

SIZES = ((67, 8), (40, 6), (80, 20), (200, 55), (24, 3), (12, 2), (12, 1), (1, 1), (38, WHOLE), (74, WHOLE))


@pytest.fixture(scope="module")
def trylock() -> Session:
    """trylock-skips, with its panic opened; the tests only look at it."""
    scenario = load("trylock-skips")
    session = Session(scenario.start(), scenario)
    session.explored = explored()
    for _ in exploration.open_outcome(session, "panic"):
        pass
    return session


@pytest.fixture
def closed() -> ExploreRow:
    return ExploreRow(FOUND, PICTURE, None)


def text(row: ExploreRow, width: int, height: int) -> str:
    return plain(draw(row, width, height).lines)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_fits_any_size_and_its_links_are_valid(trylock: Session, width: int, height: int) -> None:
    for row in (look(trylock), ExploreRow(FOUND, PICTURE, None), ExploreRow(None, Picture(), None)):
        drawing = draw(row, width, height)
        assert 0 < len(drawing.lines) <= height
        assert all(length(line) <= width for line in drawing.lines)
        assert {style for line in drawing.lines for _, style in line} <= STYLES.keys()
        for spot in drawing.spots:
            assert 0 <= spot.y < len(drawing.lines)
            assert 0 <= spot.first < spot.beyond <= width
            assert parse(spot.verb)[0].id == "explore"
        assert "?" not in in_ascii(plain(drawing.lines))


def test_it_says_what_was_searched_and_each_outcome_with_its_counts(closed: ExploreRow) -> None:
    assert text(closed, 100, 3) == (
        "complete: 1,508 states, 2,739 steps between them\n"
        "  1 completed            99.999999992 % of random runs    2.94e13 schedules  4 end states\n"
        "  2 panic:vm_page_alloc  1 in 12,000,000,000 random runs  1,540 schedules    3 end states"
    )


@pytest.mark.parametrize(
    ("width", "line"),
    [
        pytest.param(76, "  2 panic:vm_page_alloc  1 in 12,000,000,000 random runs  1,540 schedules", id="3"),
        pytest.param(60, "  2 panic:vm_page_alloc  1 in 12,000,000,000 random runs", id="60"),
        pytest.param(38, "  2 panic      1 in 12,000,000,000", id="38"),
        pytest.param(24, "  2 panic:vm_page_alloc", id="24"),
        pytest.param(12, "  2 panic", id="12"),
    ],
)
def test_in_few_columns_the_counts_are_left_out_last_first(closed: ExploreRow, width: int, line: str) -> None:
    assert text(closed, width, 3).split("\n")[2] == line


def test_the_opened_outcome_comes_with_its_race_and_its_branches(trylock: Session) -> None:
    lines = text(look(trylock), 160, 9).split("\n")
    assert lines[2].startswith("● 2 panic:vm_page_alloc")
    assert lines[3] == "panic is open, cursor at step 65; d compares with completed-instead"
    assert lines[4].startswith("  race on setup.m.queue: taker read it in step 57 ")
    assert lines[5].startswith('  inevitable after step 65, mover "join the queue"; if taker takes step 65')
    assert lines[6] == "panic: vm_page_alloc: expected: a page on no queue"


def test_a_bounded_search_says_by_what(closed: ExploreRow) -> None:
    found = replace(FOUND, complete=False, bound="3,000 states", growing=("thread[daemon].var.n", 400))
    first = text(replace(closed, exploration=found), 120, 1)
    assert first.startswith("bounded (by 3,000 states): 1,508 states")
    assert "thread[daemon].var.n took 400 values" in first
    whole = text(replace(closed, exploration=found), 120, WHOLE)
    assert "c completed found  p panic found  O completed or panic found" in whole
    assert "only completed" not in whole


def test_a_running_search_says_how_far_it_is() -> None:
    row = ExploreRow(None, Picture(), None, searching=True, progress=Progress(54_000, 177_000))
    assert text(row, 80, 5) == "searching  54,000 states, 177,000 steps between them; Esc stops, and keeps it"


def test_the_funnel_has_a_column_a_depth_and_every_set_that_has_states() -> None:
    picture = Picture((
        Column(0, ((BOTH, 1),)),
        Column(1, ((BOTH, 6),)),
        Column(2, ((BOTH, 5), (("completed",), 3))),
        Column(3, ((("completed",), 2), (("panic:vm_page_alloc",), 1))),
    ))  # fmt: skip
    lines = text(ExploreRow(replace(FOUND, outcomes=FOUND.outcomes), picture, None), 76, WHOLE).split("\n")
    first = next(n for n, line in enumerate(lines) if line.startswith("states by depth"))
    assert lines[first] == "states by depth  c only completed  p only panic  O completed or panic"
    assert lines[first + 1 : first + 7] == [
        "     8   c",
        "         c",
        "        OO",
        "        OO",
        "        OOp",
        "       OOOc",
    ]
    assert lines[first + 7] == "       step 0"


def test_a_click_in_the_funnel_goes_to_its_depth_once_an_outcome_is_open(
    trylock: Session, closed: ExploreRow
) -> None:
    assert not [spot for spot in draw(closed, 80, WHOLE).spots if "depth" in spot.verb]
    spots = {(spot.first, spot.verb) for spot in draw(look(trylock), 80, WHOLE).spots if "depth" in spot.verb}
    assert spots == {(7 + depth, f"explore depth {depth}") for depth in range(67)}
    few = [spot.verb for spot in draw(look(trylock), 30, WHOLE).spots if "depth" in spot.verb]
    assert sorted({int(verb.split()[-1]) for verb in few}) == list(range(0, 67, 3))


def test_the_decisions_are_those_that_narrow_what_is_possible(closed: ExploreRow) -> None:
    lines = text(closed, 120, WHOLE).split("\n")
    at = lines.index("decisions  the choices that narrow the outcomes")
    assert lines[at + 1 : at + 3] == [
        "  step 57  mover → c only completed  | taker → O completed or panic  and 11 states like it",
        "    └ after taker: step 65  mover → p only panic  | taker → c only completed",
    ]


def test_the_keyboard_chooses_among_the_outcomes(closed: ExploreRow) -> None:
    verbs = [spot.verb for spot in LENS.choices(draw(closed, 80, 10))]
    assert verbs == [f"{OPEN}1", f"{OPEN}2"]


def test_the_values_come_before_the_funnel_and_the_claims_after_it(closed: ExploreRow) -> None:
    found = replace(
        FOUND,
        values=(
            ValueFound("taker.got", 84, "page 0x54", 100, 0.25, 2),
            ValueFound("taker.got", None, "NULL", 1, 0.75, 1),
        ),
        claims=(
            Claim("some end: outcome == completed", True, schedule="app:5", step=5, place="a/my.toml:12"),
            Claim("always: count(FREE) > 0", False, "it is 0"),
        ),
    )
    lines = text(replace(closed, exploration=found), 120, WHOLE).split("\n")
    at, claims = lines.index("taker.got at the end:"), lines.index("claims about all schedules:")
    assert lines[at : at + 3] == [
        "taker.got at the end:",
        "  page 0x54  25 % of random runs",
        "  NULL       75 % of random runs",
    ]
    assert lines[at + 3].startswith("states by depth")
    assert lines[claims : claims + 5] == [
        "claims about all schedules:",
        "  ok  some end: outcome == completed (my.toml:12)",
        "    example: app:5  (step 5)",
        "  FAILS  always: count(FREE) > 0",
        "    it is 0",
    ]


def test_after_sampling_there_is_no_graph_to_draw() -> None:
    found = replace(FOUND, complete=False, bound="10 sampled schedules", states=None, sampled=10, graph=None)
    shown = text(ExploreRow(found, Picture(), None), 80, WHOLE)
    assert "states by depth" not in shown
    assert "decisions" not in shown
    assert "of 10 sampled schedules" in shown


def test_a_row_is_made_of_the_session(closed: ExploreRow, trylock: Session) -> None:
    session = Session(trylock.history, trylock.scenario)
    assert look(session).exploration is None
    session.explored = Explored(FOUND, PICTURE)
    assert look(session).exploration is closed.exploration
    assert text(look(session), 80, 20) == text(closed, 80, 20)


def test_one_schedule_is_not_several(closed: ExploreRow) -> None:
    first, *others = FOUND.outcomes
    outcomes = (replace(first, schedules=1), *others)
    row = replace(closed, exploration=replace(FOUND, outcomes=outcomes))
    assert "  1 schedule  " in text(row, 100, 8)


@pytest.mark.parametrize(
    ("expected", "ink"), [({"completed"}, "bad"), ({"completed", "panic:vm_page_alloc"}, "warn")]
)
def test_a_panic_never_looks_well(expected: set[str], ink: str) -> None:
    row = ExploreRow(replace(FOUND, expected=frozenset(expected)), PICTURE, None)
    inks = {part.strip(): style for line in draw(row, 100, 6).lines for part, style in line}
    assert inks["1 completed"] == "good"
    assert inks["2 panic:vm_page_alloc"] == ink
