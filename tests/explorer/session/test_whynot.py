"""The console's question whether a page can be freed, cached, paged out, handed out or wired."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session.session import Session
from explorer.session.whynot import ask_whynot


def test_it_asks_about_the_inspectors_page_and_follows_it(life: Session) -> None:
    life.history.extend(60)
    ask_whynot(life, "cache")
    assert (life.lens, life.questioned, life.questioned_page) == ("whynot", "cache", life.page)
    assert life.note.text == "may vm_page_try_to_cache cache 0xc03 now?"
    life.pin(5)
    assert life.questioned_page == 5


@pytest.mark.parametrize("text", ["alloc 0x42", " alloc  66 "])
def test_it_asks_about_a_named_page_and_stays_with_it(life: Session, text: str) -> None:
    ask_whynot(life, text)
    life.pin(5)
    assert (life.questioned, life.vm.page_number(life.questioned_page)) == ("alloc", 0x42)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("eat", "'eat' is not a question; use free, cache, pageout, alloc, wire"),
        ("free", "no page is shown; use :whynot free PAGE, such as 0x805 or app.m"),
        ("free app.m", "app.m is not a page at step 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(life: Session, text: str, wrong: str) -> None:
    with pytest.raises(BadInput, match=wrong):
        ask_whynot(life, text)
    assert life.lens == "log"
