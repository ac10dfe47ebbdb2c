"""The chart of a replay: misses over frames."""

from __future__ import annotations

from explorer.views.replay import Replay, ReplayRow, misses_chart


def replay_of(*rows: tuple[str, int, int], curve: tuple[tuple[int, int], ...] | None = None) -> Replay:
    found = tuple(ReplayRow(policy, frames, {"misses": misses}) for policy, frames, misses in rows)
    return Replay("a", "pages", 4096, 100, 10, found, curve=curve)


def test_each_policy_is_a_curve_and_a_missing_row_is_a_gap() -> None:
    chart = misses_chart(replay_of(("kernel", 4, 50), ("2q", 2, 60), ("2q", 4, 40)))
    assert chart is not None
    assert [(one.name, one.glyph) for one in chart.curves] == [("kernel", "k"), ("2q", "q")]
    assert [point is None for point in chart.curves[0].points] == [True, False]
    assert not chart.x.log
    assert not chart.y.log


def test_wide_axes_are_logarithmic() -> None:
    chart = misses_chart(replay_of(("lru", 2, 6000), ("lru", 16, 50)))
    assert chart is not None
    assert chart.x.log
    assert chart.y.log


def test_the_curve_is_drawn_where_the_frames_are_not_several() -> None:
    curve = tuple((frames, 5000 - frames) for frames in range(1, 1001))
    chart = misses_chart(replay_of(("lru", 2, 4998), curve=curve))
    assert chart is not None
    points = chart.curves[0].points
    assert 100 < len(points) <= 202
    assert points[0] is not None
    assert points[-1] is not None
    assert (points[0][0], points[-1][0]) == (0, 1)


def test_one_number_of_frames_has_no_chart() -> None:
    assert misses_chart(replay_of(("lru", 2, 60))) is None
    assert misses_chart(replay_of(curve=((1, 60),))) is None
