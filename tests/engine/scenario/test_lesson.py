"""The pages of a lesson: their moments, links and what they ask the reader to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.lesson import is_panel, steps_of_pages
from engine.scenario.lesson_forms import whole_lesson
from engine.scenario.loader import Scenario, load
from tests.engine.scenario.small_scenarios import GOOD, THREAD, scenario_of

PAGES = """
[[page]]
say = "First. See [the queue](field:queue) and [waits](lens:waits)."
do = "step"
[[page]]
at = "app:2"
say = "Now [again](step:app:1)."
look = ["page[app.m].queue", "code"]
[[page]]
say = "The same moment."
[[page]]
at = "when app.x == 7"
say = "Never."
[[page]]
at = "end"
say = "The end."
"""


def lesson(pages: str = PAGES, top: str = "") -> Scenario:
    return scenario_of(top=top, rest=THREAD.format("m = page[900]\nx = 1\nx = 2") + pages)


def test_a_page_belongs_to_its_moment_or_to_that_of_the_page_before() -> None:
    scenario = lesson()
    assert list(steps_of_pages(scenario.pages, scenario.start(), scenario.steps)) == [0, 1, 1, 1, 3]
    assert [page.moment for page in scenario.pages] == ["", "app:2", "", "when app.x == 7", "end"]


def test_a_page_has_links_something_to_do_and_something_to_look_at() -> None:
    first, second, *_ = lesson().pages
    assert first.links == (("field", "queue"), ("lens", "waits"))
    assert (first.do, second.do) == ("step", "")
    assert second.links == (("step", "app:1"),)
    assert [is_panel(text) for text in second.look] == [False, True]


def test_the_sections_of_the_key_lesson_are_pages_without_a_moment() -> None:
    text = "# Title\n\nOne.\n\n## Two\n\nMore.\n"
    scenario = lesson('[[page]]\nsay = "Last."\n', top=f'lesson = """\n{text}"""')
    assert [page.say for page in scenario.pages] == ["# Title\n\nOne.", "## Two\n\nMore.", "Last."]
    assert {page.at for page in scenario.pages} == {None}
    assert whole_lesson(scenario.form.lesson, scenario.form.pages) == f"{text.strip()}\n\nLast."


def test_code_has_no_links() -> None:
    say = "Call `f[0](x)` and ``g[`1`](y)``.\n\n```\nh[2](z)\n```\n[On](step:end) with `a`, [b](term:wired)."
    (page,) = lesson(f"[[page]]\nsay = '''{say}'''\n").pages
    assert page.links == (("step", "end"), ("term", "wired"))


@pytest.mark.parametrize(
    ("page", "line", "words"),
    [
        ('say = ""', 24, "say is empty; write one to four sentences"),
        ('at = "app:9"\nsay = "x"', 24, "line 9 of app has no code"),
        (
            'at = "app:@x"\nsay = "x"',
            24,
            "app has no anchor @x; it has none; end one of its lines",
        ),
        ('at = "when app.q"\nsay = "x"', 24, "app has no variable 'q'"),
        ('say = "x"\nlook = [\n"code",\n"page[app.q].queue"]', 27, "app has no variable 'q'"),
        (
            'say = "x"\nlook = ["nopanel"]',
            25,
            "'nopanel' is neither a cell, as EXPR, nor a panel; the panels are: centre, page, threads",
        ),
        ('say = "x"\nlook = ["code",\n"the code"]', 26, "'the code' is neither a cell, as EXPR, nor a panel"),
        ('say = "x"\nlook = [""]', 25, "'' is neither a cell, as EXPR, nor a panel"),
        ('say = "see [x](page:3)"', 24, "(page:3) is not a link of a lesson; use step:..., field:"),
        ('say = "see [x](foo)"', 24, "(foo) is not a link of a lesson; use step:..., field:..., lens:"),
        ('say = "see [x]()"', 24, "() is not a link of a lesson; use step:..., field:..., lens:"),
        ('say = "see [x](http://a.b)"', 24, "(http://a.b) is not a link of a lesson; use step:..., field:"),
        (
            'say = "see [x](step:when 1 == 1)"',
            24,
            "(step:when 1 == 1) is not a link of a lesson; use step: and a step, start, end, THREAD:LINE",
        ),
        ('say = "see [x](lens:)"', 24, "(lens:) is not a link"),
        ('say = "see [x](step:app:9)"', 24, "(step:app:9): line 9 of app has no code"),
        ('say = "x"\ndo = "a\\nb"', 25, "do is empty or has several lines"),
        ('say = "x"\nshow = 1', 25, "'show' is not a key of [[page]]"),
    ],
)
def test_a_bad_page_is_refused_with_its_line(page: str, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f"{GOOD}[[page]]\n{page}\n")
    with pytest.raises(BadInput) as caught:
        load(str(path))
    assert str(caught.value).startswith(f"{path}:{line}: "), str(caught.value)
    assert words in str(caught.value)


def test_words_in_brackets_before_a_web_address_are_not_a_link_of_the_lesson() -> None:
    with pytest.raises(BadInput, match=r"\(https://a\.org\) is not a link"):
        lesson('[[page]]\nsay = "see [x](https://a.org)"\n')
    assert lesson('[[page]]\nsay = "an array[3](4) and a table"\n').pages[0].links == ()


def test_a_lesson_does_not_change_what_a_run_depends_on() -> None:
    assert lesson().sha256 == lesson("").sha256
