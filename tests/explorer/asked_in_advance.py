"""A small scenario whose questions are asked before they are decided, and sessions of it."""

from __future__ import annotations

from typing import Any, Final

from engine.scenario.loader import load_text
from explorer.session.session import Session

ALLOC: Final = 0
"""The step at which `queue` and `busy` are asked."""

TEXT: Final = """format = 1
title = "Asked in advance"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)  #@alloc
vm_page_activate(m)  #@activate
vm_page_wakeup(m)  #@release
\"\"\"
[[page]]
say = "The end. Next: [Hard, soft, both](scenario:hard-and-soft-busy)."
[[question]]
id = "queue"
asked = "start"
before = "app:@activate"
ask = "Which queue?"
choices = ["PQ_FREE", "PQ_NONE", "PQ_ACTIVE"]
answer = "PQ_NONE"
value = "queue_of(app.m)"
why = "No function puts it on another queue."
[[question]]
id = "busy"
asked = "app:@alloc"
before = "app:@activate"
ask = "Which busy_count?"
choices = ["0", "PBUSY_LOCKED", "PBUSY_LOCKED | PBUSY_WANTED"]
answer = "PBUSY_LOCKED"
value = "app.m.busy_count"
why = "The page is returned hard-busied."
[[question]]
id = "active"
asked = "when object[heap].page[0] != NULL"
before = "app:@release"
ask = "Which queue then?"
choices = ["PQ_INACTIVE", "PQ_ACTIVE"]
answer = "PQ_ACTIVE"
value = "queue_of(app.m)"
[[question]]
id = "released"
asked = "app:@release"
after = "app:@release"
ask = "And busy_count at the end?"
choices = ["0", "PBUSY_LOCKED"]
answer = "0"
value = "app.m.busy_count"
why = "The last owner released it."
"""


def asking(text: str = TEXT, *, on: bool = True, **given: Any) -> Session:
    """A session of the scenario at step 0; given: as for load_text."""
    scenario = load_text(text, "asked.toml", **given)
    session = Session(scenario.start(), scenario)
    session.learning.on = on
    return session
