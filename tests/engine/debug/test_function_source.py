"""The source of a function of atomic steps: lines, heading, actions by number, outline."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import CodeType

import pytest

from engine.debug.entry_points import kernel_functions
from engine.debug.function_source import (
    ANYTHING,
    Action,
    Branch,
    Call,
    FunctionSource,
    action_at,
    announcements,
    entries_of,
    source_of,
    source_of_function,
    without_papers,
)
from engine.machine.machine import Machine, Steps


def kernel_source(name: str) -> FunctionSource:
    found = source_of_function(kernel_functions()[name])
    assert found is not None
    return found


def outline(source: FunctionSource) -> list[str]:
    """The outline as indented text: `N announcement`, `function()`, or a condition."""
    found = []
    for entry in source.outline:
        item = entry.item
        text = (
            f"{item.number} {item.text}"
            if isinstance(item, Action)
            else f"{item.function}()"
            if isinstance(item, Call)
            else item.text
        )
        found.append("  " * entry.depth + text)
    return found


def test_the_outline_has_actions_calls_and_the_branches_around_them() -> None:
    assert outline(kernel_source("vm_page_busy_try")) == [
        "while True",
        "  1 read busy_count",
        "  2 compare-and-set LOCKED",
    ]
    assert outline(kernel_source("vm_page_unwire")) == [
        "1 check that the page is hard-busied and wired",
        "2 decrement wire_count",
        "if activate or vm.page.flags[m] & PG_NEED_COMMIT",
        "  vm_page_activate()",
        "else",
        "  vm_page_deactivate()",
    ]
    assert outline(kernel_source("vm_page_insert"))[:4] == [
        "1 raise the object's generation",
        "vm_page_spin_lock()",
        "2 insert the page into the object",
        "if vm.find_page(obj, pindex) != NULL",
    ]


def test_a_condition_that_calls_comes_after_its_call() -> None:
    lines = outline(kernel_source("vm_object_hold_try"))
    assert lines == ["1 hold the object", "lwkt_trytoken()", "2 undo the hold"]


def test_the_heading_is_the_first_sentence_and_the_locks() -> None:
    source = kernel_source("vm_page_deactivate")
    assert source.summary == "Move a page to the tail of its inactive queue"
    assert source.locks == (
        "none on entry; takes the page's spinlock, then one queue's at a time; none on return"
    )


def test_the_lines_are_those_of_the_file_without_the_docstring() -> None:
    function = kernel_functions()["vm_page_wire"]
    source = source_of_function(function)
    assert source is not None
    whole = Path(function.__code__.co_filename).read_text("utf-8").splitlines()
    assert all(whole[number - 1] == text for number, text in source.lines)
    texts = [text for _, text in source.lines]
    assert texts[0].startswith("def vm_page_wire(")
    assert texts[1] == '    yield "check that the page is hard-busied"'
    assert '"""' not in "".join(texts)


def test_every_action_of_the_kernel_is_found_at_its_line_and_says_what_it_does() -> None:
    for name, function in kernel_functions().items():
        source = source_of_function(function)
        assert source is not None, name
        assert [action.number for action in source.actions] == [*range(1, len(source.actions) + 1)]
        for action in source.actions:
            assert source.action_at(action.line) is action
            assert action_at(function.__code__, action.line) is action
            assert action.texts, name
            assert action.text, name


def test_an_announcement_of_many_is_what_they_have_in_common() -> None:
    assert [action.text for action in kernel_source("_search_window").actions] == [
        "look at …",
        "remember where the far search ended",
    ]
    assert kernel_source("_vm_page_list_find").actions[0].text == "look at …, the colour asked for"
    assert kernel_source("lwkt_gettoken").actions[0].text == "take the object token or share the object token"


def _written_here(vm: Machine, n: int) -> Steps[None]:
    """Do something. More of it.

    Locks: some
      on entry.
    """
    try:
        yield f"count {n}"
    except ValueError:
        yield "fail"
    for _ in range(n):
        if n:
            pass
        elif vm:
            yield "loop"


