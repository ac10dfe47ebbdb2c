"""What the library says of all schedules: each claim holds, and each answer is what a search finds.

A question about all schedules has a literal answer, which no run can check. Its id starts with `all-`, and
RIGHT has a row for it: how the answer follows from what `explore` finds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import pytest

from engine.explore import explore
from engine.explore.exploration import Claim, Exploration, Found
from engine.explore.limits import Sample
from engine.language.expressions import same_value
from engine.machine.rules import RULE_SETS
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load
from engine.scenario.question import Question
from tests.engine.scenario.played import loaded
from tests.engine.scenario.small_scenarios import THREAD, scenario_of

NAMES: Final = OWN.names

Answer = Callable[[Exploration], int | bool | None]
"""The right answer to a question: a number, or yes or no; None if the search does not know it."""


def schedules(outcome: str) -> Answer:
    """The number of schedules that have an outcome."""

    def count(exploration: Exploration) -> int | None:
        found = exploration.found(outcome)
        return 0 if found is None and exploration.complete else found.schedules if found else None

    return count


def possible(outcome: str) -> Answer:
    """Whether some schedule has an outcome."""
    return lambda exploration: True if exploration.found(outcome) else False if exploration.complete else None


def outcomes(exploration: Exploration) -> int | None:
    """The number of different outcomes."""
    return len(exploration.outcomes) if exploration.complete else None


def percent(outcome: str) -> Answer:
    """The share of uniformly random runs that have an outcome, in whole percent."""

    def share(exploration: Exploration) -> int | None:
        found = exploration.found(outcome)
        if found is None:
            return 0 if exploration.complete else None
        return None if found.probability is None else round(100 * found.probability)

    return share


def fewest_switches(outcome: str) -> Answer:
    """The number of switches of the simplest schedule that has an outcome."""

    def switches(exploration: Exploration) -> int | None:
        found = exploration.found(outcome)
        return found.switches if found and exploration.complete else None

    return switches


def claimed(*texts: str) -> Answer:
    """Whether the scenario's own claims with these texts are true; one that it does not make is an error."""

    def hold(exploration: Exploration) -> bool | None:
        known = {claim.text: claim.ok for claim in exploration.claims}
        found = [known[text] for text in texts]
        return None if None in found else all(found)

    return hold


def how_many(*texts: str) -> Answer:
    """How many of the scenario's own claims with these texts are true."""

    def count(exploration: Exploration) -> int | None:
        found = [claimed(text)(exploration) for text in texts]
        return None if None in found else sum(one is True for one in found)

    return count


def either(yes: int, no: int, holds: Answer) -> Answer:
    """One of two numbers, by a yes or no."""

    def one(exploration: Exploration) -> int | None:
        answer = holds(exploration)
        return None if answer is None else yes if answer else no

    return one


def opposite(holds: Answer) -> Answer:
    """No for yes."""
    return either(0, 1, holds)


