"""The lens `whynot`: each condition with a sign, its cell, and the step that made it so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import PBUSY_LOCKED
from engine.scenario.loader import load
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
may vm_page_free_toq free app.m 0xc03 now? no
 ✗ it is not wired  wire_count 1  since step 131 (app, vm_page_wire)
▸✓ it is hard-busied  busy_count LOCKED  since step 140 (freer, vm_page_busy_try)
 ✓ it is not free already  queue NONE  from boot
""")
    assert [spot.verb for spot in drawing.spots] == ["goto 131", "goto 140"]


def test_a_narrow_panel_takes_two_lines_for_a_condition() -> None:
    assert plain(draw(ROW, 64, 8).lines) == drawn("""
may vm_page_free_toq free app.m 0xc03 now? no
 ✗ it is not wired
    wire_count 1  since step 131 (app, vm_page_wire)
▸✓ it is hard-busied
    busy_count LOCKED  since step 140 (freer, vm_page_busy_try)
 ✓ it is not free already  queue NONE  from boot
""")


def test_a_low_panel_has_what_is_not_met_and_counts_the_rest() -> None:
    assert plain(draw(ROW, 80, 3).lines) == drawn("""
may vm_page_free_toq free app.m 0xc03 now? no
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


@pytest.mark.parametrize("rules", ["document", "source"])
def test_a_held_page_may_be_freed_and_goes_to_hold(rules: str) -> None:
    scenario = load("held-while-freed", rules=rules)
    session = Session(scenario.start(), scenario)
    session.history.extend(100_000)
    session.history.seek(next(s for s in range(session.history.total) if _holds(session, s)))
    row = look(session)
    held = row.ordered[0]
    assert (row.allowed, row.answer, held.met) == (True, "yes, to HOLD", False)
    assert held.text == "it is not held, or it goes to HOLD until hold_count is 0"
    assert (held.cell, held.value, held.who) == ("hold_count", "1", "peeker, vm_page_hold")
    first = plain(draw(row, 80, 10).lines).split("\n")[0]
    assert first == f"may vm_page_free_toq free {row.page} now? yes, to HOLD"


def _holds(session: Session, step: int) -> bool:
    """Whether the inspected page is held and hard-busied after a step."""
    session.history.seek(step)
    m, page = session.page, session.vm.page
    return m >= 0 and page.hold_count[m] > 0 and page.busy_count[m] & PBUSY_LOCKED != 0
