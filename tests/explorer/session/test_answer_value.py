"""Whether an answer is right: by the choice it names, as the screen writes it, or by its value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from string import ascii_lowercase

import pytest

from engine.constants import NULL, queue_name
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.language.naming import parse_cell
from engine.language.symbols import Kind
from engine.run.history import History
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.question import Question, answer_question
from engine.scenario.settings import parse_setting
from explorer.session.answer_value import RightAnswer
from explorer.session.cell_text import cell_text
from explorer.views.changes import cell_words
from explorer.views.labels import Labels
from explorer.views.values import watched
from tests.explorer.cli.small_scenarios import ONE_QUESTION


def right_answers(scenario: Scenario) -> Iterator[tuple[Question, History, RightAnswer]]:
    """Each question of a scenario with its right answer; the history's cursor is at what decides it."""
    history = scenario.start()
    for question in scenario.questions:
        answered = answer_question(question, history, scenario.steps)
        assert answered.answer is not None
        history.seek(answered.step)
        yield question, history, RightAnswer(scenario, question, history, answered.answer)


@cache
def right(scenario: str, number: int) -> RightAnswer:
    return [answer for _, _, answer in right_answers(load(scenario))][number - 1]


@cache
def right_255() -> RightAnswer:
    """The right answer of a question without choices."""
    return next(answer for _, _, answer in right_answers(load_text(ONE_QUESTION)))


@pytest.mark.parametrize(
    "given", ["255", "0xff", "0XFF", "0b11111111", "128 + 127", " 255 ", "255 (0xff)", "VM_PAGE_BITS_ALL"]
)
def test_an_answer_without_choices_counts_by_its_value(given: str) -> None:
    assert right_255().equals(given)


@pytest.mark.parametrize(
    "given",
    ["254", "", "no idea", "app.x", "1 //", "1 // 0", "PQ_NOWHERE", "((", "(" * 900, "9" * 900, "a)", "\x00"],
)
def test_an_answer_of_another_value_or_of_none_is_wrong(given: str) -> None:
    assert not right_255().equals(given)


def test_an_answer_that_reads_the_machine_is_wrong_however_it_is_named() -> None:
    text = ONE_QUESTION.replace('"app"', '"A"').replace("app:", "A:").replace("x = 255", "X = 255")
    scenario = load_text(text.replace('"app.x"', '"A.X"'))
    (answer,) = (answer for _, _, answer in right_answers(scenario))
    assert answer.equals("255")
    assert not answer.equals("A.X")


def asked(script: str, value: str, answer: str, choices: str) -> RightAnswer:
    """The right answer of a question about a script of two lines."""
    text = ONE_QUESTION.replace("[[thread]]", '[[object]]\nname = "heap"\n[[thread]]', 1)
    text = text.replace("x = 255", script).replace('"app.x"', f'"{value}"')
    text = text.replace('answer = "255"', f'choices = {choices}\nanswer = "{answer}"')
    return next(answer for _, _, answer in right_answers(load_text(text)))


def test_choices_that_have_the_same_value_in_the_run_are_all_right() -> None:
    answer = asked("x = 5", "app.x", "app.x", '["app.x", "app.x + 1", "count(ACTIVE) + 5"]')
    assert answer.equals("app.x")
    assert answer.equals("COUNT(active) + 5")
    assert not answer.equals("app.x + 1")


def test_the_first_spelling_that_is_a_choice_decides() -> None:
    queue = asked("x = 0", "app.x", "PQ_NONE", '["PQ_NONE", "PQ_ACTIVE"]')
    assert queue.equals("none")
    assert not queue.equals("NULL")
    pointer = asked("x = -1", "app.x", "NULL", '["PQ_NONE", "NULL"]')
    assert pointer.equals("none")
    assert not pointer.equals("PQ_NONE")


def test_the_words_for_the_right_value_count_as_the_screen_writes_them() -> None:
    answer = asked("x = 1", "thread[app].state", "READY", '["READY", "SLEEPING"]')
    assert answer.equals("runs")
    daemon = asked("x = 1", "object[heap].type", "OBJT_DEFAULT", '["OBJT_DEFAULT", "OBJT_SWAP"]')
    assert daemon.equals("default")
    assert not daemon.equals("swap")


