"""One plain sentence a step: the reason where there is one, else the plain fact."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import engine
from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import source_of_function
from engine.scenario.loader import load, load_text
from engine.script.injected_call import compile_call
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.announced import third_person
from explorer.views.calls import Calls
from explorer.views.sentence import REASONS, step_sentence
from tests.explorer.cursor_motions import run


def said(session: Session, step: int) -> str:
    return step_sentence(session.history, session.labels, session.calls, step)


def all_said(session: Session) -> list[str]:
    while stepping.step(session):
        pass
    return [said(session, step) for step in range(session.history.total + 1)]


LIFE = {
    0: "the machine after boot and setup",
    1: "app holds the object: heap hold_count 0 to 1",
    2: "app takes the token of heap",
    3: "app takes colour 0: cpu 0's colours start there",
    4: "app may take a free page: cpu 0 counts 3,711 free pages, v_free_reserved is 49",
    5: "app looks at FREE[0], the colour asked for: its first page is 0xc03",
    9: "app finds page 0xc03 not busy: busy_count is 0",
    10: "app hard-busies page 0xc03: busy_count 0 to LOCKED",
    11: "app takes page 0xc03 off FREE[0]: length 3 to 2",
    19: "app inserts page 0xc03 into heap at index 0, which is free",
    28: "pager finds page 0xc03 busy, locked by app since step 10: it has to wait",
    32: "pager sleeps: page 0xc03 is busy, locked by app since step 10",
    40: "app takes the spinlock of ACTIVE[0]: after that of page 0xc03, as the lock order requires",
    41: "app puts page 0xc03 at the tail of ACTIVE[0]: length 0 to 1",
    47: "app wakes pager: it waits for page 0xc03",
    48: "pager runs again: it was woken, by app in step 47",
    73: 'pager tests "if vm_page_busy_try(m, 1) == 0": it holds',
    93: "pager counts the page as freed: cpu 1 v_tfree 0 to 1",
    110: "pager sends page 0xc03 to FREE: nothing holds it",
    118: "pager wakes no thread for memory: vm_pages_waiting is 0; the thread ends",
}
"""Sentences of life-of-a-page."""


def test_the_life_of_a_page_has_its_reasons(life: Session) -> None:
    sentences = all_said(life)
    assert {step: sentences[step] for step in LIFE} == LIFE


def test_a_sentence_does_not_depend_on_how_the_step_was_reached(life: Session) -> None:
    live = all_said(life)
    life.history.seek(17)
    fresh = [
        step_sentence(life.history, life.labels, Calls(), step) for step in range(life.history.total, -1, -1)
    ]
    assert fresh[::-1] == live
    assert life.history.step == 17


def test_a_sentence_changes_nothing(life: Session) -> None:
    run(life)
    history = life.history
    history.seek(60)
    history.go_live()
    before = (history.vm.memory.digest(), history.step, history.live_at)
    for step in range(1, history.total + 1):
        said(life, step)
    assert (history.vm.memory.digest(), history.step, history.live_at) == before


def test_a_panic_is_said(panic_session: Session) -> None:
    sentences = all_said(panic_session)
    assert re.fullmatch(
        r"app finds page 0x\w+ not hard-busied: busy_count is 0; the kernel panics", sentences[-1]
    )
    assert "panics" not in "".join(sentences[:-1])


def test_an_event_says_what_it_changed(life: Session) -> None:
    life.history.extend(3)
    program, _ = compile_call("vm_page_wakeup(page[0x802])", life.names)
    life.history.inject(program)
    label = life.history.journal.label(4)
    assert said(life, 4).startswith(label)


def test_a_lost_compare_and_set_says_who_was_first() -> None:
    """Two threads read busy_count as 0 in turn; the second compare-and-set fails."""
    scenario = load("hard-and-soft-busy", schedule="rr")
    sentences = all_said(Session(scenario.start(), scenario))
    lost = [text for text in sentences if "fails: " in text]
    assert lost[0] == "writer fails: busy_count of page 0x40 is soft 1, no longer 0, by reader1 in step 3"
    assert sentences[3] == "reader1 soft-busies page 0x40: busy_count 0 to soft 1"


def announcements() -> list[str]:
    """Every announcement of the kernel."""
    texts = [
        text
        for function in kernel_functions().values()
        for action in getattr(source_of_function(function), "actions", ())
        for text in action.texts
    ]
    return sorted(set(texts))


def test_every_announcement_starts_with_a_verb_that_becomes_its_third_person() -> None:
    for text in announcements():
        verb = third_person(text).split(" ")[0]
        assert re.fullmatch(r"[a-z-]+s", verb), text
        assert not re.search(r"(sss|ys|chs|shs|xs|zs|os)$", verb.replace("says", "")), text


# --- the table --------------------------------------------------------------------------------------------


def test_every_reason_is_about_an_action_that_exists() -> None:
    for key in REASONS:
        function, number = key.split("#")
        source = source_of_function(kernel_functions()[function])
        assert source is not None
        assert 1 <= int(number) <= len(source.actions), key


def _keys(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return [
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and "#" in key.value
    ]


def test_no_action_has_two_reasons() -> None:
    views = Path(engine.__file__).parents[1] / "explorer" / "views"
    keys = [key for path in sorted(views.glob("because_*.py")) for key in _keys(path)]
    assert len(keys) == len(set(keys)) == len(REASONS)


ANNOUNCED = {
    "vm_page_alloc#1": "choose the colour",
    "_select_page#1": "compare the free count with the reserve",
    "_select_page#2": "count the page deficit",
    "_vm_page_list_find2#3": "start where the last far search ended",
    "vm_page_busy_try#1": "read busy_count",
    "_clear_locked#2": "compare-and-clear LOCKED and WANTED",
    "vm_page_free_toq#2": "check that the page may be freed",
    "vm_page_free_toq#6": "read hold_count",
    "vm_page_unhold#3": "check whether the page is on HOLD",
    "vm_page_cache#2": "look again now that nothing maps the page",
    "vm_page_insert#2": "insert the page into the object",
    "tsleep#1": "go to sleep",
    "vm_wait_pfault#2": "check whether the fault has to wait",
    "vm_page_free_wakeup#2": "check whether other threads wait for memory",
    "_age#3": "raise or lower act_count",
    "_leaves#3": "check whether act_count is low enough to deactivate",
    "_target#2": "compute the page shortage",
    "_idle#1": "check whether pages are needed",
    "_allocate#2": "check the object's size and the free memory",
    "getpbuf#1": "check whether another write may start",
    "vm_pageout_scan_inactive#2": "move the marker past the next page",
}
"""The announcements of actions whose number would change if an earlier action were added."""


def test_a_reason_is_about_the_action_for_which_it_was_written() -> None:
    for key, announcement in ANNOUNCED.items():
        assert key in REASONS
        function, number = key.split("#")
        source = source_of_function(kernel_functions()[function])
        assert source is not None
        assert source.actions[int(number) - 1].text == announcement


# --- instructions of scripts ------------------------------------------------------------------------------

SCRIPT = """
format = 1
title = "instructions that are not kernel functions"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[setup]
script = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"
[[thread]]
name = "app"
script = '''
n = 0
short = vm_page_count_severe()
if vm_page_count_severe() == 0:
    for i in range(1, 3):
        n = i
vm_page_wakeup(heap.page[0])
'''
"""


def test_an_instruction_of_a_script_says_what_it_did_without_the_names_of_hidden_variables() -> None:
    loaded = load_text(SCRIPT)
    session = Session(loaded.start(), loaded)
    page = session.labels.page(session.vm.variable.value[0])
    assert all_said(session)[1:11] == [
        "app sets n to 0, as before",
        "app asks vm_page_count_severe(): short is 0",
        "app asks vm_page_count_severe(): 0",
        'app tests "if vm_page_count_severe() == 0": it holds',
        'app repeats "for i in range(1, 3)": i is 1',
        "app sets n to 1",
        'app repeats "for i in range(1, 3)": i is 2',
        "app sets n to 2",
        'app ends "for i in range(1, 3)"',
        f"app evaluates heap.page[0]: {page}",
    ]
