"""Whether a page may be freed, cached, paged out, handed out or wired: as the kernel itself decides."""

from __future__ import annotations

import random
import re

import pytest

from engine.constants import PBUSY_LOCKED, Page
from engine.debug import whynot as module
from engine.debug.call_stack import frames
from engine.debug.entry_points import only_function
from engine.debug.whynot import (
    CONDITIONS,
    Found,
    allowed,
    check_what,
    conditions,
    found_of,
    function_of,
    page_asked,
    since,
    whynot,
)
from engine.errors import BadInput
from engine.language.naming import name_of
from engine.run.history import History
from engine.run.suspended import kernel_function
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text
from tests.engine.debug.kernel_verdicts import changed, changes, kernel_allows, undone

FEW = (
    "life-of-a-page",
    "hard-and-soft-busy",
    "wired-but-still-queued",
    "clean-is-cheap",
    "lock-order-reversal",
)

both_rules = pytest.mark.parametrize("rules", ["document", "source"])


def written_pages(history: History) -> list[int]:
    """The pages that the run wrote."""
    queue = history.vm.memory.places["page.queue"]
    cells = (history.journal.address[n] - queue.base for n in range(min(history.journal.writes, 20_000)))
    return sorted({cell % queue.length for cell in cells if 0 <= cell < 8 * queue.length})


def check_against_the_kernel(name: str, rules: str, moments: int) -> set[tuple[str, bool]]:
    """Compare with the kernel at some moments, mostly with changed fields; return the answers that came."""
    scenario = load(name, rules=rules)
    history = scenario.start()
    scenario.run(history)
    digest, chance, seen = history.vm.memory.digest(), random.Random(7), set[tuple[str, bool]]()
    pages = [m for m in written_pages(history) if m < history.vm.vm_page_array_size] or [0]
    for _ in range(moments):
        history.seek(chance.randrange(history.total + 1))
        m = Page(chance.choice(pages) if chance.random() < 0.8 else chance.randrange(len(pages) + 200))
        for what in CONDITIONS:
            with undone(history):
                if chance.random() < 0.8:
                    changed(history.vm, m, chance)
                found = conditions(history, what, m)
                unmet = [one.text for one in found if not one.met]
                assert kernel_allows(history, what, m) == allowed(found), (history.step, what, m, unmet)
            seen.add((what, not unmet))
    history.seek(history.total)
    assert history.vm.memory.digest() == digest
    return seen


@both_rules
def test_the_kernel_does_it_exactly_if_every_condition_is_met(rules: str) -> None:
    seen = set[tuple[str, bool]]()
    for name in FEW:
        seen |= check_against_the_kernel(name, rules, 25)
    assert seen == {(what, answer) for what in CONDITIONS for answer in (True, False)}


def allowed_moments(history: History, what: str, most: int) -> list[tuple[int, Page]]:
    """The first moments of a run at which something may be done with a page, each with another page."""
    found = dict[Page, int]()
    for m in [Page(m) for m in written_pages(history) if m < history.vm.vm_page_array_size]:
        for step in range(0, history.total + 1, 3):
            history.seek(step)
            if len(found) < most and allowed(conditions(history, what, m)):
                found[m] = step
                break
    return [(step, m) for m, step in found.items()]


@both_rules
@pytest.mark.parametrize("what", CONDITIONS)
def test_any_one_change_of_a_page_that_meets_all_decides_as_the_kernel_does(what: str, rules: str) -> None:
    tried = 0
    for name in ("life-of-a-page", "clean-is-cheap", "wired-but-still-queued"):
        scenario = load(name, rules=rules)
        history = scenario.start()
        scenario.run(history)
        for step, m in allowed_moments(history, what, 2):
            history.seek(step)
            for n in range(len(changes(history.vm, m))):
                with undone(history):
                    changes(history.vm, m)[n]()
                    found = conditions(history, what, m)
                    unmet = [one.text for one in found if not one.met]
                    assert kernel_allows(history, what, m) == allowed(found), (step, m, n, unmet)
                tried += 1
    assert tried > 20


@pytest.mark.slow
@both_rules
@pytest.mark.parametrize("name", OWN.names)
def test_the_kernel_agrees_in_every_scenario(name: str, rules: str) -> None:
    check_against_the_kernel(name, rules, 25)


# --- who made it so ---------------------------------------------------------------------------------------


WIRED = """
format = 1
title = "A page is wired twice"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wire(m)
vm_page_wire(m)
vm_page_unwire(m, 1)
'''
"""


