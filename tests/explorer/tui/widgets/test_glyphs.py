"""ASCII: every glyph has a twin of the same width, and no two glyphs of a panel have the same twin."""

from __future__ import annotations

import pytest
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color

from explorer.commands.keys import Keys
from explorer.tui.widgets.glyphs import AsciiFilter, SafeFilter
from explorer.views.ascii_twins import in_ascii
from explorer.views.glyphs import LEVELS
from explorer.views.timeline import BREAK, FINDING, FORK, MARK, QUESTION

PANELS = {
    "map": [*LEVELS, "│", "▲"],
    "reserve": [*LEVELS, "▌"],
    "inspector": ["─", "━", "→", "▸", "■", "□", "✓", "≠", "◈", "…", "."],
    "threads": ["─", "━", "▶", "•", "←", "›", "…"],
    "source": ["─", "━", "▶", "•", "▷", "▸", "●", "◉", "…"],
    "log": ["─", "━", "▶", "→", "…"],
    "timeline": [*LEVELS, "┃", FINDING, FORK, MARK, BREAK, QUESTION],
    "console": ["✗", "»", "→", "›", "…", "↑", "↓", ":"],
    "status": ["▸", "→"],
    "banner": ["›", "…"],
}
"""The glyphs of each panel; a `.` and a `:` are their own twins. The edge of a lane is a line, as │ is."""


@pytest.mark.parametrize("panel", PANELS)
def test_no_two_glyphs_of_a_panel_have_the_same_twin(panel: str) -> None:
    twins = [in_ascii(glyph) for glyph in PANELS[panel]]
    assert len(set(twins)) == len(twins)


def test_an_arrow_key_is_a_word_because_its_twin_is_a_key_too() -> None:
    keys = Keys(ascii=True)
    assert keys.word("right") == "Right"
    assert keys.word("next-thread") == ">" == in_ascii(Keys().word("right"))


def test_a_finished_line_keeps_its_pieces_styles_and_control_codes() -> None:
    bold, control = Style(bold=True), [(1,)]
    line = [Segment("▶ app", bold), Segment(" plain"), Segment("→", None, control)]  # type: ignore[arg-type]
    assert AsciiFilter().apply(line, Color.parse("black")) == [
        Segment("* app", bold), Segment(" plain"), Segment(">", None, control),  # type: ignore[arg-type]
    ]  # fmt: skip


def test_control_characters_of_a_text_never_reach_the_terminal_but_textuals_own_do() -> None:
    style, control = Style(bold=True), ((ControlType.CLEAR,),)
    line = [Segment("\x1b[2Jtitle\x07", style), Segment("\x1b[H", None, control), Segment("end")]
    assert SafeFilter().apply(line, Color.parse("black")) == [
        Segment("[2Jtitle", style), Segment("\x1b[H", None, control), Segment("end"),
    ]  # fmt: skip
    plain = [Segment("a · b", style)]
    assert SafeFilter().apply(plain, Color.parse("black")) is plain
