"""Claims that a whole search decides: each holds, or a schedule shows that it does not."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import pytest

from engine.errors import BadInput
from engine.explore import explore
from engine.explore.exploration import Claim, Exploration
from engine.explore.limits import Limits
from engine.scenario.loader import load_text
from engine.scenario.settings import Setting
from tests.engine.scenario.small_scenarios import sentences

RACE: Final = '''format = 1
title = "Two tries for one page"
[machine]
memory = "4 MiB"
topology = "1x2x1"
steps_per_tick = 50
[setup]
script = "m = page[70]"
[[thread]]
name = "one"
script = """
got = vm_page_busy_try(setup.m, 0)
if got == 0:
    p = setup.m
    vm_page_wakeup(p)  #@mine
"""
[[thread]]
name = "two"
cpu = 1
script = """
vm_page_busy_wait(setup.m, 0)  #@wait
done = 1
"""
'''
"""Thread two never gives the page back: every schedule leaks; one may find the page busy, or not."""


@cache
def searched(expects: str = "", **words: Any) -> Exploration:
    return explore(load_text(RACE + expects, "race.toml"), **words)


def only(exploration: Exploration) -> Claim:
    (claim,) = exploration.claims
    return claim


@pytest.mark.parametrize(
    ("expect", "ok", "shown"),
    sentences(
        ("at every end", 'every = "end"\nthat = "two.done == 1"', True, False),
        ("not at every end", 'every = "end"\nthat = "one.got == 0"', False, True),
        ("at some end", 'some = "end"\nthat = "one.got != 0"', True, True),
        ("at none", 'some = "end"\nthat = "two.done == 2"', False, False),
        ("every outcome", 'every = "end"\noutcome = "leak"', True, False),
        ("every outcome, and a leak for completed", 'every = "end"\noutcome = "completed"', True, False),
        ("some outcome that is not there", 'some = "end"\noutcome = "blocked"', False, False),
        ("always", 'always = "setup.m.wire_count == 0"', True, False),
        ("always where it can be evaluated", 'always = "one.p.busy_count != 1"', True, False),
        ("not always", 'always = "setup.m.busy_count == 0"', False, True),
        ("never to be evaluated", 'always = "1 // setup.m.wire_count == 0"', False, False),
    ),
)
def test_a_claim_is_decided(expect: str, ok: bool, shown: bool) -> None:
    claim = only(searched(f"[[expect]]\n{expect}\n"))
    assert (claim.ok, bool(claim.schedule), bool(claim.state)) == (ok, shown, shown), claim
    assert claim.place == f"race.toml:{RACE.count(chr(10)) + 1 + expect.count(chr(10)) + 1}"
    if not ok:
        assert claim.found


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ({"end": ("one.got == 0",)}, "one.got == 0"),
        (
            {"always": ("setup.m.busy_count == 0 or two.done == 1",)},
            "setup.m.busy_count == 0 or two.done == 1",
        ),
    ],
)
def test_the_schedule_of_a_counterexample_shows_it(words: dict[str, Any], holds: str) -> None:
    exploration = searched(**words)
    claim = only(exploration)
    assert (claim.ok, claim.place) == (False, "")
    settings = tuple(Setting(key, value) for key, value in exploration.settings.items())
    scenario = load_text(RACE, schedule=claim.schedule, settings=settings)
    history = scenario.start()
    history.seek(scenario.find_step(history, claim.step))
    assert not scenario.expression(holds).holds(history.vm)


def test_what_does_not_hold_at_step_0_has_an_empty_schedule() -> None:
    claim = only(searched(always=("setup.m.wire_count == 1",)))
    assert (claim.ok, claim.schedule, claim.step) == (False, "", 0)
    assert claim.found.endswith(" states, the first of them at step 0")


def test_outcomes_that_the_file_names_are_expected() -> None:
    assert [found.outcome for found in searched().outcomes] == ["leak"]
    assert searched().ok is False
    for expects in ('[[expect]]\nevery = "end"\noutcome = "leak"\n', '[[expect]]\noutcome = "leak"\n'):
        assert searched(expects).ok is True
    assert searched(allow=("leak",)).ok is True


def test_a_bounded_search_does_not_know_what_holds_at_every_end() -> None:
    exploration = searched(always=("setup.m.wire_count == 0",), limits=Limits(states=5))
    claim = only(exploration)
    assert (claim.ok, claim.found) == (None, "the search was bounded by 5 states")
    violated = only(searched(always=("one.got == 7",), limits=Limits(states=5)))
    assert violated.ok is False


def test_an_order_leaves_schedules_out() -> None:
    every = searched()
    first, last = (searched(order=(text,)) for text in ("one:@mine<two:2", "two:2<one:@mine"))
    kept = [sum(found.schedules or 0 for found in one.outcomes) for one in (every, first, last)]
    assert kept[0] > kept[1] > 0
    assert kept[0] > kept[2] > 0
    # one:@mine comes first in a schedule, or two:2 does; two may also end without one at @mine.
    assert kept[1] + kept[2] == kept[0]


def test_bad_words_are_refused_before_the_search() -> None:
    for words in ({"always": ("one.x",)}, {"end": ("1 +",)}, {"order": ("one:2",)}, {"allow": ("hang",)}):
        with pytest.raises(BadInput):
            searched(**words)
