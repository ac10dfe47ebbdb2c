"""The styles of the map's cells."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.map_cells import CHANGED, CURSOR, SOUGHT, TOUCHED
from explorer.tui.widgets.queue_map import cell_style


@pytest.mark.parametrize("name", ["FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD", "NONE"])
def test_a_change_is_shown_by_more_than_hue(name: str) -> None:
    assert cell_style(name, 4 | CHANGED).reverse
    assert cell_style(name, 4 | TOUCHED).underline
    assert cell_style(name, 4 | CURSOR).bgcolor is not None
    assert not cell_style(name, 4).reverse


def test_where_a_search_looked_has_a_background_of_its_own() -> None:
    assert cell_style("FREE", 8 | SOUGHT).bgcolor != cell_style("FREE", 8).bgcolor
