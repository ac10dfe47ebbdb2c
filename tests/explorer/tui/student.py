"""A student who reads the screen of a lesson and presses only what it names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from textual.pilot import Pilot

from explorer.session.questions import asked_here
from explorer.session.session import Session
from explorer.tui.screens.main import MainScreen
from tests.explorer.screen_at_rest import presses

PAGE: Final = re.compile(r"lesson (\d+) of (\d+)")

CARD: Final = re.compile(r"the end: (\d+) of (\d+) right")

PRESS: Final = re.compile(r"▸ press (\S+):")

TYPE: Final = re.compile(r"▸ type :(.+?)(?:  | ──|$|\n)")

CHOICE: Final = re.compile(r"^\W*(\d)\) ", re.MULTILINE)

READ_ON: Final = re.compile(r"▸ r reads on|r (?:read on|next|more|your score)")

LETTERS: Final = {
    " ": "space", ":": "colon", "(": "left_parenthesis", ")": "right_parenthesis", ".": "full_stop",
    "_": "underscore", "[": "left_square_bracket", "]": "right_square_bracket", "=": "equals_sign",
    "<": "less_than_sign", ">": "greater_than_sign", "&": "ampersand", "@": "at", ",": "comma",
    "+": "plus", "-": "minus", "!": "exclamation_mark", "|": "vertical_line",
}  # fmt: skip


@dataclass
class Student:
    """What a student has read and done in a lesson.

    wrong: how many questions the student still answers wrongly before it knows better.
    pages: the pages that were on the screen; keys: what was pressed, one entry for each look at the screen.
    """

    person: Pilot[Any]
    wrong: int = 1
    pages: set[int] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)

    @property
    def session(self) -> Session:
        """The session on the screen."""
        screen = self.person.app.screen_stack[-1]
        assert isinstance(screen, MainScreen), screen
        return screen.session

    async def reads(self, most: int = 150) -> str:
        """Go through the lesson until the screen names nothing more to do in it; return that screen."""
        shown = await presses(self.person)
        for _ in range(most):
            if found := PAGE.search(shown):
                self.pages.add(int(found[1]))
            keys = self._next(shown)
            if not keys:
                return shown
            self.keys.append(" ".join(keys))
            shown = await presses(self.person, *keys)
            if not isinstance(self.person.app.screen, MainScreen):
                return shown
            assert self.session.note.kind != "error", self.session.note.text
        raise AssertionError(f"after {most} keys:\n{shown}")

    def _next(self, shown: str) -> list[str]:
        """The keys that the screen names; an empty list if it names none that continue the lesson."""
        if CARD.search(shown):
            return []
        if "▸ 1-" in shown and (choices := CHOICE.findall(shown)):
            return [self._answer(choices)]
        if found := PRESS.search(shown):
            return [found[1].lower() if len(found[1]) > 1 else found[1]]
        if found := TYPE.search(shown):
            return ["colon", *(LETTERS.get(letter, letter) for letter in found[1].strip()), "enter"]
        return ["r"] if READ_ON.search(shown) else []

    def _answer(self, choices: list[str]) -> str:
        asked = asked_here(self.session)
        assert asked is not None
        right = str(asked.right + 1)
        if not self.wrong:
            return right
        self.wrong -= 1
        return next(choice for choice in choices if choice != right)
