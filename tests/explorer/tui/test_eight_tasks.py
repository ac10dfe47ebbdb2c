"""Questions that a user has, each answered on the screen with at most twelve keys from its opening.

The README's table of them is typed as it is written, on the screen as `pageq tui NAME` opens it.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Final

import pytest

from explorer.cli.tui import add_arguments, app_for
from explorer.tui.app import PageqApp
from tests.explorer.screen_at_rest import presses

README: Final = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")

FEW: Final = 12
"""The most keys that a question may take."""

SIZES: Final = ((120, 40), (80, 24))

NAMES: Final = {
    ":": "colon", " ": "space", "⇥": "tab", "⏎": "enter", ">": "greater_than_sign", "!": "exclamation_mark",
}  # fmt: skip

TASKS: Final = {
    "Why can this page not be freed?": (
        "wired-but-still-queued", "nnn", ("freed: no - wired since step 4",)
    ),
    "Why does a freed page not become free?": (
        "held-while-freed", "!:g⇥max HO⇥⏎", ("freed: yes, to HOLD - held since",)
    ),
    "Which processor's page came from the other node, and why?": (
        "home-is-used-up", "!:v mac⇥⏎", ("node 0 ━━→ cpu 2 of node 1", "remote: widened")
    ),
    "Which thread has what the sleeper waits for?": (
        "lock-order-reversal", "!", ("DEADLOCK", "waits for", "held by")
    ),
    "When was free memory lowest?": (
        "thrash", "!:g⇥min fr⇥⏎", ("free is 2 after step 994, its smallest value",)
    ),
    "Which pages are wired?": (
        "counting-on-each-processor", "!:pages w⇥⏎", ("65 wired", "0x49", "heap[9]")
    ),
    "What did the pageout daemon do to a dirty page?": (
        "clean-is-cheap", "!vvv", ("INACTIVE", "pager")
    ),
    "What does `show pageq` print at this moment?": (
        "debugger-view", "VV", ("v_free_count: 927", "PQ_FREE: 0 0 0")
    ),
    "How do two orders of the same calls end?": (
        "lost-wakeup", "!gs>scd", ("BLOCKED", "branch 1")
    ),
}  # fmt: skip
"""Question -> scenario, keys (⇥ Tab, ⏎ Enter), and what the screen then shows."""


def app_of(name: str) -> PageqApp:
    """The screen as `pageq tui NAME` opens it, with its pages and questions."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    app, problems = app_for(parser.parse_args([name]))
    assert not problems
    assert app.session.learning.on
    app.animation_level = "none"
    return app


async def shown_after(name: str, keys: str, size: tuple[int, int]) -> str:
    async with app_of(name).run_test(size=size) as pilot:
        return await presses(pilot, *(NAMES.get(key, key) for key in keys))


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("task", TASKS)
async def test_a_question_is_answered_with_few_keys(task: str, size: tuple[int, int]) -> None:
    name, keys, answers = TASKS[task]
    assert len(keys) <= FEW
    shown = await shown_after(name, keys, size)
    for answer in answers:
        assert answer in shown, shown


def typed(words: list[str]) -> str:
    """The keys of words in the README: a console line ends with Enter."""
    return "".join(f"{word}⏎" if word.startswith(":") else word for word in words)


def table() -> dict[str, tuple[str, str]]:
    """Question -> scenario, "" for any, and keys."""
    section = README.partition("| question | in the scenario | keys |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()[2:]]
    return {ask: (name.strip("`"), typed(re.findall("`([^`]+)`", keys))) for ask, name, keys in rows}


BEFORE: Final = {"Which pages are wired?": "!"}
"""What is typed first, where the README's keys answer at any step."""


def test_the_readme_asks_these_questions() -> None:
    assert TASKS.keys() - table().keys() == {"Why does a freed page not become free?"}
    assert table().keys() <= TASKS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("ask", table())
async def test_the_keys_of_the_readme_answer_the_question(ask: str) -> None:
    (name, keys), (there, _, answers) = table()[ask], TASKS[ask]
    shown = await shown_after(there if name == "any" else name, BEFORE.get(ask, "") + keys, SIZES[0])
    for answer in answers:
        assert answer in shown, shown


@pytest.mark.slow
async def test_the_example_of_the_readme_finds_out_why() -> None:
    text = README.partition("**Find out why.** ")[2].partition("\n\n")[0].replace("\n", " ")
    name, *words = re.findall("`([^`]+)`", text)
    keys = typed([word for word in words if word.startswith(":") or word in ("!", "W")])
    shown = await shown_after(name.removeprefix("pageq tui "), keys, SIZES[0])
    step = re.search(r"at step (\d+)", text)
    assert step is not None
    for part in ("freed: yes, to HOLD", "= HOLD[0]?", f"step {step[1]} peeker: hold_count 0 → 1"):
        assert part in shown, shown
