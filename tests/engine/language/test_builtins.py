"""What a thread holds: not the tokens that its sleep released, before it has taken them again."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load_text

TEXT = """format = 1
title = "t"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[setup]
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
'''
[[thread]]
name = "sleeper"
cpu = 0
script = '''
vm_object_hold{mode}(heap)
before = holds(sleeper, heap)
vm_page_busy_wait(setup.m, 0)
after = holds(sleeper, heap)
vm_object_drop(heap)
'''
[[thread]]
name = "owner"
cpu = 1
script = '''
asleep = holds(sleeper, heap)
vm_page_wakeup(setup.m)
'''
[schedule]
items = "sleeper:block, owner:end"
"""


@pytest.mark.parametrize("mode", ["", "_shared"])
def test_a_sleeper_holds_no_token_and_has_it_back_when_it_continues(mode: str) -> None:
    scenario = load_text(TEXT.format(mode=mode))
    history = scenario.start()
    assert scenario.run(history) == "leak"
    held = [
        scenario.expression(name).show(history.vm)
        for name in ("sleeper.before", "owner.asleep", "sleeper.after")
    ]
    assert held == [1, 0, 1]
