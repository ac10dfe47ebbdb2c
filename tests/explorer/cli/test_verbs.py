"""`pageq verbs`: what a script can call, in text and as JSON."""

from __future__ import annotations

import json

import pytest

from engine.script.functions import functions
from tests.explorer.cli.command_output import Run, refused


def test_the_list_has_every_form_under_its_group(run: Run) -> None:
    code, out, _ = run("verbs")
    assert code == 0
    group, found = "", {}
    for line in out.splitlines():
        if line and not line.startswith(" "):
            group = line
        elif line.startswith("  ") and line[2] != " ":
            found[line.strip()] = group
    assert found == {form: one.group for one in functions().values() for form in one.forms}


@pytest.mark.parametrize("columns", [48, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    _, out, _ = run("verbs", "vm_page_alloc")
    assert max(map(len, out.splitlines())) <= min(columns, 110)
    assert "page_req  a number: VM_ALLOC_NORMAL" in out


def test_a_function_is_described_with_arguments_results_and_an_example(run: Run) -> None:
    code, out, _ = run("verbs", "vm_page_lookup_busy_try")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "vm_page_lookup_busy_try(obj, pindex, also_m_busy)"
    assert "  obj          an object" in lines
    assert "Value: a page, a number" in lines
    assert "Token: the call takes that of obj and drops it at its end" in out
    assert "Blocks: no." in lines
    assert lines[-2].startswith("In the scenario ")
    assert "vm_page_lookup_busy_try(" in lines[-1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("read", "Process: the thread needs one, or a pid other than 0"),
        ("exit", "Process: the thread needs one\n"),
        ("vm_object_hold", "Token: the call takes or releases it; it stays so after the call"),
        ("pagedaemon", "Daemon: the call never returns"),
        ("pagedaemon", "Value: none"),
        ("map", "No scenario of the library calls it."),
        ("tick", "  n  a number from 1 to 100,000; default 1"),
        ("holds", "  THREAD  the name of a thread"),
        ("pmap_enter", "\npmap_enter(pmap, va, m, prot, wired)\n"),
    ],
)
def test_what_a_call_needs_is_said(name: str, words: str, run: Run) -> None:
    assert words in run("verbs", name)[1]


def test_nothing_is_returned_only_once(run: Run) -> None:
    _, out, _ = run("verbs", "vm_page_wakeup")
    assert "Returns: nothing." in out
    assert "Value:" not in out


def test_the_json_has_every_function_or_the_one_that_is_asked_for(run: Run) -> None:
    code, out, _ = run("verbs", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["format"] == 1
    assert [one["name"] for one in found["functions"]] == list(functions())
    (one,) = json.loads(run("verbs", "vm_page_alloc", "--json")[1])["functions"]
    assert one == next(each for each in found["functions"] if each["name"] == "vm_page_alloc")
    assert one["example"]["scenario"] == "life-of-a-page"
    assert [(each["name"], each["type"], each["default"]) for each in one["arguments"]] == [
        ("obj", "an object", None),
        ("pindex", "a number", None),
        ("page_req", "a number", None),
    ]


def test_an_unknown_name_is_refused_with_near_ones(run: Run) -> None:
    refused(run("verbs", "vm_page_aloc"), "did you mean vm_page_alloc")
    refused(run("verbs", "qqq"), "qqq is not a function that scripts can call; call one of the kernel's")
