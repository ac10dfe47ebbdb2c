"""The library: every scenario does what it says, and every answer is what the machine says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario import toml_positions
from engine.scenario.library import LIBRARY, WELL_KNOWN, find, head_of, library_names, list_scenarios
from engine.scenario.loader import load
from tests.engine.scenario.played import loaded, played

NAMES = library_names()


def test_the_first_scenarios_are_there() -> None:
    assert {"life-of-a-page", "colour-and-home", "hard-and-soft-busy", "empty-colour"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_expectation_holds_and_every_answer_is_the_machines(name: str) -> None:
    scenario, history = played(name)
    assert [row for row in scenario.check_expectations(history) if not row.ok] == []
    answers = scenario.answers(history)
    assert answers
    assert [(row.answer, row.value) for row in answers if not row.ok] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_two_choices_of_a_question_have_the_same_value(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    for question in scenario.questions:
        right = [choice for choice in question.choices if scenario.right(question, choice, history)]
        assert len(right) == bool(question.choices)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_the_same_each_time(name: str) -> None:
    digests = set()
    for _ in range(2):
        scenario = load(name)
        history = scenario.start()
        scenario.run(history)
        history.seek(history.total)
        digests.add((history.total, history.vm.memory.digest()))
    assert len(digests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_steps_all_over_a_run_can_be_gone_live_at(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    # A long run has calls of thousands of steps, and going live within one takes as many.
    for step in range(0, history.total, max(7, history.total // 60)):
        history.seek(step)
        history.go_live()
        assert history.live_at == step


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_teaches(name: str) -> None:
    form = loaded(name).form
    assert form.pages
    assert form.teaches
    assert form.covers
    assert all(question.ask and question.why for question in form.questions)


def test_the_list_has_the_contracts_keys_and_the_easy_ones_first() -> None:
    listed = list_scenarios()
    assert {listing.name for listing in listed} == set(NAMES)
    levels = [listing.level for listing in listed]
    assert levels == sorted(levels, key=["beginner", "intermediate", "expert"].index)


def test_a_scenario_is_found_by_name_or_path(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("format = 1\n")
    assert find("life-of-a-page") == LIBRARY / "life-of-a-page.toml"
    assert find(str(own)) == own


@pytest.mark.parametrize("text", ["live-of-a-page", "", "\0", "x" * 5000, "no/such/file.toml"])
def test_no_scenario_of_that_name_is_a_message_with_the_nearest(text: str) -> None:
    with pytest.raises(BadInput, match=r"there is no scenario .*; give a file, or a name such|a directory"):
        load(text)


def test_a_name_like_no_other_gets_a_few_names_and_the_way_to_all() -> None:
    with pytest.raises(BadInput, match=r"such as tour, life-of-a-page \(pageq list has all\)"):
        load("0x7777")
    assert set(WELL_KNOWN) <= set(NAMES)


def test_the_life_of_a_page_is_the_list_of_its_queues() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    queue = scenario.expression("queue_of(app.m)")
    told = []
    for moment in ("app:4", "app:8", "pager:5", "pager:10", "app:10", "end"):
        history.seek(scenario.find_step(history, moment))
        told.append(queue.show(history.vm))
    none, free, inactive, active, cache = 0, 1, 1025, 2049, 3073
    assert told == [none, active, inactive, cache, active, none]
    assert free not in told  # it is free only between the pager's last line and app's next allocation


@pytest.mark.parametrize("name", NAMES)
def test_the_listing_reads_the_keys_before_the_first_table(name: str) -> None:
    text = (LIBRARY / f"{name}.toml").read_text(encoding="utf-8")
    whole = tomllib.loads(text)
    tables = {"machine", "setup", "screen", "limits", "object", "process", "thread", "schedule"}
    tables |= {"parameters", "question", "expect", "page"}
    assert head_of(text) == {key: value for key, value in whole.items() if key not in tables}


@pytest.mark.parametrize(
    "text",
    [
        'a = """\n[b]\nc = 1\n"""\nd = 2\n[e]\nf = 3\n',
        "a = [\n[1],\n[2]\n]\nd = 2\n[[e]]\nf = 3\n",
        "a = 1 # [\nd = 2\n",
    ],
)
def test_a_bracket_that_opens_no_table_does_not_end_the_head(text: str) -> None:
    assert head_of(text) == {key: value for key, value in tomllib.loads(text).items() if key != "e"}


@pytest.mark.slow
def test_a_scenario_without_a_fault_is_loaded_without_a_look_at_its_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scanned: list[str] = []
    monkeypatch.setattr(toml_positions, "_Scan", scanned.append)
    for name in NAMES:
        load(name).start()
    assert scanned == []
