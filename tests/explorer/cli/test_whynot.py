"""`pageq whynot`: the conditions of a kernel function on a page, as text and as one JSON object."""

from __future__ import annotations

import json

import pytest

from engine.debug.whynot import CONDITIONS, whynot
from engine.scenario.loader import load
from tests.explorer.cli.command_output import Run, refused

RUN = "life-of-a-page"


@pytest.mark.parametrize("what", CONDITIONS)
def test_the_json_has_every_condition_with_who_made_it_so(run: Run, what: str) -> None:
    code, out, err = run("whynot", RUN, "--at", "60", what, "app.m", "--json")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    assert list(facts) == ["format", "page", "what", "at", "allowed", "conditions"]
    assert (facts["format"], facts["page"], facts["what"], facts["at"]) == (1, 0xC03, what, 60)
    keys = ["condition", "met", "cell", "value", "step", "thread", "function", "needed"]
    assert all(list(one) == keys for one in facts["conditions"])
    assert facts["allowed"] == all(one["met"] for one in facts["conditions"])
    scenario = load(RUN)
    history = scenario.start()
    history.extend(60)
    expected = whynot(history, what, history.vm.page_index(0xC03))
    told = [(one["condition"], one["met"], one["step"], one["function"]) for one in facts["conditions"]]
    assert told == [(one.condition, one.met, one.step, one.function or None) for one in expected]


def test_the_text_says_what_is_not_met_and_since_when(run: Run) -> None:
    code, out, _ = run("whynot", RUN, "--at", "60", "alloc", "0xc03")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "page[0xc03] may not be handed out after step 60; vm_page_alloc demands:"
    assert lines[1] == (
        "  NOT MET: it is free or cached (page[0xc03].queue = 2049 (ACTIVE[0]), "
        "so since step 11 (app, _vm_page_rem_queue_spinlocked))"
    )
    assert any(
        line.startswith("  met:     it is not wired (page[0xc03].wire_count = 0, from boot") for line in lines
    )
    code, out, _ = run("whynot", RUN, "--at", "60", "free", str(0xC03))
    assert out.startswith("page[0xc03] may be freed after step 60; vm_page_free_toq demands:\n")


def test_a_held_page_may_be_freed_to_hold(run: Run) -> None:
    code, out, _ = run("whynot", "held-while-freed", "--at", "1590", "free", "setup.held")
    assert code == 0
    assert out.startswith("page[0xbb] may be freed after step 1,590, to HOLD; vm_page_free_toq demands:\n")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["eat", "app.m"], "choose from 'free', 'cache', 'pageout', 'alloc', 'wire'"),
        (["free", "app.k"], "app has no variable 'k'"),
        (["free", "0x40000"], "there is no page 0x40000; this machine has"),
        (
            ["free", "app.m.flags"],
            "'app.m.flags' does not give a page; use a page number, or a variable like app.m",
        ),
    ],
)
def test_bad_input_is_refused_with_what_would_be_right(run: Run, words: list[str], wrong: str) -> None:
    refused(run("whynot", RUN, *words), wrong)
