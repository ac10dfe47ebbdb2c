"""A moment to keep: its text is the screen's own, its JSON agrees with `run --json`, its picture shows it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from textual.pilot import Pilot

from engine.errors import BadInput
from engine.saved.as_scenario import kernel_digest
from engine.scenario.library import library_names
from engine.scenario.loader import load
from explorer.cli.entry import main
from explorer.commands.table import parse
from explorer.session import branches, running, stepping
from explorer.session.open import open_session
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.export import export_json, export_moment, export_svg, export_text, write_moment
from explorer.tui.picture import picture
from explorer.tui.screen_text import BELOW
from explorer.tui.screens.main import MainScreen
from explorer.tui.screenshots import PICTURES, take

ROOT = Path(__file__).resolve().parents[3]
MakeSession = Callable[..., Session]


def export(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of one export."""
    try:
        code = main(["export", *words])
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


# --- text ---------------------------------------------------------------------------------------------------

SIZES = [
    (40, 15), (20, 8), (74, 60), (75, 20), (80, 24), (81, 25), (115, 37), (116, 27), (116, 28), (120, 40),
    (133, 38), (150, 56), (197, 60), (198, 20), (198, 28), (199, 38), (200, 55), (200, 60), (241, 75),
    (120, 15),
]  # fmt: skip


async def shown(pilot: Pilot[None]) -> list[str]:
    """The lines of the screen above its console."""
    await pilot.pause()
    strips = pilot.app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
    return lines[:-BELOW]


async def compared(session: Session, size: tuple[int, int]) -> tuple[list[str], list[str]]:
    """What the screen shows, and what the text says."""
    async with PageqApp(session).run_test(size=size) as pilot:
        await pilot.pause()
        on_screen = await shown(pilot)
        return on_screen, export_text(session, size).splitlines()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_text_is_what_the_screen_of_that_size_shows(
    make_session: MakeSession, size: tuple[int, int]
) -> None:
    session = make_session(spec="64MiB:2x4x2")
    for _ in stepping.go_to(session, 40):
        pass
    on_screen, text = await compared(session, size)
    assert text == on_screen


async def test_the_text_of_a_machine_of_few_colours_is_the_screens(make_session: MakeSession) -> None:
    session = make_session(colors=16)
    for size in ((120, 40), (200, 60), (80, 24)):
        on_screen, text = await compared(session, size)
        assert text == on_screen


async def test_the_text_of_a_panic_has_its_banner(panic_session: Session) -> None:
    for _ in running.run(panic_session):
        pass
    on_screen, text = await compared(panic_session, (120, 40))
    assert text == on_screen
    assert any(line.startswith(" PANIC in vm_page_wakeup(), page 0xc03") for line in text)


LOOKS = ("20", "mark a", "break app:4", "page 0x802", "next-field", "color 9", "fork", "step", "compare 0")


