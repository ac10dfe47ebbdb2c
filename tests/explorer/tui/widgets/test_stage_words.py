"""The words of the stage: moves and the legend."""

from __future__ import annotations

from dataclasses import replace

from explorer.tui.widgets.stage_parts import Canvas, Place
from explorer.tui.widgets.stage_words import (
    NOTHING_YET,
    badge_legend,
    column_names,
    letters_of,
    put_letters,
    put_travel_beside,
    travel_texts,
)
from explorer.views.rows import Band
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
    assert texts(UP)[0] == "↑ vm_page_free_toq from CACHE  pager, step 107"
    assert texts(DOWN, "┆")[0] == "┆ vm_page_activate  app, step 1,041"


def legend(shown: StageRow, width: int) -> str:
    return plain([tuple(badge_legend(shown, width))])


def test_a_lane_that_is_not_next_to_the_other_is_named() -> None:
    far = replace(UP, source="CACHE", target="NONE")
    assert texts(far)[0] == "↑ vm_page_free_toq from CACHE  pager, step 107"
    assert texts(far)[-1] == "↑ vm_page_free_toq from CACHE"
    assert texts(replace(far, source="RESERVE"), "←")[-1] == "← vm_page_free_toq from the reserve"
    # The line that it left says which lane that is.
    assert texts(far, "┆")[-1] == "┆ vm_page_free_toq"


def test_the_legend_names_all_badges_or_those_that_are_shown() -> None:
    shown = row(lane("ACTIVE", [tile(1, 0, badges="LR")]))
    assert legend(shown, 81).startswith("L locked  S soft busy  W wanted  w wired  h held")
    assert legend(shown, 74).endswith("M mapped R referenced")
    assert legend(shown, 40) == "L locked  R referenced"


def test_before_the_first_page_the_legend_says_what_will_come() -> None:
    assert legend(row(), 74) == NOTHING_YET
    assert legend(row(), 20) == ""


def letters(shown: str, width: int, *taken: str) -> str:
    canvas = Canvas(width, len(taken))
    for y, text in enumerate(taken):
        canvas.put(0, y, [(part, "") for part in (text,) if text])
    canvas.letters.update(shown)
    put_letters(canvas, row())
    return plain(canvas.lines())


def test_the_letters_that_are_drawn_are_explained_on_the_lowest_line_with_room() -> None:
    assert letters("aB", 40, "FREE", "DMA") == "FREE\nDMA  a heap  b file  A dirty"
    assert letters("a•", 40, "FREE", "DMA") == "FREE\nDMA  a heap  • no object"
    assert letters("ab", 40, "FREE", "x" * 30) == "FREE  a heap  b file\n" + "x" * 30
    assert letters("", 40, "FREE") == "FREE"
    # One by one if they do not fit on one line.
    assert letters("ab", 20, "x" * 12, "y" * 11) == "x" * 12 + "  b file\n" + "y" * 11 + "  a heap"
    assert plain([tuple(letters_of(row(), "AB"))]) == "a heap b file"


def beside(source: int, used: int) -> str:
    canvas = Canvas(40, 2)
    canvas.put(0, 0, [("x" * used, "")])
    canvas.put(0, 1, [("▌app.m▐", "")])
    canvas.places.append(Place(1, 1, 0, 7))
    put_travel_beside(canvas, DOWN, {1: source, 2: 1})
    return plain(canvas.lines())


def test_a_move_is_beside_the_lane_it_left_or_beside_its_tile() -> None:
    assert beside(0, 3) == "xxx  ┆ vm_page_activate  app, step 1,041\n▌app.m▐"
    assert beside(0, 10) == "x" * 10 + "  ┆ vm_page_activate (app)\n▌app.m▐"
    assert beside(0, 35) == "x" * 35 + "\n▌app.m▐  ← vm_page_activate (app)"
    assert beside(-1, 0) == "\n▌app.m▐  ← vm_page_activate (app)"


def test_the_move_of_the_last_step_is_always_written() -> None:
    canvas = Canvas(30, 3)
    canvas.put(0, 0, [("x" * 28, "")])
    canvas.put(0, 1, [("▌app.m▐" + "x" * 20, "")])
    canvas.places.append(Place(1, 1, 0, 7))
    put_travel_beside(canvas, replace(DOWN, now=False), {1: 0, 2: 1})
    assert "activate" not in plain(canvas.lines())
    put_travel_beside(canvas, DOWN, {1: 0, 2: 1})
    assert plain(canvas.lines()).split("\n")[2] == "NONE→ACTIVE vm_page_activate"


def test_the_name_of_a_column_is_as_long_as_fits() -> None:
    nodes = replace(row(), columns=tuple(Band(32 * n, 32 * n + 32, f"node {n}") for n in range(2)))
    assert [column_names(nodes, wide)[1] for wide in (20, 10, 4, 2, 1)] == [
        "node 1: 32-63",
        "node 1",
        "n1",
        "1",
        "",
    ]
    colors = replace(row(), columns=(Band(0, 1, "colour 0"),), by_color=True)
    assert [column_names(colors, wide) for wide in (20, 4)] == [["colour 0"], ["c0"]]
    assert column_names(nodes, 13) == ["node 0", "node 1"]  # all in the form that fits the longest
