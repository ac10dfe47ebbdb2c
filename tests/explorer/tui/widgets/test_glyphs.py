"""ASCII: every glyph that is drawn has a twin as wide as it, and within a panel no two become one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

import explorer
from explorer.commands.keys import Keys
from explorer.tui.widgets.glyphs import AsciiFilter, in_ascii
from explorer.views.glyphs import LEVEL_TWINS, LEVELS, LINES, MARKS, TWINS, WORDS
from explorer.views.timeline import FINDING, FORK, MARK

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


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_glyph_that_is_drawn_has_a_twin(path: Path) -> None:
    assert drawn_in(path) <= TWINS.keys()


PANELS = {
    "map": [*LEVELS, "▌", "│", "▲"],
    "reserve": [*LEVELS, "▌"],
    "inspector": ["─", "━", "→", "▸", "■", "□", "✓", "≠", "…", "."],
    "threads": ["─", "━", "▶", "•", "←", "›", "…"],
    "source": ["─", "━", "▶", "•", "▷", "▸", "●", "◉", "…"],
    "log": ["─", "━", "▶", "→", "…"],
    "timeline": [*LEVELS, "┃", FINDING, FORK, MARK],
    "console": ["✗", "»", "→", "›", "…", "↑", "↓", ":"],
    "status": ["▸", "→"],
    "banner": ["›", "…"],
}
"""What each panel tells by glyphs; a `.` and a `:` are their own twins."""


@pytest.mark.parametrize("panel", PANELS)
def test_no_two_glyphs_of_a_panel_become_one(panel: str) -> None:
    twins = [in_ascii(glyph) for glyph in PANELS[panel]]
    assert len(set(twins)) == len(twins)


DRAWING = [path for path in SOURCES if path.parent.name in ("widgets", "views", "lenses")]
"""The modules that draw panels; others name glyphs in sentences."""


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_two_marks_of_a_module_become_one(path: Path) -> None:
    marks = sorted(drawn_in(path) & (MARKS.keys() | set(LEVELS)) - {"◀"})  # ◀ and ▶ both say: to there
    twins = [TWINS[mark] for mark in marks]
    assert len(set(twins)) == len(twins), marks


def test_an_arrow_key_is_a_word_since_its_twin_is_a_key_too() -> None:
    keys = Keys(ascii=True)
    assert keys.word("right") == "Right"
    assert keys.word("next-thread") == ">" == in_ascii(Keys().word("right"))


def test_the_twins_are_ascii_and_one_column_wide() -> None:
    assert {**MARKS, **LINES, **WORDS}.keys() <= TWINS.keys()
    assert all(len(twin) == 1 and twin.isascii() for twin in TWINS.values())
    assert in_ascii(LEVELS) == LEVEL_TWINS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("naïve café", "naive cafe"),
        ("页 frame", "?? frame"),
        ("a\u0301b", "ab"),
        ("ﬁ", "?"),
        ("🔎 x", "?? x"),
    ],
)
def test_a_text_that_anybody_wrote_keeps_its_width(text: str, expected: str) -> None:
    assert in_ascii(text) == expected


def test_a_finished_line_keeps_its_pieces_styles_and_control_codes() -> None:
    bold, control = Style(bold=True), [(1,)]
    line = [Segment("▶ app", bold), Segment(" plain"), Segment("→", None, control)]  # type: ignore[arg-type]
    assert AsciiFilter().apply(line, Color.parse("black")) == [
        Segment("* app", bold), Segment(" plain"), Segment(">", None, control),  # type: ignore[arg-type]
    ]  # fmt: skip
