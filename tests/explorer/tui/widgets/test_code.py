"""The code panel's lines: the stack, the source or the outline with marks, the sentence, at every size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.tui.widgets.code import action_at_line, code_lines, frame_at, laid_out, moved_cursor
from explorer.tui.widgets.palette import STYLES
from explorer.views.ascii_twins import in_ascii
from explorer.views.code import CALLS, DONE, NOW, CodeLine, CodeRow, code_row
from explorer.views.spans import columns, length, plain
from tests.explorer.tui.widgets.drawings import drawn, marked

ROW = CodeRow(
    step=41,
    thread="app",
    number=0,
    place="app:6",
    script="vm_page_activate(m)",
    crumbs=("vm_page_activate", "_activate_locked", "_vm_page_add_queue"),
    kernel=(True, False, True),
    frame=2,
    function="_vm_page_add_queue",
    summary="Put a page on a queue",
    locks="the page's on entry; both on return",
    lines=(
        CodeLine(
            "def _vm_page_add_queue(vm: Machine, m: Page, q: Queue, athead: bool) -> Steps[None]:",
            "head",
            number=10,
        ),
        CodeLine(
            "    # A comment that is much too long for the panel, and does not matter.", "comment", number=11
        ),
        CodeLine("    yield from spin_lock(vm, q)", "call", DONE, 12),
        CodeLine('    yield "join the queue"', "action", NOW, 13, 1),
        CodeLine("    if athead:", "branch", number=14),
        CodeLine(
            '        yield "count it at the head of the queue, since it was asked for"', "action", "", 15, 2
        ),
        CodeLine("    vm.queue.lcnt[q] += 1", "", number=16),
    ),
    outline=(
        CodeLine("take the queue's spinlock", "call", DONE, 12),
        CodeLine("join the queue", "action", NOW, 13, 1),
        CodeLine("if athead", "branch", "", 14),
        CodeLine("count it at the head of the queue, since it was asked for", "action", "", 15, 2, 1),
    ),
    sentence="app joins ACTIVE[0] at the tail: page 0xc03, length 0 to 1",
)


def shown(row: CodeRow, width: int, height: int, *, focused: bool = False) -> str:
    return plain(code_lines(row, width, height, focused=focused, outline=row.folded))


def test_five_lines_have_the_stack_what_is_done_now_and_next_and_the_sentence() -> None:
    assert shown(ROW, 64, 5) == drawn("""
── code app:6 › … › _activate_locked › _vm_page_add_queue ──────
✓ take the queue's spinlock
▶ join the queue
  count it at the head of the queue, since it was asked for
app joins ACTIVE[0] at the tail: page 0xc03, length 0 to 1
""")


def test_a_narrow_low_panel_keeps_the_function_and_the_sentence() -> None:
    assert shown(ROW, 36, 4) == drawn("""
── code … › _vm_page_add_queue ─────
▶ join the queue
app joins ACTIVE[0] at the tail:
page 0xc03, length 0 to 1
""")
    folded = replace(ROW, folded=True)
    assert shown(folded, 36, 4).startswith("── … › _vm_page_add_queue  outline ─")
    assert shown(folded, 30, 4).startswith("── … › _vm_page_add_queue ─")


@pytest.mark.parametrize("size", [(39, 5), (40, 4), (45, 13), (60, 24)], ids=str)
def test_no_sentence_is_cut(size: tuple[int, int]) -> None:
    scenario = load("life-of-a-page")
    session = Session(scenario.start(), scenario)
    while session.history.outcome is None:
        session.history.extend(1)
        row = code_row(session)
        assert shown(row, *size).replace("\n", " ").endswith(row.sentence)
    assert shown(ROW, 27, 4).startswith("── … › _vm_page_add_queue ─")


def test_a_tall_panel_shows_the_source_and_the_sentence() -> None:
    assert shown(ROW, 64, 14) == drawn("""
