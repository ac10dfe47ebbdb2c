"""`pageq tui`: what the screen opens, and what is refused before it opens."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from textual.drivers.web_driver import WebDriver

from engine.debug.stops import OnEntry, OnWrite
from engine.errors import BadInput
from engine.run.schedule import parse_schedule
from engine.saved.state_string import encode, token_of
from engine.scenario.library import OWN, open_course
from engine.scenario.loader import load as load_scenario
from engine.script.injected_call import compile_call
from explorer.cli.tui import choose
from explorer.commands.config import Settings
from explorer.session.saved_file import save, session_path
from explorer.session.saved_state import SessionState, restore, state_of
from explorer.session.session import Session
from explorer.tui.app import PageqApp, make_app
from explorer.tui.guest import GuestApp
from tests.engine.scenario.course_folder import COURSE, write_course
from tests.explorer.cli.command_output import Run, refused


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save sessions in the test's own folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def saved_session(name: str) -> tuple[SessionState, str]:
    """Save a session with a call and two branches; return it and the digest at its cursor."""
    scenario = load_scenario("life-of-a-page")
    history = scenario.start()
    history.extend(40)
    program, _ = compile_call("n = vm_page_alloc(NULL, 9, VM_ALLOC_NORMAL)", scenario.names, cpu=1)
    history.inject(program, "a call")
    history.extend(30)
    history.switch(0)
    history.seek(20)
    history.fork(parse_schedule("random:3"), "at random")
    history.extend(25)
    history.switch(1)
    history.seek(60)
    state = SessionState(
        token=encode(token_of(scenario, history, every_branch=True)),
        marks=((5, ""), (50, "a")),
        stops=("break vm_page_free_toq", "watch thread[console].var.n"),
        pinned=history.vm.page_number(7),
        chosen="pager",
        branches=tuple(branch.name for branch in history.branches),
        answers=((1, 60, "Who wakes?", True), (1, 61, "Does it block?", False)),
    )
    save(state, session_path(name))
    return state, history.vm.memory.digest()


def asked(**words: Any) -> argparse.Namespace:
    return argparse.Namespace(
        **(
            {
                "scenario": None,
                "machine": None,
                "rules": None,
                "seed": None,
                "at": None,
                "token": None,
                "session": None,
                "course": OWN,
                "sets": [],
                "history": None,
                "trace": None,
                "frames": None,
            }
            | words
        )
    )


def test_a_session_opens_where_the_user_left_it() -> None:
    wanted, digest = saved_session("mine")
    (scenario, history, names), state = choose(asked(session="mine"))
    assert state == wanted
    assert scenario.name == "life-of-a-page"
    assert (history.step, history.current, history.vm.memory.digest()) == (60, 1, digest)
    assert [branch.name for branch in history.branches] == ["main", "a call", "at random"]
    assert [branch.timeline.journal.steps for branch in history.branches] == [40, 71, 45]
    session = Session(history, scenario, names)
    restore(session, state)
    assert [type(stop.kind) for stop in session.stops] == [OnEntry, OnWrite]
    assert state_of(session) == wanted
    assert set(session.marks) == {5, 50}
    assert (session.chosen, session.pinned) == (1, 7)
    assert (session.score.short, session.score.answers[1, 60, "Who wakes?"]) == ("1/2", True)


def test_the_screen_opens_a_session() -> None:
    saved_session("mine")
    (scenario, history, _), _ = choose(asked(session="mine"))
    assert make_app(scenario, history, at=history.step).session.history.step == 60


def test_a_state_string_opens_on_the_screen_too(tmp_path: Path) -> None:
    scenario = load_scenario("life-of-a-page")
    history = scenario.start()
    history.extend(12)
    (_, opened, _), state = choose(asked(token=encode(token_of(scenario, history))))
    assert (opened.step, state) == (12, None)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("two at once", {"scenario": "life-of-a-page", "session": "mine"}, "exclude each other"),
    ("a session on another machine", {"session": "mine", "machine": "tiny"}, "remove --machine"),
    ("an unknown session", {"session": "yours"}, "no session yours; the saved sessions are: mine"),
    ("a session without a valid name", {"session": "../mine"}, "is not a session name"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_invalid_input_is_refused(words: dict[str, Any], message: str) -> None:
    saved_session("mine")
    with pytest.raises(BadInput, match=message):
        choose(asked(**words))


def test_a_damaged_session_is_reported_with_file_and_line() -> None:
    saved_session("mine")
    path = session_path("mine")
    path.write_text(path.read_text()[:100])
    with pytest.raises(BadInput, match=r"mine\.json:\d+: this is not JSON"):
        choose(asked(session="mine"))


WORDS = ["--ascii", "--theme", "light", "--no-mouse"]


@pytest.mark.parametrize("words", [WORDS, ["tui", *WORDS]])
def test_options_of_the_screen_override_the_config_file(
    config_file: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], run: Run
) -> None:
    config_file.parent.mkdir()
    config_file.write_text('theme = "monochrome"\nprojector = true\nmotion = 5\n')
    shown: list[Settings] = []

    for stream in (sys.stdin, sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(PageqApp, "run", lambda app, mouse: shown.append(replace(app.settings, mouse=mouse)))
    code, _, err = run(*words)
    assert code == 0
    (settings,) = shown
    assert (settings.theme, settings.ascii, settings.projector) == ("light", True, True)
    assert (settings.motion, settings.mouse) == ("full", False)
    assert err.startswith(f"{config_file}:3: motion = 5 is not valid")


def test_without_a_terminal_the_message_names_a_headless_command(run: Run) -> None:
    refused(run("tui"), "the screen needs a terminal; without one, use `pageq run life-of-a-page`")
    words = "the screen needs a terminal; without one, use `pageq run --trace FILE --frames 8`"
    refused(run("tui", "--trace", "-", "--frames", "8"), words)


def test_in_a_browser_the_screen_is_that_of_a_guest(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[GuestApp] = []
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    monkeypatch.setattr(GuestApp, "run", partialmethod(lambda app, seen: seen.append(app), shown))
    assert run("tui", "second", "--course", str(write_course(tmp_path)))[0] == 0
    (app,) = shown
    assert (app.session.name, app.session.guest, app.driver_class) == ("second", True, WebDriver)
    for option in (["--machine", "host"], ["--session", "x"], ["--open", "/etc/passwd"], ["--set", "a=1"]):
        refused(run("tui", *option), "in a browser, pageq tui takes SCENARIO and --course only")
    refused(run("tui", "/etc/passwd"), "there is no scenario '/etc/passwd' here")
    refused(run("tui", "--trace", "/etc/passwd"), "takes SCENARIO and --course only")


def test_a_session_of_a_course_opens_in_that_course(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "mine")
    scenario = load_scenario("first", library=open_course(folder))
    session = Session(scenario.start(), scenario)
    assert state_of(session).course == str(folder.resolve())
    save(state_of(session), session_path("mine"))
    (opened, _, _), _ = choose(asked(session="mine"))
    assert (opened.name, opened.library.course.title) == ("first", "A short course")
    other = open_course(write_course(tmp_path / "other", COURSE.replace("short", "long")))
    (opened, _, _), _ = choose(asked(session="mine", course=other))
    assert opened.library.course.title == "A long course"


def test_a_session_whose_course_has_gone_opens_with_a_message(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "mine")
    scenario = load_scenario("first", library=open_course(folder))
    save(state_of(Session(scenario.start(), scenario)), session_path("mine"))
    (folder / "course.toml").unlink()
    (opened, history, names), state = choose(asked(session="mine"))
    assert (opened.name, opened.title, opened.library) == ("first.toml", "The scenario first", OWN)
    session = Session(history, opened, names)
    assert state is not None
    restore(session, state)
    assert session.note.kind == "error"
    assert session.note.text.startswith(f"the course {folder.resolve()} does not open any more; ")
