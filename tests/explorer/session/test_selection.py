"""What the user has selected: the page in the inspector, the map's cursor, and the thread that steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.constants import NULL
from engine.errors import BadInput
from explorer.session import stepping
from explorer.session import stops as stopping
from explorer.session.session import Session
from tests.explorer.cursor_motions import drive


@pytest.mark.parametrize("text", ["0x805", "2053", "2_053", "2,053"])
def test_a_page_number_may_be_decimal_or_hexadecimal(session: Session, text: str) -> None:
    session.pin_number(text)
    assert session.vm.page_number(session.page) == 2053


@pytest.mark.parametrize("text", ["-1", "0x9999999", "five", ""])
def test_an_invalid_page_is_refused(session: Session, text: str) -> None:
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


def test_the_cursor_follows_the_page_until_it_is_moved(session: Session) -> None:
    session.choose_thread(0)
    drive(stepping.over(session))
    drive(stepping.over(session))
    m = session.page
    assert session.place == ("NONE", session.vm.page.pc[m])
    session.move(1, 1)
    assert session.place == ("FREE", session.vm.page.pc[m] + 1)
    session.follow()
    assert session.place == ("NONE", session.vm.page.pc[m])


# --- the page and the map ---------------------------------------------------------------------------------


def test_before_the_first_step_no_page_is_shown_and_the_cursor_is_at_the_corner(life: Session) -> None:
    assert life.page == NULL
    assert life.place == ("FREE", 0)


def test_a_pinned_page_stays_until_it_is_unpinned(life: Session) -> None:
    life.history.extend(10)
    touched = life.page
    assert life.vm.page_number(touched) == 0xC03
    stopping.ask_why(life, "")
    life.pin(7)
    life.history.extend(10)
    assert life.page == 7
    life.follow()
    assert (life.page, life.pinned, life.asked) == (touched, None, None)
    assert life.note.text == "the inspector follows the steps"


def test_the_cursor_wraps_at_the_ends_and_describes_its_position(life: Session) -> None:
    life.move(-1, 0)
    assert life.place == ("FREE", life.vm.colors - 1)
    assert life.queue_index(*life.place) == 1 + life.vm.colors - 1
    life.move(1, -1)
    assert life.place == ("NONE", 0)
    life.move(0, 1)
    assert life.place == ("FREE", 0)
    assert life.note.text == "FREE[0] of node 0 core 0: 3 pages; Enter shows them"
    life.select("HOLD", 9)
    assert life.note.text == "HOLD[9] of node 0 core 0: no pages"
    life.open_color()
    assert (life.note.text, life.pinned) == ("HOLD[9] has no pages", None)


def test_a_colour_that_does_not_exist_is_refused(life: Session) -> None:
    life.select("FREE", 1023)
    for color in (-1, 1024):
        with pytest.raises(BadInput, match="this machine has colours 0 to 1023"):
            life.select("FREE", color)
    assert life.place == ("FREE", 1023)


# --- stepped thread ---------------------------------------------------------------------------------------


def test_choosing_threads_starts_at_the_one_that_steps_next_and_wraps(life: Session) -> None:
    turned = []
    for by in (1, 1, -1, -1):  # app is next by the schedule
        life.turn_thread(by)
        turned.append(life.chosen)
    assert turned == [1, 0, 1, 0]
    assert life.note.text == "s steps app; a returns to the schedule"
    life.follow_schedule()
    assert (life.chosen, life.note.text) == (None, "s follows the schedule")


def test_a_thread_is_found_by_its_name_or_number(life: Session) -> None:
    assert (life.thread_named("pager"), life.thread_named("1"), life.thread_named("0")) == (1, 1, 0)
    with pytest.raises(BadInput, match="there is no thread 'ghost'; there are app, pager"):
        life.thread_named("ghost")


def test_a_branch_has_the_names_of_calls_in_its_parents(life: Session) -> None:
    history = life.history
    history.extend(5)
    history.fork()
    named = replace(life.given, threads=("app", "pager", "console"))
    life.called[1] = named
    history.fork()
    assert history.branch.parent == 1
    assert life.names is life.labels.given is named
    history.switch(0)
    assert life.names is life.given
