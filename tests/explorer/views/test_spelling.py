"""Answers as the screen spells them, turned into EXPRs."""

from __future__ import annotations

import pytest

from explorer.views.spelling import is_value, spellings, without_letter


@pytest.mark.parametrize(
    ("given", "asked", "meant"),
    [
        ("PQ_NONE", "queue_of(app.m)", "PQ_NONE"),
        ("pq_none", "queue_of(app.m)", "PQ_NONE"),
        ("none", "queue_of(app.m)", "PQ_NONE"),
        ("none", "app.m.object", "NULL"),
        ("ACTIVE[0]", "queue_of(app.m)", "PQ_ACTIVE"),
        ("2049 (ACTIVE[0])", "app.m.queue", "2049"),
        ("ACTIVE[3]", "app.m.queue", "PQ_ACTIVE + 3"),
        ("2052 (ACTIVE[3])", "app.m.queue", "2052"),
        ("2052 (ACTIVE[3])", "queue_of(app.m)", "PQ_ACTIVE"),
        ("null", "app.m.object", "NULL"),
        ("page[0x40]", "app.m", "0x40"),
        ("page[64]", "app.m", "64"),
        ("page 0xc03 (app.m)", "app.m", "0xc03"),
        ("LOCKED|soft 2 (0x80000002)", "app.m.busy_count", "PBUSY_LOCKED|2"),
        ("Uncacheable", "app.m.pat_mode", "VM_MEMATTR_UNCACHEABLE"),
        ("LOCKED|WANTED", "app.m.busy_count", "PBUSY_LOCKED|PBUSY_WANTED"),
        ("locked | soft 2", "app.m.busy_count", "PBUSY_LOCKED | 2"),
        ("Referenced|MAPPED", "app.m.flags", "PG_REFERENCED|PG_MAPPED"),
        ("page 0x40", "app.m", "0x40"),
        ("14,847 ", "near.free", "14847"),
        ("sleeping", "thread[app].state", "SLEEPING"),
        ("runs", "thread[app].state", "READY"),
        ("ff", "app.m.valid", "0xff"),
        ("rw", "x", "rw"),
    ],
)
def test_a_spelling_of_the_screen_is_understood(given: str, asked: str, meant: str) -> None:
    assert meant in spellings(given, asked)


def test_the_answer_as_it_is_comes_first_and_no_spelling_twice() -> None:
    assert spellings(" 0x10 ", "x") == ["0x10"]
    assert "0xff" not in spellings("ff", "app.m.wire_count")


def test_another_queue_of_the_same_type_is_another_queue_of_a_page() -> None:
    assert "PQ_ACTIVE" not in spellings("ACTIVE[3]", "app.m.queue")
    assert "PQ_ACTIVE" not in spellings("2052 (ACTIVE[3])", "app.m.queue")


@pytest.mark.parametrize("text", ["1", "0xff", "PQ_ACTIVE + 3", "NULL", "yes", "No", "~PBUSY_LOCKED", ""])
def test_numbers_constants_and_words_are_values(text: str) -> None:
    assert is_value(text)


@pytest.mark.parametrize("text", ["app.m", "A.X", "A", "count(FREE)", "page[1].queue", "PQ_NOWHERE", "Null"])
def test_what_may_read_the_machine_is_not_a_value(text: str) -> None:
    assert not is_value(text)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("a)", "PQ_FREE"),
        (" B ) ", " B ) "),
        ("B)", "PQ_NONE"),
        ("b) PQ_FREE", "PQ_FREE"),
        ("c)", "c)"),
        ("a", "a"),
        ("(a)", "(a)"),
        ("f(a)", "f(a)"),
    ],
)
def test_a_letter_before_a_parenthesis_is_a_choice_unless_an_answer_follows(given: str, meant: str) -> None:
    assert without_letter(given, ["PQ_FREE", "PQ_NONE"]) == meant
