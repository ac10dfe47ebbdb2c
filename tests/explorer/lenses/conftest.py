"""Completed runs for lens tests: scenarios of the library and of these tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.scenario.loader import load, load_text
from explorer.lenses.kit.lens import Lens
from explorer.session.session import Session
from explorer.views.spans import plain

EVERY_KIND = """format = 1
title = "Every kind of page"
[machine]
memory = "4 MiB"
topology = "1x1x1"
colors = 64
[[object]]
name = "file"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
a = vm_page_alloc(file, 0, VM_ALLOC_NORMAL)
vm_page_set_valid(a, 0, PAGE_SIZE)
vm_page_activate(a)
vm_page_deactivate(a)
vm_page_cache(a)
w = vm_page_alloc(file, 1, VM_ALLOC_NORMAL)
vm_page_wire(w)
h = vm_page_alloc(file, 2, VM_ALLOC_NORMAL)
vm_page_hold(h)
vm_page_free(h)
d = vm_page_alloc_contig(0, -1, 0, 0, 8192, 6)
c = vm_page_alloc(file, 3, VM_ALLOC_NORMAL)
vm_page_activate(c)
\"\"\"
"""

OpenRun = Callable[..., Session]
DrawText = Callable[..., str]


@pytest.fixture
def open_run() -> OpenRun:
    """`open_run(NAME or TEXT, action, nth)`: a completed run, the cursor after the nth such step."""

    def open_scenario(scenario: str, action: str = "", nth: int = 1) -> Session:
        loaded = load_text(scenario) if "\n" in scenario else load(scenario)
        history = loaded.start()
        loaded.run(history)
        if action:
            labels = (history.journal.label(step) for step in range(1, history.total + 1))
            found = [step for step, label in enumerate(labels, 1) if label == action]
            history.seek(found[nth - 1])
        return Session(history, loaded)

    return open_scenario


@pytest.fixture
def draw_text() -> DrawText:
    """`draw_text(LENS, session, width, height)`: the text of the lens."""

    def text(lens: Lens, session: Session, width: int, height: int) -> str:
        return plain(lens.draw(lens.look(session), width, height).lines)

    return text


@pytest.fixture
def every_kind() -> str:
    """A scenario that ends with a page of every kind."""
    return EVERY_KIND
