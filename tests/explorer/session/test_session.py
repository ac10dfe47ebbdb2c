"""A person's place in a run: the page in the inspector, the map's cursor, and the thread that steps."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session import stepping
from explorer.session.session import Session
from tests.explorer.cursor import drive


@pytest.mark.parametrize("text", ["0x805", "2053", "2_053", "2,053"])
def test_a_page_number_is_read_as_people_write_it(session: Session, text: str) -> None:
    session.pin_number(text)
    assert session.vm.page_number(session.page) == 2053


@pytest.mark.parametrize("text", ["-1", "0x9999999", "five", ""])
def test_what_is_no_page_is_refused_in_words(session: Session, text: str) -> None:
    with pytest.raises(BadInput):
        session.pin_number(text)


def test_enter_walks_the_pages_of_a_colour(session: Session) -> None:
    session.select("FREE", 5)
    count = session.vm.queue.lcnt[1 + 5]
    assert count > 1
    seen = []
    for _ in range(count + 1):
        session.select("FREE", 5)
        session.open_color()
        seen.append(session.page)
    assert len(set(seen)) == count
    assert seen[0] == seen[-1]


def test_the_cursor_goes_with_the_page_until_it_is_moved(session: Session) -> None:
    session.choose_thread(0)
    drive(stepping.over(session))
    drive(stepping.over(session))
    m = session.page
    assert session.place == ("NONE", session.vm.page.pc[m])
    session.move(1, 1)
    assert session.place == ("FREE", session.vm.page.pc[m] + 1)
    session.follow()
    assert session.place == ("NONE", session.vm.page.pc[m])
