"""A run for these tests: a held page is freed and moves to HOLD."""

from __future__ import annotations

import pytest

from engine.run.history import History
from engine.scenario.loader import Scenario, load_text

HELD = """
format = 1
title = "A held page is freed"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[setup]
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
'''
[[thread]]
name = "reader"
cpu = 0
script = '''
vm_page_hold(setup.m)
'''
[[thread]]
name = "freer"
cpu = 1
script = '''
vm_page_busy_wait(setup.m, 0)
vm_page_free(setup.m)
'''
[schedule]
items = "reader:end, freer:end"
"""


@pytest.fixture(scope="module")
def held() -> tuple[Scenario, History]:
    """The scenario HELD, and its run to the end."""
    scenario = load_text(HELD)
    history = scenario.start()
    scenario.run(history)
    return scenario, history
