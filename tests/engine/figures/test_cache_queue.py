"""Pages that left the CACHE queue: back into use, or freed for their memory, or neither."""

from __future__ import annotations

import pytest

from engine.figures import figure
from engine.figures.cache_queue import evictions, rescued_by_faults, rescues
from engine.run.history import History
from engine.scenario.loader import load_text

CACHED = """format = 1
title = "A cached page"
rules = "{rules}"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[machine.thresholds]
v_free_reserved = {reserved}
v_free_min = {reserved}
[setup]
script = \"\"\"
m = vm_page_alloc(file, 0, VM_ALLOC_INTERRUPT)
vm_page_set_valid(m, 0, PAGE_SIZE)
vm_page_cache(m)
q = vm_page_alloc(NULL, 1, VM_ALLOC_INTERRUPT)
low = vm_page_alloc(NULL, 0, VM_ALLOC_INTERRUPT)
tick()
\"\"\"
[[object]]
name = "file"
type = "vnode"
size = 4
[[process]]
name = "A"
pid = 10
maps = [{{object = "file", start = 0x10000, pages = 4}}]
[[thread]]
name = "app"
process = "A"
script = \"\"\"
{script}
\"\"\"
"""

TAKE = "m = vm_page_lookup_busy_wait(file, 0, 1)\n"

OFF = "vm_page_unqueue(m)\n"
OTHERS = "vm_page_free(setup.q)\nvm_page_free(setup.low)\n"

WAYS = [
    ("a fault takes it", "read(0x10000)", (1, 0, 1, 0)),
    ("it is activated", TAKE + "vm_page_activate(m)\nvm_page_wakeup(m)", (1, 1, 0, 0)),
    ("it is deactivated", TAKE + "vm_page_deactivate(m)\nvm_page_wakeup(m)", (1, 1, 0, 0)),
    ("a script frees it", TAKE + "vm_page_free(m)", (0, 0, 0, 0)),
    ("it is taken off and put back", TAKE + OFF + "vm_page_cache(m)", (0, 0, 0, 0)),
    ("it is taken off, and others are freed", TAKE + OFF + OTHERS, (0, 0, 0, 0)),
    ("it is taken off, others are freed, and it is put back",
     TAKE + OFF + OTHERS + "vm_page_cache(m)", (0, 0, 0, 0)),
    ("its memory is reused", "x = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)", (0, 0, 0, 1)),
    ("it is held, so the allocation puts it aside",
     "vm_page_hold(file.page[0])\nx = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)", (0, 0, 0, 0)),
]  # fmt: skip
"""What happens to it, and the rescues, reactivations, rescues by a fault, and evictions."""


@pytest.mark.parametrize(("rules"), ["document", "source"])
@pytest.mark.parametrize(("script", "counts"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_what_becomes_of_a_cached_page(script: str, counts: tuple[int, ...], rules: str) -> None:
    reserved = 100_000 if "alloc(" in script else 0
    scenario = load_text(CACHED.format(rules=rules, reserved=reserved, script=script))
    history: History = scenario.start()
    scenario.run(history)
    found = rescues(history), figure(history, "run.reactivations"), len(rescued_by_faults(history))
    assert (*found, evictions(history)) == counts
