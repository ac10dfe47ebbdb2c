"""The keys in the footer: the useful ones at the moment, none clipped, from the user's key map."""

from __future__ import annotations

import pytest

from explorer.commands.footer_keys import Situation, tips
from explorer.commands.keys import Keys, key_word
from explorer.commands.table import COMMANDS

SITUATIONS = {
    "start": Situation(begun=False),
    "inside": Situation(),
    "ended": Situation(outcome="completed"),
    "running": Situation(running=True),
    "lesson": Situation(begun=False, lesson=True),
    "page": Situation(begun=False, lesson=True, page=True),
    "page inside": Situation(lesson=True, page=True, questions=True),
    "page and lens": Situation(lens="waits", lesson=True, page=True),
    "questions": Situation(questions=True),
    "field": Situation(field=True),
    "panic": Situation(outcome="panic"),
    "deadlock": Situation(outcome="deadlock"),
    "blocked": Situation(outcome="blocked"),
    "lens": Situation(lens="waits"),
    "lens at the end": Situation(lens="why", outcome="panic"),
    "map": Situation(centre="map"),
    "a question is open": Situation(question="open", questions=True),
    "a question is due": Situation(question="due", questions=True),
    "a verdict": Situation(question="verdict", lens="waits"),
    "the card": Situation(question="card", outcome="panic", lens="why"),
    "zoomed": Situation(zoomed=True),
    "zoomed at the end": Situation(zoomed=True, outcome="completed"),
}


@pytest.mark.parametrize("state", SITUATIONS)
def test_the_footer_fits_and_its_keys_do_what_it_says(state: str) -> None:
    for width in range(20, 260, 7):
        shown = tips(SITUATIONS[state], width)
        assert sum(len(tip.key) + len(tip.text) + 3 for tip in shown) <= width
        assert len(shown) <= (3 if width < 60 else 7 if width <= 80 else 40)
        for tip in shown:
            keys = {key_word(key) for key in COMMANDS[tip.command].keys}
            assert tip.key in keys or tip.key == "←→↑↓"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_question_has_its_own_keys(width: int) -> None:
    def labels(question: str, lens: str = "") -> list[str]:
        return [tip.text for tip in tips(Situation(question=question, lens=lens), width)]

    assert labels("open")[:2] == ["leave it", "go past"]
    assert labels("due")[0] == "answer"
    assert labels("verdict")[:2] == ["over", "run"]
    assert labels("card", "why").count("close") == 1


def test_at_80_columns_the_footer_has_the_seven_keys() -> None:
    shown = tips(Situation(), 80)
    assert [tip.key for tip in shown] == ["s", "S", "n", "c", "?", ":", "q"]


def test_the_footer_shows_the_users_own_arrow_keys() -> None:
    keys = Keys({"left": ("4",), "right": ("6",), "up": ("8",), "down": ("2",)})
    assert "4682" in [tip.key for tip in tips(Situation(), 200, keys)]
    words = Keys(ascii=True)
    shown = tips(Situation(), 200, words)
    assert "Left/Right/Up/Down" in [tip.key for tip in shown]


def shown(state: str, width: int, keys: Keys | None = None) -> list[tuple[str, str]]:
    """Return the keys and labels of the footer in a situation."""
    found = tips(SITUATIONS[state], width, keys)
    return [(tip.key, tip.text) for tip in found]


def test_the_footer_shows_changed_keys_and_leaves_out_commands_without_a_key() -> None:
    found = shown("inside", 200, Keys({"step": ("f2", "."), "over": ("s",), "zoom": ()}))
    assert found[:3] == [("F2", "step"), ("S", "back"), ("s", "over")]
    assert "zoom" not in [text for _, text in found]


@pytest.mark.parametrize(
    ("state", "texts"),
    [
        ("start", ["step", "over", "run", "help", "cmd", "quit"]),
        ("inside", ["step", "back", "over", "run", "help", "cmd", "quit"]),
        ("ended", ["back", "back over", "start", "help", "cmd", "quit"]),
        ("running", ["stop", "pause", "faster", "slower", "steps/moves"]),
        ("lesson", ["step", "over", "run", "lesson", "help", "cmd", "quit"]),
        ("page", ["step", "over", "run", "read on", "help", "cmd", "quit"]),
        ("page inside", ["step", "back", "over", "run", "read on", "predict", "help"]),
        ("page and lens", ["step", "back", "close", "next lens", "read on", "help", "cmd"]),
        ("questions", ["step", "back", "over", "run", "predict", "help", "cmd"]),
        ("field", ["step", "back", "over", "run", "why", "help", "cmd"]),
        ("panic", ["back", "why", "back over", "start", "help", "cmd", "quit"]),
        ("deadlock", ["back", "why", "lens", "start", "help", "cmd", "quit"]),
        ("blocked", ["back", "why", "lens", "start", "help", "cmd", "quit"]),
        ("lens", ["step", "back", "close", "next lens", "help", "cmd", "quit"]),
        ("lens at the end", ["back", "close", "next lens", "start", "help", "cmd", "quit"]),
        ("zoomed", ["step", "back", "zoom out", "help", "cmd", "quit"]),
        ("zoomed at the end", ["back", "zoom out", "help", "cmd", "quit"]),
    ],
)
def test_the_useful_keys_depend_on_the_moment(state: str, texts: list[str]) -> None:
    assert [text for _, text in shown(state, 80)] == texts


@pytest.mark.parametrize("state", ["start", "inside", "ended"])
def test_a_wide_footer_has_more_and_repeats_nothing(state: str) -> None:
    found = shown(state, 400)
    assert [text for _, text in found[-3:]] == ["help", "cmd", "quit"]
    assert len({key for key, _ in found}) == len(found) > 10


def test_at_120_columns_the_footer_names_the_map_and_the_code() -> None:
    for state in ("start", "inside", "questions"):
        assert {("M", "map"), ("8", "code")} <= set(shown(state, 120)), state
    assert ("M", "stage/map") in [(tip.key, tip.text) for tip in tips(Situation(centre=""), 130)]


def test_the_end_of_a_run_has_no_key_for_its_next_step() -> None:
    onwards = {"s", "n", "c", "Space", "]"}
    for state in ("ended", "panic", "lens at the end"):
        assert not onwards & {key for key, _ in shown(state, 400)}, state
    assert onwards <= {key for key, _ in shown("lens", 400)}


def test_too_little_room_leaves_help_alone() -> None:
    assert shown("start", 16) == [
        ("s", "step"),
        ("?", "help"),
    ]  # a space, the key, a space, the word, a space
    assert shown("start", 15) == [("?", "help")]
    assert [text for _, text in shown("lens", 40)] == ["step", "close", "help"]
    assert [text for _, text in shown("page inside", 40)] == ["step", "read on", "help"]
    assert [text for _, text in shown("running", 59)] == ["stop", "pause", "faster"]
