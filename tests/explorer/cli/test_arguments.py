"""The arguments that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.library import OWN
from explorer.cli.arguments import add_course, add_own_run, add_settings, count_of
from tests.engine.scenario.course_folder import write_course

COUNTS = [
    ("\u0664", 0, None),
    ("0", 0, 0),
    ("200", 0, 200),
    ("999", 0, 999),
    ("1000", 0, None),
    ("0200", 0, None),
    ("1", 1, 1),
    ("0", 1, None),
    ("-1", 0, None),
    ("1.0", 0, None),
    ("0x10", 0, None),
    ("", 0, None),
    ("\u00b2", 0, None),
]


@pytest.mark.parametrize(
    ("text", "least", "number"), COUNTS, ids=[f"{row[0]!r} from {row[1]}" for row in COUNTS]
)
def test_a_number_has_a_minimum_and_a_maximum(text: str, least: int, number: int | None) -> None:
    read = count_of("steps", 200, most=999, least=least)
    if number is not None:
        assert read(text) == number
        return
    with pytest.raises(argparse.ArgumentTypeError) as error:
        read(text)
    assert str(error.value) == f"{text!r} is not a number of steps; use one like 200, from {least} to 999"


def test_a_long_word_is_cut_in_the_message() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"^'{'x' * 40}' is not"):
        count_of("steps", 200, most=999)("x" * 99)


def test_settings_are_kept_in_the_order_in_which_they_were_given() -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser, "look at it on another machine")
    assert parser.parse_args([]) == argparse.Namespace(
        machine=None, rules=None, seed=None, sets=[], course=OWN
    )
    words = ["--set", "machine.colors=16", "--machine", "tiny", "--set", "rules=source"]
    assert parser.parse_args(words) == argparse.Namespace(
        machine="tiny", rules=None, seed=None, sets=["machine.colors=16", "rules=source"], course=OWN
    )
    assert "look at it on another machine: a preset such as small, `host`" in " ".join(
        parser.format_help().split()
    )


@pytest.mark.parametrize("text", ["0", "7", "0007", str((1 << 64) - 1)])
def test_a_seed_is_a_number_of_64_bits(text: str) -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser)
    assert parser.parse_args(["--seed", text]).seed == int(text)


@pytest.mark.parametrize("text", ["-1", "x", "", "1.5", "0x10", str(1 << 64), "9" * 5000, "\u0663", " 1"])
def test_another_text_is_not_a_seed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser)
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args([f"--seed={text}"])
    assert stopped.value.code == 2
    assert (
        f"{text[:40]!r} is not a seed; use a number from 0 to 18446744073709551615" in capsys.readouterr().err
    )


def test_two_parsers_do_not_share_their_settings() -> None:
    for _ in range(2):
        parser = argparse.ArgumentParser()
        add_settings(parser)
        assert parser.parse_args(["--set", "rules=source"]).sets == ["rules=source"]
        assert parser.parse_args([]).sets == []


def test_a_command_that_reads_a_history_takes_a_schedule_and_rules() -> None:
    parser = argparse.ArgumentParser()
    add_own_run(parser)
    assert parser.parse_args(["--schedule", "random:3", "--rules", "source", "--json"]) == argparse.Namespace(
        schedule="random:3", rules="source", json=True, machine=None, seed=None, sets=[], course=OWN
    )


def test_a_course_is_opened_when_the_command_line_is_read(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_course(parser)
    assert (
        parser.parse_args(["--course", str(write_course(tmp_path))]).course.course.title == "A short course"
    )
    (tmp_path / "course.toml").unlink()
    with pytest.raises(BadInput, match=r"this folder has no course\.toml"):
        parser.parse_args(["--course", str(tmp_path)])