RIGHT: Final[dict[tuple[str, str], Answer]] = {
    ("hard-and-soft-busy", "all-lucky"): percent("panic:vm_page_wakeup"),
    ("waiting-leaves-a-footprint", "all-queues"): how_many(
        *(
            f"some end: queue_of(setup.wanted) == {queue}"
            for queue in ("PQ_ACTIVE", "PQ_INACTIVE", "PQ_CACHE")
        )
    ),
    ("io-finish-wakes-nothing", "all-late"): claimed(
        "some end: thread[user].state == SLEEPING and thread[late].state == ENDED"
    ),
    # No thread has a reason to sleep fewer than 0 times; a sleep for the page leaves the flag.
    ("busy-without-a-lock", "all-fewest"): either(
        0, 1, claimed("some end: not setup.m.flags & PG_REFERENCED")
    ),
    ("lost-wakeup", "all-owner"): claimed(
        "some end: thread[owner].state == SLEEPING and thread[waiter].state == ENDED"
    ),
    ("store-against-a-write", "all-clean"): claimed("some end: setup.m.dirty == 0 and app.done == 1"),
    ("held-while-freed", "all-late"): possible("panic:vm_page_hold"),
    ("unhold-races-free", "all-found"): claimed(
        "some end: queue_of(setup.m) == PQ_HOLD",
        "every end: setup.m.hold_count == 0 and setup.m.object == NULL",
    ),
    ("wired-but-still-queued", "all-the-same"): claimed(
        "every end: queue[INACTIVE, setup.c].tail == setup.missed "
        "and queue[INACTIVE, setup.c].head == setup.quiet"
    ),
    ("stale-hash-entry", "all-secret"): opposite(
        claimed("every end: reader.m == NULL or reader.object == file")
    ),
    ("stale-hash-entry", "all-kept"): claimed("some end: object[file].page[0] == setup.m"),
    ("page-then-queue", "all-deadlock"): possible("deadlock"),
    ("page-then-queue", "all-tries"): how_many(
        *(
            f"some end: searcher.q != PQ_NONE and searcher.got == {first} and searcher.got_later == {later}"
            for first in (0, 1)
            for later in (0, 1)
        )
    ),
    ("lock-order-reversal", "all-often"): percent("deadlock"),
    ("trylock-skips", "all-panic"): possible("panic:vm_page_alloc"),
    ("swap-in-race", "all-reads"): either(
        1,
        2,
        claimed(
            "every end: cpu[0].cnt.v_swapin + cpu[1].cnt.v_swapin - setup.reads == 1 "
            "and process[program].majflt == 1"
        ),
    ),
    ("swap-in-race", "all-waits"): opposite(
        claimed("every end: cpu[0].cnt.v_intrans - setup.waits0 + cpu[1].cnt.v_intrans - setup.waits1 <= 3")
    ),
    ("usage-pattern-fault-race", "all-second"): claimed("some end: thread[second].state == PANICKED"),
    ("freeing-and-waking", "all-needy"): claimed(
        "some end: cpu[0].cnt.v_ppwakeups == 0",
        "every end: thread[needy].state == ENDED and object[heap].page[0] == NULL",
    ),
}
"""How the answer to each question about all schedules is found, by its scenario and id."""

SAMPLED: Final[dict[str, Sample]] = {
    "busy-without-a-lock": Sample("random", schedules=200),
    "held-while-freed": Sample("pct", depth=1, schedules=30),
    "usage-pattern-fault-race": Sample("pct", depth=1, schedules=30),
}
"""Scenarios with too many states for a search of all, and the samples that their last pages ask for.

A sample proves what their claims say: that some schedule has an end.
"""

IN_PART: Final[dict[str, str]] = {}
"""Scenarios with claims that a search with the default limits cannot decide, and why; none of them fails."""


@cache
def explored(name: str, rules: str) -> Exploration:
    """All schedules of a scenario of the library, under a rule set."""
    return searched(load(name, rules=rules), SAMPLED.get(name))


def searched(scenario: Scenario, sample: Sample | None = None) -> Exploration:
    """All schedules of a scenario, or a sample of them."""
    return explore(scenario, sample=sample)


def about_all(name: str) -> list[Question]:
    """The questions of a scenario that are about all schedules."""
    return [question for question in loaded(name).questions if question.about_all]


def wrong_answers(
    scenario: Scenario, right: dict[str, Answer], exploration: Exploration
) -> list[tuple[str, str, object]]:
    """The questions about all schedules whose answer is not the one found: (id, answer, what was found)."""
    vm = scenario.start().vm
    wrong: list[tuple[str, str, object]] = []
    for question in (one for one in scenario.questions if one.about_all):
        answer = right[question.id](exploration)
        if answer is None or not same_value(question.expected.show(vm), int(answer)):
            wrong.append((question.id, question.answer, answer))
    return wrong


# --- the tables -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_each_question_about_all_schedules_has_a_row_and_no_row_is_left_over() -> None:
    assert {(name, question.id) for name in NAMES for question in about_all(name)} == set(RIGHT)


@pytest.mark.parametrize("name", NAMES)
def test_the_id_of_a_question_says_that_it_is_about_all_schedules(name: str) -> None:
    for question in loaded(name).questions:
        assert question.id.startswith("all-") is question.about_all, question.id


