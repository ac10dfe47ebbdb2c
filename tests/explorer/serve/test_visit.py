"""A visitor's real process: the screen of a guest over pipes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.scenario.library import OWN
from explorer.serve.children import environment_of
from explorer.serve.visit import BAD
from tests.explorer.serve.fake_server import LONG, fake_server

VISIT = (sys.executable, "-P", "-m", "explorer.serve.visit")

pytestmark = pytest.mark.slow


@contextmanager
def visit(*words: str, program: tuple[str, ...] = VISIT) -> Iterator[subprocess.Popen[bytes]]:
    """A visit without a server."""
    environment = environment_of({}, "/")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*program, *words], stdin=pipe, stdout=pipe, stderr=pipe, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[bytes], kind: bytes, payload: bytes) -> None:
    """Send a packet."""
    assert process.stdin is not None
    process.stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
    process.stdin.flush()


def until(process: subprocess.Popen[bytes], text: bytes) -> None:
    """Read packets until one has this text."""
    assert process.stdout is not None
    end = time.monotonic() + LONG
    shown = b""
    while text not in shown:
        assert time.monotonic() < end, shown[-2000:]
        assert process.poll() is None, process.stderr.read() if process.stderr else b""
        shown += process.stdout.read1(1 << 16)  # type: ignore[attr-defined]


def test_a_visit_survives_odd_keys_and_ends_with_its_stdin() -> None:
    with visit("--scenario", "tour") as process:
        until(process, b"__GANGLION__\n")
        until(process, b"start")
        for keys in (
            b"\xff\xfe",
            b"\xc3",
            b"\x1b[<999999999999999999999;1M",
            b"\x1b[48;99999;99999;0;0t",
            b"\x1b[200~" + b"x" * 5000,
            b"\x1b[201~",
        ):
            send(process, b"D", keys)
        send(process, b"M", json.dumps({"type": "unknown"}).encode())
        send(process, b"D", b"\x1b:theme light\r")
        until(process, b"light")
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(LONG) == 0


def test_the_scenario_of_a_file_opens_again_by_its_name(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(OWN.find("tour").read_text().replace("A tour of the screen", "A title of my own"))
    with visit("--scenario", str(mine)) as process:
        until(process, b"A title of my own")
        for line, shown in (
            (b":open second-chance\r", b"Second chance"),
            (b":open mine\r", b"opened mine: A ti"),
        ):
            send(process, b"D", line)
            until(process, shown)


FAILING = """
import sys
from explorer.serve import visit
from explorer.tui.guest import GuestApp

def fail(*_: object) -> None:
    raise ZeroDivisionError("a fault of the test")

GuestApp.on_state_given = fail
sys.exit(visit.main())
"""


def test_an_application_that_fails_does_not_say_that_its_user_left() -> None:
    with visit(program=(sys.executable, "-P", "-c", FAILING)) as process:
        until(process, b"start")
        send(process, b"M", b'{"type": "open", "state": "pq1-"}')
        assert process.wait(LONG) == 1
        drawn, error = process.communicate()
    assert b'"exit"' not in drawn
    assert error.splitlines()[-1] == b"ZeroDivisionError: a fault of the test"


@pytest.mark.parametrize(
    "words", [("--scenario", "nosuch"), ("--course", "/nosuch"), ("--forks", "--scenario", "x")]
)
def test_wrong_input_is_one_message(words: tuple[str, ...]) -> None:
    with visit(*words) as process:
        said, error = process.communicate(timeout=LONG)
        assert (process.returncode, said, error.count(b"\n")) == (BAD, b"", 1)
        assert error.startswith(b"there is no ")


async def test_a_visit_of_a_server_opens_and_shares_a_moment(tmp_path: Path) -> None:
    process = (*VISIT, "--forks", "--scenario", "tour")
    async with fake_server(program=process, grace=LONG) as server:
        browser = await server.visit("ws?width=120&height=40")
        await browser.until("start")
        moment = tmp_path / "moment.txt"
        words = ["run", "life-of-a-page", "--steps", "12", "--quiet", "--state", str(moment)]
        subprocess.run([sys.executable, "-m", "explorer.cli", *words], check=True, capture_output=True)
        await browser.socket.send_json(["open", moment.read_text().strip()])
        await browser.until("12/")
        await browser.type(":state\r")
        await browser.until('["state", "pq1-')
        assert moment.read_text().strip() in browser.said
        await browser.type("e")
        await browser.until('["deliver_file_start", ')
        key = json.loads(browser.said[browser.said.index('["deliver') :].partition("]")[0] + "]")[1]
        async with server.client.get(f"{server.url}download/{key}") as answer:
            assert answer.headers["Content-Disposition"] == 'attachment; filename="life-of-a-page-12.svg"'
            assert (await answer.read()).startswith(b"<svg")
        await browser.socket.close()
        await server.until_processes(0)
        assert server.reported == []