def test_a_function_of_any_module_has_a_source() -> None:
    source = source_of_function(_written_here)
    assert source is not None
    assert (source.summary, source.locks) == ("Do something", "some on entry")
    assert outline(source) == [
        f"1 {ANYTHING}",
        "except ValueError",
        "  2 fail",
        "for _ in range(n)",
        "  elif vm",
        "    3 loop",
    ]
    assert source.actions[0].texts is None


@pytest.mark.parametrize(
    "code",
    [
        compile("def f(): yield 1", "nowhere.py", "exec").co_consts[0],
        # The file's first line is not this function.
        _written_here.__code__.replace(co_firstlineno=1),
        (lambda: 1).__code__,
    ],
)
def test_code_without_a_file_has_no_source(code: CodeType) -> None:
    assert source_of(code) is None
    assert action_at(code, 1) is None
    assert action_at(None, 1) is None


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("'read'", ["read"]),
        ("('take', lock)", ["take"]),
        ("'one' if n else 'other'", ["one", "other"]),
        ("'one' if n else f(n)", None),
        ("START", ["start"]),
        ("LOOKS[n]", ["look here", "look there"]),
        ("n", None),
        ("f'count {n}'", None),
    ],
)
def test_announcements_are_read_from_an_expression(source: str, texts: list[str] | None) -> None:
    names = {"START": "start", "LOOKS": ("", "look here", "look there"), "n": 5}
    assert announcements(ast.parse(source, mode="eval").body, names) == texts
    assert announcements(None, names) is None


def test_a_branch_has_a_line() -> None:
    branch = next(e.item for e in kernel_source("vm_page_busy_try").outline if isinstance(e.item, Branch))
    (number, text), *_ = [line for line in kernel_source("vm_page_busy_try").lines if line[0] == branch.line]
    assert (number, text) == (branch.line, "    while True:")


def shown_texts(found: FunctionSource) -> list[str]:
    """Everything of a function that is shown."""
    return [found.summary, found.locks, *(text for _, text in found.lines)]


def test_no_text_that_is_shown_refers_to_a_paper_of_the_project() -> None:
    texts = [
        (name, text)
        for name, function in kernel_functions().items()
        if (found := source_of_function(function)) is not None
        for text in shown_texts(found)
    ]
    assert len(texts) > 1_000
    assert [each for each in texts if PAPER.search(each[1])] == []
    assert source_of_function(kernel_functions()["vm_pageout_scan_active"]) is not None


PAPER = re.compile(r"\bspec\b(?!\.)|\b[ABF]\d{1,2}\b|\bsection \d|\bDESIGN\b|\bdecision \d")
"""A reference to a paper; `place.spec.bias` is code."""


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Scan one active queue (spec 22, A7)", "Scan one active queue"),
        ("the limit (spec 02).", "the limit."),
        ("the design document; spec 09", "the design document"),
        ("bias = place.spec.bias", "bias = place.spec.bias"),
        ("    # (spec 22) as the kernel does", "    # as the kernel does"),
    ],
)
def test_a_reference_to_a_paper_is_left_out(text: str, without: str) -> None:
    assert without_papers(text) == without


def test_the_entries_of_a_docstring_are_unwrapped_and_without_papers() -> None:
    docstring = (
        "Do `something`\nlong.\n\nA second paragraph (see DESIGN, decision 6),\nof two lines.\n\n"
        "low, high: two numbers.\nLocks:   none; the page's\n         lock on return (spec 22, A7).\n"
        "Source:  spec 01, pmap model"
    )
    assert entries_of(docstring) == (
        "Do something long.",
        "A second paragraph, of two lines.",
        "low, high: two numbers.",
        "Locks: none; the page's lock on return.",
    )
    assert entries_of("Do it.\n\nSource:  sys/vm/vm_page.c vm_page_alloc")[-1].startswith("Source: sys/vm")
