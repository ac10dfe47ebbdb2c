"""The chart lens: curves, limits, axis and cursor at every size; a click goes to a step of its column."""

from __future__ import annotations

import random

import pytest

from explorer.lenses.chart import LENS, _Plot, draw
from explorer.session.charts import read_choice
from explorer.session.session import Session
from explorer.tui.widgets.palette import STYLES
from explorer.views.ascii_twins import in_ascii
from explorer.views.spans import length, plain
from tests.explorer.cursor_motions import run
from tests.explorer.small_chart import small_chart
from tests.explorer.tui.widgets.drawings import drawn, marked


def test_curves_limits_and_the_cursor_are_drawn() -> None:
    drawing = draw(small_chart(15, ("v_free_min", 6), ("v_free_target", 400)), 43, 10)
    assert plain(drawing.lines) == drawn("""
F FREE 8  A ACTIVE 4  free_min 6
free_target 400
12 FFFFFFFFFF     ┃
            F     ┃    AAAAAAAAAAFFFFFFFFFF
             FFFFFFFFFF         F
 6 ──── free_min 6┃───F─────────F──────────
             AAAAAAAAAAFFFFFFFFFF
            A     ┃
 0 AAAAAAAAAA     ┃
   step 0         15                     39
""")


def test_every_size_fits_and_has_only_known_styles() -> None:
    row = small_chart(39, ("v_free_min", 6), ("v_free_reserved", 5))
    for width, height in [(1, 1), (12, 2), (24, 6), (30, 7), (67, 8), (120, 20), (200, 55)]:
        drawing = draw(row, width, height)
        assert 0 < len(drawing.lines) <= height
        assert all(length(line) <= width for line in drawing.lines)
        assert {style for line in drawing.lines for _, style in line} <= STYLES.keys()


def test_a_click_goes_to_the_first_step_of_its_column_and_at_the_end_to_the_last() -> None:
    drawing = draw(small_chart(0), 23 + 20, 9)
    verbs = {spot.first: spot.verb for spot in drawing.spots}
    assert verbs[3] == "goto 0"
    assert verbs[max(verbs)] == "goto 39"
    assert [verb for _, verb in sorted(verbs.items())] == [f"goto {n}" for n in range(40)]


def test_the_cursor_on_a_curve_is_reversed() -> None:
    assert "F" in "".join(marked(draw(small_chart(25), 43, 9).lines, "new"))


def test_in_little_room_there_are_numbers() -> None:
    assert plain(draw(small_chart(15, ("v_free_min", 6)), 23, 4).lines) == "F FREE 8  A ACTIVE 4\nfree_min 6"


def test_curves_differ_without_hue_and_in_ascii() -> None:
    text = plain(draw(small_chart(15, ("v_free_min", 6)), 60, 12).lines)
    assert {"F", "A"} <= set(text)
    assert in_ascii(text).isascii()
    assert "?" not in in_ascii(text)


@pytest.mark.parametrize("what", ["free FREE", "FREE by ticks", "sleeps, count(ACTIVE)", "app.m.wire_count"])
def test_the_picture_has_every_value_of_a_run(life: Session, what: str) -> None:
    """Each value is drawn in the column of its step, in the line of its value."""
    run(life)
    life.chart = read_choice(life, what)
    for _ in range(60):
        row = LENS.look(life)
    drawing = draw(row, 100, 20)
    assert all(one.covered == life.history.total for one in row.curves)
    verbs = {(spot.y, spot.first): spot.verb for spot in drawing.spots}
    lines = plain(drawing.lines).split("\n")
    for step in random.Random(3).sample(range(life.history.total + 1), 40):
        for one in row.curves:
            if one.curve.at(step) is not None:
                shown = {x for (y, x), verb in verbs.items() if int(verb.split()[1]) == step}
                glyphs = {lines[y][x] for y, x in verbs if x in shown and x < len(lines[y])}
                assert not shown or glyphs & {other.glyph for other in row.curves}


def test_no_value_is_beside_two_lines() -> None:
    for low, high in ((14_847, 14_848), (0, 9)):
        plot = _Plot(small_chart(39), 43, 9)
        plot.low, plot.high = low, high
        labels = ["".join(text for text, _ in spans[:1]).strip() for spans in plot._labelled([[]] * 9)]
        numbers = [label for label in labels if label]
        assert len(set(numbers)) == len(numbers) >= 2, (low, high)
