"""A scenario's questions are asked before they are decided, with the machine's answer; this moves nothing."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.questions.asked import asked_by_scenario, shuffled
from engine.questions.generated import Prediction
from engine.run.history import History
from engine.scenario.loader import Scenario, load
from tests.engine.scenario.small_scenarios import THREAD, scenario_of

QUESTION = '[[question]]\n{keys}\nask = "x?"\nanswer = "{answer}"\nvalue = "app.x"\nwhy = "so"\n'


def asking(keys: str, answer: str = "2", script: str = "x = 1\nx = 2\nx = 3", **options: str) -> Scenario:
    return scenario_of(rest=THREAD.format(script) + QUESTION.format(keys=keys, answer=answer), **options)


def asked_here(scenario: Scenario, history: History, number: int = 0) -> Prediction | None:
    """A question of the scenario at the cursor; None if it is not asked there."""
    try:
        return asked_by_scenario(scenario.questions[number], history)
    except BadInput:
        return None


def steps_asked(scenario: Scenario, history: History) -> list[int]:
    """The steps, one after the other, at which the first question is asked."""
    found = []
    while True:
        if asked_here(scenario, history) is not None:
            found.append(history.step)
        if not history.forward():
            return found


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        ('asked = "app:1"\nafter = "app:2"', 0),
        ('asked = "start"\nbefore = "app:3"', 0),
        ("asked = 1\nafter = 2", 1),
        ('asked = "when app.x == 1"\nafter = "app:2"', 1),
        ('asked = "when app.x == 7"\nafter = "app:2"', None),
        ('after = "app:2"', 2),
        ("before = 3", 2),
        ('asked = "app:3"\nafter = "app:2"', None),
    ],
)
def test_a_question_is_asked_at_its_moment_only_and_before_it_is_decided(keys: str, step: int | None) -> None:
    scenario = asking(keys)
    assert steps_asked(scenario, scenario.start()) == ([] if step is None else [step])


def test_asking_takes_no_steps_and_moves_nothing() -> None:
    scenario = asking('asked = "start"\nafter = "app:2"')
    history = scenario.start()
    digest = history.vm.memory.digest()
    asked = asked_by_scenario(scenario.questions[0], history)
    assert (asked.choices[asked.right], asked.step, asked.number) == ("2", 2, 1)
    assert (history.step, history.total, history.outcome) == (0, 0, None)
    assert history.vm.memory.digest() == digest


def test_the_answer_is_that_of_the_run_not_of_the_cursor() -> None:
    scenario = asking('asked = "app:1"\nafter = "app:3"', "3")
    history = scenario.start()
    history.extend(3)
    history.seek(0)
    asked = asked_by_scenario(scenario.questions[0], history)
    assert asked.choices[asked.right] == "3"


@pytest.mark.parametrize(
    ("keys", "rules", "reason"),
    [
        ('asked = "start"\nafter = "app:1"', "document", "in this run, the answer is another one"),
        ('asked = "start"\nafter = "app:1"\nchoices = ["2", "3"]', "source",
         "in this run, no choice is right"),
        ('asked = "app:2"\nafter = "app:1"', "document", "it is asked at another step"),
        ("asked = 0\nafter = 0", "document", "in this run it is decided at step 0, not after this one"),
        ('asked = "start"\nafter = "when app.x == 7"', "document",
         "this run does not come to the moment that decides it"),
        ('asked = "start"\nbefore = "app:1"', "document", "in this run it is decided at step 0"),
        ('asked = "start"\nafter = "app:2"\nchoices = ["2", "app.x"]', "document",
         "in this run, all choices have the same value"),
    ],
)  # fmt: skip
def test_a_question_that_is_not_asked_has_a_reason(keys: str, rules: str, reason: str) -> None:
    scenario = asking(keys, rules=rules)
    history = scenario.start()
    with pytest.raises(BadInput) as caught:
        asked_by_scenario(scenario.questions[0], history)
    assert caught.value.message == reason or caught.value.message.startswith(f"{reason},")
    assert (history.step, history.total) == (0, 0)


def test_a_value_that_cannot_be_read_is_the_reason() -> None:
    question = '[[question]]\nasked = 0\nafter = 1\nask = "x?"\nanswer = "2"\nvalue = "app.m.pc"\n'
    scenario = scenario_of(rest=THREAD.format("x = 1\nm = page[5]") + question)
    with pytest.raises(BadInput, match=r"at the step that decides it, app.m is NULL here"):
        asked_by_scenario(scenario.questions[0], scenario.start())


def test_a_moment_that_is_too_far_away_is_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.questions.asked.FARTHEST", 1)
    scenario = asking('asked = "start"\nafter = "app:2"')
    with pytest.raises(BadInput, match=r"does not come to the moment that decides it within 1 step$"):
        asked_by_scenario(scenario.questions[0], scenario.start())


def test_of_choices_with_the_same_value_in_a_run_the_right_one_is_kept() -> None:
    scenario = asking('asked = "start"\nafter = "app:2"\nchoices = ["app.x", "2", "3"]')
    asked = asked_by_scenario(scenario.questions[0], scenario.start())
    assert sorted(asked.choices) == ["2", "3"]
    assert asked.choices[asked.right] == "2"


def test_under_other_settings_the_right_choice_and_the_reason_are_those_of_the_value() -> None:
    keys = 'asked = "start"\nafter = "app:1"\nchoices = ["1", "2"]'
    scenario = asking(keys, "1", "x = page[901].pc % 2 + 1", rules="source")
    asked = asked_by_scenario(scenario.questions[0], scenario.start())
    assert (asked.choices[asked.right], asked.why) == ("2", "app.x is 2 here.")


@pytest.mark.parametrize("answer", [0, 1, 2, 4, 5, 40, 843])
def test_a_question_without_choices_gets_some_and_the_answer_is_at_every_place(answer: int) -> None:
    scenario = asking('asked = "start"\nafter = "app:1"', str(answer), f"x = {answer}\ny = 2")
    places = set()
    for seed in range(40):
        asked = asked_by_scenario(scenario.questions[0], scenario.start(), seed)
        assert len(set(asked.choices)) == 4
        assert asked.choices[asked.right] == str(answer)
        assert all(int(choice) >= 0 for choice in asked.choices)
        places.add(asked.right)
    # A digit of a place is at that place.
    assert places == ({answer - 1} if 1 <= answer <= 4 else {0, 1, 2, 3})


def test_the_order_depends_on_the_seed_and_the_question_and_loses_nothing() -> None:
    choices = tuple("abcdef")
    orders = {shuffled(choices, seed, "one") for seed in range(20)}
    assert len(orders) > 10
    assert all(sorted(order) == list(choices) for order in orders)
    assert shuffled(choices, 3, "one") == shuffled(choices, 3, "one") != shuffled(choices, 3, "two")


@pytest.mark.parametrize(
    ("choices", "orders"),
    [
        ("1 2 0", {"1 2 0"}),
        ("3 2 1", {"1 2 3"}),
        ("0 8 5", {"0 8 5", "0 5 8", "5 0 8", "5 8 0", "8 0 5", "8 5 0"}),
        ("0 2 7", {"0 2 7", "7 2 0"}),
        ("0x10 -1 3", {"0x10 -1 3", "-1 0x10 3"}),
        ("PQ_NONE 0 1", {"1 PQ_NONE 0", "1 0 PQ_NONE"}),
    ],
)
def test_a_number_that_is_a_digit_is_at_its_own_place(choices: str, orders: set[str]) -> None:
    found = {" ".join(shuffled(tuple(choices.split()), seed, "one")) for seed in range(60)}
    assert found == orders


@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy", "empty-colour", "colour-and-home"])
def test_every_question_of_a_scenario_is_asked_at_its_moment_and_at_no_other(name: str) -> None:
    scenario = load(name)
    recorded = scenario.start()
    moments = [question.asked_step(recorded, scenario.steps) for question in scenario.questions]
    history = scenario.start()
    due: dict[int, list[int]] = {}
    while True:
        for number, question in enumerate(scenario.questions):
            asked = asked_here(scenario, history, number)
            if asked is not None:
                due.setdefault(number, []).append(history.step)
                assert asked.choices[asked.right] == question.answer
                assert len(asked.choices) >= 2
        if not history.forward():
            break
    assert due == {number: [step] for number, step in enumerate(moments)}
