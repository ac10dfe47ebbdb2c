"""Values in the words of the screen."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.values import value_or_reason, watched


def at(session: Session, step: int) -> Session:
    for _ in stepping.go_to(session, step):
        pass
    return session


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("app.m", "page 0xc03 (app.m)"),
        ("app.again", "NULL"),
        ("app.m.queue", "ACTIVE[0]"),
        ("queue_of(app.m)", "ACTIVE"),
        ("app.m.busy_count", "LOCKED|WANTED (0xc0000000)"),
        ("page[0xc03].flags", "REFERENCED (0x80)"),
        ("page[app.m].valid", "ff"),
        ("app.m.object", "heap"),
        ("app.m.wire_count", "0"),
        ("count(FREE)", "3,710 (0xe7e)"),
        ("count(FREE) > 3 and not 0", "true"),
        ("app.m.wire_count > 0", "false"),
        ("thread[pager].state", "sleeping"),
        ("vmstats.v_free_min", "84"),
        ("object[heap].flags", "0"),
    ],
)
def test_a_value_is_written_by_its_kind(life: Session, text: str, words: str) -> None:
    at(life, 42)
    assert watched(text, life.names).value(life.labels) == words


def test_a_value_that_does_not_exist_here_says_why(life: Session) -> None:
    one = watched("app.m.queue", life.names)
    words, ok = value_or_reason(one, life.labels)
    assert not ok
    assert "NULL" in words
    at(life, 42)
    assert value_or_reason(one, life.labels) == ("ACTIVE[0]", True)


def test_a_text_that_is_not_an_expression_is_refused(life: Session) -> None:
    with pytest.raises(BadInput):
        watched("app.m +", life.names)