def test_only_scenarios_with_claims_can_be_decided_in_part() -> None:
    in_part = (*IN_PART, *SAMPLED)
    assert [name for name in in_part if not any(one.over for one in loaded(name).expectations)] == []


@pytest.mark.parametrize("name", SAMPLED)
def test_a_page_asks_for_the_sample_that_proves_the_claims(name: str) -> None:
    sample = SAMPLED[name]
    kind = "random" if sample.strategy == "random" else f"pct:{sample.depth}"
    asked = f"explore --schedules {sample.schedules} --sample {kind}"
    assert loaded(name).pages[-1].do == asked
    assert f"pageq explore {name}\n  {asked.partition(' ')[2]}\n" in loaded(name).pages[-1].say


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_with_claims_asks_about_all_schedules_and_lets_its_reader_search(name: str) -> None:
    scenario = loaded(name)
    claims = any(one.over for one in scenario.expectations)
    assert claims is bool(about_all(name)) is (scenario.pages[-1].do.partition(" ")[0] == "explore")


# --- what the rows are made of ----------------------------------------------------------------------------

QUESTIONS = "".join(
    f'[[question]]\nid = "{name}"\nasked = "start"\nask = "?"\nanswer = "{answer}"\n'
    for name, answer in (("all-blocked", 12), ("all-can-block", "yes"), ("all-can-leak", "no"))
)
BLOCKED: Final = Found("blocked", "", 1, 12, 0.254, (), "b:end", {}, 3, 9, "pq1-b")


def found_by_hand(*found: Found, complete: bool = True) -> Exploration:
    return Exploration("s", "document", complete, "" if complete else "9 states", 9, 9, found)


def test_an_answer_that_is_not_what_was_found_is_reported() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1") + QUESTIONS)
    rows = {"all-blocked": schedules("blocked"), "all-can-block": possible("blocked")}
    right = {**rows, "all-can-leak": possible("leak")}
    assert wrong_answers(scenario, right, found_by_hand(BLOCKED)) == []
    assert wrong_answers(scenario, right, found_by_hand()) == [
        ("all-blocked", "12", 0),
        ("all-can-block", "yes", False),
    ]
    leak = {**rows, "all-can-leak": possible("blocked")}
    assert wrong_answers(scenario, leak, found_by_hand(BLOCKED)) == [("all-can-leak", "no", True)]
    # A bounded search does not know what is not possible.
    part = found_by_hand(BLOCKED, complete=False)
    assert wrong_answers(scenario, right, part) == [("all-can-leak", "no", None)]


def test_what_the_rows_can_ask() -> None:
    whole, part = found_by_hand(BLOCKED), found_by_hand(complete=False)
    assert [one("blocked")(whole) for one in (schedules, possible, percent, fewest_switches)] == [
        *(12, True, 25, 3)
    ]
    assert [one("leak")(whole) for one in (schedules, possible, percent, fewest_switches)] == [
        *(0, False, 0, None)
    ]
    assert [one("leak")(part) for one in (schedules, possible, percent, fewest_switches)] == [None] * 4
    assert (outcomes(whole), outcomes(part)) == (1, None)


# --- the library ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("rules", sorted(RULE_SETS))
@pytest.mark.parametrize("name", NAMES)
def test_what_a_scenario_says_of_all_schedules_is_true(name: str, rules: str) -> None:
    if not any(one.over for one in loaded(name).expectations):
        return
    exploration = explored(name, rules)
    failed = [claim for claim in exploration.claims if claim.ok is False]
    assert failed == []
    assert [found.outcome for found in exploration.unexpected] == [], "pageq explore exits with 1"
    unknown: list[Claim] = [claim for claim in exploration.claims if claim.ok is None]
    assert bool(unknown) is (name in IN_PART), unknown
    assert exploration.ok is (None if name in IN_PART or name in SAMPLED else True), exploration.bound


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_answers_about_all_schedules_are_what_a_search_finds(name: str) -> None:
    if about_all(name):
        scenario = loaded(name)
        right = {row: answer for (of, row), answer in RIGHT.items() if of == name}
        assert wrong_answers(scenario, right, explored(name, scenario.rules)) == []
