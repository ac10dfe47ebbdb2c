"""A lens's title line."""

from __future__ import annotations

import pytest

from explorer.lenses.kit.lens import Drawing, Lens, heading
from explorer.views.spans import length, plain


def lens(name: str, title: str) -> Lens:
    return Lens(name, title, "", lambda _: None, lambda *_: Drawing([]))


def test_a_lens_chosen_with_v_says_its_word_and_how_to_go_on() -> None:
    assert plain([heading(lens("why", "the last writes"), 40, focused=False)]) == (
        "── the last writes  why ─────── v next ─"
    )


def test_a_word_that_the_title_has_already_is_not_said_twice() -> None:
    assert plain([heading(lens("swap", "swap space"), 40, focused=True)]) == (
        "━━ swap space ━━━━━━━━━━━━━━━━━ v next ━"
    )


def test_a_standing_lens_has_its_title_alone() -> None:
    title = heading(lens("why", "the last writes"), 30, focused=False, standing=True)
    assert plain([title]) == "── the last writes ───────────"


@pytest.mark.parametrize("width", [9, 12, 20, 200])
def test_the_title_line_is_as_wide_as_the_panel(width: int) -> None:
    assert length(heading(lens("why", "the last writes"), width, focused=False)) == width
