"""Answers as the screen spells them, turned into EXPRs."""

from __future__ import annotations

import pytest

from explorer.views.spelling import spellings


@pytest.mark.parametrize(
    ("given", "asked", "meant"),
    [
        ("PQ_NONE", "queue_of(app.m)", "PQ_NONE"),
        ("pq_none", "queue_of(app.m)", "PQ_NONE"),
        ("none", "queue_of(app.m)", "PQ_NONE"),
        ("none", "app.m.object", "NULL"),
        ("ACTIVE[0]", "queue_of(app.m)", "PQ_ACTIVE"),
        ("2049 (ACTIVE[0])", "app.m.queue", "2049"),
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
