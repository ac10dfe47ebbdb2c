"""Calls within expressions: each is an instruction of its own, made in the order of Python."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from engine.run.program import Call
from engine.scenario.loader import load_text
from engine.script.hoist import calls_a_verb
from tests.engine.scenario.small_scenarios import CALL, WAKE, refused, sentences
from tests.engine.script.one_thread import HEAD, actions, run, values


def test_a_call_in_an_expression_becomes_an_instruction_of_its_own() -> None:
    scenario, history = run("x = vm_page_busy_try(page[70], 0) + 1")
    texts = [(type(part).__name__, part.text) for part in scenario.programs[0].instructions]
    assert texts == [
        ("Assign", "page[70]"),
        ("Call", "vm_page_busy_try(page[70], 0)"),
        ("Assign", "x = vm_page_busy_try(page[70], 0) + 1"),
    ]
    assert values(scenario, history, "x") == [1]


def test_and_calls_its_second_function_only_if_the_first_says_so() -> None:
    script = "m = page[70]\nx = vm_page_busy_try(m, 0) and vm_page_busy_try(m, 0)\ny = 1 and vm_page_busy_try(m, 0)"
    scenario, history = run(script)
    assert values(scenario, history, "x", "y") == [0, 1]
    calls = [part for part in scenario.programs[0].instructions if isinstance(part, Call)]
    assert len(calls) == 3
    assert actions(history).count("read busy_count") == 2


def test_a_condition_with_a_call_is_asked_again_each_round() -> None:
    _, history = run(
        "m = page[70]\nn = 0\nwhile vm_page_busy_try(m, 0) == 0:\n    vm_page_wakeup(m)\n    n += 1\n    if n == 3:\n        break"
    )
    assert actions(history).count("compare-and-set LOCKED") == 3


def test_a_string_is_the_message_of_a_sleep() -> None:
    _, history = run('m = page[70]\nvm_page_busy_wait(m, 0, "mine")\nvm_page_busy_wait(m, 0, "mine")')
    assert history.outcome == "blocked"


def test_another_threads_variable_is_read_in_a_step_of_its_own() -> None:
    scenario = load_text(
        f'{HEAD}[[thread]]\nname = "a"\nscript = """\nm = vm_page_alloc(heap, 0, 1)\n"""\n'
        '[[thread]]\nname = "b"\ncpu = 1\nscript = """\nwhile a.m == NULL:\n    pass\nvm_page_deactivate(a.m)\n"""\n'
    )
    history = scenario.start()
    assert scenario.run(history) == "leak"
    assert scenario.expression("queue_of(a.m) == PQ_INACTIVE").show(history.vm) == 1
    assert [part.text for part in scenario.programs[1].instructions[2:]] == ["a.m", "vm_page_deactivate(a.m)"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("an unknown function", CALL, CALL + "\nvm_page_foo(m)", 13, "did you mean vm_page"),
        ("a function of Python", WAKE, "print(m)", 13, "print is not a function that scripts can call"),
        ("too few arguments", WAKE, "vm_page_wakeup()", 13, "write vm_page_wakeup(m)"),
        ("a page where an object belongs", CALL, "m = page[64]\nm = vm_page_alloc(m, 0, 1)", 13, "obj of vm_page_alloc must be"),
        ("a number where a page belongs", WAKE, "vm_page_wakeup(5)", 13, "m of vm_page_wakeup must be a page"),
        ("too many arguments", WAKE, "vm_page_wakeup(m, 1)", 13, "write vm_page_wakeup(m)"),
        ("an argument by name", WAKE, "vm_page_wakeup(m=m)", 13, "write vm_page_wakeup(m)"),
        ("a list of arguments", WAKE, "vm_page_wakeup(*m)", 13, "write vm_page_wakeup(m)"),
        ("a call in the midst of a chain", WAKE, "x = 0 < 1 < vm_page_busy_try(m, 0)", 13, "only the first of chained comparisons may contain a call; write two"),
        ("two results in an expression", WAKE, "x = vm_page_lookup_busy_try(heap, 0, 0) + 1", 13, "returns 2 values, so it has no value here"),
        ("a number as a message", WAKE, "vm_page_busy_wait(m, 0, 1)", 13, "wmesg of vm_page_busy_wait must be a string of at most 40 characters"),
        ("a long message", WAKE, f"vm_page_busy_wait(m, 0, '{'x' * 41}')", 13, "must be a string of at most 40 characters"),
        ("a name like no other", WAKE, "zzz(m)", 13, "call one of the kernel's functions"),
        ("a result of a function without", WAKE, "x = vm_page_wakeup(m)", 13, "returns nothing"),
    ),
)  # fmt: skip
def test_a_call_that_cannot_be_made_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


TRY = "vm_page_busy_try(page[70], 0)"
"""0 the first time, 1 when the page is busy already."""


@pytest.mark.parametrize(
    ("script", "x", "calls"),
    sentences(
        ("from left to right", f"x = {TRY} * 10 + {TRY}", 1, 2),
        ("or, whose first is false", f"x = {TRY} or {TRY}", 1, 2),
        ("or, whose first is true", f"x = 1 or {TRY}", 1, 0),
        ("and, whose first is false", f"x = {TRY} and {TRY}", 0, 1),
        ("the first of a chain", f"x = {TRY} < 1 < 2", 1, 1),
        ("a truth value is 0 or 1", f"x = 7 and ({TRY} + 5)", 1, 1),
        ("not", f"x = not {TRY}", 1, 1),
    ),
)  # fmt: skip
def test_calls_are_made_as_python_would_make_them(script: str, x: int, calls: int) -> None:
    scenario, history = run(script)
    assert values(scenario, history, "x") == [x]
    assert actions(history).count("read busy_count") == calls


def test_a_call_within_an_argument_is_made_before_the_call() -> None:
    scenario, history = run("vm_page_activate(vm_page_alloc(NULL, 3, VM_ALLOC_NORMAL))")
    texts = [part.text for part in scenario.programs[0].instructions if isinstance(part, Call)]
    assert [text.split("(")[0] for text in texts] == ["vm_page_alloc", "vm_page_activate"]
    assert history.outcome == "leak"


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("1 + m.queue", False),
        ("queue_of(m) == PQ_NONE", False),
        ("vm_page_wakeup(m)", True),
        ("1 + (2 if vm_page_wakeup(m) else 3)", True),
        ("queue_of(vm_page_alloc(heap, 0, 1))", True),
        ("m.method()", True),
    ],
)
def test_calls_of_verbs_are_recognized(text: str, calls: bool) -> None:
    assert calls_a_verb(ast.parse(text, mode="eval").body) is calls
