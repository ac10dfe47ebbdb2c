"""`print` and `watching`: values once, and a list of expressions that is kept."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session.session import Session
from explorer.session.undo import Undo
from explorer.session.watching import MOST, print_value, watch_values


def test_print_shows_a_value(life: Session) -> None:
    print_value(life, "vmstats.v_free_min")
    assert life.note.text == "vmstats.v_free_min = 84"
    with pytest.raises(BadInput):
        print_value(life, "app.m.queue")


def test_expressions_are_added_shown_and_removed(life: Session) -> None:
    undo = Undo()
    undo.remember(life, "watching")
    watch_values(life, "count(FREE)")
    assert life.lens == "watching"
    assert life.note.text.startswith("watching 1: count(FREE) = 3,711")
    watch_values(life, "app.m.queue")
    watch_values(life, "delete 1")
    assert [one.text for one in life.watched] == ["app.m.queue"]
    with pytest.raises(BadInput, match="there is no expression 2"):
        watch_values(life, "delete 2")
    watch_values(life, "delete all")
    assert life.watched == []
    undo.back(life)
    assert life.lens == "log"


def test_a_wrong_expression_changes_nothing(life: Session) -> None:
    with pytest.raises(BadInput):
        watch_values(life, "nonsense +")
    assert (life.watched, life.lens) == ([], "log")


def test_the_list_has_a_limit(life: Session) -> None:
    for n in range(MOST):
        watch_values(life, f"{n}")
    with pytest.raises(BadInput, match="delete N removes one"):
        watch_values(life, "1")
