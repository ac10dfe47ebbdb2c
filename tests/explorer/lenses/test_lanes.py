"""Lanes: each step is in the lane of the thread that took it, and sleep is shown between steps."""

from __future__ import annotations

from engine.scenario.loader import load
from explorer.lenses.lanes import Lane, LanesRow, draw, look
from explorer.session.session import Session
from explorer.views.spans import plain


def played(name: str, steps: int) -> Session:
    scenario = load(name)
    history = scenario.start()
    history.extend(steps)
    return Session(history, scenario)


def test_each_step_is_in_the_lane_of_the_thread_that_took_it() -> None:
    session = played("hard-and-soft-busy", 43)
    history, row = session.history, look(session)
    lanes = {lane.name: lane.cells for lane in row.lanes}
    for step in range(1, history.step + 1):
        takers = [name for name, cells in lanes.items() if cells[step - 1] == "█"]
        assert takers == [history.programs[history.journal.thread(step)].name]


def test_a_sleeper_sleeps_from_its_sleep_step_to_the_wakeup() -> None:
    session = played("hard-and-soft-busy", 43)
    lane = next(lane for lane in look(session).lanes if lane.name == "fault")
    # It sleeps at step 14, until writer's wakeup at step 20, and at step 28, until reader2's at step 32.
    assert lane.cells[6:14] == "█" * 8
    assert lane.cells[14:19] == "zzzzz"
    assert lane.cells[19] == "·"
    assert lane.cells[28:31] == "zzz"
    assert lane.cells[31] == "·"


def test_an_ended_thread_has_an_empty_lane() -> None:
    session = played("hard-and-soft-busy", 43)
    lane = next(lane for lane in look(session).lanes if lane.name == "reader1")
    assert lane.cells[29:].strip() == ""


ROW = LanesRow(
    (
        Lane("app", "thread-0", "██··zzz███"),
        Lane("pager", "thread-1", "··██···   "),
        Lane("idle", "thread-2", "zzzzzzzzzz"),
        Lane("clock", "dim", "······█···"),
    ),
    40,
)


def test_the_newest_step_is_at_the_right_and_the_legend_says_which_steps() -> None:
    assert (
        plain(draw(ROW, 66, 5).lines)
        == """\
app                                                     ██··zzz███
pager                                                   ··██···
clock                                                   ······█···
      █ ran  · did not  z slept  steps 31 to 40"""
    )


def test_a_narrow_panel_has_the_newest_steps_and_runs_that_lead_to_their_start() -> None:
    drawing = draw(ROW, 12, 3)
    assert plain(drawing.lines) == "app   zzz███\npager ···\nclock ··█···"
    assert ("goto 38", 9, 12) in {(spot.verb, spot.first, spot.beyond) for spot in drawing.spots}


def test_before_the_first_step_there_is_nothing_to_show() -> None:
    assert plain(draw(look(played("tour", 0)), 60, 4).lines) == "no step taken yet; s steps"
