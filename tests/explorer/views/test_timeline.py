"""The timeline of a run: its density, marks and events."""

from __future__ import annotations

import pytest

from explorer.session.session import Session
from explorer.views import timeline
from explorer.views.timeline import is_finding, next_event, previous_event, stops, timeline_row
from tests.explorer.cursor_motions import run


def test_the_density_of_the_timeline_counts_every_write(session: Session) -> None:
    run(session)
    row = timeline_row(session.history, 37, frozenset({5}))
    assert sum(row.density) == session.history.journal.writes
    assert len(row.density) == 37
    assert (5, "▲") in row.marks


def test_a_finding_is_marked_on_the_timeline(panic_session: Session) -> None:
    run(panic_session)
    assert (panic_session.history.total, "◆") in timeline_row(panic_session.history, 20, frozenset()).marks


def test_the_last_step_has_no_next_event(session: Session) -> None:
    run(session)
    assert next_event(session.history, session.history.total) is None


def test_before_the_first_step_the_timeline_is_open_and_empty(session: Session) -> None:
    row = timeline_row(session.history, 4, {0: ""})
    assert (row.step, row.total, row.open) == (0, 0, True)
    assert (row.density, row.marks) == ((0, 0, 0, 0), ((0, "▲"),))
    assert timeline_row(session.history, 0, ()).density == (0,)


def test_a_stretch_has_the_writes_of_its_own_steps(life: Session) -> None:
    run(life)
    journal = life.history.journal
    row = timeline_row(life.history, 5, ())
    assert not row.open
    assert row.density == tuple(
        sum(len(journal.writes_of(step)) for step in range(29 * n + 1, 29 * n + 30)) for n in range(5)
    )


def test_marks_and_forks_are_the_steps_to_jump_between(life: Session) -> None:
    run(life)
    history = life.history
    history.seek(30)
    history.fork()
    history.extend(10)
    assert stops(history, (5, 35, 90)) == [0, 5, 30, 35, 40]
    assert timeline_row(history, 4, (35, 90)).marks == ((35, "▲"),)
    history.switch(0)
    assert stops(history, (5,)) == [0, 5, 30, 145]
    assert timeline_row(history, 4, (5,)).marks == ((5, "▲"), (30, "⌥"))


@pytest.mark.parametrize("stretch", [1, 7, 65536])
def test_events_are_the_steps_at_which_a_page_or_a_thread_changes_its_state(
    life: Session, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    """From the log of life-of-a-page; changes of locks and counts are not events."""
    monkeypatch.setattr(timeline, "_STRETCH", stretch)
    run(life)
    found, step = [], 0
    while (after := next_event(life.history, step)) is not None and after <= 47:
        found.append(step := after)
    assert found == [10, 11, 19, 30, 31, 32, 33, 41, 46, 47]
    back: list[int] = []
    while (before := previous_event(life.history, back[-1] if back else 48)) is not None:
        back.append(before)
    assert back == found[::-1]


@pytest.mark.parametrize(
    ("outcome", "finding"),
    [
        ("panic", True),
        ("deadlock", True),
        ("livelock", True),
        ("completed", False),
        ("blocked", False),
        (None, False),
    ],
)
def test_some_outcomes_are_findings_about_the_kernel(outcome: str | None, finding: bool) -> None:
    assert is_finding(outcome) is finding
