"""`pageq config`: the path of the config file, a default file, and the errors in a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from explorer.commands.config import Settings, load_settings
from tests.explorer.cli.command_output import Run, refused


def test_config_prints_the_path_and_creates_nothing(config_file: Path, run: Run) -> None:
    assert run("config") == (0, f"{config_file}\n", "")
    assert not config_file.parent.exists()


def test_config_writes_a_file_of_defaults_and_only_once(config_file: Path, run: Run) -> None:
    assert run("config", "--write") == (0, f"{config_file}\n", "")
    assert load_settings() == Settings()
    written_first = config_file.read_text(encoding="utf-8")
    refused(run("config", "--write"), f"{config_file}: already exists")
    assert config_file.read_text(encoding="utf-8") == written_first


def test_check_reports_every_error(config_file: Path, run: Run) -> None:
    assert run("config", "--check") == (0, f"{config_file}: does not exist; pageq uses the defaults\n", "")
    config_file.parent.mkdir()
    config_file.write_text('theme = "light"\n')
    assert run("config", "--check") == (0, f"{config_file}: ok\n", "")
    config_file.write_text("theme = 1\nascii = 2\n[keys]\nx = 'y'\n")
    code, _, err = run("config", "--check")
    assert code == 2
    assert [line.split(": ")[0] for line in err.splitlines()] == [f"{config_file}:{n}" for n in (1, 2, 4)]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_home_gives_a_message(config_file: Path, run: Run) -> None:
    home = config_file.parent.parent
    home.chmod(0o500)
    try:
        assert load_settings() == Settings()
        refused(run("config", "--write"), "Permission denied")
    finally:
        home.chmod(0o700)


def test_a_home_that_cannot_hold_a_folder_gives_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    assert load_settings() == Settings()
    refused(run("config", "--write"), str(tmp_path / "file"))
