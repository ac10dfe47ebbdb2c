"""A run with a daemon and its markers."""

from __future__ import annotations

import pytest

from engine.scenario.loader import Scenario, load_text
from explorer.session.session import Session

SCAN = """
format = 1
title = "a scan"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[[thread]]
name = "pagedaemon"
script = '''
m = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)
vm_page_set_valid(m, 0, PAGE_SIZE)
vm_page_deactivate(m)
vm_page_wakeup(m)
vm_pageout_scan_inactive(0, m.pc, 1)
pagedaemon()
'''
"""


@pytest.fixture(scope="session")
def scan_scenario() -> Scenario:
    """A scan of a queue with one page, and the start of a daemon's loop."""
    return load_text(SCAN)


@pytest.fixture
def scan(scan_scenario: Scenario) -> Session:
    """The scan scenario, run to its end."""
    history = scan_scenario.start()
    scan_scenario.run(history)
    return Session(history)
