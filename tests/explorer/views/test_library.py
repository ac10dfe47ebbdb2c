"""The library for a reader: filtering, previews, progress."""

from __future__ import annotations

import tomllib

import pytest

from engine.scenario.library import OWN
from explorer.views.library import Progress, found, preview, questions_of, scenarios


def test_every_word_has_to_be_found_in_any_case() -> None:
    assert found("") == OWN.listings()
    names = [one.name for one in found("NUMA beginner")]
    assert names == [
        one.name
        for one in OWN.listings()
        if all(
            word in " ".join((one.name, one.title, one.level, one.teaches, *one.covers)).lower()
            for word in ("numa", "beginner")
        )
    ]
    assert [one.name for one in found("life-of-a")] == ["life-of-a-page"]
    assert found("no such words anywhere") == ()


@pytest.mark.parametrize("one", scenarios(), ids=lambda one: one.name)
def test_each_scenario_has_a_preview(one) -> None:  # type: ignore[no-untyped-def]
    file = tomllib.loads((OWN.path / f"{one.name}.toml").read_text())
    lines = preview(one, None)
    assert lines[:2] == (file["title"], file["teaches"])
    assert f"rules {file.get('rules', 'document')}" in lines[2]
    assert questions_of(one.name) == len(file.get("question", ()))
    assert any(lines[4:]) == bool(file.get("lesson", "").strip() or file.get("page"))
    assert not any("](" in line for line in lines), "a link is its words"
    assert "`" not in "".join(lines[4:5])


def test_progress_is_said() -> None:
    one = found("life-of-a-page")[0]
    lines = preview(one, Progress(145, "completed", 2, 1), brief=True)
    assert lines[-1].startswith("In this session: 145 steps, completed, 1 of 2 answers right")
    assert len(lines) == 4
