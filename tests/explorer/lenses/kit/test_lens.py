"""The title line of a lens."""

from __future__ import annotations

import pytest

from explorer.lenses.kit.drawing import drawing, row
from explorer.lenses.kit.lens import Drawing, Lens, heading
from explorer.views.spans import length, plain


def lens(name: str, title: str) -> Lens:
    return Lens(name, title, "", lambda _: None, lambda *_: Drawing([]))


def drawn(_: object, width: int, height: int) -> Drawing:
    return drawing([row("alpha beta gamma"), row("delta")], width, height)


def test_a_panel_with_lines_to_spare_cuts_nothing() -> None:
    greek = Lens("greek", "greek", "", lambda _: None, drawn)
    assert plain(greek.fitted(None, 12, 3).lines) == "alpha beta\n  gamma\ndelta"
    assert plain(greek.fitted(None, 12, 2).lines) == "alpha beta …\ndelta"
    assert plain(greek.fitted(None, 16, 3).lines) == "alpha beta gamma\ndelta"


def test_the_title_has_the_name_and_the_key_for_the_next_lens() -> None:
    assert plain([heading(lens("why", "the last writes"), 40, focused=False)]) == (
        "── the last writes  why ─────── v next ─"
    )


def test_a_name_that_is_in_the_title_is_not_repeated() -> None:
    assert plain([heading(lens("swap", "swap space"), 40, focused=True)]) == (
        "━━ swap space ━━━━━━━━━━━━━━━━━ v next ━"
    )


def test_a_lens_with_its_own_panel_has_only_its_title() -> None:
    title = heading(lens("why", "the last writes"), 30, focused=False, standing=True)
    assert plain([title]) == "── the last writes ───────────"


@pytest.mark.parametrize("width", [9, 12, 20, 200])
def test_the_title_line_is_as_wide_as_the_panel(width: int) -> None:
    assert length(heading(lens("why", "the last writes"), width, focused=False)) == width
