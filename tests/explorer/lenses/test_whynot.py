"""The lens `whynot`: each condition with a sign, its cell, and the step that made it so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.lenses.whynot import LENS, ConditionRow, WhynotRow, draw, look
from explorer.session.session import Session
from explorer.session.whynot import ask_whynot
from explorer.views.spans import plain

OpenRun = Callable[..., Session]

ROW = WhynotRow(
    "app.m 0xc03",
    "free",
    140,
    "boot or setup",
    (
        ConditionRow("it is hard-busied", True, "busy_count", "LOCKED", 140, "freer, vm_page_busy_try"),
        ConditionRow("it is not free already", True, "queue", "NONE", 0, ""),
        ConditionRow("it is not wired", False, "wire_count", "1", 131, "app, vm_page_wire"),
    ),
)


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def test_each_condition_is_met_or_not_since_a_step_that_can_be_clicked() -> None:
    drawing = draw(ROW, 90, 8)
    assert plain(drawing.lines) == drawn("""
page app.m 0xc03: can it be freed now? no
▸✓ it is hard-busied  busy_count LOCKED  since step 140 (freer, vm_page_busy_try)
 ✓ it is not free already  queue NONE  from boot
 ✗ it is not wired  wire_count 1  since step 131 (app, vm_page_wire)
""")
    assert [spot.verb for spot in drawing.spots] == ["goto 140", "goto 131"]


def test_a_narrow_panel_takes_two_lines_for_a_condition() -> None:
    assert plain(draw(ROW, 64, 8).lines) == drawn("""
page app.m 0xc03: can it be freed now? no
▸✓ it is hard-busied
    busy_count LOCKED  since step 140 (freer, vm_page_busy_try)
 ✓ it is not free already  queue NONE  from boot
 ✗ it is not wired
    wire_count 1  since step 131 (app, vm_page_wire)
""")


def test_a_low_panel_has_what_is_not_met_and_counts_the_rest() -> None:
    assert plain(draw(ROW, 80, 3).lines) == drawn("""
page app.m 0xc03: can it be freed now? no
 ✗ it is not wired  wire_count 1  since step 131 (app, vm_page_wire)
  … 2 more conditions of vm_page_free_toq
""")


def test_without_a_page_it_says_what_to_do() -> None:
    said = plain(draw(WhynotRow("", "free", 0, "power-on"), 80, 3).lines)
    assert said == "no step has changed a page yet; :whynot free N asks about a page"


@pytest.mark.parametrize("what", ["free", "cache", "pageout", "alloc", "wire"])
def test_the_lens_asks_what_the_console_asked(what: str, open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    session.history.seek(60)
    ask_whynot(session, what)
    row = look(session)
    assert (row.what, row.page, row.step) == (what, "app.m 0xc03", 60)
    assert row.allowed == all(one.met for one in row.conditions)
    assert LENS.draw(row, 80, 20).lines


def test_a_page_of_another_table_has_its_subject(open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    free = session.vm.queue.head[1]
    ask_whynot(session, f"alloc {session.vm.page_number(free)}")
    (first,) = [one for one in look(session).conditions if one.text.startswith("the search")]
    assert first.cell.startswith("queue FREE[")
