"""Schedules as text: each form is read by its scheduler, and a message names the line."""

from __future__ import annotations

from importlib import import_module

import pytest

from engine.run.schedule import GRAMMAR, GRAMMARS, WORDS, parse_schedule
from engine.script.source import RESERVED

READ = [
    ("nothing", "", "turns"),
    ("a comment alone", "# later\n", "turns"),
    ("the default", "rr", "turns"),
    ("a seed", "random:42", "random_order"),
    ("a thread", "app", "items"),
    ("lines and a comment", "app:2,  # two\ntick:3\nio", "items"),
    ("every other item", "app:line,app:op,app:block,app:end,io:2,timeout:app,preempt:1", "items"),
    ("a file, where a file is not allowed", "@s.txt", "items"),
]


@pytest.mark.parametrize(("text", "module"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_a_schedule_is_read_by(text: str, module: str) -> None:
    assert type(parse_schedule(text)).__module__ == f"engine.run.schedulers.{module}"


def test_the_text_of_a_schedule_reads_back() -> None:
    for _, text, _ in READ:
        schedule = parse_schedule(text)
        assert parse_schedule(schedule.text) == schedule


def test_the_grammar_includes_the_grammar_of_every_scheduler() -> None:
    for name, forms in GRAMMARS.items():
        assert forms in GRAMMAR
        assert forms == import_module(f"engine.run.schedulers.{name}").GRAMMAR


def test_a_thread_may_not_have_a_name_that_schedules_reserve() -> None:
    assert {"rr", "random", "tick", "io", "timeout", "preempt"} <= WORDS <= RESERVED
