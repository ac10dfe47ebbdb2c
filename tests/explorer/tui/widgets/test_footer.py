"""The footer: keys and labels, with the widths that a click uses."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.footer import footer_line
from explorer.views.rows import Tip
from explorer.views.spans import length, plain


def test_the_footer_shows_keys_and_labels() -> None:
    assert plain([footer_line((Tip("s", "step", "step"), Tip("q", "quit", "quit")))]) == " s step  q quit"


@pytest.mark.parametrize("key", ["s", "Ctrl+P", "页"])
def test_a_label_has_the_width_that_a_click_uses(key: str) -> None:
    tip = Tip(key, "step", "step")
    assert length(footer_line((tip,))) == tip.columns
