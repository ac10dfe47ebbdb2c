"""The verdict on a page: whether it can be freed now, and if not, which cell prevents it since when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import NULL, PQ_FREE
from engine.debug.whynot import Found, allowed, conditions
from engine.scenario.loader import load_text
from explorer.session.session import Session
from explorer.views.rows import PageVerdict
from explorer.views.verdict import made_by, verdict_of

WIRED = """
format = 1
title = "A page is wired and held"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[thread]]
name = "freer"
cpu = 0
script = '''
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
vm_page_wire(m)
vm_page_unwire(m, 1)
vm_page_hold(m)
vm_page_wakeup(m)
'''
"""


@pytest.fixture(scope="module")
def wired() -> Session:
    scenario = load_text(WIRED)
    history = scenario.start()
    scenario.run(history)
    return Session(history, scenario)


def said(session: Session, wanted: Callable[[str], bool]) -> PageVerdict:
    """The verdict on the page at the first step at which its text is as wanted."""
    m = session.vm.variable.value[session.names.variables["freer"]["m"].slot]
    for step in range(session.history.total + 1):
        session.history.seek(step)
        verdict = verdict_of(session.history, session.labels, m)
        assert verdict is not None
        assert verdict.allowed == allowed(conditions(session.history, "free", m))
        if wanted(verdict.short):
            return verdict
    raise AssertionError("no such verdict")


@pytest.fixture(autouse=True)
def at_the_end(wired: Session) -> None:
    wired.history.seek(wired.history.total)


def test_a_wired_page_names_the_wiring(wired: Session) -> None:
    verdict = said(wired, lambda text: text.endswith(" wired"))
    assert verdict.short == "freed: no - wired"
    assert verdict.since == f" since step {wired.history.step} (freer, vm_page_wire)"


def test_a_busy_page_can_be_freed_by_the_thread_that_busied_it(wired: Session) -> None:
    verdict = said(wired, lambda text: "yes" in text)
    assert verdict.short == "freed: yes - hard-busied"
    assert verdict.since.endswith(" (freer, vm_page_busy_try)")


def test_a_held_page_goes_to_hold_and_one_that_is_not_busied_is_refused(wired: Session) -> None:
    held = said(wired, lambda text: "HOLD" in text)
    assert (held.short, held.since) == (
        "freed: yes, to HOLD - held",
        f" since step {wired.history.step} (freer, vm_page_hold)",
    )
    assert said(wired, lambda text: "not hard" in text).short == "freed: no - not hard-busied"


def test_a_free_page_is_free_since_boot(wired: Session) -> None:
    (m,) = [head for q in range(PQ_FREE + 100, PQ_FREE + 101) if (head := wired.vm.queue.head[q]) != NULL]
    verdict = verdict_of(wired.history, wired.labels, m)
    assert verdict is not None
    assert (verdict.allowed, verdict.short, verdict.since) == (False, "freed: no - free already", "")


def test_no_page_and_a_scans_marker_have_no_verdict(wired: Session) -> None:
    for m in (NULL, wired.vm.marker_base):
        assert verdict_of(wired.history, wired.labels, m) is None


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (54, "freed: no - wired since step 131 (freer, vm_page_wire)"),
        (53, "freed: no - wired since step 131 (freer…)"),
        (40, "freed: no - wired since step 131 …"),
        (33, "freed: no - wired since 131 …"),
        (27, "freed: no - wired …"),
        (5, "freed: no - wired …"),
    ],
)
def test_a_narrow_verdict_leaves_out_the_function_the_thread_and_the_step(width: int, text: str) -> None:
    verdict = PageVerdict(False, "freed: no - wired", " since step 131 (freer, vm_page_wire)")
    assert verdict.fitting(width) == text


def test_a_verdict_without_a_step_or_a_function_leaves_out_nothing_else() -> None:
    assert PageVerdict(True, "freed: yes - busied").fitting(9) == "freed: yes - busied"
    assert PageVerdict(True, "freed: yes", " since step 7 (app)").fitting(28) == "freed: yes since step 7 …"


def test_a_condition_of_boot_has_no_step() -> None:
    assert made_by(Found("", True, 0, 0, None, None, ""), "app", "power-on") == "from power-on"
    assert made_by(Found("", True, 0, 0, 7, 0, ""), "app", "power-on") == "since step 7 (app)"
    assert made_by(Found("", True, 0, 0, 7, 0, "", moved=True), "app", "boot") == "so since step 7 (app)"
    assert made_by(Found("", True, 0, 0, None, None, "", moved=True), "", "boot") == "so since boot"
