"""Opening a session: a scenario by name, a moment by state string, and the same scenario again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.saved.state_string import decode
from engine.scenario.loader import load_text
from engine.scenario.settings import parse_setting
from explorer.session.command_line import open_place
from explorer.session.open import open_again, open_other, open_session
from explorer.session.saved_state import token
from explorer.session.session import Session
from explorer.tui.widgets.message import fits
from tests.engine.scenario.some_pages import PAGES, written
from tests.explorer.cli.small_scenarios import HELD

LIFE = "life-of-a-page"


def test_a_scenario_opens_at_step_0_and_shows_its_title() -> None:
    session = open_session(LIFE)
    assert session.history.step == session.history.total == 0
    assert session.note.text == "opened life-of-a-page: The life of a page; r reads on"
    assert session.note.kind == "hint"
    assert session.scenario is not None
    assert (session.name, session.title) == (LIFE, "The life of a page")
    assert session.lesson.startswith("A *page* is 4,096 bytes")


def test_a_title_that_does_not_fit_is_left_out() -> None:
    long = open_session("free-and-willneed")
    assert long.note.text == "opened free-and-willneed; r reads on"
    almost = open_session("severe-with-a-full-cache")
    assert "Severe shortage with a full cache; r reads on" in almost.note.text
    assert all(fits(one.note, 80) for one in (long, almost))


def test_a_state_string_opens_where_it_was_made(life: Session) -> None:
    life.history.extend(12)
    session = open_session(token(life, every_branch=False))
    assert session.note.text == "opened life-of-a-page at step 12"
    assert (session.history.step, session.vm.memory.digest()) == (12, life.vm.memory.digest())
    assert session.names == life.names
    scenario, history, names = open_place(decode(token(life, every_branch=False)))
    assert (scenario.name, history.step, names) == (LIFE, 12, life.names)


@pytest.mark.parametrize(("name", "message"), [("no-such", "no-such"), ("pq1-AAAA", "damaged|cannot|state")])
def test_an_unknown_scenario_is_refused(name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        open_session(name)


def test_a_session_keeps_its_settings_when_machine_or_rules_change() -> None:
    settings = tuple(map(parse_setting, ("machine.colors=16", "machine.memory=8 MiB")))
    session = open_session(LIFE, settings=settings)
    assert session.vm.config.hardware.name.startswith("8 MiB")
    ruled = open_again(session, rules="source")
    assert (ruled.vm.rules.name(), ruled.vm.colors) == ("source", 16)
    moved = open_again(ruled, machine="two-socket")
    assert (moved.vm.config.hardware.name, moved.vm.colors) == ("two-socket", 16)
    assert moved.vm.rules.name() == "source"
    assert open_session(token(moved, every_branch=False)).vm.memory.digest() == moved.vm.memory.digest()


@pytest.mark.slow
def test_rules_chosen_later_win_over_settings_and_the_file() -> None:
    settings = tuple(map(parse_setting, ("machine.find2_full=false", "machine.colors=16")))
    session = open_session("nice-and-waiting", settings=settings)
    assert session.vm.rules.name() == "document+find2_full=False,nice_rule=formula"
    ruled = open_again(session, rules="document+nice_rule=none")
    assert (ruled.vm.rules.name(), ruled.vm.colors) == ("document+nice_rule=none", 16)
    moved = open_again(ruled, machine="two-socket")
    assert (moved.vm.rules.name(), moved.vm.colors) == ("document+nice_rule=none", 16)


@pytest.mark.parametrize(("machine", "rules"), [("", None), (None, "")])
def test_an_empty_machine_or_rule_set_is_refused(
    life: Session, machine: str | None, rules: str | None
) -> None:
    with pytest.raises(BadInput, match=r"there is no (machine|rule set) ''"):
        open_again(life, machine=machine, rules=rules)


def test_a_machine_that_keeps_the_files_limits_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('format = 1\ntitle = "mine"\n[machine.thresholds]\nv_free_min = 69\n')
    session = open_session(str(path), machine="tiny")
    assert ": mine; the file's [machine.thresholds] stay: v_free_min = 69; set a limit" in session.note.text


def test_a_new_file_of_the_scenario_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('format = 1\ntitle = "mine"\n')
    session = open_session(LIFE, settings=(parse_setting("machine.colors=16"),))
    assert open_again(session, str(path)).vm.colors == 16


def test_a_run_known_only_by_a_state_string_opens_on_another_machine() -> None:
    text = 'format = 1\ntitle = "mine"\n[machine]\ncolors = 8\n'
    scenario = load_text(text, "mine.toml")
    opened = open_session(token(Session(scenario.start(), scenario), every_branch=False))
    moved = open_again(opened, machine="two-socket")
    assert (moved.title, moved.vm.config.hardware.name, moved.vm.colors) == ("mine", "two-socket", 8)


def test_a_session_keeps_its_seed_and_values_when_machine_or_rules_change(tmp_path: Path) -> None:
    session = open_session(written(tmp_path), seed=0, settings=(parse_setting("n=8"),))
    for again in (open_again(session, rules="source"), open_again(session, machine="8MiB:1x2x1")):
        assert again.scenario is not None
        assert (again.scenario.seed, dict(again.scenario.parameters)) == (0, {"n": 8, "colors": 32})


def test_the_seed_stays_for_the_next_scenario_but_not_the_settings(tmp_path: Path) -> None:
    first = open_session("tour", seed=0)
    other = open_other(first, written(tmp_path))
    assert other.scenario is not None
    assert (other.scenario.seed, dict(other.scenario.parameters)) == (0, {"n": 6, "colors": 32})
    last = open_other(open_session(written(tmp_path), settings=(parse_setting("n=8"),)), written(tmp_path))
    assert last.scenario is not None
    assert (last.scenario.seed, last.scenario.parameters["n"]) == (None, 4)


def test_a_moment_of_a_state_string_has_its_own_seed(tmp_path: Path) -> None:
    text = token(open_session(written(tmp_path), seed=0), every_branch=False)
    opened = open_other(open_session("tour", seed=5), text)
    assert opened.scenario is not None
    assert opened.scenario.seed == 0
    # Without its file, as on another computer, the text of the string is opened again.
    (tmp_path / "pages.toml").unlink()
    again = open_again(opened, rules="source")
    assert again.scenario is not None
    assert again.scenario.form.source == PAGES
    assert (again.scenario.seed, again.scenario.parameters["n"]) == (0, 6)


def test_the_screen_does_not_wait_for_a_pipe(tmp_path: Path, life: Session) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="pipe: this is a pipe, not a regular file; give a scenario file"):
        open_other(life, str(tmp_path / "pipe"))
    path = tmp_path / "s.toml"
    path.write_text(HELD)
    session = open_session(str(path))
    path.unlink()
    os.mkfifo(path)  # as after `pageq tui <(COMMAND)`, whose text has been read
    assert open_again(session, rules="source").vm.rules.assoc_rule == "source"


def test_a_run_without_a_scenario_cannot_be_opened_again(life: Session) -> None:
    life.scenario = None
    with pytest.raises(BadInput, match="has no scenario"):
        open_again(life, rules="source")
