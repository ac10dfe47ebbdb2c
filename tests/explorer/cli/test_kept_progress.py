"""The progress that a command shows: from the file, or nothing with a message."""

from __future__ import annotations

import pytest

from engine.scenario.library import OWN
from explorer.cli.kept_progress import kept_progress
from explorer.session.progress import OWN_COURSE, Work, record
from explorer.session.progress_file import add, progress_path


def test_what_the_file_has_is_shown() -> None:
    add(progress_path(), record(OWN_COURSE, "tour", Work(frozenset({1, 2}))))
    assert kept_progress(OWN).marks == {"tour": "•"}


def test_without_a_file_nothing_is_shown_and_none_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert kept_progress(OWN).marks == {}
    assert not progress_path().exists()
    assert capsys.readouterr().err == ""


def test_a_file_that_cannot_be_read_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    progress_path().parent.mkdir(parents=True)
    progress_path().write_text("[]")
    assert kept_progress(OWN).marks == {}
    path = progress_path()
    assert capsys.readouterr().err == (
        f"{path}:1: this is not a progress file of pageq; the file is damaged; no progress is shown\n"
    )
    assert path.read_text() == "[]"
