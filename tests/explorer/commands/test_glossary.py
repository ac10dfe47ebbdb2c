"""The glossary: every field and flag has an explanation, under each of its spellings."""

from __future__ import annotations

import pytest

from engine.constants import PG_NAMES
from explorer.commands import glossary
from explorer.commands.glossary import explained
from explorer.views.rows import PAGE_FIELDS


def test_every_field_flag_and_panel_is_explained_in_sentences() -> None:
    assert glossary.FIELDS.keys() == set(PAGE_FIELDS)
    assert glossary.FLAGS.keys() == {name.removeprefix("PG_") for name in PG_NAMES}
    for text in (*glossary.FIELDS.values(), *glossary.PANELS.values()):
        assert text.endswith(".")
        assert "  " not in text


@pytest.mark.parametrize("word", ["MAPPED", "PG_MAPPED", "mapped", " PG_MAPPED "])
def test_a_flag_is_explained_by_its_full_name(word: str) -> None:
    assert explained(word) == "PG_MAPPED: some process may have it in its page tables."


def test_a_field_has_its_explanation() -> None:
    assert explained(" busy_count ") == glossary.FIELDS["busy_count"]
    assert "one owner" in glossary.FIELDS["busy_count"]


@pytest.mark.parametrize("word", ["", "PG_", "nothing", "MAPPED|WRITEABLE", "Busy_Count"])
def test_a_word_that_is_neither_has_no_explanation(word: str) -> None:
    assert explained(word) is None
