"""The chart in text mode: numbers and moments, no drawing."""

from __future__ import annotations

from explorer.session.session import Session
from explorer.text.chart_sentences import chart_lines
from explorer.views.chart import Choice, Series, chart_row
from tests.explorer.cursor_motions import run
from tests.explorer.small_chart import small_chart

WIRED = Choice((Series("wired"),))


def test_text_mode_has_the_numbers() -> None:
    assert chart_lines(small_chart(15, ("v_free_min", 6))) == [
        "Steps 0 to 39; the cursor is at step 15.",
        "FREE, pages on the FREE queues: 12 at step 0, 10 at step 39, smallest 3, first at step 20, "
        "largest 12, first at step 0, 8 at the cursor.",
        "ACTIVE, pages on the ACTIVE queues: 0 at step 0, 9 at step 39, smallest 0, first at step 0, "
        "largest 9, first at step 20, 4 at the cursor.",
        "v_free_min is 6: FREE is first below it at step 20.",
        "Step 0: FREE 12, ACTIVE 0.",
        "Step 12: FREE 8, ACTIVE 4.",
        "Step 20: FREE 3, ACTIVE 9.",
        "Step 32: FREE 10, ACTIVE 9.",
    ]


def test_a_value_that_never_changes_is_said_once(life: Session) -> None:
    run(life)
    (line,) = [line for line in chart_lines(chart_row(life.history, WIRED)) if line.startswith("wired,")]
    assert line.endswith(": 256 throughout.")