@pytest.fixture(scope="module")
def wired() -> tuple[Scenario, History, Page]:
    scenario = load_text(WIRED)
    history = scenario.start()
    scenario.run(history)
    return scenario, history, Page(history.vm.variable.value[scenario.names.variables["app"]["m"].slot])


def of(found: list[Found], text: str) -> Found:
    (one,) = [one for one in found if one.condition == text]
    return one


def test_a_second_wiring_did_not_make_the_page_wired(wired: tuple[Scenario, History, Page]) -> None:
    scenario, history, m = wired
    history.seek(history.total)
    one = of(whynot(history, "free", m), "it is not wired")
    assert (one.met, one.value, one.thread, one.function) == (False, 1, 0, "vm_page_wire")
    assert name_of(history.vm, one.address, scenario.names).endswith(".wire_count")
    assert one.step is not None
    writes = history.journal.writes_of(one.step)
    assert (one.address, 0, 1) in writes
    assert history.writer(one.address, history.step) != one.step
    assert one.moved
    history.seek(one.step)
    assert not of(whynot(history, "free", m), "it is not wired").moved


def test_a_condition_is_as_it_is_since_the_step_that_turned_it(wired: tuple[Scenario, History, Page]) -> None:
    _, history, m = wired
    for at in range(0, history.total + 1, 3):
        for what in CONDITIONS:
            history.seek(at)
            for one in conditions(history, what, m):
                step = since(history, one)
                history.seek(at)
                assert step is None or step <= at
                if step is not None:
                    assert any(
                        bool(one.test(old + module._bias(history, address))) != one.met
                        for address, old, _ in history.journal.writes_of(step)
                        if address == one.address
                    )


def test_the_cursor_and_the_memory_stay_as_they_are(wired: tuple[Scenario, History, Page]) -> None:
    _, history, m = wired
    history.seek(30)
    digest, cpu = history.vm.memory.digest(), history.vm.mycpu
    for what in CONDITIONS:
        whynot(history, what, m)
    assert (history.step, history.vm.mycpu, history.vm.memory.digest()) == (30, cpu, digest)


def test_what_boot_left_has_no_step(wired: tuple[Scenario, History, Page]) -> None:
    _, history, m = wired
    history.seek(0)
    assert {(one.step, one.thread, one.function) for one in whynot(history, "free", m)} == {(None, None, "")}


def test_the_function_can_be_found_by_the_caller(wired: tuple[Scenario, History, Page]) -> None:
    _, history, m = wired
    history.seek(history.total)
    (one,) = [one for one in conditions(history, "wire", m) if one.text == "it is hard-busied"]
    assert one.test(PBUSY_LOCKED)
    assert found_of(history, one, lambda _, step: f"at {step}").function == f"at {since(history, one)}"


def test_the_function_of_a_step_deep_in_a_daemon_is_that_of_its_announcement(
    wired: tuple[Scenario, History, Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, history, _ = wired
    known = {step: function_of(history, step) for step in range(1, history.total + 1)}
    for step, name in known.items():
        assert name == kernel_function(frames(history, step))
    monkeypatch.setattr(module, "LONGEST", -1)
    guessed = {step: module._function(history, step) for step in known}
    assert all(name in ("", known[step]) for step, name in guessed.items())
    assert any(guessed.values())
    assert only_function("read busy_count") == ""


def test_a_page_is_named_by_number_or_expression(wired: tuple[Scenario, History, Page]) -> None:
    scenario, history, m = wired
    history.seek(history.total)
    number = history.vm.page_number(m)
    for text in ("app.m", str(number), hex(number), f" {number:#x} ", f"PHYS_TO_VM_PAGE({number << 12})"):
        assert page_asked(history, text, scenario.names) == m


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("app.m", "app.m is not a page at step 0; name a page that exists then"),
        ("app.m.queue", "'app.m.queue' does not give a page; use a page number"),
        ("NULL", "'NULL' does not give a page"),
        ("0x40000", "there is no page 0x40000; this machine has"),
        ("other.m", "other"),
        ("app.", "cannot read this"),
    ],
)
def test_a_text_that_is_not_a_page_is_refused(
    text: str, wrong: str, wired: tuple[Scenario, History, Page]
) -> None:
    scenario, history, _ = wired
    history.seek(0)
    with pytest.raises(BadInput, match=re.escape(wrong)):
        page_asked(history, text, scenario.names)


def test_another_word_is_refused() -> None:
    assert check_what("free") == "free"
    with pytest.raises(BadInput, match="'eat' is not a question; use free, cache, pageout, alloc, wire"):
        check_what("eat")
