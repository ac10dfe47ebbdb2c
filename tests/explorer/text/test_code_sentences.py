"""The code of a step in sentences."""

from __future__ import annotations

from explorer.session import code_place
from explorer.session import stops as stopping
from explorer.session.session import Session
from explorer.text.code_sentences import code_sentences, outline_sentences
from explorer.text.sentences import in_ascii
from explorer.views.code import code_row
from tests.explorer.cursor_motions import run, step_called


def test_a_step_of_a_function_is_described(life: Session) -> None:
    run(life)
    life.history.seek(46)
    stopping.add_break(life, "_clear_locked#1")
    assert code_sentences(code_row(life)) == [
        "Step 46: app releases page 0xc03: busy_count LOCKED|WANTED to 0.",
        "Script line app:8: vm_page_wakeup(m).",
        "Function _clear_locked, called from vm_page_wakeup.",
        "What it does: clear LOCKED and WANTED together; return what busy_count was.",
        "Done before: read busy_count.",
        "Now: compare-and-clear LOCKED and WANTED.",
        "Next in the source: nothing.",
        "1 breakpoint: _clear_locked#1.",
    ]


def test_a_caller_is_described_by_its_call(life: Session) -> None:
    run(life)
    life.history.seek(47)
    code_place.choose_frame(life, 0)
    said = code_sentences(code_row(life))
    assert said[2] == "Function vm_page_wakeup; it has called wakeup."
    assert said[5:] == [
        "Done before: check that the page is hard-busied; _clear_locked().",
        "Now: wake all sleepers of the channel.",
        "Next in the source: nothing.",
        "The script's call ends with this step.",
    ]


def test_the_outline_lists_actions_calls_and_branches(life: Session) -> None:
    run(life)
    life.history.seek(20)
    stopping.add_break(life, "vm_page_insert#3")
    code_place.turn_frame(life, -1)
    lines = outline_sentences(code_row(life))
    assert lines[:3] == [
        "Function vm_page_insert:",
        "Action 1: raise the object's generation, done.",
        "Call: take the page's spinlock, done.",
    ]
    assert "Branch: if vm.find_page(obj, pindex) != NULL." in lines
    assert "Call: release the page's spinlock, now." in lines
    assert lines[-1] == "Action 3: update the object's flags and PG_SWAPPED, with a breakpoint."


def test_the_outline_without_a_function_is_the_code(life: Session) -> None:
    assert outline_sentences(code_row(life))[1] == "Action 1: hold the object, first."
    run(life)
    step_called(life, "test the condition")
    assert outline_sentences(code_row(life)) == code_sentences(code_row(life))


def test_step_0_has_the_code_of_the_first_step(life: Session) -> None:
    assert code_sentences(code_row(life)) == [
        "Step 0: the machine after boot and setup; app takes the first step.",
        "Script line app:2: vm_page_alloc(heap, 0, VM_ALLOC_NORMAL).",
        "Function vm_object_hold, called from the script's with_object_held.",
        "What it does: keep an object from being destroyed, and take its token.",
        "Locks: none on entry; the object's token on return.",
        "Done before: nothing.",
        "First: hold the object.",
        "Next in the source: take the object token or share the object token.",
    ]


def test_words_are_said_where_there_is_no_function(life: Session) -> None:
    run(life)
    step = step_called(life, "test the condition")
    assert code_sentences(code_row(life)) == [
        f'Step {step}: pager tests "if vm_page_busy_try(m, 1) == 0": it holds.',
        "Script line pager:7: if vm_page_busy_try(m, 1) == 0.",
        "This part of the script calls no kernel function.",
    ]


def test_every_sentence_is_plain_text(life: Session) -> None:
    run(life)
    for step in range(life.history.total + 1):
        life.history.seek(step)
        for said in code_sentences(code_row(life)):
            assert said.endswith(".")
            assert in_ascii(said).isascii()
