"""The fields of cells are explained by the reference."""

from __future__ import annotations

from explorer.commands.cell_terms import cell_field_text


def test_a_field_of_several_tables_has_a_sentence_for_each() -> None:
    said = cell_field_text("spin")
    assert said is not None
    assert said.startswith("page[N].spin: owner of the spinlock: thread + 1, or 0. queue[BASE,COLOR].spin: ")


def test_fields_that_share_a_line_have_the_same_text() -> None:
    assert cell_field_text("head") == "queue[BASE,COLOR].head: the first and the last page."


def test_another_word_is_not_a_field() -> None:
    assert cell_field_text("nothing") is None
