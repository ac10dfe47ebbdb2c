"""What a thread holds: not the tokens that its sleep released, before it has taken them again."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
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


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("PHYS_TO_VM_PAGE(NULL)", "NULL is not an index; it must be a number"),
        ("PHYS_TO_VM_PAGE(setup.none)", "setup.none is NULL here; it must be a page"),
        ("PHYS_TO_VM_PAGE(-1)", "-1 is not a physical address; physical addresses start at 0"),
        ("VM_ALLOC_CPU(setup.none)", "setup.none is NULL here; it must be a page"),
        ("holds(owner, setup.m.object)", "setup.m.object is NULL here; it must be an object"),
        ("count(setup.none)", "setup.none is NULL here; it must be a page"),
    ],
)
def test_null_is_refused_with_its_line(call: str, words: str) -> None:
    text = TEXT.format(mode="").replace("m = vm_page_alloc(heap, 0", "none = NULL\nm = vm_page_alloc(NULL, 0")
    scenario = load_text(text.replace("asleep = holds(sleeper, heap)", f"asleep = {call} != 0"))
    with pytest.raises(BadInput) as caught:
        scenario.run(scenario.start())
    assert str(caught.value) == f"scenario:27: {words}"


def test_the_head_of_an_empty_queue_names_no_page() -> None:
    text = TEXT.format(mode="").replace(
        "asleep = holds(sleeper, heap)", "asleep = page[queue[HOLD, 0].head].flags"
    )
    scenario = load_text(text)
    with pytest.raises(
        BadInput, match=r"^scenario:26: queue\[HOLD, 0\]\.head is NULL here; it must be a page$"
    ):
        scenario.run(scenario.start())
