"""The glyphs and their ASCII twins: every glyph that is drawn has a twin, and no two are confused."""

from __future__ import annotations

import ast
from pathlib import Path

import explorer
from explorer.views.glyphs import LEVEL_TWINS, LEVELS, LINES, MARKS, SPOKEN, TWINS, WORDS

SOURCES = sorted(
    path
    for folder in ("tui/widgets", "views", "lenses", "tui/screens", "tui", "text", "session", "commands")
    for path in (Path(explorer.__file__).parent / folder).glob("*.py")
    if path.name != "glyphs.py"
)


def drawn_in(path: Path) -> set[str]:
    """The glyphs in the strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    )
    return {character for text in strings for character in text if not character.isascii()}


def test_every_glyph_that_is_drawn_has_a_twin() -> None:
    without = {path.name: drawn_in(path) - TWINS.keys() for path in SOURCES}
    assert {name: glyphs for name, glyphs in without.items() if glyphs} == {}


DRAWING = [path for path in SOURCES if path.parent.name in ("widgets", "views", "lenses")]


def test_no_two_marks_of_a_module_become_one() -> None:
    for path in DRAWING:
        marks = sorted(drawn_in(path) & (MARKS.keys() | set(LEVELS)) - {"◀"})  # ◀ and ▶ both say: to there
        twins = [TWINS[mark] for mark in marks]
        assert len(set(twins)) == len(twins), (path.name, marks)


def test_the_twins_are_ascii_and_one_column_wide() -> None:
    assert TWINS.keys() == SPOKEN.keys() == {*LEVELS, *MARKS, *LINES, *WORDS}
    assert all(len(twin) == 1 and twin.isascii() for twin in TWINS.values())
    assert [TWINS[level] for level in LEVELS] == list(LEVEL_TWINS)


def test_in_a_sentence_a_glyph_is_words_or_a_plain_sign() -> None:
    assert all(words and words.isascii() for words in SPOKEN.values())
    assert [SPOKEN[glyph] for glyph in "→≤✓✗…"] == ["->", "<=", "yes", "no", "..."]
    assert [SPOKEN[level] for level in LEVELS] == [*".12345678"]
