"""The rows that widgets get: which fields a page has, how flags differ, and how wide a tip is."""

from __future__ import annotations

import pytest

from engine.machine.tables import PageTable
from explorer.commands import glossary
from explorer.session.stops import CURSOR_FIELDS
from explorer.tui.widgets import inspector
from explorer.views.rows import PAGE_FIELDS, Change, Tip, flag_difference


def test_cursor_glossary_and_inspector_have_every_field() -> None:
    assert set(CURSOR_FIELDS) == set(PAGE_FIELDS) == glossary.FIELDS.keys() == inspector._LABELS.keys()
    assert set(PAGE_FIELDS) <= set(PageTable.__annotations__)


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("0", "MAPPED", "+MAPPED"),
        ("MAPPED|REFERENCED", "0", "-MAPPED -REFERENCED"),
        ("MAPPED|WRITEABLE", "WRITEABLE|REFERENCED", "+REFERENCED -MAPPED"),
        ("MAPPED", "MAPPED", ""),
        ("0", "0", ""),
    ],
)
def test_flags_differ_by_the_flags_set_and_cleared(old: str, new: str, difference: str) -> None:
    assert flag_difference(old, new) == difference


def test_a_change_of_flags_shows_the_difference_and_others_both_values() -> None:
    flags = Change("page 0x40", "flags", "MAPPED", "MAPPED|REFERENCED")
    queue = Change("page 0x40", "queue", "NONE", "FREE[5]")
    assert (flags.difference, queue.difference) == ("+REFERENCED", "")
    assert str(flags) == "page 0x40 flags +REFERENCED"
    assert str(queue) == "page 0x40 queue NONE→FREE[5]"
    assert str(Change("page 0x40", "flags", "0", "0")) == "page 0x40 flags 0→0"


def test_a_tip_counts_columns_not_characters() -> None:
    assert Tip("s", "step", "step").columns == 1 + 1 + 1 + 4 + 1
    assert Tip("←→", "页", "right").columns == 1 + 2 + 1 + 2 + 1
