"""Export: the suffix of the file gives the format, and no file is overwritten."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.saved.as_scenario import kernel_digest
from engine.scenario.loader import load
from explorer.session import branches, stepping
from explorer.session.open import open_session
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.tui.app import PageqApp
from explorer.tui.export import (
    TAIL,
    export_json,
    export_moment,
    export_svg,
    export_text,
    moment_facts,
    write_moment,
)
from explorer.tui.picture import picture
from tests.explorer.tui.picture_text import texts


def test_before_the_first_step_there_is_no_page_and_no_log(session: Session) -> None:
    facts = json.loads(export_json(session))
    assert (facts["step"], facts["page"], facts["log"]) == (0, None, [])


def test_the_facts_name_the_branch_and_what_it_did(session: Session) -> None:
    for step in (24, 20):
        for _ in stepping.go_to(session, step):
            pass
    session.history.fork(name="other")
    facts = json.loads(export_json(session))
    assert (facts["branch"], facts["step"], facts["total"]) == ("other", 20, 20)


def test_the_log_of_the_facts_ends_at_the_cursor_and_is_not_long(session: Session) -> None:
    for _ in stepping.go_to(session, 40):
        pass
    assert [step["step"] for step in moment_facts(session)["log"]] == list(range(41 - TAIL, 41))
    session.history.seek(3)
    assert [step["step"] for step in moment_facts(session)["log"]] == [1, 2, 3]


def test_missing_facts_are_null(session: Session) -> None:
    """At step 1, app holds the object: no page is known, and neither thread waits."""
    for _ in stepping.go_to(session, 1):
        pass
    facts = moment_facts(session)
    assert facts["page"] is None
    waits = {thread["name"]: thread["waits"] for thread in facts["threads"]}
    assert waits == {"app": None, "other": None}
    assert facts["log"][0]["changes"] == [["object[heap].hold_count", 0, 1]]


FILL = re.compile('<rect fill="([^"]+)"')


async def test_a_picture_of_the_running_program_is_its_screen(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app = pilot.app
        assert isinstance(app, PageqApp)
        assert export_moment(session, "svg", (80, 24), lambda *_: export_svg(app)) == export_svg(app)
        assert "press s to take the first step" in texts(export_svg(app))
        assert export_moment(session, "text", (80, 24), picture) == export_text(session, (80, 24))


async def test_e_writes_the_screen_to_a_new_file_each_time(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert session.scenario
    session.scenario = replace(session.scenario, name="mine")
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "e")
        assert session.note.text == f"wrote {tmp_path / 'mine-1.svg'}"
        await pilot.press("e")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine-1-2.svg", "mine-1.svg"]
    assert "t 1/1 100% last" in texts((tmp_path / "mine-1.svg").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("keys", [["e"], ["colon", *"export", "space", *"a", "full_stop", *"svg", "enter"]])
async def test_a_picture_does_not_show_the_command_that_writes_it(
    session: Session, keys: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "e", *keys, "s")
        await pilot.pause()
    assert len(list(tmp_path.iterdir())) == 2
    for path in tmp_path.iterdir():
        shown = texts(path.read_text(encoding="utf-8"))
        assert "t 1/1 100% last" in shown
        for word in ("export", "wrote", ":step", "a.svg"):
            assert word not in shown
    one, other = (Counter(FILL.findall(path.read_text(encoding="utf-8"))) for path in tmp_path.iterdir())
    assert one == other  # no cursor of the console


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "moment.gif",
            r"moment\.gif: unknown suffix; use \.svg or \.png for a picture, \.txt for text",
        ),
        ("there.txt", r"there\.txt already exists; use another name"),
        ("no/moment.json", r"no/moment\.json: cannot be written: No such file"),
        ("/", r"/: unknown suffix"),
    ],
)
def test_an_invalid_file_is_refused_and_not_written(
    session: Session, name: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "there.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        write_moment(session, str(tmp_path / name), (80, 24), picture)
    assert [path.name for path in tmp_path.iterdir()] == ["there.txt"]
    assert (tmp_path / "there.txt").read_text(encoding="utf-8") == "mine"


def test_a_run_with_a_typed_call_is_exported_as_a_scenario_of_the_same_steps(tmp_path: Path) -> None:
    session = open_session("life-of-a-page", None, None)
    for _ in stepping.go_to(session, 40):
        pass
    for _ in branches.call(session, "cpu 1 n = vm_page_alloc(NULL, 9, VM_ALLOC_NORMAL)"):
        pass
    path = write_moment(session, str(tmp_path / "mine.toml"), (80, 24), picture)
    history = load(str(path)).start()
    assert "console" in [program.name for program in history.programs]
    session.history.seek(session.history.total)
    while kernel_digest(history.vm) != kernel_digest(session.vm):
        assert history.forward()
    assert history.step >= 40


def test_a_run_without_a_scenario_cannot_be_exported_as_one(session: Session, tmp_path: Path) -> None:
    session.scenario = None
    with pytest.raises(BadInput, match="no scenario to export"):
        write_moment(session, str(tmp_path / "mine.toml"), (80, 24), picture)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".json", ".TXT", ".svg"])
def test_the_suffix_gives_the_format(session: Session, suffix: str, tmp_path: Path) -> None:
    path = write_moment(session, str(tmp_path / f"moment{suffix}"), (80, 24), picture)
    form = {".json": "json", ".TXT": "text", ".svg": "svg"}[suffix]
    session.say("")
    written = path.read_text(encoding="utf-8")
    if form == "json":
        assert json.loads(written)["step"] == session.history.step
    else:
        assert written.startswith("<svg" if form == "svg" else " t ")


@pytest.mark.parametrize("suffix", ["svg", "txt", "json", "toml"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("~nosuchuser/x", "is not the home folder of a user; write the whole path"),
        ("a\0b", "cannot be the name of a file; remove the NUL character"),
        ("\ud800", "cannot be the name of a file; remove its special characters"),
        ("x" * 300, "cannot be written: File name too long; nothing is left of it"),
    ],
)
def test_a_name_that_no_file_can_have_gives_a_message(
    life: Session, name: str, suffix: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = TextDesk(life).do_line(f"export {name}.{suffix}")
    assert message in said[-1]
    assert os.listdir(tmp_path) == []


def test_after_a_full_disk_the_same_export_succeeds(
    life: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(tmp_path)
    desk = TextDesk(life)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert desk.do_line("export a.txt") == [
            "Error: a.txt: cannot be written: No space left on device; nothing is left of it."
        ]
    assert os.listdir(tmp_path) == []
    assert desk.do_line("export a.txt")[0].startswith("wrote ")
