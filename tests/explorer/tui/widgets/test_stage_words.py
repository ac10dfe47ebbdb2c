"""The words of the stage: moves and the legend."""

from __future__ import annotations

from dataclasses import replace

from explorer.tui.widgets.stage_parts import Canvas, Place
from explorer.tui.widgets.stage_plan import Plan, plan_of
from explorer.tui.widgets.stage_words import NOTHING_YET, legend_lines, put_travel_beside, travel_texts
from explorer.views.spans import plain
from explorer.views.stage import StageRow, Travel
from tests.explorer.tui.widgets.stage_rows import lane, row, tile

DOWN = Travel(1, "app.m", "NONE", "ACTIVE", "vm_page_activate", "app", 1_041, now=True)
UP = Travel(1, "app.m", "CACHE", "NONE", "vm_page_free_toq", "pager", 107)


def texts(travel: Travel, arrow: str = "") -> list[str]:
    return [plain([tuple(spans)]) for spans in travel_texts(travel, arrow)]


def test_a_move_says_function_thread_and_step_and_then_less() -> None:
    assert texts(DOWN) == [
        "↓ vm_page_activate  app, step 1,041  ← now",
        "↓ vm_page_activate (app)",
        "↓ vm_page_activate",
    ]
    assert texts(UP)[0] == "↑ vm_page_free_toq  pager, step 107"
    assert texts(DOWN, "┆")[0] == "┆ vm_page_activate  app, step 1,041"


def plan(shown: StageRow, height: int) -> Plan:
    found = plan_of(shown, 74, height)
    assert found is not None
    return found


def legend(shown: StageRow, width: int, height: int = 18) -> list[str]:
    own = plan(shown, height)
    return [plain([tuple(spans)]) for spans in legend_lines(shown, own, width)]


def test_the_legend_names_all_badges_or_those_that_are_shown() -> None:
    shown = row(lane("ACTIVE", [tile(1, 0, badges="LR")]))
    assert legend(shown, 81)[0].startswith("L locked  S soft busy  W wanted  w wired  h held")
    assert legend(shown, 74)[0].endswith("M mapped R referenced")
    assert legend(shown, 40) == ["L locked  R referenced"]


def test_the_legend_of_letters_comes_with_cells() -> None:
    crowd = row(lane("ACTIVE", [tile(page, page) for page in range(200)]))
    assert legend(crowd, 74)[1:] == ["A dirty  • no object  a heap  b file"]
    assert len(legend(row(lane("ACTIVE", [tile(1, 0)])), 74)) == 1


def test_before_the_first_page_the_legend_says_what_will_come() -> None:
    assert legend(row(), 74) == [NOTHING_YET]
    assert legend(row(), 20) == [""]
    assert legend_lines(row(), replace(plan(row(), 18), legend=1), 74) == [[(NOTHING_YET, "dim")]]


def beside(source: int, used: int) -> str:
    canvas = Canvas(40, 2)
    canvas.put(0, 0, [("x" * used, "")])
    canvas.put(0, 1, [("▌app.m▐", "")])
    canvas.places.append(Place(1, 1, 0, 7))
    tops = [-1, source, 1, -1, -1, -1, -1]
    put_travel_beside(canvas, DOWN, tops)
    return plain(canvas.lines())


def test_a_move_is_beside_the_lane_it_left_or_beside_its_tile() -> None:
    assert beside(0, 3) == "xxx  ┆ vm_page_activate  app, step 1,041\n▌app.m▐"
    assert beside(0, 10) == "x" * 10 + "  ┆ vm_page_activate (app)\n▌app.m▐"
    assert beside(0, 35) == "x" * 35 + "\n▌app.m▐  ← vm_page_activate (app)"
    assert beside(-1, 0) == "\n▌app.m▐  ← vm_page_activate (app)"
