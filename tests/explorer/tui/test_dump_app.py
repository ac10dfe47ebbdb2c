"""`show`: the program around the screen of a dump, with the user's settings and exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from explorer.commands.config import config_path
from explorer.tui import dump_app
from explorer.tui.dump_app import DumpApp, show
from tests.explorer.dumps_by_hand import three_moments


def test_show_runs_with_the_users_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config_path().parent.mkdir()
    config_path().write_text('theme = "light"\nmouse = false\nascii = 3\n[keys]\nstep = "f2"\n')
    seen = []

    def run(app: DumpApp, *, mouse: bool) -> None:
        seen.append((app.settings.theme, mouse, dict(app.settings.keys.changed), len(app.moments)))

    monkeypatch.setattr(DumpApp, "run", run)
    assert show(three_moments()) == 0
    assert seen == [("light", False, {"step": ("f2",)}, 3)]
    assert "config.toml:3: ascii = 3 is not valid" in capsys.readouterr().err


@pytest.mark.slow
def test_the_screen_starts_without_the_session_and_the_table_of_commands() -> None:
    heavy = ("explorer.commands.table", "explorer.session.session", "engine.run.history")
    code = f"import sys, {dump_app.__name__}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
