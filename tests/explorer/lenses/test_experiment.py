"""The lens experiment: a claim with its verdicts, chart and table at every size, and where its lines lead."""

from __future__ import annotations

import pytest

from engine.experiments.listing import ExperimentListing
from explorer.commands.table import parse
from explorer.lenses.experiment import LENS, ExperimentRow, draw, look
from explorer.lenses.kit.lens import WHOLE
from explorer.session.session import Session
from explorer.tui.widgets.palette import STYLES
from explorer.views.ascii_twins import in_ascii
from explorer.views.experiment_words import ExperimentResult
from explorer.views.spans import length, plain
from tests.explorer.measured_by_hand import result

SIZES = ((67, 8), (40, 6), (80, 20), (200, 55), (24, 3), (12, 2), (12, 1), (1, 1), (38, WHOLE), (74, WHOLE))

LISTED = ExperimentRow(
    None, (ExperimentListing("contention", "Contention", "queues cut it", "", 12),)
)  # fmt: skip
WHOLE_TABLE = ExperimentRow(result(), point=4)
RUNNING = ExperimentRow(result(5), running=True, far="5 of 12 points, about 8 s left")


def text(row: ExperimentRow, width: int, height: int) -> str:
    return plain(LENS.fitted(row, width, height).lines)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_fits_any_size_and_its_lines_lead_to_runs(width: int, height: int) -> None:
    for shown in (LISTED, WHOLE_TABLE, RUNNING, ExperimentRow(ExperimentResult(result().experiment))):
        drawing = draw(shown, width, height)
        assert 0 < len(drawing.lines) <= height
        assert all(length(line) <= width for line in drawing.lines)
        assert {style for line in drawing.lines for _, style in line} <= STYLES.keys()
        assert {parse(spot.verb)[0].id for spot in drawing.spots} <= {"experiment"}
        assert "?" not in in_ascii(plain(drawing.lines))


def test_a_panel_has_the_verdicts_the_chart_and_the_table_as_far_as_they_fit() -> None:
    shown = text(WHOLE_TABLE, 66, 26)
    order = (
        "contention: row 4 (colors 1, cpus 4, seed 1): contended 0.25,",
        "12 points; 1 part of",
        "not  max(waited) < 3: 1,300",
        "┤",
        "colors  cpus",
    )
    places = [shown.index(part) for part in order]
    assert places == sorted(places)
    assert "●   3..4       1     4" in shown
    assert text(ExperimentRow(result()), 66, 26).startswith("contention: coloured queues cut")
    small = text(WHOLE_TABLE, 40, 5)
    assert "1 part of the cla" in small
    assert "  1..2       1     1" in small
    assert "┤" not in small
    low = text(WHOLE_TABLE, 80, 12)
    assert "z and ↓: chart" in low
    assert "┤" not in low


def test_the_whole_of_it_says_what_the_verdicts_mean_and_what_the_numbers_show() -> None:
    shown = text(WHOLE_TABLE, 66, WHOLE)
    for part in ("locks are waited for.", "With 16 colours no lock is contended.", "! row 8: leak: a page"):
        assert part in shown


def test_while_it_is_measured_it_says_how_far_it_is() -> None:
    shown = text(RUNNING, 80, 20)
    assert "measuring  5 of 12 points, about 8 s left; Esc ends it, and keeps them" in shown
    assert "  3..4       1     4" in shown
    assert "9..10" not in shown


def test_the_keyboard_chooses_among_runs_or_experiments() -> None:
    verbs = [spot.verb for spot in LENS.choices(draw(WHOLE_TABLE, 80, WHOLE))]
    assert verbs == [f"experiment open {n}" for n in (1, 3, 5, 7, 9, 11)]
    each = ExperimentRow(result(), each=True)
    assert len(LENS.choices(draw(each, 80, WHOLE))) == 12
    assert [spot.verb for spot in LENS.choices(draw(LISTED, 80, 20))] == ["experiment contention"]


def test_a_session_without_an_experiment_lists_them(session: Session) -> None:
    assert look(session).measured is None
    session.experiments.measured = result()
    session.point = 3
    shown = look(session)
    assert (shown.measured, shown.running, shown.point) == (session.experiments.measured, False, 3)
