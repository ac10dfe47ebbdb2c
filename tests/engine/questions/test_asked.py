"""A scenario's questions are asked before they are decided, with the machine's answer; this moves nothing."""

from __future__ import annotations

import pytest

from engine.questions.asked import asked_by_scenario, shuffled
from engine.questions.generated import MOST_KEYS
from engine.run.history import History
from engine.scenario.loader import Scenario, load
from tests.engine.scenario.small_scenarios import THREAD, scenario_of

QUESTION = '[[question]]\n{keys}\nask = "x?"\nanswer = "{answer}"\nvalue = "app.x"\nwhy = "so"\n'


def asking(keys: str, answer: str = "2", script: str = "x = 1\nx = 2\nx = 3", **options: str) -> Scenario:
    return scenario_of(rest=THREAD.format(script) + QUESTION.format(keys=keys, answer=answer), **options)


def steps_asked(scenario: Scenario, history: History) -> list[int]:
    """The steps, one after the other, at which the first question is asked."""
    found = []
    while True:
        if asked_by_scenario(scenario.questions[0], history) is not None:
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
    assert asked is not None
    assert (asked.choices[asked.right], asked.step, asked.number) == ("2", 2, 1)
    assert (history.step, history.total, history.outcome) == (0, 0, None)
    assert history.vm.memory.digest() == digest


def test_the_answer_is_that_of_the_run_not_of_the_cursor() -> None:
    scenario = asking('asked = "app:1"\nafter = "app:3"', "3")
    history = scenario.start()
    history.extend(3)
    history.seek(0)
    asked = asked_by_scenario(scenario.questions[0], history)
    assert asked is not None
    assert asked.choices[asked.right] == "3"


def test_a_question_with_another_answer_here_is_not_asked() -> None:
    scenario = asking('asked = "start"\nafter = "app:1"')
    assert asked_by_scenario(scenario.questions[0], scenario.start()) is None


def test_under_other_settings_the_right_choice_and_the_reason_are_those_of_the_value() -> None:
    keys = 'asked = "start"\nafter = "app:1"\nchoices = ["1", "2"]'
    scenario = asking(keys, "1", "x = page[901].pc % 2 + 1", rules="source")
    asked = asked_by_scenario(scenario.questions[0], scenario.start())
    assert asked is not None
    assert (asked.choices[asked.right], asked.why) == ("2", "app.x is 2 here.")


@pytest.mark.parametrize("answer", [0, 1, 2, 40, 843])
def test_a_question_without_choices_gets_some_and_the_answer_is_at_every_place_that_it_may_have(
    answer: int,
) -> None:
    scenario = asking('asked = "start"\nafter = "app:1"', str(answer), f"x = {answer}\ny = 2")
    places, digits = set(), set()
    for seed in range(40):
        asked = asked_by_scenario(scenario.questions[0], scenario.start(), seed)
        assert asked is not None
        assert len(set(asked.choices)) == 4
        assert asked.choices[asked.right] == str(answer)
        assert all(int(choice) >= 0 for choice in asked.choices)
        places.add(asked.right)
        digits |= {int(choice) - 1 for choice in asked.choices if 1 <= int(choice) <= 4}
    # A digit has its own place, that of its key; another answer can have any place that is left.
    assert places == ({answer - 1} if answer - 1 in digits else {0, 1, 2, 3} - digits)


def test_the_order_depends_on_the_seed_and_the_question_and_loses_nothing() -> None:
    choices = tuple("abcdef")
    orders = {shuffled(choices, seed, "one") for seed in range(20)}
    assert len(orders) > 10
    assert all(sorted(order) == list(choices) for order in orders)
    assert shuffled(choices, 3, "one") == shuffled(choices, 3, "one") != shuffled(choices, 3, "two")
    assert len(shuffled(tuple(map(str, range(20))), 0, "many")) == MOST_KEYS


def test_a_choice_that_is_a_digit_is_at_its_own_place() -> None:
    orders = {shuffled(("0", "1", "3", "PBUSY_LOCKED", "12"), seed, "one") for seed in range(40)}
    assert {(order[0], order[2]) for order in orders} == {("1", "3")}
    assert {order.index("0") for order in orders} == {1, 3, 4}


@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy", "empty-colour", "colour-and-home"])
def test_every_question_of_a_scenario_is_asked_at_its_moment_and_at_no_other(name: str) -> None:
    scenario = load(name)
    recorded = scenario.start()
    moments = [question.asked_step(recorded, scenario.steps) for question in scenario.questions]
    history = scenario.start()
    due: dict[int, list[int]] = {}
    while True:
        for number, question in enumerate(scenario.questions):
            asked = asked_by_scenario(question, history)
            if asked is not None:
                due.setdefault(number, []).append(history.step)
                assert asked.choices[asked.right] == question.answer
                assert len(asked.choices) >= 2
        if not history.forward():
            break
    assert due == {number: [step] for number, step in enumerate(moments)}