async def test_the_text_shows_what_is_pinned_marked_broken_and_looked_through(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        for line in LOOKS:
            screen.do(*parse(line))
            await pilot.pause()
        on_screen = await shown(pilot)
        text = export_text(session, (120, 40)).splitlines()
    assert text == on_screen
    assert any("two moments" in line for line in text)


# --- JSON ---------------------------------------------------------------------------------------------------


def test_the_facts_have_their_keys_and_agree_with_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = export(["life-of-a-page", "--at", "30", "--format", "json"], capsys)
    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert list(facts) == [
        "format", "scenario", "rules", "branch", "step", "total", "digest", "page", "threads", "queues",
        "vmstats", "log",
    ]  # fmt: skip
    assert (facts["format"], facts["scenario"], facts["rules"]) == (1, "life-of-a-page", "document")
    assert (facts["branch"], facts["step"]) == ("main", 30)
    main(["run", "life-of-a-page", "--json", "--steps", "30"])
    *steps, end = [json.loads(line) for line in capsys.readouterr().out.splitlines()[1:]]
    assert facts["digest"] == end["digest"]
    keys = ("step", "thread", "cpu", "function", "action", "changes")
    assert facts["log"] == [{key: step[key] for key in keys} for step in steps[-20:]]


def test_the_facts_say_how_the_page_the_threads_and_the_queues_stand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = export(["life-of-a-page", "--at", "app:6", "--format", "json"], capsys)
    facts: dict[str, Any] = json.loads(out)
    page = facts["page"]
    assert (page["number"], page["address"]) == (0xC03, 0xC03000)
    assert (page["valid"], page["busy_count"], page["object"]) == (0xFF, 0xC0000000, 0)
    app, pager = facts["threads"]
    assert (app["name"], app["state"], app["line"], app["waits"]) == ("app", "runs", 6, None)
    assert (pager["name"], pager["state"], pager["line"]) == ("pager", "sleeping", 2)
    assert pager["waits"].startswith("page 0xc03")
    assert list(facts["queues"]) == ["FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD"]
    assert all(len(lengths) == 1024 for lengths in facts["queues"].values())
    assert facts["queues"]["FREE"][0] == 2
    assert facts["vmstats"]["v_free_min"] == 84


@pytest.mark.parametrize("name", library_names())
def test_the_facts_of_every_scenario_have_each_thread(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = export(
        [name, "--at", "5" if name != "usage-pattern-wiring" else "1", "--format", "json"], capsys
    )
    assert code == 0
    names = [thread["name"] for thread in json.loads(out)["threads"]]
    assert names == [program.name for program in load(name).start().programs]


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


# --- pictures -----------------------------------------------------------------------------------------------


def texts(svg: str) -> str:
    """All text of a picture."""
    return "".join(ElementTree.fromstring(svg).itertext())


def test_a_picture_shows_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = export(
        ["life-of-a-page", "--at", "11", "--format", "svg", "--size", "80x24", "--machine", "64MiB:2x4x2"],
        capsys,
    )
    assert (code, err) == (0, "")
    assert out.startswith('<svg xml:space="preserve" ')
    assert "11/11 100% newest" in texts(out)
    assert "pageq life-of-a-page" in texts(out)
    assert "press s" not in texts(out)


async def test_a_picture_of_the_running_program_is_its_screen(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app = pilot.app
        assert isinstance(app, PageqApp)
        assert export_moment(session, "svg", (80, 24), lambda *_: export_svg(app)) == export_svg(app)
        assert "press s to take the first step" in texts(export_svg(app))
        assert export_moment(session, "text", (80, 24), picture) == export_text(session, (80, 24))


def test_the_pictures_of_the_documentation_are_made_by_the_same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.tui.screenshots.export_svg", lambda app: f"made of {app.session.name}")
    assert asyncio.run(take(PICTURES[4])) == "made of life-of-a-page"


# --- the key ------------------------------------------------------------------------------------------------


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
    assert "t 1/1 100% newest" in texts((tmp_path / "mine-1.svg").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "moment.png",
            r"moment\.png: a name ends in \.svg for a picture, \.txt for text, \.json for facts, \.toml",
        ),
        ("there.txt", r"there\.txt is there already and stays as it is; give another name"),
        ("no/moment.json", r"no/moment\.json: it cannot be written: No such file"),
    ],
)
def test_a_file_that_cannot_be_is_refused_and_nothing_is_written(
    session: Session, name: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "there.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        write_moment(session, str(tmp_path / name), (80, 24), picture)
    assert [path.name for path in tmp_path.iterdir()] == ["there.txt"]
    assert (tmp_path / "there.txt").read_text(encoding="utf-8") == "mine"


def test_a_run_with_a_call_of_ones_own_is_written_as_a_scenario_of_the_same_steps(tmp_path: Path) -> None:
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


def test_a_run_of_no_scenario_cannot_be_written_as_one(session: Session, tmp_path: Path) -> None:
    session.scenario = None
    with pytest.raises(BadInput, match="made from no scenario"):
        write_moment(session, str(tmp_path / "mine.toml"), (80, 24), picture)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".json", ".TXT", ".svg"])
def test_the_suffix_says_the_format(session: Session, suffix: str, tmp_path: Path) -> None:
    path = write_moment(session, str(tmp_path / f"moment{suffix}"), (80, 24), picture)
    form = {".json": "json", ".TXT": "text", ".svg": "svg"}[suffix]
    session.say("")
    written = path.read_text(encoding="utf-8")
    if form == "json":
        assert json.loads(written)["step"] == session.history.step
    else:
        assert written.startswith("<svg" if form == "svg" else " t ")


# --- the command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_file_holds_what_stdout_would_have_had(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["empty-colour", "--at", "12", "--format", form]
    path = tmp_path / "moment"
    assert export([*words, "-o", str(path)], capsys) == (0, "", "")
    assert path.read_text(encoding="utf-8") == export(words, capsys)[1]


LIFE = "life-of-a-page"
BAD = [
    ("no format", [LIFE], "--format"),
    ("a format that is none", [LIFE, "--format", "png"], "invalid choice: 'png'"),
    ("a size that is none", [LIFE, "--format", "text", "--size", "wide"], "write columns x lines"),
    ("a size too small", [LIFE, "--format", "svg", "--size", "10x5"], "a screen has 20x8 to 500x300"),
    ("a size too large", [LIFE, "--format", "svg", "--size", "9999x24"], "a screen has 20x8 to 500x300"),
    ("a scenario that is not there", ["nowhere", "--format", "json"], "there is no scenario 'nowhere'"),
    ("a step that never comes", [LIFE, "--format", "json", "--at", "9999"], "there is no step 9999"),
    ("a machine that is none", [LIFE, "--format", "json", "--machine", "toaster"], "toaster"),
    ("a folder that is not there", [LIFE, "--format", "json", "-o", "/nowhere/x"], "/nowhere/x: No such"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_is_exit_2_with_a_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = export(words, capsys)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_scenario_with_a_mistake_is_named_by_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('format = 1\ntitle = "x"\n[machine]\nmemory = "a lot"\n')
    code, _, err = export([str(path), "--format", "json"], capsys)
    assert code == 2
    assert err.startswith(f"{path}:4: ")


def test_the_facts_need_no_screen() -> None:
    code = (
        "import sys\nfrom explorer.cli.entry import main\n"
        "assert main(['export', 'life-of-a-page', '--at', '30', '--format', 'json']) == 0\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'textual', 'rich', 'networkx'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_terminal_without_the_glyphs_gets_question_marks_and_no_traceback() -> None:
    words = [sys.executable, "-m", "explorer.cli", "export", LIFE, "--format", "text"]
    done = subprocess.run(
        words, capture_output=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert done.stderr == b""
    assert b"?FREE     ????" in done.stdout
