"""Schedules as text: each form is read by the scheduler whose file gives it, and a message names the line."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.run.schedule import GRAMMAR, GRAMMARS, ITEM_FORMS, WORDS, Written, parse_schedule, read_written
from engine.run.schedulers.random_order import splitmix64
from engine.script.source import RESERVED

READ = [
    ("nothing", "", "turns"),
    ("a comment alone", "# later\n", "turns"),
    ("the default", "rr", "turns"),
    ("a seed", "random:42", "random_order"),
    ("a thread", "app", "items"),
    ("lines and a comment", "app:2,  # two\ntick:3\nio", "items"),
    ("every other item", "app:line,app:op,app:block,app:end,io:2,timeout:app,preempt:1", "items"),
    ("a file, where none may be named", "@s.txt", "items"),
]


@pytest.mark.parametrize(("text", "module"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_a_schedule_is_read_by(text: str, module: str) -> None:
    assert type(parse_schedule(text)).__module__ == f"engine.run.schedulers.{module}"


def test_the_text_of_a_schedule_reads_back() -> None:
    for _, text, _ in READ:
        schedule = parse_schedule(text)
        assert parse_schedule(schedule.text) == schedule


def test_a_file_is_read_where_the_command_line_names_it(tmp_path: Path) -> None:
    file = tmp_path / "a, b.txt"
    file.write_text("app:2\n\nrandom:3\n")
    with pytest.raises(BadInput, match=r"schedule item 'random:3' is none") as error:
        read_written(Written(f"@{file}", typed=True))
    assert (error.value.file, error.value.line) == (str(file), 3)
    file.write_text("random:3\n")
    assert read_written(Written(f"@{file}", typed=True)) == parse_schedule("random:3")


def test_every_scheduler_is_in_the_grammar_and_gives_its_own() -> None:
    for name, forms in GRAMMARS.items():
        assert forms in GRAMMAR
        assert forms == import_module(f"engine.run.schedulers.{name}").GRAMMAR


def test_no_thread_may_have_a_name_that_a_schedule_gives_a_meaning() -> None:
    assert {"rr", "random", "tick", "io", "timeout", "preempt"} <= WORDS <= RESERVED


@pytest.mark.parametrize("word", ["app:sideways", "tick:0", "random:x,app", "io:", "rr,app", ":3"])
def test_what_is_no_item_is_told_the_forms_of_items(word: str) -> None:
    with pytest.raises(BadInput) as error:
        parse_schedule(word)
    assert all(form in str(error.value) for form in ITEM_FORMS.split(", "))


def test_splitmix64_gives_the_published_sequence() -> None:
    state, numbers = 1234567, []
    for _ in range(3):
        state, number = splitmix64(state)
        numbers.append(number)
    assert numbers == [6457827717110365317, 3203168211198807973, 9817491932198370423]
