"""The library for a reader: filtering, previews, progress."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from engine.scenario.library import LIBRARY, Listing, list_scenarios
from explorer.views.library import Progress, found, preview, questions_of, scenarios
from tests.engine.scenario.some_pages import written


def test_every_word_has_to_be_found_in_any_case() -> None:
    assert found("") == list_scenarios()
    names = [one.name for one in found("NUMA beginner")]
    assert names == [
        one.name
        for one in list_scenarios()
        if all(
            word in " ".join((one.name, one.title, one.level, one.teaches, *one.covers)).lower()
            for word in ("numa", "beginner")
        )
    ]
    assert [one.name for one in found("life-of-a")] == ["life-of-a-page"]
    assert found("no such words anywhere") == ()


@pytest.mark.parametrize("one", scenarios(), ids=lambda one: one.name)
def test_each_scenario_has_a_preview(one) -> None:  # type: ignore[no-untyped-def]
    file = tomllib.loads((LIBRARY / f"{one.name}.toml").read_text())
    lines = preview(one, None)
    assert lines[:2] == (file["title"], file["teaches"])
    assert f"rules {file.get('rules', 'document')}" in lines[2]
    assert questions_of(one.name) == len(file.get("question", ()))
    assert any(lines[4:]) == bool(file.get("lesson", "").strip() or file.get("page"))
    assert not any("](" in line for line in lines), "a link is its words"
    assert "`" not in "".join(lines[4:5])


def test_a_preview_has_the_default_values_of_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    monkeypatch.setattr("explorer.views.library.LIBRARY", tmp_path)
    lines = preview(Listing("pages", "Some pages", "beginner", "document", ()), None)
    assert lines[2] == "4 MiB, 1x2x1, 16 colours, rules document, 1 thread, 1 question"
    assert "It takes 4 pages of 16 colours, {not_one} of {{2}}." in lines


def test_progress_is_said() -> None:
    one = found("life-of-a-page")[0]
    lines = preview(one, Progress(145, "completed", 2, 1), brief=True)
    assert lines[-1].startswith("In this session: 145 steps, completed, 1 of 2 answers right")
    assert len(lines) == 4
