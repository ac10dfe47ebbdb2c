"""Commands run in this process, and a scenario to run them on."""

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
    """Runs one command: `run("list", "--json")` gives its exit code, stdout and stderr."""

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
    """The file of the scenario HELD."""
    path = tmp_path / "held.toml"
    path.write_text(HELD)
    return str(path)


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the config file would be, in a home of the test's own; its folder is not there either."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "pageq" / "config.toml"
