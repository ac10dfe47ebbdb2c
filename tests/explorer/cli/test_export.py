"""`pageq export`: a moment on stdout or in a file, with the same facts as `run --json`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.cli.entry import main
from explorer.views.safe_text import safe
from tests.explorer.tui.picture_text import texts

ROOT = Path(__file__).resolve().parents[3]


def export(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run one export and return its exit code, stdout and stderr."""
    try:
        code = main(["export", *words])
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


# --- JSON ---------------------------------------------------------------------------------------------------


def test_the_facts_have_their_keys_and_agree_with_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = export(["life-of-a-page", "--at", "30", "--format", "json"], capsys)
    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert list(facts) == [
        "format", "scenario", "rules", "branch", "step", "total", "digest", "page", "threads", "queues",
        "vmstats", "log", "colors",
    ]  # fmt: skip
    assert (facts["format"], facts["scenario"], facts["rules"]) == (1, "life-of-a-page", "document")
    assert (facts["branch"], facts["step"]) == ("main", 30)
    main(["run", "life-of-a-page", "--json", "--steps", "30"])
    *steps, end = [json.loads(line) for line in capsys.readouterr().out.splitlines()[1:]]
    assert facts["digest"] == end["digest"]
    keys = ("step", "thread", "cpu", "function", "action", "changes")
    assert facts["log"] == [{key: step[key] for key in keys} for step in steps[-20:]]


