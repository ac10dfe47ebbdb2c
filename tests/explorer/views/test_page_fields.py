"""The fields of a page: whoever goes through them has all of them."""

from __future__ import annotations

from engine.constants import PBUSY_NAMES, PG_NAMES
from engine.machine.tables import PageTable
from explorer.commands import glossary
from explorer.session.stops import CURSOR_FIELDS
from explorer.tui.widgets import inspector
from explorer.views.labels import BUSY, FLAGS, busy_words, flag_names, queue_type
from explorer.views.rows import PAGE_FIELDS


def test_cursor_glossary_and_inspector_have_every_field() -> None:
    assert set(CURSOR_FIELDS) == set(PAGE_FIELDS) == glossary.FIELDS.keys() == inspector._LABELS.keys()
    assert set(PAGE_FIELDS) <= set(PageTable.__annotations__)


def test_glossary_and_inspector_have_every_flag() -> None:
    names = {name.removeprefix("PG_") for name in PG_NAMES}
    assert set(FLAGS.values()) == names == glossary.FLAGS.keys() == inspector._SHORT_FLAGS.keys()


def test_the_bits_of_busy_count_are_the_three_highest() -> None:
    assert list(BUSY) == [1 << 31, 1 << 30, 1 << 29] == list(PBUSY_NAMES.values())
    assert busy_words((1 << 32) - 1) == "LOCKED|WANTED|SWAPINPROG|soft 536870911"
    assert busy_words(0) == "0"


def test_unknown_flags_are_told_as_a_number() -> None:
    assert flag_names(PG_NAMES["PG_MAPPED"] | 1 << 30) == ["MAPPED", "0x40000000"]


def test_a_queue_type_is_its_names_first_word() -> None:
    assert [queue_type(q) for q in (0, 1, 1024, 1025, 4 * 1024 + 1)] == [
        "NONE", "FREE", "FREE", "INACTIVE", "HOLD",
    ]  # fmt: skip
