"""The sentences of text mode: steps, threads, pages and colours; a glyph never has the only meaning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.kernel.remarks import ZERO_PAGE
from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.session import stepping
from explorer.session import stops as stopping
from explorer.session.open import open_session
from explorer.session.session import Session
from explorer.text import sentences
from explorer.text.sentences import MOST, in_ascii, joined, page_lines, sentence, step_sentence
from explorer.views.rows import Change, EventRow
from tests.explorer.cursor_motions import drive, run

MakeSession = Callable[..., Session]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("FREE[5]→NONE, 3 ≠ 4, ✓ local", "FREE[5]->NONE, 3 != 4, yes local"),
        ("▁▂█·│─┼▌", "128.|-+#"),
        ("Müller's señal ¿50 € ⠿?", "Müller's señal ?50 ? #?"),
        ("\x1b[2Jgone\x07", "?[2Jgone?"),
        ("(4, then ↑↓)", "(4, then up/down)"),
    ],
)
def test_glyphs_become_plain_and_control_characters_are_replaced(text: str, plain: str) -> None:
    assert in_ascii(text) == plain


def test_a_sentence_has_one_full_stop() -> None:
    assert [sentence(text) for text in ("done", "done.", "done?", "done!")] == [
        "done.",
        "done.",
        "done?",
        "done!",
    ]


def test_lines_are_joined_in_ascii() -> None:
    assert joined(["a → b", "c\nd"]) == "a -> b\nc d\n"
    assert joined([]) == ""


# --- steps ------------------------------------------------------------------------------------------------


def test_a_step_has_the_thread_the_function_the_action_and_the_cells(life: Session) -> None:
    change = Change("page 0xc03", "valid", "00", "ff")
    row = EventRow(3, "pager", 1, "vm_page_set_valid", "set valid", (change,))
    assert step_sentence(life, row) == (
        "Step 3, pager on cpu 1: vm_page_set_valid: set valid. Changed: page 0xc03 valid 00 to ff."
    )
    assert step_sentence(life, EventRow(4, "event", -1, "", "a tick")) == "Step 4, event: a tick."
    assert step_sentence(life, EventRow(0, "boot", -1, "", "the machine after boot"), "Back at step") == (
        "Back at step 0, the machine after boot."
    )


@pytest.mark.parametrize(
    ("count", "end"), [(MOST, f"x{MOST} 0 to 1."), (MOST + 3, f"x{MOST} 0 to 1, and 3 more.")]
)
def test_of_many_changes_the_rest_is_counted(life: Session, count: int, end: str) -> None:
    row = EventRow(
        3, "app", 0, "", "assign", tuple(Change("p", f"x{n}", "0", "1") for n in range(1, count + 1))
    )
    assert step_sentence(life, row).endswith(end)


def test_the_log_is_the_last_steps_oldest_first(life: Session) -> None:
    life.history.extend(5)
    lines = sentences.log_lines(life, 3)
    assert [line.split(",")[0] for line in lines] == ["Step 3", "Step 4", "Step 5"]
    assert sentences.this_step(life) == lines[-1]
    assert sentences.log_lines(life, 9)[0] == "Step 0, the machine after boot and setup."


def test_the_end_of_a_run_is_described_only_at_its_end(life: Session, panic_session: Session) -> None:
    run(life)
    assert sentences.end_lines(life) == ["Completed: every thread has ended."]
    stepping.back(life)
    assert sentences.end_lines(life) == []
    run(panic_session)
    (line,) = sentences.end_lines(panic_session)
    assert line.startswith("PANIC in vm_page_wakeup(), page 0xc03: ")


# --- the position -----------------------------------------------------------------------------------------


def test_the_position_has_the_step_the_memory_the_next_step_and_the_page(life: Session) -> None:
    assert sentences.where_lines(life) == [
        "Step 0 of 0, on main; the run can continue after step 0.",
        "3,711 pages are free; v_free_min is 84, v_free_reserved 49.",
        "Next, by the schedule: app, vm_object_hold: hold the object.",
    ]
    run(life)
    life.history.seek(11)
    life.choose_thread(1)
    life.pin(life.page)
    assert sentences.where_lines(life) == [
        "Step 11 of 145, on main; the run ends there: completed.",
        "3,710 pages are free; v_free_min is 84, v_free_reserved 49.",
        "Next, as chosen: pager, vm_object_hold: hold the object.",
        "The current page is 0xc03; it is pinned; follow unpins it.",
    ]


def test_a_thread_has_its_next_action_its_locks_and_its_wait(
    life: Session, deadlock_session: Session
) -> None:
    life.history.extend(32)  # pager has gone to sleep
    app, pager = sentences.threads_lines(life)
    assert app == (
        "app on cpu 0 runs; at line 4; in vm_page_set_valid; "
        "takes the next step: zero the fragments and set valid."
    )
    assert pager.startswith(
        "pager on cpu 1 sleeps; at line 2; waits for page 0xc03, busied by app; in vm_page_lookup_busy_wait"
    )
    assert "holds" not in pager  # a sleeping thread has given its token up
    run(life)
    assert sentences.threads_lines(life) == ["app on cpu 0 has ended.", "pager on cpu 1 has ended."]
    run(deadlock_session)
    first, _ = sentences.threads_lines(deadlock_session)
    assert first.startswith("app on cpu 0 cannot run; at line 2; waits for token of file, held by other; ")
    assert first.endswith("holds token of heap.")


def test_the_scripts_are_shown_with_current_lines_and_breakpoints(life: Session) -> None:
    stopping.add_break(life, "pager:2")
    life.history.extend(24)
    lines = sentences.source_lines(life)
    assert lines[0] == "app on cpu 0:"
    assert [line for line in lines if line.startswith("at")] == [
        "at   4 vm_page_set_valid(m, 0, PAGE_SIZE)",
        "at   2 m = vm_page_lookup_busy_wait(heap, 0, 1) (breakpoint)",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_every_thread_of_every_scenario_is_described(name: str) -> None:
    session = open_session(name)
    stepping.step(session)
    lines = sentences.threads_lines(session)
    assert [line.split()[0] for line in lines] == [program.name for program in session.history.programs]


# --- pages, colours and lenses ----------------------------------------------------------------------------


def test_a_page_is_described_field_by_field_with_its_changes(life: Session) -> None:
    assert sentences.page_lines(life) == ["No step has touched a page yet; page NUMBER shows one."]
    life.history.extend(41)
    assert sentences.page_lines(life) == [
        "Page 0xc03, colour 0 of node 0 core 0; address 0xc03000 on node 0.",
        "Queue ACTIVE[0]; busy_count LOCKED|WANTED; flags REFERENCED; valid ff, dirty 00.",
        "In object heap, pindex 0; wire_count 0, hold_count 0, act_count 5; spinlock held by app.",
        "freed: yes - hard-busied since step 10 (app, vm_page_busy_try).",
        "Step 41 changed its queue.",
    ]


def test_a_colour_names_its_pages_and_a_queue_its_counts(life: Session) -> None:
    life.history.extend(11)
    life.select("FREE", 0)
    colour, pages = sentences.color_lines(life)
    assert colour == "Colour 0 node 0 core 0: FREE 2, NONE 1."
    assert pages.startswith("Pages on FREE[0], head first: 0x")
    assert len(pages.split(", ")) == 3
    life.select("HOLD", 0)
    assert sentences.color_lines(life) == [colour]
    life.select("FREE", 5)
    assert sentences.color_lines(life)[0].startswith("Colour 5 node 0 core 0: FREE ")
    free, *_, none, reserve = sentences.queues_lines(life)
    assert free.startswith("FREE: 3,710 pages, -1 by this step; at most ")
    assert none == "NONE: 1 page, +1 by this step; at most 1 on one colour, 1,023 colours without a page."
    assert reserve.startswith("DMA reserve: ")


def test_many_pages_of_a_colour_are_named_up_to_a_limit(make_session: MakeSession) -> None:
    session = make_session(colors=16)
    session.select("FREE", 3)
    count = len(session.pages_here())
    assert count > MOST
    _, pages = sentences.color_lines(session)
    assert pages.count("0x") == MOST
    assert pages.endswith(f", and {count - MOST} more.")


def test_a_lens_has_its_title_and_its_lines(life: Session) -> None:
    drive(stepping.steps(life, 2))
    assert sentences.lens_lines(life, 1) == sentences.log_lines(life, 1)
    life.look_through("moves")
    head, *lines = sentences.lens_lines(life, 1)
    assert head.endswith(".")
    assert "No page was moved yet" in " ".join(lines)


def test_a_page_that_the_step_zeroes_is_said() -> None:
    scenario = load("usage-pattern-fault")
    session = Session(scenario.start(), scenario)
    session.history.extend(10_000)
    (step, effect), *_ = [one for one in session.history.branch.remarks.kept if one[1][0] == ZERO_PAGE]
    session.pin(effect[1])
    session.history.seek(step)
    assert page_lines(session)[-1] == f"Step {step}: zeroed."
    session.history.seek(step - 1)
    assert "zeroed" not in page_lines(session)[-1]
