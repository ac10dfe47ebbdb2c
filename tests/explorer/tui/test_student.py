"""A student learns with only the keys that the screen names, and meets every page and every question."""

from __future__ import annotations

from typing import Final

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.commands.config import Settings
from explorer.tui.app import make_app
from tests.explorer.tui.student import CARD, Student
from tests.tiers import only_fast

FAST: Final = "life-of-a-page", (120, 40)

READ: Final = [FAST] + [
    (name, ((80, 24), (120, 40))[n % 2]) for n, name in enumerate(OWN.names) if name not in ("tour", FAST[0])
]
"""Lessons, each at one of two sizes in turn: it takes a second to read one."""


@pytest.mark.parametrize("lesson", only_fast(READ, FAST), ids=lambda one: f"{one[0]} {one[1]}")
async def test_a_student_reads_a_lesson_to_its_card(lesson: tuple[str, tuple[int, int]]) -> None:
    name, size = lesson
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
