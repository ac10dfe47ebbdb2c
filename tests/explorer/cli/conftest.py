"""Fixtures that run commands in this process, and a scenario for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.cli.entry import main
from tests.engine.inputs.recorded_traces import recorder, write
from tests.explorer.cli.command_output import Output, Run
from tests.explorer.cli.small_scenarios import HELD

__all__ = ["config_file", "held", "recorder", "run", "write"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command: `run("list", "--json")` gives exit code, stdout and stderr."""

    def command(*words: str) -> Output:
        try:
            code = main(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def held(tmp_path: Path) -> str:
    """Return the path of a file with the scenario HELD."""
    path = tmp_path / "held.toml"
    path.write_text(HELD)
    return str(path)


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of the config file in the test's own home; its folder does not exist yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "pageq" / "config.toml"
