"""A student learns with only the keys that the screen names, and meets every page and every question."""

from __future__ import annotations

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.commands.config import Settings
from explorer.tui.app import make_app
from tests.explorer.tui.student import CARD, Student
from tests.tiers import only_fast


@pytest.mark.parametrize("size", only_fast([(80, 24), (120, 40)], (120, 40)), ids=str)
@pytest.mark.parametrize("name", only_fast([n for n in OWN.names if n != "tour"], "life-of-a-page"))
async def test_a_student_reads_a_lesson_to_its_card(name: str, size: tuple[int, int]) -> None:
    scenario = load(name)
    app = make_app(scenario, scenario.start(), settings=Settings())
    app.animation_level = "none"
    async with app.run_test(size=size) as person:
        student = Student(person)
        shown = await student.reads()
        session = student.session
        assert session.score.given.keys() == {question.id for question in scenario.questions}
        assert student.pages == set(range(1, len(scenario.pages) + 1))
        count = len(scenario.questions)
        card = CARD.search(shown)
        assert card, shown
        assert (int(card[1]), int(card[2])) == (count - 1, count)
        assert "Next:" in shown
