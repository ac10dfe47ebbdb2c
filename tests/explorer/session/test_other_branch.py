"""What a user has selected in one branch, a thread of a call above all, must not break another branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load
from explorer.commands.table import COMMANDS
from explorer.lenses.kit.registry import LENSES
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.tui.screen_text import screen_lines

SCENARIO = load("life-of-a-page")

CONSOLE = 2
"""The number of the thread that the first call starts, in life-of-a-page."""

ARGUMENTS = {
    "step": ["", "3"], "back": ["", "3"], "goto": ["0", "end", "5"], "page": ["heap 0", "p.flags"],
    "whynot": ["", "alloc 0xc03", "cache console.x"],
    "thread": ["app", "console", ""], "color": ["3"], "mark": ["b"], "mark-goto": ["a"], "view": ["why"],
    "why": ["", "thread[console].var.x", "page[0xc03].queue"], "break": ["app:3", "console:1"],
    "watch": ["thread[console].var.x", "queue[FREE,0].lcnt"],
    "until": ["count(ACTIVE) == 1", "console.x == NULL"],
    "back-until": ["count(ACTIVE) == 1"], "delete": ["1", "all"], "enable": ["1"], "disable": ["1"],
    "fork": ["", "again"], "branch": ["", "0", "1", "2"],
    "rename": ["other"], "reschedule": ["rr", "console"],
    "call": ["vm_page_lookup(heap, 0)", "y = x"], "compare": ["", "0", "1", "0:0 1:end"], "drop": ["1", "2"],
    "export": ["out.svg", "out.txt", "out.json", "out.toml"], "save": ["mine"], "explain": ["queue"],
    "open": ["tour"], "machine": ["small"], "rules": ["source"],
}  # fmt: skip
"""For commands that take an argument, those to try; the others get none."""

SKIPPED = {"quit", "console", "help", "lesson", "theme", "ascii", "projector"}

WAYS: dict[str, Callable[[TextDesk], None]] = {
    "stays": lambda _: None,
    "branch 0": lambda desk: said(desk, "branch 0"),
    "a branch with another call": lambda desk: said(desk, "branch 0", "call vm_page_lookup(stack, 1)"),
    "undo": lambda desk: said(desk, *["undo"] * 4),
    "undo and redo": lambda desk: said(desk, *["undo"] * 5, *["redo"] * 3),
    "a fork before the call": lambda desk: said(desk, "goto 3", "fork early"),
    "before the call": lambda desk: said(desk, "goto 3"),
    "drop": lambda desk: said(desk, "drop 1"),
    "compare": lambda desk: said(desk, "compare 0 1"),
}

QUICK = {"branch 0", "before the call"}
"""The ways that every run of the tests takes with every command."""


def said(desk: TextDesk, *lines: str) -> None:
    for line in lines:
        desk.do_line(line)


def selected() -> TextDesk:
    """At step 8 of a branch with a call's thread, which is chosen, pointed at, watched and asked about."""
    desk = TextDesk(Session(SCENARIO.start(), SCENARIO))
    said(desk, "step 6", "mark a", "call x = vm_page_lookup(heap, 0)", "thread console")
    session = desk.session
    assert session.history.programs[CONSOLE].name == "console"
    session.line = (CONSOLE, 1)
    said(desk, "break console:1", "watch thread[console].var.x", "why thread[console].var.x", "pages")
    assert (session.chosen, len(session.stops)) == (CONSOLE, 2)
    return desk


def lines() -> Iterator[str]:
    for name in COMMANDS:
        if name not in SKIPPED:
            yield from (f"{name} {argument}".strip() for argument in ARGUMENTS.get(name, [""]))


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", f"{tmp_path}/data")


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=() if way in QUICK else pytest.mark.slow) for way in WAYS]
)
def test_every_command_works_in_another_branch(way: str) -> None:
    failed = []
    # Each command is tried in half of the ways.
    for line in list(lines())[list(WAYS).index(way) % 2 :: 2]:
        desk = selected()
        WAYS[way](desk)
        try:
            said(desk, line, "step", "threads", "source", "continue")
        except Exception as error:  # every one is reported, not only the first
            failed.append(f"{line}: {type(error).__name__} {error}")
    assert failed == []


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_every_lens_is_drawn_in_another_branch(way: str) -> None:
    desk = selected()
    WAYS[way](desk)
    for lens in LENSES:
        desk.session.lens = lens
        assert screen_lines(desk.session, 160, 50)


def test_a_chosen_thread_that_the_branch_does_not_have_leaves_the_choice_to_the_schedule() -> None:
    desk = selected()
    session = desk.session
    said(desk, "branch 0")
    assert (session.chosen, session.line) == (None, None)
    wanted = session.history.next_choice()
    said(desk, "step")
    assert session.history.journal.thread(session.history.step) == wanted
    said(desk, "branch 1", "last")
    assert (session.chosen, session.line) == (CONSOLE, (CONSOLE, 1))


def test_a_thread_of_another_call_with_the_same_number_is_not_the_chosen_one() -> None:
    desk = selected()
    said(desk, "branch 0", "call vm_page_lookup(heap, 1)")
    assert desk.session.history.programs[CONSOLE].name == "console"
    assert desk.session.chosen is None
    said(desk, "thread console", "branch 1", "last")
    assert desk.session.chosen is None


def test_a_thread_that_has_not_started_at_the_cursor_cannot_be_chosen() -> None:
    session = selected().session
    session.history.seek(3)
    with pytest.raises(BadInput, match="there is no thread 'console'; there are app, pager"):
        session.thread_named("console")
    session.turn_thread(1)
    session.turn_thread(1)
    assert session.chosen in (0, 1)
