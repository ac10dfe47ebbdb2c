"""The script language: what runs, in how many steps, and with which result."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load_text
from tests.engine.scenario.small_scenarios import CALL, WAKE, refused, sentences
from tests.engine.script.one_thread import HEAD, actions, run, scenario_of, values


@pytest.mark.parametrize(
    ("script", "wanted", "steps"),
    sentences(
        ("an assignment is one step", "x = 2 + 3 * 4", {"x": 14}, 1),
        ("several at once are one step", "x, y = 1, 2\nx, y = y, x", {"x": 2, "y": 1}, 2),
        ("a target may work on itself", "x = 5\nx -= 7\nx *= -3", {"x": 6}, 3),
        ("division goes down, as in Python", "x = -7 // 2\ny = -7 % 2", {"x": -4, "y": 1}, 2),
        ("bits", "x = ~5 & 0xFF ^ 1 | 1 << 9 >> 1", {"x": 251 | 256}, 1),
        ("an if that holds", "x = 1\nif x == 1:\n    y = 2\nelse:\n    y = 3", {"y": 2}, 3),
        ("an elif", "x = 2\nif x == 1:\n    y = 2\nelif x == 2:\n    y = 3\nelse:\n    y = 4", {"y": 3}, 4),
        ("a while and its last test", "x = 0\nwhile x < 3:\n    x += 1", {"x": 3}, 8),
        ("a for: one step a round and one to leave", "s = 0\nfor i in range(4):\n    s += i", {"s": 6, "i": 3}, 10),
        ("a range backwards", "s = 0\nfor i in range(5, 0, -2):\n    s = s * 10 + i", {"s": 531}, 8),
        ("a range that is empty", "i = 7\nfor i in range(0):\n    i = 9", {"i": 7}, 2),
        ("the variable may be changed in the loop", "n = 0\nfor i in range(3):\n    i = 9\n    n += 1", {"n": 3}, 11),
        ("break", "for i in range(9):\n    if i == 2:\n        break\ny = i", {"y": 2}, 8),
        ("continue", "s = 0\nfor i in range(3):\n    if i == 1:\n        continue\n    s += i", {"s": 2}, 11),
        ("break leaves the inner loop only", "n = 0\nfor i in range(2):\n    while 1:\n        break\n    n += 1", {"n": 2}, 10),
        ("pass is one step", "pass\npass", {}, 2),
        ("and, or and not", "x = 1 and 0 or 7\ny = not x", {"x": 7, "y": 0}, 2),
        ("a chain of comparisons", "x = 1 < 2 <= 2 != 3", {"x": 1}, 1),
        ("NULL is a page that is not there", "p = NULL\nx = p == NULL\ny = not p", {"p": None, "x": 1, "y": 1}, 3),
        ("a page is its number outside", "p = page[0x50]\nx = p + 1", {"p": 0x50, "x": 0x51}, 2),
        ("a page is true even as the first", "p = page[0]\nx = 0\nif p:\n    x = 1", {"p": 0, "x": 1}, 4),
        ("a page of an object", "p = object[heap].page[3]\nx = p == NULL", {"p": None, "x": 1}, 2),
        ("an indented script", "    x = 1\n    if x:\n        x = 2", {"x": 2}, 3),
        ("a comment, and a line on two lines", "# a\nx = (1 +\n     2)  # b", {"x": 3}, 1),
        ("nothing at all", "", {}, 0),
        ("a predicate is one step", "x = vm_page_count_severe()", {"x": 0}, 1),
        ("a tick", "tick(3)\nx = global.ticks", {"x": 3}, 2),
        ("a cpu's copy", "x = cpu[1].view.v_free_count == vmstats.v_free_count", {"x": 1}, 1),
        ("keywords of Python as tables", "x = global.vm_page_free_hysteresis", {"x": 16}, 1),
        ("the smallest number", "x = -9223372036854775808", {"x": -(1 << 63)}, 1),
        ("a range near the largest number", "n = 0\nfor i in range(0x7ffffffffffffffe, 0x7fffffffffffffff, 5):\n    n += 1", {"n": 1}, 4),
    ),
)  # fmt: skip
def test_script(script: str, wanted: dict[str, int | None], steps: int) -> None:
    scenario, history = run(script)
    assert history.outcome == "completed"
    assert dict(zip(wanted, values(scenario, history, *wanted), strict=True)) == wanted
    assert history.total == steps


@pytest.mark.parametrize(
    ("script", "line", "words"),
    sentences(
        ("division by zero", "x = 0\ny = 5 % x", 2, "division by zero"),
        ("an overflow", "x = 9223372036854775807\nx += 1", 2, "overflows"),
        ("an overflow below", "x = -9223372036854775808\nx = -x", 2, "overflows"),
        ("a negative shift", "x = 0 - 1\nx = 1 << x", 2, "0 to 63"),
        ("a huge shift", "x = 99999999\nx = 1 >> x", 2, "0 to 63"),
        ("a field of NULL", "p = NULL\nx = p.queue", 2, "p is NULL here"),
        ("a page that no machine has", "x = page[0x999999].queue", 1, "there is no page 0x999999"),
        ("a page in an argument", "pass\nvm_page_activate(page[0x999999])", 2, "there is no page"),
        ("an error in an argument of its own", "x = 0\nvm_page_alloc(heap, 1 // x, 1)", 2, "division by zero"),
        ("an unknown colour", "x = queue[FREE, 1024].lcnt", 1, "there is no colour 1024"),
        ("an unknown cpu", "x = cpu[2].v_tfree", 1, "there is no cpu[2]"),
        ("a cpu in a request", "m = vm_page_alloc(heap, 0, VM_ALLOC_CPU(2) | 1)", 1, "no cpu 2"),
        ("a cpu in a raw request", "m = vm_page_alloc(heap, 0, 0x50201)", 1, "names no cpu"),
        ("a queue that does not exist", "m = vm_page_list_find(7, 0)", 1, "is not a queue type"),
        ("the lock of an unknown queue", "vm_page_queues_spin_lock(5121)", 1, "it is from 1 to 5120"),
        ("a mapping that is neither", "m = page[70]\npmap_enter(m, 2)", 2, "writeable = 2 is not possible"),
        ("a negative number of uses", "m = page[70]\npmap_reference(m, -1)", 2, "count = -1 is not possible"),
        ("a negative range of bytes", "m = page[70]\nvm_page_set_valid(m, -512, 512)", 2, "base = -512"),
        ("a value that no int has", 'sysctl("vm.page_free_hysteresis", 1 << 31)', 1, "an int is from -2147483648"),
        ("a step of 0", "z = 0\nfor i in range(0, 5, z):\n    pass", 2, "the step of range is 0"),
        ("too many ticks", "tick(10000000)", 1, "n = 10000000"),
    ),
)  # fmt: skip
def test_error_while_it_runs_names_the_line(script: str, line: int, words: str) -> None:
    scenario = scenario_of(script)
    history = scenario.start()
    with pytest.raises(BadInput) as caught:
        scenario.run(history)
    assert (caught.value.file, caught.value.line) == ("scenario", HEAD.count("\n") + 4 + line)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("script", "function", "condition"),
    sentences(
        ("a NULL page", "m = NULL\nvm_page_activate(m)", "vm_page_activate", "m is NULL"),
        ("a NULL object", "lwkt_gettoken(NULL)", "lwkt_gettoken", "obj is NULL"),
        ("a page that is not busy", "vm_page_wakeup(page[70])", "vm_page_wakeup", "LOCKED is not set"),
        ("no class", "m = vm_page_alloc(heap, 0, 0)", "vm_page_alloc", "NORMAL"),
        ("a token that is not held", "vm_object_hold_shared(heap)\nm = vm_page_alloc(heap, 0, 1)", "vm_page_insert", "token"),
    ),
)  # fmt: skip
def test_a_call_that_crashes_the_kernel_is_a_panic(script: str, function: str, condition: str) -> None:
    _, history = run(script)
    assert history.outcome == "panic"
    finding = history.branch.finding
    assert (getattr(finding, "function", ""), condition in str(finding)) == (function, True), str(finding)


ALLOC = ["hold the object", "take the object token", "choose the colour"]


def test_the_object_is_held_around_a_call_that_wants_its_token() -> None:
    _, history = run("m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)")
    assert actions(history)[:3] == ALLOC
    assert actions(history)[-2:] == ["drop the object", "release the object token"]


def test_nothing_is_held_around_an_allocation_without_an_object() -> None:
    _, history = run("m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)")
    assert actions(history)[0] == "choose the colour"
    assert "hold the object" not in actions(history)


def test_nothing_is_held_around_a_call_by_a_thread_that_holds_the_object() -> None:
    script = "vm_object_hold(heap)\nm = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_object_drop(heap)"
    _, history = run(script)
    assert history.outcome == "leak"
    assert actions(history).count("hold the object") == 1


def test_a_thread_that_holds_another_object_has_this_one_held_for_it() -> None:
    script = "vm_object_hold(disk)\nm = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_object_drop(disk)"
    _, history = run(script, '[[object]]\nname = "disk"')
    assert history.outcome == "leak"
    assert actions(history).count("hold the object") == 2


MAPPINGS = """
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
pmap_enter(m, 1)
pmap_enter(m, 0)
pmap_modify(m)
pmap_reference(m, 1)
pmap_remove(m)
pmap_remove(m)
lingering = m.flags & (PG_MAPPED | PG_MAPPEDMULTI | PG_WRITEABLE)
left = pmap_mapped_sync(m) & (PG_MAPPED | PG_MAPPEDMULTI | PG_WRITEABLE)
d, counts = m.dirty, m.pmap_count + m.writeable_count
"""


@pytest.mark.parametrize(
    ("model", "left"), sentences(("flags alone", "advanced", 0x70), ("counts", "counted", 0))
)
def test_a_script_maps_and_unmaps_a_page(model: str, left: int) -> None:
    head = HEAD.replace("[[object]]", f'pmap_model = "{model}"\n[[object]]', 1)
    scenario = load_text(f'{head}[[thread]]\nname = "app"\nscript = """{MAPPINGS}"""\n')
    history = scenario.start()
    assert scenario.run(history) == "leak"
    assert values(scenario, history, "lingering", "left", "d", "counts") == [0x70, left, 0xFF, 0]
    assert scenario.rules == ("document" if model == "advanced" else "document+pmap_model=counted")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("a script that is not Python", CALL, "m = = 3", 12, "invalid syntax"),
        ("an import", WAKE, "import os", 13, "'import' is not part of the script language"),
        ("an attribute of a method", WAKE, "m.__class__.x = 1", 13, "cannot assign to m.__class__.x"),
        ("a variable that is never assigned", WAKE, "vm_page_wakeup(q)", 13, "'q' is not a variable"),
        ("too few variables", WAKE, "a = vm_page_lookup_busy_try(heap, 0, 1)", 13, "returns 2 values"),
        ("break without a loop", WAKE, "break", 13, "is outside a loop"),
        ("a line that does nothing", WAKE, "m.queue", 13, "has no effect"),
        ("a division with /", WAKE, "x = 5 / 2", 13, "use // for division"),
        ("a number that Python does not print", WAKE, f"x = [0x{'f' * 5000}]", 13, "signed 64-bit"),
        ("such a number as an index", WAKE, f"x = page[-0x{'f' * 5000}].flags", 13, "signed 64-bit"),
        ("such a number in an argument", WAKE, f"vm_page_wakeup({{0b{'1' * 20000}: m}})", 13, "signed 64-bit"),
        ("a number too large", WAKE, "x = 99999999999999999999", 13, "signed 64-bit"),
        ("a setup that is wrong", "[machine]", '[setup]\nscript = """\n\nx = y\n"""\n[machine]', 6, "'y' is not a variable"),
    ),
)  # fmt: skip
def test_a_text_outside_the_language_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


def test_the_variables_that_hold_pages_are_known() -> None:
    program = load_text(
        """
format = 1
title = "kinds"
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
n = 5
obj = heap
for i in range(2):
    vm_page_hold(object[heap].page[0])
'''
"""
    ).programs[0]
    assert program.pages == {program.names["m"]}
