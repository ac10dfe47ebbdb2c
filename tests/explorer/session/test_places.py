"""Going to a moment: in slices, and only if the run comes to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load
from explorer.session import places, questions
from explorer.session.session import Session
from explorer.session.stepping import Motion
from tests.explorer.asked_in_advance import asking
from tests.explorer.cursor_motions import drive


def test_the_way_to_a_line_can_be_interrupted(life: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SLICE", 10)
    step = load("life-of-a-page").find_step(load("life-of-a-page").start(), "app:6")
    assert drive(places.go_to_place(life, "app:6")) == -(-step // 10)
    assert life.history.step == step
    life.history.seek(3)
    assert drive(places.go_to_place(life, "app:6")) == 0  # it is recorded now
    assert life.history.step == step


def test_a_line_that_is_never_reached_leaves_the_cursor() -> None:
    scenario = load("usage-pattern-pageout-scan")
    session = Session(scenario.start(), scenario)
    session.history.extend(3)
    with pytest.raises(BadInput, match="scan never reaches line 16; the run has 42 steps"):
        drive(places.go_to_place(session, "scan:16"))
    assert session.history.step == 3


def test_a_search_gets_more_steps_until_it_finds() -> None:
    session, limits = asking(on=False), []

    def find(limit: int) -> int:
        limits.append(limit)
        if limit < 50:
            raise BadInput("not yet; give more steps")
        return 42

    drive(places.go_to_found(session, find))
    assert session.history.step == 42
    assert limits[0] == 0
    assert limits[-1] >= 50


GOING: Final[dict[str, Callable[[Session], Motion | None]]] = {
    "an anchor": lambda session: places.go_to_place(session, "app:@activate"),
    "a condition": lambda session: places.go_to_place(session, "when queue_of(app.m) == PQ_ACTIVE"),
    "a question": lambda session: questions.ask_question(session, "active"),
    "one decided later": lambda session: questions.ask_question(session, "released"),
    "the next one": lambda session: questions.ask_question(session, "next"),
}


@pytest.mark.parametrize("way", GOING)
def test_the_steps_after_a_place_are_not_recorded(way: str) -> None:
    """That the run ends there, and how, would be given away."""
    session = asking(on=False)
    drive(GOING[way](session))
    assert session.history.step == session.history.total > 0
    assert session.history.branch.outcome is None


def test_steps_that_were_recorded_before_stay() -> None:
    session = asking(on=False)
    session.history.extend(125)
    session.history.seek(0)
    drive(places.go_to_place(session, "when object[heap].page[0] != NULL"))
    assert session.history.step < session.history.total == 125
    drive(places.go_to_place(session, "end"))
    end = session.history.total
    drive(places.go_to_place(session, "app:@activate"))
    assert session.history.step < session.history.total == end
    assert session.history.branch.outcome == "completed"


@pytest.mark.parametrize("place", ["when 1 == 2", "step"])
def test_a_search_in_vain_records_nothing(place: str) -> None:
    session = asking(on=False)
    session.history.extend(2)
    with pytest.raises(BadInput):
        drive(places.go_to_place(session, "9999" if place == "step" else place))
    assert (session.history.step, session.history.total) == (2, 2)
