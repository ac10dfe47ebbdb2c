"""The place in a dump: moments, the one to compare with, the colour, and what is computed late."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session.dump import KEPT, Changes, DumpPlace
from tests.explorer.dumps_by_hand import moment, three_moments


def test_each_moment_is_compared_with_the_one_before_or_the_marked_one() -> None:
    place = DumpPlace(three_moments())
    assert (place.since, place.before) == (None, None)
    place.step(1)
    assert place.since == 0
    place.toggle_mark()
    assert (place.mark, place.since) == (1, 0)
    place.go(0)
    assert (place.since, place.before) == (1, place.moments[1])
    place.go_to_mark()
    place.toggle_mark()
    assert (place.at, place.mark) == (1, None)
    with pytest.raises(BadInput, match="no moment is marked; m marks this one"):
        place.go_to_mark()


def test_a_step_past_the_end_says_so_and_a_number_is_checked() -> None:
    place = DumpPlace(three_moments())
    place.step(-1)
    assert (place.at, place.note.text) == (0, "this is the first moment")
    place.go_to_number(3)
    place.step(1)
    assert (place.at, place.note.text) == (2, "this is the last moment")
    for number in (0, 4, 10**18):
        with pytest.raises(BadInput, match="use 1 to 3"):
            place.go_to_number(number)


def test_the_cursor_stays_on_colours_that_the_moment_has() -> None:
    place = DumpPlace((*three_moments(), moment({"FREE": [1, 2]}), moment({})))
    place.move(100, 100)
    assert (place.base, place.color) == ("HOLD", 7)
    place.go(3)
    assert place.color == 1
    place.go(4)
    assert place.color == 0
    place.move(-5, -100)
    assert (place.base, place.color) == ("FREE", 0)
    with pytest.raises(BadInput, match="there is no colour 8; use 0 to 0"):
        place.select("FREE", 8)


def test_findings_are_kept_for_some_moments() -> None:
    place = DumpPlace(three_moments() * 40)
    assert place.known_findings is None
    for at in range(KEPT + 1):
        place.go(at)
        place.compute_findings()
    assert place.known_findings is not None
    place.go(0)
    assert place.known_findings is None


def test_changes_are_counted_in_slices() -> None:
    changes = Changes(three_moments())
    assert (changes.done, changes.density(5)) == (False, (0, 0, 0, 0, 0))
    changes.look_on(1)
    assert (changes.done, changes.density(5)) == (False, (0, 0, 9, 0, 0))
    changes.look_on(100)
    assert (changes.done, changes.density(5)) == (True, (0, 0, 9, 0, 12))
    assert Changes(three_moments()[:1]).density(3) == (0, 0, 0)
