"""Questions of a scenario: compiled with their places, asked and answered at their moments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.language.symbols import Names
from engine.questions.asked import asked_by_scenario
from engine.scenario.loader import Scenario
from engine.scenario.question import OF_ONE_SETTING, compile_answer
from engine.scenario.settings import parse_setting
from engine.scenario.variants import question_faults
from tests.engine.scenario.small_scenarios import THREAD, refused, scenario_of, sentences
from tests.engine.scenario.some_pages import PAGES, pages

QUESTION = """[[question]]
{moment}
ask = "?"
choices = ["PQ_NONE", "PQ_ACTIVE", "0x7"]
answer = "PQ_NONE"
value = "queue_of(app.m)"
why = "."
"""


@pytest.mark.parametrize(
    ("moment", "ok"),
    sentences(
        ("before the line", 'before = "app:2"', True),
        ("after the line before it", 'after = "app:1"', True),
        ("after the line", 'after = "app:2"', False),
    ),
)
def test_question(moment: str, ok: bool) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    assert [row.ok for row in scenario.answers(scenario.start())] == [ok]


@pytest.mark.parametrize(
    ("moment", "found"),
    [("before = 1", "app.m is NULL here"), ("after = 9000", "there is no step 9000")],
)
def test_a_question_that_cannot_be_asked_has_no_right_answer(moment: str, found: str) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    (row,) = scenario.answers(scenario.start())
    assert (row.ok, row.value) == (False, None)
    assert row.found.startswith(found)


COLOUR = """[[question]]
{moment}
ask = "Which colour?"
{choices}
answer = "900"
value = "app.m.pc"
why = "."
"""
CHOICES = 'choices = ["900", "4", "1 + 1"]'


@pytest.mark.parametrize(
    ("choices", "setting", "expected"),
    [
        (CHOICES, "", (True, "900")),
        (CHOICES, "machine.colors=8", (True, "1 + 1")),
        (CHOICES, "machine.colors=2", (None, None)),
        (CHOICES, "machine.steps_per_tick=0", (True, "900")),
        ("", "machine.colors=2", (True, "1")),
        ("", "", (True, "900")),
    ],
)
def test_under_other_settings_the_right_answer_is_the_value(
    choices: str, setting: str, expected: tuple[bool | None, str | None]
) -> None:
    rest = THREAD.format("m = page[900]\nx = 1") + COLOUR.format(moment='before = "app:2"', choices=choices)
    scenario = scenario_of(rest=rest, settings=(parse_setting(setting),) if setting else ())
    history = scenario.start()
    (row,) = scenario.answers(history)
    assert (row.ok, row.answer) == expected


def test_a_wrong_answer_is_wrong_only_under_the_scenarios_own_settings() -> None:
    question = COLOUR.format(moment='before = "app:2"', choices=CHOICES)
    rest = THREAD.format("m = page[901]\nx = 1") + question
    own, other = scenario_of(rest=rest), scenario_of(rest=rest, rules="source")
    assert [row.ok for row in own.answers(own.start())] == [False]
    assert [row.ok for row in other.answers(other.start())] == [None]
    same = scenario_of(rest=rest, rules="document")
    assert [row.ok for row in same.answers(same.start())] == [False]


@pytest.mark.parametrize("moment", ["after = 9000", "before = 1"])
def test_a_question_that_other_settings_do_not_reach_is_not_asked(moment: str) -> None:
    rest = THREAD.format("m = page[900]\nx = 1") + COLOUR.format(moment=moment, choices=CHOICES)
    scenario = scenario_of(rest=rest, rules="source")
    assert [(row.ok, row.answer) for row in scenario.answers(scenario.start())] == [(None, None)]


def test_under_another_schedule_a_moment_may_not_come_but_an_answer_is_checked() -> None:
    rest = THREAD.format("m = page[901]\nx = 1") + "".join(
        COLOUR.format(moment=moment, choices=CHOICES) for moment in ("after = 9000", 'before = "app:2"')
    )
    other = scenario_of(rest=rest, schedule="random:3")
    assert [row.ok for row in other.answers(other.start())] == [None, False]
    own = scenario_of(rest=rest)
    assert [row.ok for row in own.answers(own.start())] == [False, False]


def test_a_run_that_is_cut_short_is_not_extended() -> None:
    rest = THREAD.format("m = page[900]\nx = 1") + COLOUR.format(moment='before = "app:2"', choices=CHOICES)
    scenario = scenario_of(rest=rest)
    history = scenario.start()
    assert [row.ok for row in scenario.answers(history, 0)] == [None]
    assert history.total == 0
    assert [row.ok for row in scenario.answers(history, 1)] == [True]


@pytest.mark.parametrize(("moment", "ok"), [("before = 2", True), ("after = 1", True), ("after = 2", False)])
def test_question_at_a_step(moment: str, ok: bool) -> None:
    script = "m = page[5]\nm = page[900]\nm = page[5]"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    assert [row.ok for row in scenario.answers(scenario.start())] == [ok]


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("PQ_NONE", True),
        ("0", True),
        ("0x0", True),
        ("no", True),
        ("PQ_ACTIVE", False),
        ("yes", False),
        ("1 - 1", True),
    ],
)
def test_an_answer_counts_by_its_value(given: str, right: bool) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment='before = "app:2"'))
    assert scenario.right(scenario.questions[0], given, scenario.start()) is right


def test_a_bad_answer_is_a_message() -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment='before = "app:2"'))
    with pytest.raises(BadInput):
        scenario.right(scenario.questions[0], "on the free list", scenario.start())


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("a question at an empty line", '"app:2"', '"app:9"', 16, "line 9 of app has no code"),
        ("a question to an unknown thread", '"app:2"', '"bob:2"', 16, "there is no thread 'bob'"),
        ("an answer that is not a value", '"PQ_NONE"', '"on a queue"', 18,
         "'on a queue' is not an answer; use a number, a constant such as PQ_NONE, an EXPR, yes or no"),
        ("a bad value", '"queue_of(app.m)"', '"queue_of(app.q)"', 19, "app has no variable 'q'"),
        ("an answer beside the choices", 'answer = "PQ_NONE"',
         'choices = ["PQ_FREE", "1"]\nanswer = "PQ_NONE"', 19, "'PQ_NONE' is not one of the choices; add it"),
        ("a choice that is not a value", 'answer = "PQ_NONE"',
         'choices = [\n"PQ_NONE",\n"on a"]\nanswer = "PQ_NONE"', 20, "'on a' is not an answer; use"),
        ("no question", 'ask = "?"', 'ask = " "', 17, "ask is empty; write the question"),
        ("one choice", 'answer = "PQ_NONE"', 'choices = ["PQ_NONE"]\nanswer = "PQ_NONE"', 18,
         "a question with 1 choice cannot be asked; write 2 to 9, or none"),
        ("more choices than digits", 'answer = "PQ_NONE"',
         'choices = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]\nanswer = "0"', 18,
         "a question with 10 choices cannot be asked; write 2 to 9, or none"),
        ("a choice twice", 'answer = "PQ_NONE"',
         'choices = ["PQ_NONE", "4",\n"PQ_NONE"]\nanswer = "PQ_NONE"', 19,
         "the choices 'PQ_NONE' and 'PQ_NONE' have the same value, so both would be right or wrong; remove"),
        ("a value in two spellings", 'answer = "PQ_NONE"',
         'choices = ["PBUSY_LOCKED | 3 - 3", "PBUSY_LOCKED", "1"]\nanswer = "1"', 18,
         "the choices 'PBUSY_LOCKED | 3 - 3' and 'PBUSY_LOCKED' have the same value"),
        ("a word and its number", 'answer = "PQ_NONE"', 'choices = ["yes", "no", "0"]\nanswer = "yes"', 18,
         "the choices 'no' and '0' have the same value"),
        ("an expression twice", 'answer = "PQ_NONE"', 'choices = ["app.m", "app.m ", "3"]\nanswer = "3"', 18,
         "the choices 'app.m' and 'app.m ' have the same value"),
        ("when without a condition", 'before = "app:2"', 'before = "when"', 16, "'when' is not a moment; "),
        ("when without an expression", 'before = "app:2"', 'before = "when it is"', 16,
         "'it is' is not an EXPR: cannot read this: invalid syntax; write when EXPR, such as when count"),
        ("a half expression", '"queue_of(app.m)"', '"queue_of(app.m"', 19,
         "cannot read this: '(' was never closed; an expression is one such as app.m.busy_count == 0"),
        ("a question at the end", '"app:2"', '"end"', 16, "'end' is not a moment"),
        ("an expectation at a line that runs nothing", '"end"', '"app:9"', 21, "line 9 of app has no code"),
        ("a bad expectation", "app.m != NULL", "app.m is NULL", 22, "is not a comparison"),
    ),
)  # fmt: skip
def test_a_bad_question_or_expectation_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", 1), (" No ", 0), ("YES", 1), ("0x10", 16), ("PQ_NONE", 0), ("2 + 3", 5), ("1 < 0", 0)],
)
def test_an_answer_is_yes_or_no_or_an_expression(text: str, value: int) -> None:
    assert compile_answer(text, Names()).show(scenario_of().start().vm) == value


def test_an_answer_that_cannot_be_read_is_refused_with_its_place() -> None:
    with pytest.raises(BadInput) as caught:
        compile_answer("not sure", Names(), "f.toml", 7)
    assert str(caught.value).startswith("f.toml:7: ")


DUE = [
    ("before = 2", 1),
    ("after = 2", 2),
    ("before = 0", 0),
    ('after = "app:1"', 1),
    ('before = "app:3"', 2),
]


@pytest.mark.parametrize(("moment", "step"), DUE, ids=[row[0] for row in DUE])
def test_a_question_is_due_at_its_step(moment: str, step: int) -> None:
    question = QUESTION.format(moment=moment).replace("queue_of(app.m)", "0")
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3") + question)
    history = scenario.start()
    history.extend(3)
    due = []
    for at in range(4):
        history.seek(at)
        if scenario.questions[0].is_due(history):
            due.append(at)
    assert due == [step]


def test_a_numbered_question_is_due_before_its_step_is_recorded() -> None:
    question = QUESTION.format(moment="before = 3").replace("queue_of(app.m)", "0")
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3") + question)
    history = scenario.start()
    history.extend(2)
    assert scenario.questions[0].is_due(history)
    assert history.total == 2


ASKED = """[[question]]
{keys}
ask = "?"
answer = "2"
value = "app.x"
"""


@pytest.mark.parametrize(
    ("keys", "asked", "step", "ok"),
    [
        ('asked = "start"\nafter = "app:2"', 0, 2, True),
        ('asked = "app:2"\nafter = "app:2"', 1, 2, True),
        ('asked = 1\nbefore = "app:3"', 1, 2, True),
        ('asked = "app:3"\nafter = "app:2"', 2, 2, False),
        ('asked = "when app.x == 3"\nafter = "app:2"', 3, 2, False),
        ('asked = "when app.x == 1"\nafter = "when app.x == 2"', 1, 2, True),
        ('after = "app:2"', 2, 2, True),
    ],
)
def test_a_question_is_asked_before_it_is_decided(keys: str, asked: int, step: int, ok: bool) -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3") + ASKED.format(keys=keys))
    history, (question,) = scenario.start(), scenario.questions
    assert (question.asked_step(history, 9), question.step(history, 9)) == (asked, step)
    (row,) = scenario.answers(history)
    assert row.ok is ok
    if not ok:
        assert row.found == f"it is asked at step {asked}, not before step {step}"
    other = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3") + ASKED.format(keys=keys), rules="source")
    assert [row.ok for row in other.answers(other.start())] == [True if ok else None]


def test_a_question_has_its_number_or_an_id() -> None:
    rest = THREAD.format("x = 1\nx = 2") + "".join(
        ASKED.format(keys=f'after = "app:2"\n{key}') for key in ("", 'id = "the-second"', "")
    )
    questions = scenario_of(rest=rest).questions
    assert [(question.number, question.id) for question in questions] == [
        (1, "1"),
        (2, "the-second"),
        (3, "3"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('ask = "?"', 'id = "3"\nask = "?"', 17, "'3' is not an id; use a lower-case letter, then up to 39"),
        ('ask = "?"', 'id = "Q"\nask = "?"', 17, "'Q' is not an id"),
        (
            'ask = "?"',
            'asked = "end"\nask = "?"',
            17,
            "'end' is not a moment; write a step, start, THREAD",
        ),
        ('ask = "?"', 'asked = -1\nask = "?"', 17, "asked = -1 is not a step; steps start at 0"),
        ('ask = "?"', 'stays = 3\nask = "?"', 17, "stays = 3 has the wrong type"),
    ],
)
def test_a_bad_id_or_moment_is_refused(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    refused(tmp_path, old, new, line, words)


def test_an_id_is_there_once(tmp_path: Path) -> None:
    again = '[[question]]\nid = "a"\nbefore = 1\nask = "?"\nanswer = "0"\nvalue = "0"\n'
    refused(tmp_path, "[[expect]]", f"{again}{again}[[expect]]", 27, "the id 'a' is taken; choose another")


# --- parameters -------------------------------------------------------------------------------------------

OF_PAGES = 'choices = ["n - 1", "n", "{colors}"]'


def test_a_choice_that_is_made_of_parameters_is_shown_as_a_number() -> None:
    text = PAGES.replace(OF_PAGES, 'choices = ["n - 1", "0x0", "2 * n + PAGE_SIZE", "count(FREE) + n", "n"]')
    (question,) = pages("n=6", text=text).questions
    assert question.choices == ("5", "0x0", "4108", "count(FREE) + n", "6")
    assert question.answer == "6"


def test_an_answer_has_the_spelling_of_the_choice_that_has_its_value() -> None:
    text = PAGES.replace(OF_PAGES, 'choices = ["0x6", "0x4", "8"]')
    assert [pages(f"n={n}", text=text).questions[0].answer for n in (4, 6, 8)] == ["0x4", "0x6", "8"]


def test_an_answer_may_be_written_with_braces_as_the_choices_are() -> None:
    text = PAGES.replace(OF_PAGES, 'choices = ["{n}", "1"]').replace('answer = "n"', 'answer = "{n}"')
    (question,) = pages("n=8", text=text).questions
    assert (question.choices, question.answer) == (("8", "1"), "8")


@pytest.mark.parametrize(("sets", "right"), [((), "4"), (("n=6",), "6"), (("n=7",), "7")])
def test_an_answer_that_reads_a_parameter_is_right_under_each_value(
    sets: tuple[str, ...], right: str
) -> None:
    scenario = pages(*sets)
    (answered,) = scenario.answers(scenario.start())
    assert (answered.ok, answered.answer, answered.value) == (True, right, int(right))


def test_an_answer_is_the_choice_that_has_the_value_if_the_file_gives_a_number() -> None:
    text = PAGES.replace(OF_PAGES, 'choices = ["4", "6"]').replace('answer = "n"', "answer = 4")
    found = [pages(*sets, text=text) for sets in ((), ("n=6",), ("n=8",))]
    answered = [scenario.answers(scenario.start())[0] for scenario in found]
    assert [(one.ok, one.answer) for one in answered] == [(True, "4"), (True, "6"), (None, None)]


def test_choices_that_become_equal_are_shown_once() -> None:
    text = PAGES.replace(OF_PAGES, 'choices = ["n", "6", "2 * n", "12"]')
    assert pages(text=text).questions[0].choices == ("4", "6", "8", "12")
    assert pages("n=6", text=text).questions[0].choices == ("6", "12")
    with pytest.raises(BadInput, match="the choices 'n' and '4' have the same value"):
        pages(text=PAGES.replace(OF_PAGES, 'choices = ["n", "4"]'))


def test_an_answer_beside_the_choices_of_an_unlisted_value_is_not_asked() -> None:
    text = PAGES.replace(OF_PAGES, 'choices = ["4", "6", "8"]')
    scenario = pages("n=7", text=text)
    (answered,) = scenario.answers(scenario.start())
    assert (answered.ok, answered.value) == (None, 7)
    with pytest.raises(BadInput, match="the answer 'n' is not one of the choices"):
        pages(text=PAGES.replace(OF_PAGES, 'choices = ["5", "6"]'))


# --- about all schedules ----------------------------------------------------------------------------------

ALL = """[[question]]
id = "all-counts"
asked = "{asked}"
ask = "In how many schedules?"
choices = ["0", "1", "0x2"]
answer = {answer}
why = "."
"""


def about_all(answer: str = '"2"', asked: str = "app:2", **options: Any) -> Scenario:
    text = ALL.format(answer=answer, asked=asked).replace('"0x2"', answer)
    if answer == '"yes"':
        text = text.replace('"0", "1"', '"no"')
    return scenario_of(rest=THREAD.format("x = 1\ny = 2\nz = 3") + text, **options)


@pytest.mark.parametrize(("asked", "step"), [("app:2", 1), ("start", 0), ("2", 2), ("when app.z == 3", 3)])
def test_a_question_about_all_schedules_is_decided_where_it_is_asked(asked: str, step: int) -> None:
    scenario = about_all(asked=asked)
    history = scenario.start()
    (row,) = scenario.answers(history)
    assert (row.ok, row.answer, row.value, row.step) == (True, "2", 2, step)
    history.seek(step)
    assert scenario.questions[0].is_due(history)
    found = asked_by_scenario(scenario.questions[0], history)
    assert (found.choices[found.right], found.step, found.why) == ("2", step, ".")


def test_its_answer_is_the_same_under_any_schedule_and_there_is_none_under_other_settings() -> None:
    other = about_all(schedule="random:3")
    assert [row.answer for row in other.answers(other.start())] == ["2"]
    limit = (parse_setting("limits.steps=9"),)
    for scenario in (about_all(rules="source"), about_all(settings=limit)):
        (row,) = scenario.answers(scenario.start())
        assert (row.ok, row.answer, row.found) == (None, None, OF_ONE_SETTING)
        history = scenario.start()
        history.seek(scenario.find_step(history, "app:2"))
        with pytest.raises(BadInput, match=OF_ONE_SETTING):
            asked_by_scenario(scenario.questions[0], history)


def test_its_answer_may_not_depend_on_the_run() -> None:
    with pytest.raises(BadInput, match=r"'app\.x' depends on the run, but without value") as caught:
        about_all('"app.x"')
    assert caught.value.line is not None
    assert about_all('"yes"').questions[0].answer == "yes"


def test_a_file_with_parameters_cannot_have_one() -> None:
    text = ALL.format(answer='"0x2"', asked="start")
    (scenario, other) = (
        scenario_of(rest=f"[parameters]\nn = [1, 2]\n{THREAD.format('x = n')}{text}", settings=settings)
        for settings in ((), (parse_setting("n=2"),))
    )
    assert list(question_faults(scenario)) == []
    (fault,) = question_faults(other)
    assert "its answer may depend on the parameters; remove the question, or the parameters" in fault.message