def test_the_facts_include_the_page_the_threads_and_the_queues(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["life-of-a-page", "--at", "app:6", "--format", "json"]
    _, out, _ = export(words, capsys)
    facts: dict[str, Any] = json.loads(out)
    page = facts["page"]
    assert (page["number"], page["address"]) == (0xC03, 0xC03000)
    assert (page["valid"], page["busy_count"], page["object"]) == (0xFF, 0xC0000000, 0)
    app, pager = facts["threads"]
    assert (app["name"], app["state"], app["line"], app["waits"]) == ("app", "runs", 6, None)
    assert (pager["name"], pager["state"], pager["line"]) == ("pager", "sleeping", 2)
    assert pager["waits"].startswith("page 0xc03")
    assert list(facts["queues"]) == ["FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD"]
    full = json.loads(export([*words, "--full"], capsys)[1])
    assert list(full) == list(facts)
    for name, lengths in full["queues"].items():
        assert len(lengths) == full["colors"] == 1024
        assert facts["queues"][name] == {str(color): n for color, n in enumerate(lengths) if n}
    assert (facts["queues"]["FREE"]["0"], facts["queues"]["CACHE"]) == (2, {})
    assert facts["vmstats"]["v_free_min"] == 84


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_the_facts_of_every_scenario_have_each_thread(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = export(
        [name, "--at", "5" if name != "usage-pattern-wiring" else "1", "--format", "json"], capsys
    )
    assert code == 0
    names = [thread["name"] for thread in json.loads(out)["threads"]]
    assert names == [program.name for program in load(name).start().programs]


def test_a_picture_shows_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = export(
        ["life-of-a-page", "--at", "11", "--format", "svg", "--size", "80x24", "--machine", "64MiB:2x4x2"],
        capsys,
    )
    assert code == 0
    assert err.startswith(
        "warning: life-of-a-page: the file's [machine.thresholds] stay: v_free_reserved = 49"
    )
    assert out.startswith('<svg xml:space="preserve" ')
    assert "11/11 100% last" in texts(out)
    assert "pageq life-of-a-page" in texts(out)
    assert "press s" not in texts(out)


# --- the command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_file_has_the_same_content_as_stdout(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["empty-colour", "--at", "12", "--format", form]
    path = tmp_path / "moment"
    assert export([*words, "-o", str(path)], capsys) == (0, "", "")
    assert path.read_text(encoding="utf-8") == export(words, capsys)[1]


LIFE = "life-of-a-page"
BAD = [
    ("no format", [LIFE], "--format"),
    ("an unknown format", [LIFE, "--format", "gif"], "invalid choice: 'gif'"),
    ("the empty queues of text", [LIFE, "--format", "text", "--full"], "--full is only for --format json"),
    ("an invalid size", [LIFE, "--format", "text", "--size", "wide"], "use columns x lines"),
    ("a size too small", [LIFE, "--format", "svg", "--size", "10x5"], "out of range; use 20x8 to 500x300"),
    ("a size too large", [LIFE, "--format", "svg", "--size", "9999x24"], "range; use 20x8 to 500x300"),
    ("an unknown scenario", ["nowhere", "--format", "json"], "there is no scenario 'nowhere'"),
    (
        "a step that the run does not reach",
        [LIFE, "--format", "json", "--at", "9999"],
        "there is no step 9999",
    ),
    ("an unknown machine", [LIFE, "--format", "json", "--machine", "toaster"], "toaster"),
    ("a missing folder", [LIFE, "--format", "json", "-o", "/nowhere/x"], "/nowhere/x: No such"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_is_exit_2_with_a_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = export(words, capsys)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_an_error_in_a_scenario_is_reported_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('format = 1\ntitle = "x"\n[machine]\nmemory = "a lot"\n')
    code, _, err = export([str(path), "--format", "json"], capsys)
    assert code == 2
    assert err.startswith(f"{path}:4: ")


@pytest.mark.slow
def test_a_terminal_without_the_glyphs_gets_their_ascii_twins(capsys: pytest.CaptureFixture[str]) -> None:
    words = [sys.executable, "-m", "explorer.cli", "export", LIFE, "--format", "text"]
    done = subprocess.run(
        words, capture_output=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert done.stderr == b""
    assert done.stdout.decode("ascii") == export([LIFE, "--format", "text", "--ascii"], capsys)[1]
    assert b"|FREE   3,711   " in done.stdout


def test_a_picture_in_ascii_has_no_other_character(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = export([LIFE, "--format", "svg", "--size", "80x24", "--ascii"], capsys)
    assert (code, out.isascii()) == (0, True)
    assert "FREE" in texts(out)


HOSTILE = r"""format = 1
title = "\u001b]0;PWNED\u0007\u001b[31mred\u0001"
[machine]
memory = "1 MiB"
[[thread]]
name = "a"
script = "x = 1"
"""


@pytest.mark.parametrize("form", ["text", "svg", "json"])
def test_a_title_with_control_characters_is_harmless_in_every_format(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "bad.toml", tmp_path / "out"
    path.write_text(HOSTILE)
    assert export([str(path), "--format", form, "-o", str(out)], capsys) == (0, "", "")
    text = out.read_text(encoding="utf-8")
    assert safe(text) == text
    if form == "svg":
        ElementTree.fromstring(text)


# --- PNG ----------------------------------------------------------------------------------------------------


def test_a_png_picture_is_made_of_the_svg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("explorer.tui.png.to_png", str.encode)
    out = tmp_path / "moment.png"
    assert export([LIFE, "--format", "png", "-o", str(out)], capsys) == (0, "", "")
    assert out.read_bytes().startswith(b"<svg ")


def test_without_a_program_for_png_the_message_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = export([LIFE, "--format", "png", "-o", str(tmp_path / "moment.png")], capsys)
    assert (code, out) == (2, "")
    assert "needs CairoSVG (pip install cairosvg) or rsvg-convert" in err
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_gets_no_png_bytes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, err = export([LIFE, "--format", "png"], capsys)
    assert (code, out) == (2, "")
    assert "use -o FILE" in err


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["export", "life-of-a-page", "--format", "text", "-o", "out"], "out"),
        (["export", "life-of-a-page", "--format", "json", "-o", "out"], "out"),
        (["run", "life-of-a-page", "--steps", "3", "--state", "out"], "out"),
        (["config", "--write"], "pageq/config.toml"),
    ],
)
def test_a_full_disk_destroys_nothing_and_leaves_no_empty_file(
    words: list[str],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "out").write_text("old")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert main(words) == 2
    assert f"{name}: No space left on device" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["out"]
    assert main(words) == 0
    assert (tmp_path / name).read_text() not in ("", "old")
