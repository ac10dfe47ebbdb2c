"""`pageq serve`: its arguments, and what is wrong with them; the server itself is in tests/explorer/serve."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

import pytest

from explorer.cli import serve as command
from explorer.cli.entry import main
from explorer.cli.serve import read_time
from explorer.serve import server
from explorer.serve.server import Settings
from tests.engine.scenario.course_folder import write_course

SECRET = "a-secret-of-the-tests"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of the servers that would start."""
    found: list[Settings] = []

    async def serve(settings: Settings, *_: object) -> int:
        found.append(settings)
        return 130

    monkeypatch.setattr(server, "serve", serve)
    return found


def test_without_arguments_it_is_for_this_computer_only(started: list[Settings]) -> None:
    assert main(["serve"]) == main(["serve"]) == 130
    first, second = started
    assert (first.host, first.port, first.public, first.sessions, first.idle) == (
        "127.0.0.1",
        8000,
        (),
        8,
        1800,
    )
    assert first.program[-2:] == ("--scenario", "life-of-a-page")
    assert len({first.secret, second.secret}) == 2


def test_every_argument_reaches_the_server(
    started: list[Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_course(tmp_path / "mine")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.chdir(tmp_path)
    words = "serve tour --course mine --port 0 --sessions 20 --idle 2h --host 10.0.0.5 --secret-file secret"
    proxies = ["--behind-proxy", "https://A.example/", "--behind-proxy", "https://b.example"]
    assert main([*words.split(), *proxies]) == 130
    (given,) = started
    assert given.program[-4:] == ("--scenario", "tour", "--course", str(tmp_path / "mine"))
    assert (given.host, given.port, given.sessions, given.idle) == ("10.0.0.5", 0, 20, 7200)
    assert (given.secret, given.public) == (SECRET, ("https://a.example", "https://b.example"))


def test_the_secret_of_the_environment_is_used(
    started: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(command.SECRET, SECRET)
    assert main(["serve"]) == 130
    assert started[0].secret == SECRET


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--host 0.0.0.0", "--host needs --behind-proxy ORIGIN"),
        ("--behind-proxy pageq.example.edu", "is not an origin"),
        ("--secret-file nosuch", "nosuch: there is no such file"),
        ("--secret-file .", ".: there is no such file"),
        ("--secret-file short", "short: a secret has 16 to 200 characters"),
        ("nosuch", "there is no scenario 'nosuch'"),
        ("--port 65536", "'65536' is not a port"),
        ("--sessions 0", "'0' is not a number of visits"),
        ("--sessions 1001", "from 1 to 1,000"),
        ("--idle 5s", "'5s' is not a time"),
        ("--course nosuch", "there is no folder 'nosuch'"),
    ],
)
def test_a_wrong_argument_is_one_message(
    words: str,
    message: str,
    started: list[Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "short").write_text("short")
    monkeypatch.chdir(tmp_path)
    assert main(["serve", *words.split()]) == 2
    assert message in capsys.readouterr().err
    assert started == []


def test_without_the_extra_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert main(["serve"]) == 2
    assert "pip install 'pageq[serve]'" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10), ("45s", 45), ("30m", 1800), ("24h", 86400)])
def test_a_time_is_read(text: str, seconds: int) -> None:
    assert read_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "m", "9s", "25h", "1.5h", "-5m", "٣m", "30 m", "1d", "9" * 5000 + "s"]
)
def test_another_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="from 10s to 24h"):
        read_time(text)


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"pageq: cannot listen on port {port} of 127.0.0.1: Address already in use; give ")
