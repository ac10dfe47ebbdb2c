"""The library for a reader: filtering, previews, progress."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from engine.scenario.library import OWN, Library, Listing, open_course
from explorer.views.library import is_found, preview
from tests.engine.scenario.course_folder import write_course
from tests.engine.scenario.some_pages import written


def found(text: str, library: Library = OWN) -> list[Listing]:
    return [one for one in library.listings(broken=True) if is_found(one, text)]


def test_every_word_has_to_be_found_in_any_case() -> None:
    assert found("") == [*OWN.listings()]
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
    assert found("no such words anywhere") == []


@pytest.mark.parametrize("one", OWN.listings(), ids=lambda one: one.name)
def test_each_scenario_has_a_preview(one) -> None:  # type: ignore[no-untyped-def]
    file = tomllib.loads((OWN.path / f"{one.name}.toml").read_text())
    lines = preview(one, "")
    assert lines[:2] == (file["title"], file["teaches"])
    assert f"rules {file.get('rules', 'document')}" in lines[2]
    assert ("question" in lines[2]) == bool(file.get("question"))
    assert any(lines[4:]) == bool(file.get("lesson", "").strip() or file.get("page"))
    assert not any("](" in line for line in lines), "a link is its words"
    assert "`" not in "".join(lines[4:5])


def test_a_preview_has_the_words_of_its_markdown_and_every_product(tmp_path: Path) -> None:
    assert "There is one for each type and colour: 5 * 16 = 80 on this" in "".join(
        preview(OWN.listing("page-queues"), "")
    )
    folder = write_course(tmp_path)
    (folder / "first.toml").write_text(
        (folder / "first.toml").read_text().split("[[page]]")[0]
        + '[[page]]\nsay = "**A [`vm_page`](term:page)** *is* `a * b`, 2 * 3 * 4 and a*b*c."\n'
    )
    library = open_course(folder)
    assert preview(library.listing("first"), "", library)[-1] == "A vm_page is a * b, 2 * 3 * 4 and a*b*c."


def test_a_preview_has_the_default_values_of_parameters(tmp_path: Path) -> None:
    written(tmp_path)
    library = Library(tmp_path, tmp_path / "course.toml")
    lines = preview(Listing("pages", "Some pages", "beginner", "document", ()), "", library)
    assert lines[2] == "4 MiB, 1x2x1, 16 colours, rules document, 1 thread, 1 question"
    assert "It takes 4 pages of 16 colours, {not_one} of {{2}}." in lines


def test_what_was_done_is_said_under_the_title() -> None:
    one = OWN.listing("life-of-a-page")
    lines = preview(one, "1 of 5 pages", brief=True)
    assert lines[:2] == (one.title, "Done so far: 1 of 5 pages.")
    assert len(lines) == 4
    assert preview(one, "1 of 5 pages")[:4] == lines


def test_the_scenarios_of_a_course_are_found_and_previewed(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path))
    assert [one.name for one in found("scenario", library)] == ["first", "second"]
    lines = preview(library.listing("first"), "", library)
    assert lines[:2] == ("The scenario first", "What first is for.")
    assert lines[2] == "4 MiB, 1x1x1, 4 colours, rules document, 1 thread, 1 question"


@pytest.mark.parametrize(
    ("text", "line"),
    [("title = ", 1), ('format = 1\ntitle = "t"\nmachine = 4\n', 3)],
    ids=["head", "machine"],
)
def test_a_broken_scenario_is_found_and_its_preview_is_the_error(
    tmp_path: Path, text: str, line: int
) -> None:
    folder = write_course(tmp_path, names=("first", "second", "bad"))
    (folder / "bad.toml").write_text(text)
    library = open_course(folder)
    (one,) = found("bad", library)
    (shown,) = preview(one, "", library)
    assert shown.startswith(f"{folder / 'bad.toml'}:{line}: ")
