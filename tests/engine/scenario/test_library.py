"""The library: every scenario does what it says, and every answer is what the machine says."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario import toml_positions
from engine.scenario.library import OWN, head_of, open_course
from engine.scenario.loader import load
from tests.engine.scenario.course_folder import COURSE, scenario_text, write_course
from tests.engine.scenario.played import loaded, played

NAMES = OWN.names


def test_the_first_scenarios_are_there() -> None:
    assert {"life-of-a-page", "colour-and-home", "hard-and-soft-busy", "empty-colour"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_expectation_holds_and_every_answer_is_the_machines(name: str) -> None:
    scenario, history = played(name)
    assert [row for row in scenario.check_expectations(history) if row.ok is False] == []
    answers = scenario.answers(history)
    assert answers
    assert [(row.answer, row.value) for row in answers if row.ok is False] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_two_choices_of_a_question_have_the_same_value(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    for question in scenario.questions:
        right = [choice for choice in question.choices if scenario.right(question, choice, history)]
        assert len(right) == bool(question.choices)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_the_same_each_time(name: str) -> None:
    digests = set()
    for _ in range(2):
        scenario = load(name)
        history = scenario.start()
        scenario.run(history)
        history.seek(history.total)
        digests.add((history.total, history.vm.memory.digest()))
    assert len(digests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_steps_all_over_a_run_can_be_gone_live_at(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    # A long run has calls of thousands of steps, and going live within one takes as many.
    for step in range(0, history.total, max(7, history.total // 30)):
        history.seek(step)
        history.go_live()
        assert history.live_at == step


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_teaches(name: str) -> None:
    form = loaded(name).form
    assert form.pages
    assert form.teaches
    assert form.covers
    assert all(question.ask and question.why for question in form.questions)


def test_the_list_has_the_contracts_keys_and_the_easy_ones_first() -> None:
    listed = OWN.listings()
    assert {listing.name for listing in listed} == set(NAMES)
    levels = [listing.level for listing in listed]
    assert levels == sorted(levels, key=["beginner", "intermediate", "expert"].index)


def test_a_scenario_is_found_by_name_or_path(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("format = 1\n")
    assert OWN.find("life-of-a-page") == OWN.path / "life-of-a-page.toml"
    assert OWN.find(str(own)) == own


@pytest.mark.parametrize("text", ["live-of-a-page", "", "\0", "x" * 5000, "no/such/file.toml"])
def test_no_scenario_of_that_name_is_a_message_with_the_nearest(text: str) -> None:
    with pytest.raises(BadInput, match=r"there is no scenario .*; give a file, or a name such|a directory"):
        load(text)


def test_a_name_like_no_other_gets_a_few_names_and_the_way_to_all() -> None:
    with pytest.raises(BadInput, match=r"such as tour, life-of-a-page \(pageq list has all\)"):
        load("0x7777")


def test_the_life_of_a_page_is_the_list_of_its_queues() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    queue = scenario.expression("queue_of(app.m)")
    told = []
    for moment in ("app:4", "app:8", "pager:5", "pager:10", "app:10", "end"):
        history.seek(scenario.find_step(history, moment))
        told.append(queue.show(history.vm))
    none, free, inactive, active, cache = 0, 1, 1025, 2049, 3073
    assert told == [none, active, inactive, cache, active, none]
    assert free not in told  # it is free only between the pager's last line and app's next allocation


@pytest.mark.parametrize("name", NAMES)
def test_the_listing_reads_the_keys_before_the_first_table(name: str) -> None:
    text = (OWN.path / f"{name}.toml").read_text(encoding="utf-8")
    whole = tomllib.loads(text)
    tables = {"machine", "setup", "screen", "limits", "object", "process", "thread", "schedule"}
    tables |= {"parameters", "question", "expect", "page"}
    assert head_of(text)[0] == {key: value for key, value in whole.items() if key not in tables}


@pytest.mark.parametrize(
    "text",
    [
        'a = """\n[b]\nc = 1\n"""\nd = 2\n[e]\nf = 3\n',
        "a = [\n[1],\n[2]\n]\nd = 2\n[[e]]\nf = 3\n",
        "a = 1 # [\nd = 2\n",
    ],
)
def test_a_bracket_that_opens_no_table_does_not_end_the_head(text: str) -> None:
    assert head_of(text)[0] == {key: value for key, value in tomllib.loads(text).items() if key != "e"}


@pytest.mark.slow
def test_a_scenario_without_a_fault_is_loaded_without_a_look_at_its_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scanned: list[str] = []
    monkeypatch.setattr(toml_positions, "_Scan", scanned.append)
    for name in NAMES:
        load(name).start()
    assert scanned == []


# --- the folder of a course -------------------------------------------------------------------------------


def test_a_folder_with_a_course_file_is_a_library(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path / "mine"))
    assert library.course.title == "A short course"
    assert library.names == ["first", "second", "tour"]
    assert [listing.name for listing in library.listings()] == ["tour", "first", "second"]
    assert library.listing("first").title == "The scenario first"


def test_the_names_of_a_course_hide_those_of_the_library_and_the_others_stay(tmp_path: Path) -> None:
    folder = write_course(tmp_path, names=("first", "second", "tour"))
    library = open_course(folder)
    assert library.find("tour") == folder / "tour.toml"
    assert library.find("life-of-a-page") == OWN.find("life-of-a-page")
    assert library.name_of(folder / "tour.toml") == "tour"
    assert library.name_of(OWN.find("tour")) is None
    assert library.name_of(OWN.find("boot")) == "boot"
    assert load("tour", library=library).title == "The scenario tour"
    assert load("tour").title != "The scenario tour"


def test_a_scenario_that_the_units_do_not_list_is_still_in_the_library(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path, names=("first", "second", "extra")))
    assert "extra" in library.names
    assert library.course.unit_of("extra") is None


def test_hidden_files_folders_and_the_course_file_are_not_scenarios(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    (folder / ".first.toml").write_text("half a file")
    (folder / "folder.toml").mkdir()
    (folder / "gone.toml").symlink_to(folder / "nowhere.toml")
    os.mkfifo(folder / "pipe.toml")
    assert open_course(folder).names == ["first", "second", "tour"]
    (folder / "course.toml").unlink()
    os.mkfifo(folder / "course.toml")
    with pytest.raises(BadInput, match=r"this folder has no course\.toml"):
        open_course(folder)


def test_a_changed_file_is_listed_again(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    library = open_course(folder)
    assert library.listing("first").level == "beginner"
    (folder / "first.toml").write_text(scenario_text("first", "intermediate"), encoding="utf-8")
    assert library.listing("first").level == "intermediate"


def test_what_is_not_the_folder_of_a_course_is_a_message_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, words in (
        (tmp_path, "this folder has no course.toml; write one that lists its scenarios"),
        (tmp_path / "none", "there is no folder '.*none'; give the folder of a course"),
        (tmp_path / "file", "file: this is not a folder; give the folder that holds the course"),
        ("\0", "there is no folder"),
        ("x" * 5000, "there is no folder"),
    ):
        with pytest.raises(BadInput, match=words):
            open_course(folder)


def test_a_course_file_that_is_not_right_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = write_course(tmp_path, COURSE.replace("second", "secnod"))
    with pytest.raises(BadInput, match=r"course\.toml:15: there is no scenario 'secnod'; use second"):
        open_course(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = ", r"bad\.toml:1: this is not TOML"),
        ("format = 1\n", r"bad\.toml:1: a scenario has no title"),
        ('format = 1\ntitle = "t"\nlevel = "hard"\n[a]\n', r"bad\.toml:3: level = 'hard' is not possible"),
        ('format = 1\ntitle = "t"\ncovers = [\n"a",\n7]\n', r"bad\.toml:5: covers: 7 is not a string"),
        ('title = "t"\nlevel = 3\n[a\n', r"bad\.toml:2: level = 3 has the wrong type"),
        ('"""' + "\n[" * 300_000, r"bad\.toml:.*: this is not TOML|more than 20,000 tables"),
        ("a = " + "[" * 5000, r"bad\.toml:1: this nests too deeply|this is not TOML"),
        ("a" + ".a" * 200_000 + " = 1", r"bad\.toml:1: this key has more than 4 parts"),
    ],
    ids=[
        "half a file",
        "no title",
        "a level",
        "covers",
        "level of an unread file",
        "brackets",
        "nested",
        "dots",
    ],
)
def test_a_broken_scenario_is_a_message_with_its_line_when_it_is_listed(
    tmp_path: Path, text: str, words: str
) -> None:
    folder = write_course(tmp_path)
    (folder / "bad.toml").write_text(text, encoding="utf-8")
    library = open_course(folder)
    with pytest.raises(BadInput, match=words):
        library.listings()


def test_a_name_like_no_other_gets_the_first_names_of_the_course(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path))
    with pytest.raises(BadInput, match=r"such as first, tour \(pageq list --course .* has all\)"):
        library.find("0x7777")
    with pytest.raises(BadInput, match="such as second"):
        library.find("secnod")
