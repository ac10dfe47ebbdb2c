"""Ctrl+C at any moment: exit code 130, no traceback."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from explorer.cli.interrupts import INTERRUPTED, ExitingAtOnce, Noticed, exit_at_once, raise_again
from tests.explorer.pseudo_terminal import terminal


@pytest.fixture(autouse=True)
def _same_after() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_command_that_runs_gets_the_exception_again() -> None:
    exit_at_once()
    raise_again()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_another_programs_handling_is_left_alone() -> None:
    seen: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: seen.append(number))
    raise_again()
    signal.raise_signal(signal.SIGINT)
    assert seen == [signal.SIGINT]


def test_the_process_ends_at_once_only_while_the_screen_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)
    before = signal.getsignal(signal.SIGINT)
    with ExitingAtOnce():
        signal.raise_signal(signal.SIGINT)
    assert codes == [INTERRUPTED] == [130]
    assert signal.getsignal(signal.SIGINT) is before


def test_the_first_ctrl_c_is_noticed_and_the_second_one_interrupts() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Noticed() as interrupt:
        assert not interrupt.came
        signal.raise_signal(signal.SIGINT)
        assert interrupt.came
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


STARTED = """\
import sys
from explorer.cli import interrupts, main
interrupts.exit_at_once()
print("python is up", flush=True)
sys.exit(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("words", [["tui"], ["run", "swap-full"]], ids=lambda words: words[0])
def test_ctrl_c_in_the_first_fifth_of_a_second_is_exit_130_without_a_traceback(words: list[str]) -> None:
    """Typed 25 times, at other moments after Python's own start, in which Python answers.

    A run of this length is not over by then: while Python ends, the signal's default action ends the process.
    """
    ends = set()
    for moment in range(25):
        with terminal(*words, program=STARTED) as shown:
            shown.wait_for("python is up")
            shown.read(moment * 0.008)
            shown.type(b"\x03")
            ends.add((shown.wait(), "Traceback" in shown.text))
    assert ends == {(INTERRUPTED, False)}