@pytest.mark.parametrize(
    ("given", "ok"),
    [
        ("a)", False),
        ("c)", True),
        ("C)", True),
        (" c) ", True),
        ("c) PQ_NONE", True),
        ("c) PQ_FREE", False),
        ("z)", False),
        ("c", False),
        ("(c)", False),
    ],
)
def test_a_letter_with_a_parenthesis_is_the_choice_of_the_printed_paper(given: str, ok: bool) -> None:
    # a) PQ_FREE  b) PQ_ACTIVE  c) PQ_NONE
    assert right("life-of-a-page", 1).equals(given) == ok


@pytest.mark.parametrize(
    ("scenario", "number", "given"),
    [
        ("hard-and-soft-busy", 2, "LOCKED|soft 2 (0x80000002)"),
        ("usage-pattern-dma-buffer", 5, "UNCACHEABLE"),
        ("low-high-and-boundary", 1, "page[0x10]"),
        ("low-high-and-boundary", 1, "page 0x10"),
        ("low-high-and-boundary", 2, "13"),
        ("stale-hash-entry", 3, "file"),
        ("life-of-a-page", 7, "true"),
    ],
)
def test_a_value_counts_as_the_screen_writes_it(scenario: str, number: int, given: str) -> None:
    assert right(scenario, number).equals(given)


# --- the whole library ------------------------------------------------------------------------------------


def in_cases(text: str) -> Iterator[str]:
    yield from (text, text.lower(), text.upper(), text.capitalize(), f"  {text} ")


def spelt(
    scenario: Scenario, question: Question, history: History, choice: str, option: Expression
) -> set[str]:
    """Every way in which the screen and the papers write a choice, when the question is decided."""
    found = {*in_cases(choice), *in_cases(re.sub(r"\b(PQ|PBUSY|PG|VM_PROT|VM_MEMATTR)_", "", choice))}
    value = option.show(history.vm)
    if value is not None and question.value.kind is not Kind.OBJECT:
        found |= {str(value), f"{value:,}", f"{value:#x}", f"{value:#b}"}
    if question.value.kind is Kind.PAGE:
        pages = (
            {f"page {value:#x}", f"Page {value}", f"page[{value:#x}]", f"page[{value}]"} if value else set()
        )
        found |= pages or {"none", "NULL", "null"}
    if question.value.text.startswith("queue_of") and value:
        found |= {queue_name(value + 17), f"PQ_{queue_name(value)}", f"{value + 3} ({queue_name(value + 3)})"}
    return found | set(screen_words(scenario, question, history, option))


def screen_words(
    scenario: Scenario, question: Question, history: History, option: Expression
) -> Iterator[str]:
    """How the screen would write the value of a choice, in place of the question's."""
    if option.kind is not question.value.kind and question.value.kind is not Kind.NUMBER:
        return
    labels, inner = Labels(history.vm, history.programs, scenario.names), option.evaluate(history.vm)
    yield from in_cases(watched(question.value.text, scenario.names).words(labels, inner))
    try:
        text = cell_text(history, scenario.names, question.value.text)
        cell = parse_cell(history.vm, text, scenario.names)
    except BadInput:
        return
    if isinstance(cell, int) and inner != NULL:
        place, _ = history.vm.memory.place_of(cell)
        yield from in_cases(cell_words(labels, cell, inner - place.spec.bias)[-1])


def variants(name: str) -> Iterator[Scenario]:
    """A scenario under each choice of its parameters."""
    for values in load(name).variants:
        yield load(name, settings=tuple(parse_setting(f"{key}={value}") for key, value in values.items()))


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_a_choice_is_right_or_wrong_however_it_is_spelt(name: str) -> None:
    for scenario in variants(name):
        for question, history, answer in right_answers(scenario):
            choices = zip(ascii_lowercase, question.choices, question.options, strict=False)
            for letter, choice, option in choices:
                given = spelt(scenario, question, history, choice, option)
                given |= {f"{letter})", f"{letter}) {choice}"}
                ok = choice == answer.text
                wrong = [text for text in sorted(given) if answer.equals(text) != ok]
                assert wrong == [], f"question {question.number}, {choice}, which is {ok}"
