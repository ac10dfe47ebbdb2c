"""The tables that teach and check, as the file has them."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from tests.engine.scenario.small_scenarios import THREAD, scenario_of

PAGE = '[[page]]\nat = "app:@one"\nsay = """\nOne.\n"""\nlook = ["code"]\ndo = "over"\n'
QUESTION = (
    '[[question]]\nasked = "start"\nafter = "app:@one"\nstays = true\nid = "first"\n'
    'ask = "?"\nanswer = 1\nvalue = "app.x"\n'
)


def test_the_keys_of_a_page_and_a_question() -> None:
    form = scenario_of(rest=THREAD.format("x = 1  #@one\ny = 2") + PAGE + QUESTION).form
    (page,), (question,) = form.pages, form.questions
    assert (page.at, page.say, page.look, page.do) == ("app:@one", "One.\n", ("code",), "over")
    assert (question.id, question.asked, question.stays) == ("first", "start", True)
    assert (question.moment, question.after, question.answer) == ("app:@one", True, "1")


def test_what_is_left_out_has_its_default() -> None:
    rest = THREAD.format("x = 1") + '[[page]]\nsay = "Hi."\n'
    rest += '[[question]]\nbefore = 1\nask = "?"\nanswer = "0"\nvalue = "0"\n'
    form = scenario_of(rest=rest).form
    assert (form.pages[0].at, form.pages[0].look, form.pages[0].do) == (None, (), "")
    assert (form.questions[0].id, form.questions[0].asked, form.questions[0].stays) == ("1", None, False)


def test_an_empty_do_asks_for_nothing() -> None:
    form = scenario_of(rest=THREAD.format("x = 1") + '[[page]]\nsay = "Hi."\ndo = ""\n').form
    assert form.pages[0].do == ""


def test_a_question_with_asked_alone_is_about_all_schedules() -> None:
    text = '[[question]]\nid = "all"\nasked = "app:2"\nask = "?"\nanswer = "no"\n'
    (question,) = scenario_of(rest=THREAD.format("x = 1\ny = 2") + text).form.questions
    assert question.about_all
    assert (question.asked, question.moment, question.value) == ("app:2", "app:2", "")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ('asked = "start"\nvalue = "0"', "a question needs one moment"),
        ('asked = "start"\nafter = "app:1"', "has no value; add value ="),
        ('asked = "start"\nafter = "app:1"\nvalue = " "', "value is empty; write an EXPR"),
        ("", "or after = .*; one about all schedules has asked alone, and no value"),
    ],
)
def test_half_a_question_about_all_schedules_is_refused(keys: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        scenario_of(rest=f'{THREAD.format("x = 1")}[[question]]\n{keys}\nask = "?"\nanswer = "0"\n')


@pytest.mark.parametrize("moments", ["", 'before = "app:1"\nafter = "app:1"\n'])
def test_a_question_is_decided_at_one_moment(moments: str) -> None:
    text = f'[[question]]\n{moments}ask = "?"\nanswer = "0"\nvalue = "0"\n'
    with pytest.raises(BadInput, match='a question needs one moment; write before = "THREAD:LINE" or after'):
        scenario_of(rest=THREAD.format("x = 1") + text)
