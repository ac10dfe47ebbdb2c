"""The footer: keys and words, as wide as a click on it assumes."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.footer import footer_line
from explorer.views.rows import Tip
from explorer.views.spans import length, plain


def test_the_footer_prints_keys_and_words() -> None:
    assert plain([footer_line((Tip("s", "step", "step"), Tip("q", "quit", "quit")))]) == " s step  q quit"


@pytest.mark.parametrize("key", ["s", "Ctrl+P", "页"])
def test_a_tip_takes_the_columns_that_a_click_counts(key: str) -> None:
    tip = Tip(key, "step", "step")
    assert length(footer_line((tip,))) == tip.columns
