"""The causes of sleeps: what a sleeping thread really waits for, and whether its wakeup is lost."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load, load_text
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.sentence import step_sentence


def said_up_to(session: Session, last: int) -> list[str]:
    while session.history.total < last and stepping.step(session):
        pass
    history = session.history
    return [
        step_sentence(history, session.labels, session.calls, step) for step in range(1, history.total + 1)
    ]


@pytest.mark.parametrize(
    ("scenario", "step", "sentence"),
    [
        (
            "lost-wakeup",
            10,
            "waiter sleeps: page 0x40 is no longer busy (owner released it in step 8): the wakeup is lost",
        ),
        ("lost-wakeup", 47, "hungry runs again: its timeout ran out in step 46"),
        (
            "swap-in-race",
            53,
            "first sleeps, for at most 2,000 ticks: it waits for its read of page 0x40 from swap",
        ),
        ("hard-and-soft-busy", 14, "fault sleeps: page 0x40 is busy, locked by writer since step 6"),
        ("hard-and-soft-busy", 28, "fault sleeps: page 0x40 is busy, soft 2"),
    ],
)
def test_a_sleep_says_what_it_waits_for(scenario: str, step: int, sentence: str) -> None:
    loaded = load(scenario)
    assert said_up_to(Session(loaded.start(), loaded), step)[step - 1] == sentence


RELEASED = r"""
format = 1
title = "a release between WANTED and sleep"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[schedule]
items = '''
owner:3
waiter:4
owner:3
waiter:1
owner:end
waiter:end
'''
[[object]]
name = "heap"
[setup]
script = '''
m = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
'''
[[thread]]
name = "owner"
script = '''
if vm_page_busy_try(setup.m, 1) == 0:
    vm_page_wakeup(setup.m)
'''
[[thread]]
name = "waiter"
cpu = 1
script = '''
vm_page_busy_wait(setup.m, 1)
'''
"""


def test_a_sleep_before_the_wakeup_of_a_released_page_is_not_lost() -> None:
    session = Session(load_text(RELEASED).start())
    sentences = said_up_to(session, 40)
    sleep = next(text for text in sentences if text.startswith("waiter sleeps"))
    page = session.labels.page(session.vm.variable.value[0])
    step = next(n for n, text in enumerate(sentences, 1) if text.startswith("owner releases"))
    released = f"page {page} is no longer busy (owner released it in step {step})"
    assert sleep == f"waiter sleeps: {released}: the wakeup of owner is still to come"
    assert any(text.startswith("owner wakes waiter") for text in sentences)
