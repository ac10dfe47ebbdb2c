"""The speed of playback: its units, what the user may set, and what is due in a frame."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load
from explorer.tui.screens import player as module
from explorer.tui.screens.player import FRAMES, ONWARDS, SPEEDS, Player


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    monkeypatch.setattr(module, "process_time", clock)
    return clock


def playing(*texts: str) -> Player:
    player = Player()
    for text in texts:
        player.set(text)
    return player


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        ((), "4 steps/s"),
        (("moves",), "4 moves/s"),
        (("30 moves",), "30 moves/s"),
        (("30",), "30 steps/s"),
        (("moves", "8"), "8 moves/s"),
        (("10,000 steps",), "10,000 steps/s"),
        (("3 m",), "3 moves/s"),
        (("1",), "1 step/s"),
        (("8 moves", "steps", "moves"), "8 moves/s"),
        (("full",), "at full speed"),
        (("full", "moves"), "4 moves/s"),
        (("8 moves", "full", "4"), "4 moves/s"),
    ],
)
def test_a_speed_is_a_number_a_unit_or_both(texts: tuple[str, ...], shown: str) -> None:
    assert str(playing(*texts)) == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fast", "'fast' is not a speed; use 4 moves, 30 steps, moves, steps or full"),
        ("4 moves now", "'4 moves now' is not a speed"),
        ("full moves", "'full moves' is not a speed"),
        ("-4", "'-4' is not a speed"),
        ("0 moves", "0 moves/s is not possible; use 1 to 30 moves, or full"),
        ("31 moves", "31 moves/s is not possible"),
        ("60000", "60000 steps/s is not possible; use 1 to 50,000 steps, or full"),
        ("1" * 5_000, "1 to 50,000"),
        ("4x steps", "4x steps/s is not possible"),
        ("4.5 moves", "4.5 moves/s is not possible"),
    ],
)
def test_another_text_is_refused_and_changes_nothing(text: str, words: str) -> None:
    player = Player()
    with pytest.raises(BadInput) as refused:
        player.set(text)
    assert words in str(refused.value)
    assert (player.unit, player.rates) == ("steps", {"steps": 4, "moves": 4})


@pytest.mark.parametrize("unit", SPEEDS)
def test_faster_and_slower_stay_within_the_unit(unit: str) -> None:
    player = playing(unit)
    player.change(-99)
    found = [player.rate]
    for _ in SPEEDS[unit]:
        player.change(1)
        found.append(player.rate)
    assert found == [*SPEEDS[unit], SPEEDS[unit][-1]]
    for _ in SPEEDS[unit]:
        player.change(-1)
    assert player.rate == SPEEDS[unit][0]


@pytest.mark.parametrize(("by", "rate"), [(1, 8), (-1, 4), (2, 15), (99, 0)])
def test_a_speed_between_two_of_the_list_goes_to_the_next_one(by: int, rate: int) -> None:
    player = playing("5 steps")
    player.change(by)
    assert player.rate == rate


def test_a_run_with_a_daemon_is_played_by_moves_unless_the_user_chooses() -> None:
    plain, pressed = (load(name).start().programs for name in ("life-of-a-page", "thrash"))
    player = Player()
    found = []
    for programs in (plain, pressed, plain):
        player.suit(programs)
        found.append(player.unit)
    assert found == ["steps", "moves", "steps"]
    player.turn_unit()
    player.suit(plain)
    assert player.unit == "moves"
    player.set("30 steps")
    player.suit(pressed)
    assert player.unit == "steps"


def test_steps_are_due_as_time_passes(clock: Clock) -> None:
    player = playing("60 steps")
    player.start()
    assert player.due() == 0
    clock.now += 0.051
    assert (player.due(), player.due()) == (3, 0)
    clock.now += 5
    assert player.due() == 6, "those of a tenth of a second at most"


def test_the_first_move_is_due_at_once_and_the_next_after_its_time(clock: Clock) -> None:
    player = playing("4 moves")
    player.start()
    player.begin_frame()
    assert player.due() == ONWARDS
    player.end_steps(moved=True)
    assert (player.due(), player.more()) == (0, False)
    clock.now += 0.24
    assert player.due() == 0
    clock.now += 0.02
    assert player.due() == ONWARDS


def test_moves_keep_their_rate_although_frames_are_a_thirtieth_of_a_second(clock: Clock) -> None:
    player = playing("8 moves")
    player.start()
    shown = 0
    for _ in range(2 * FRAMES):
        clock.now += 1 / FRAMES
        player.begin_frame()
        if player.due():
            player.end_steps(moved=True)
            shown += 1
    assert shown in (16, 17)


def test_a_long_way_to_a_move_does_not_hurry_the_one_after_it(clock: Clock) -> None:
    player = playing("4 moves")
    player.start()
    clock.now += 7
    player.begin_frame()
    player.end_steps(moved=True)
    clock.now += 0.2
    assert player.due() == 0
    clock.now += 0.05
    assert player.due() == ONWARDS


def test_a_frame_takes_more_steps_as_long_as_it_has_time(clock: Clock) -> None:
    for text, goes in (("full", True), ("moves", True), ("moves full", True), ("50,000 steps", False)):
        player = playing(*text.split(" ", text.startswith("moves")))
        player.start()
        clock.now += 1
        player.begin_frame()
        assert player.more() is goes
        clock.now += 1 / FRAMES
        assert player.more() is False