── code ────────────────────────────────────────────────────────
app:6 › vm_page_activate › _activate_locked › _vm_page_add_queue
Put a page on a queue
locks: the page's on entry; both on return
  def _vm_page_add_queue(vm: Machine, m: Page, q: Queue, athead…
    # A comment that is much too long for the panel, and does n…
✓   yield from spin_lock(vm, q)
▶   yield "join the queue"
    if athead:
      yield "count it at the head of the queue, since it was
        asked for"
    vm.queue.lcnt[q] += 1

app joins ACTIVE[0] at the tail: page 0xc03, length 0 to 1
""")


def test_indentation_is_less_on_a_narrow_panel_and_code_is_wrapped() -> None:
    assert shown(ROW, 36, 14) == drawn("""
── code ────────────────────────────
app:6 › … › _vm_page_add_queue
Put a page on a queue
locks: the page's on entry; both on
return
  def _vm_page_add_queue(vm: Machin…
   # A comment that is much too lon…
✓  yield from spin_lock(vm, q)
▶  yield "join the queue"
   if athead:
    yield "count it at the head of
      the queue, since it was asked
app joins ACTIVE[0] at the tail:
page 0xc03, length 0 to 1
""")


def test_the_outline_has_branches_and_indented_actions() -> None:
    row = replace(ROW, folded=True)
    assert shown(row, 64, 9, focused=True) == drawn("""
━━ code ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ outline ━
app:6 › vm_page_activate › _activate_locked › _vm_page_add_queue
Put a page on a queue
✓ take the queue's spinlock
▶ join the queue
  if athead
    count it at the head of the queue, since it was asked for

app joins ACTIVE[0] at the tail: page 0xc03, length 0 to 1
""")


def test_a_longer_source_is_scrolled_to_the_current_line_with_its_surroundings() -> None:
    lines = tuple(
        CodeLine(f'    yield "action {n}"', "action", NOW if n == 60 else "", n, n) for n in range(1, 101)
    )
    text = shown(replace(ROW, lines=lines), 40, 12)
    assert "▶" in text
    assert 'yield "action 58"' in text
    assert 'yield "action 62"' in text
    assert 'yield "action 1"' not in text


def test_the_view_follows_the_cursor() -> None:
    lines = tuple(
        CodeLine(f'    yield "action {n}"', "action", NOW if n == 60 else "", n, n, cursor=n == 5)
        for n in range(1, 101)
    )
    assert ' ▸ yield "action 5"' in shown(replace(ROW, lines=lines), 40, 12)


def test_the_cursor_and_breakpoints_are_in_the_gutter() -> None:
    outline = (
        replace(ROW.outline[1], stop=True),
        replace(ROW.outline[3], stop=True, cursor=True),
        CodeLine("leave", "action", "", 20, 3, cursor=True),
    )
    lines = code_lines(replace(ROW, outline=outline, folded=True), 70, 9, focused=True, outline=True)
    assert "▶●join the queue" in plain(lines)
    assert " ◉  count it" in plain(lines)
    assert " ▸leave" in plain(lines)
    assert marked(lines, "bad") == ["●", "◉"]


def test_a_frame_that_waits_for_its_call_marks_the_call() -> None:
    row = replace(
        ROW, frame=0, function="vm_page_activate", outline=(CodeLine("_lock()", "call", CALLS, 3),), lines=()
    )
    lines = code_lines(replace(row, folded=True), 70, 9, focused=False, outline=True)
    assert "▷ _lock()" in plain(lines)
    assert marked(lines, "now")[0] == "vm_page_activate"


def test_words_are_shown_where_there_is_no_function() -> None:
    row = CodeRow(
        place="app:3",
        number=0,
        words=("if n:", "This line calls no kernel function."),
        sentence="app tests it",
    )
    assert shown(row, 30, 8) == drawn("""
── code ──────────────────────
app:3
if n:
This line calls no kernel
function.


app tests it
""")
    assert shown(row, 30, 4).split("\n")[0] == "── code app:3 ────────────────"


def test_the_last_step_of_a_call_is_marked() -> None:
    assert "_vm_page_add_queue (returns)" in shown(replace(ROW, returned=True), 70, 4)


@pytest.mark.parametrize("width", [1, 8, 20, 36, 45, 60, 70])
@pytest.mark.parametrize("height", [1, 2, 4, 6, 7, 8, 14, 25])
def test_it_fits_any_size_and_has_only_known_styles(width: int, height: int) -> None:
    for row in (
        ROW,
        replace(ROW, folded=True),
        CodeRow(words=("nothing",)),
        replace(ROW, returned=True, frame=0),
    ):
        lines = code_lines(row, width, height, focused=True, outline=row.folded)
        assert len(lines) <= height
        assert all(length(spans) <= width for spans in lines)
        assert {style for spans in lines for _, style in spans} <= STYLES.keys()


def test_every_glyph_has_an_ascii_twin_of_one_column() -> None:
    text = shown(
        replace(ROW, outline=(*ROW.outline, CodeLine("x()", "call", CALLS, 20, stop=True)), folded=True),
        40,
        12,
    )
    ascii_text = in_ascii(text)
    assert ascii_text.isascii()
    assert "?" not in ascii_text
    assert [columns(line) for line in text.split("\n")] == [len(line) for line in ascii_text.split("\n")]


def test_marks_differ_without_colour_in_ascii() -> None:
    assert len({in_ascii(glyph) for glyph in "▶✓▷▸●◉"}) == 6


# --- the mouse and the cursor -----------------------------------------------------------------------------


def test_a_click_on_a_name_of_the_stack_is_its_frame() -> None:
    tall = laid_out(ROW, 64, 14, focused=False, outline=False)
    line = "app:6 › vm_page_activate › _activate_locked › _vm_page_add_queue"
    for at, name in enumerate(ROW.crumbs):
        assert frame_at(tall, line.index(name), 1, 14) == at
        assert frame_at(tall, line.index(name) + len(name) - 1, 1, 14) == at
    assert frame_at(tall, 0, 1, 14) is None
    assert frame_at(tall, line.index("›"), 1, 14) is None
    assert frame_at(tall, 10, 2, 14) is None
    low = laid_out(ROW, 64, 4, focused=False, outline=False)
    top = shown(ROW, 64, 4).split("\n")[0]
    assert frame_at(low, top.index("_activate_locked"), 0, 4) == 1
    assert frame_at(low, top.index("…"), 0, 4) is None


def test_a_click_on_a_line_is_the_nearest_action() -> None:
    laid = laid_out(ROW, 64, 14, focused=False, outline=False)
    text = shown(ROW, 64, 14).split("\n")
    rows = {
        part: next(y for y, line in enumerate(text) if part in line)
        for part in ("join", "asked for", "lcnt", "def")
    }
    assert action_at_line(ROW, laid, rows["join"]) == 1
    assert action_at_line(ROW, laid, rows["asked for"]) == 2
    assert action_at_line(ROW, laid, rows["lcnt"]) == 2
    assert action_at_line(ROW, laid, rows["def"]) == 1
    assert action_at_line(ROW, laid, 0) == 0
    assert action_at_line(ROW, laid, 13) == 0
    assert (
        action_at_line(CodeRow(words=("x",)), laid_out(CodeRow(), 20, 4, focused=False, outline=False), 1)
        == 0
    )


def test_the_cursor_moves_from_action_to_action_and_stops_at_both_ends() -> None:
    assert [moved_cursor(ROW, by) for by in (-1, 1, 5, -100)] == [1, 2, 2, 1]
    at_two = replace(ROW, outline=(*ROW.outline[:3], replace(ROW.outline[3], cursor=True)))
    assert [moved_cursor(at_two, by) for by in (-1, 1)] == [1, 2]
    assert moved_cursor(CodeRow(), 1) == 0


def test_from_a_call_the_cursor_moves_to_the_action_before_or_after_it() -> None:
    outline = (
        CodeLine("one", "action", DONE, 1, 1),
        CodeLine("call()", "call", CALLS, 2),
        CodeLine("two", "action", "", 3, 2),
    )
    row = replace(ROW, outline=outline)
    assert [moved_cursor(row, by) for by in (-1, 1)] == [1, 2]


def test_in_a_narrow_title_the_name_of_a_function_that_returned_stays() -> None:
    shown = replace(ROW, crumbs=("vm_set_page_size",), kernel=(True,), frame=0, returned=True, place="boot:1")
    title = plain(code_lines(shown, 34, 5, focused=False, outline=False)[:1])
    assert title == "── vm_set_page_size (returns) ────"
