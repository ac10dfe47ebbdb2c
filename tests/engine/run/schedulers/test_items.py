"""Items: parsing, who takes the steps of each item, and items that cannot run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadInput
from engine.kernel.busy import vm_page_busy_try
from engine.run.schedule import ITEM_FORMS, Written
from engine.run.schedulers.items import MOST_ITEMS, read
from engine.scenario.loader import load_text
from tests.engine.run.thread_calls import nap, nop, ring, threads_of

PAGE = 900

READ = [
    ("app", "steps", 1, "app"),
    ("app:12", "steps", 12, "app"),
    ("app : op", "op", 1, "app"),
    ("app:line", "line", 1, "app"),
    ("app:block", "block", 1, "app"),
    ("app:end", "end", 1, "app"),
    ("tick", "tick", 1, ""),
    ("tick:3", "tick", 3, ""),
    ("io", "io", 1, ""),
    ("io:2", "io", 2, ""),
    ("tick:0", "tick", 0, ""),
    ("timeout:app", "timeout", 1, "app"),
    ("preempt:0", "preempt", 0, ""),
]


@pytest.mark.parametrize(("text", "kind", "number", "name"), READ, ids=[row[0] for row in READ])
def test_an_item_is_read(text: str, kind: str, number: int, name: str) -> None:
    (item,) = read(Written(text)).items
    assert (item.kind, item.number, item.name) == (kind, number, name)


def test_the_named_threads_are_listed_with_their_words() -> None:
    schedule = read(Written("a:2,tick\n timeout:b ,a", line=lambda line: 10 + line))
    assert schedule.text == "a:2,tick,timeout:b,a"
    assert [(name, word.text, word.line) for name, word in schedule.named] == [
        ("a", "a:2", 11),
        ("b", "timeout:b", 12),
        ("a", "a", 12),
    ]


WRONG = [f"{word}:{'9' * 5000}" for word in ("app", "tick", "io", "preempt")]
WRONG += [
    "app:sideways",
    "app:0",
    "app:-1",
    "tick:-1",
    "tick:00",
    "io:0",
    "io:",
    "timeout:",
    "preempt:x",
    "preempt",
    ":3",
    "rr",
]


@pytest.mark.parametrize("word", [*WRONG, "random:x"])
def test_a_word_that_is_not_an_item_is_refused_with_its_place_and_the_syntax(word: str) -> None:
    with pytest.raises(BadInput) as error:
        read(Written(f"a,\n{word}", "s.txt", int))
    assert (error.value.file, error.value.line) == ("s.txt", 2)
    assert str(error.value).startswith(f"s.txt:2: {word[:60]!r} is not a schedule item; use ")
    assert all(form in str(error.value) for form in ITEM_FORMS.split(", "))


# --- in a run ---------------------------------------------------------------------------------------------

SCHEDULES = [
    ("steps by number", "a:2,b:1,a:1", ["a", "a", "b", "a"]),
    ("one step without a number", "b,a,b", ["b", "a", "b"]),
    ("to the end of a call", "b:op,a", ["b", "b", "a"]),
    ("to the end of a thread", "b:end,a", ["b", "b", "b", "a"]),
    ("to the end of a line", "a:line,b", ["a", "a", "b"]),
    ("a preemption", "preempt:0,a", ["c", "a"]),
    ("a tick", "a,tick:2,b", ["a", "event", "event", "b"]),
]


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in SCHEDULES], ids=[row[0] for row in SCHEDULES]
)
def test_a_schedule_chooses_who_runs(stage: Callable[..., Any], text: str, expected: list[str]) -> None:
    play = stage()
    play.thread("a", 0, (vm_page_busy_try, PAGE, 0, ">r"), *[(nop,)] * 4)
    play.thread("b", 1, (vm_page_busy_try, PAGE + 1, 0, ">r"), (nop,))
    play.thread("c", 0, (nop,), (nop,))
    history = play.start(text)
    history.extend(100)
    assert threads_of(history, len(expected)) == expected
    assert history.outcome == "leak"


def test_a_block_item_ends_where_the_thread_cannot_run(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,), (nap, 0), (nop,))
    play.thread("b", 1, *[(nop,)] * 3, (ring,))
    history = play.start("a:block,b:2,b:end,a:block")
    history.extend(100)
    assert threads_of(history) == ["a", "a", *["b"] * 4, "a", "a"]
    assert history.outcome == "completed"


TWO = '''format = 1
title = "Two"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[thread]]
name = "a"
script = """
x = vm_page_busy_try(page[70], 0) + 1
y = 1
"""
[[thread]]
name = "b"
cpu = 1
script = "x = 1"
'''


@pytest.mark.parametrize(("item", "steps"), [("a:op", 1), ("a:line", 4), ("a:end", 5)])
def test_a_line_may_have_several_operations(item: str, steps: int) -> None:
    # The line stores page[70], calls (in two steps) and adds: three operations.
    history = load_text(TWO, schedule=f"{item},b").start()
    history.extend(100)
    assert threads_of(history).index("b") == steps


def test_a_timeout_item_wakes_its_thread_early(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nap, 100))
    history = play.start("a,timeout:a")
    history.extend(2)
    assert threads_of(history) == ["a", "event"]
    assert history.record(2).action == "timeout of a"
    assert history.vm.glob.ticks[0] == 0


def test_after_the_last_item_the_cpus_take_turns(stage: Callable[..., Any]) -> None:
    play = stage()
    for name, cpu in (("a", 0), ("b", 1)):
        play.thread(name, cpu, *[(nop,)] * 4)
    history = play.start("b,b")
    assert not history.branch.schedule.is_over(history.vm)
    history.extend(100)
    assert history.branch.schedule.is_over(history.vm)
    assert threads_of(history) == ["b", "b", "a", "b", "a", "b", "a", "a"]


CANNOT = [
    ("an unknown thread", "zed:3", "schedule item 1, 'zed:3', cannot run: there is no thread zed"),
    ("a thread that sleeps", "a:end", "schedule item 1, 'a:end', cannot run: a cannot run after step 1"),
    ("a thread that has no next step", "a:block,a:block", "a cannot run after step 1"),
    ("a timeout of a thread that is awake", "timeout:a", "a is not asleep"),
    ("an unknown cpu", "preempt:9", "there is no cpu 9"),
    ("a cpu with an empty run queue", "preempt:1", "no other thread of cpu 1 can run now"),
    ("an I/O that was never started", "io", "no I/O is pending"),
]


def test_an_item_of_a_file_that_cannot_run_is_named_with_its_place(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nap, 0))
    threads = play.start().runner.threads
    schedule = read(Written("# it is awake\n\n  timeout:a", "s.txt", int))
    with pytest.raises(BadInput) as error:
        schedule.choose(threads, 0)
    assert str(error.value) == "s.txt:3: schedule item 1, 'timeout:a', cannot run: a is not asleep"


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in CANNOT], ids=[row[0] for row in CANNOT])
def test_an_item_that_cannot_run_is_named(stage: Callable[..., Any], text: str, message: str) -> None:
    play = stage()
    play.thread("a", 0, (nap, 0))
    history = play.start(text)
    digest = history.vm.memory.digest()
    with pytest.raises(BadInput, match=message):
        history.extend(100)
    history.seek(0)
    assert history.vm.memory.digest() == digest


@pytest.mark.slow
def test_too_many_items_are_refused_where_the_limit_is_exceeded() -> None:
    assert len(read(Written("a,\n" * MOST_ITEMS, "s.txt", int)).items) == MOST_ITEMS
    with pytest.raises(BadInput, match="more than 100,000 items; use counts, such as app:1000") as error:
        read(Written("a,\n" * (MOST_ITEMS + 5), "s.txt", int))
    assert (error.value.file, error.value.line) == ("s.txt", MOST_ITEMS + 1)
