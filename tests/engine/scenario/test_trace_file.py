"""The key `trace` of a thread: which string it names, where its pages are, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.references.reader import Reading
from engine.scenario.loader import load, load_text
from engine.scenario.trace_file import (
    absolute_name,
    content,
    distinct_pages,
    is_trace_file,
    places_of,
    read_trace,
)
from tests.engine.replay.strings import string_of

SCENARIO = """
format = 1
title = "trace"
[machine]
memory = "1 MiB"
steps_per_tick = {steps}
[[object]]
name = "heap"
[[process]]
name = "program"
maps = [{{ object = "heap", start = 0x3000, pages = 4 }}]
[[thread]]
name = "app"
{thread}
"""


def _file(folder: Path, thread: str, steps: int = 0) -> str:
    path = folder / "s.toml"
    path.write_text(SCENARIO.format(thread=thread, steps=steps))
    return str(path)


@pytest.mark.parametrize(
    ("thread", "wrong"),
    [
        (
            'process = "program"\ntrace = "none"',
            "there is no file 'none'; give a path relative to the scenario",
        ),
        ('process = "program"\ntrace = "."', "there is no file '.'"),
        ('process = "program"\ntrace = "bad"', "bad:2: "),
        ('process = "program"\ntrace = "made:x"', ":15: 'x' is not a made string"),
        ('process = "program"\ntrace = "empty"', "there are no references in it"),
        (
            'process = "program"\ntrace = "far"',
            "process program does not map the page at 0x7000; use maps = "
            "[{ object = ..., start = 0x3000, pages = 5 }]",
        ),
        ('trace = "good"', "it has no process; add process"),
        ('process = "program"\ntrace = "good"\nscript = "pass"', "it has a script too; remove one"),
        ('script = "pass"\ntick = 3', "tick is about a trace; add trace, or remove tick"),
        ('process = "program"\ntrace = "good"\nformat = "x"', "format = 'x' is not possible"),
        (
            'process = "program"\ntrace = "good"\nformat = "csv"',
            'csv needs columns, such as columns = "addr=2,op=3"',
        ),
        ('process = "program"\ntrace = "good"\nformat = "rw"\ncolumns = "addr=1"', "columns are for csv"),
        ('process = "program"\ntrace = "good"\ncolumns = "a=1"', "columns: 'a=1' is not a column"),
        ('process = "program"\ntrace = "good"\npage_size = 1000', "page_size = 1000 is not a power of two"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_place(tmp_path: Path, thread: str, wrong: str) -> None:
    for name, text in {"good": "3 4", "far": "3 7", "bad": "3\n?\n", "empty": ""}.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as refused:
        load(_file(tmp_path, thread))
    assert wrong in str(refused.value)
    assert str(tmp_path) in str(refused.value)


def test_the_clock_ticks_by_references_or_by_steps_but_not_by_both(tmp_path: Path) -> None:
    (tmp_path / "good").write_text("3 4")
    keys = 'process = "program"\ntrace = "good"\n'
    ticks = []
    for more, steps in (("", 0), ("tick = 7", 0), ("", 50), ("tick = 0", 50)):
        scenario = load(_file(tmp_path, keys + more, steps))
        string = scenario.programs[0].string
        assert string is not None
        ticks.append((string.tick, string.skips, scenario.config.steps_per_tick))
    assert ticks == [(1000, True, 0), (7, True, 0), (0, False, 50), (0, False, 50)]
    with pytest.raises(BadInput, match="the clock would tick after 7 references and after 50 steps"):
        load(_file(tmp_path, keys + "tick = 7", 50))


def test_a_setup_may_map_what_the_string_needs() -> None:
    text = SCENARIO.format(thread='process = "program"\ntrace = "given"', steps=0)
    text += '[setup]\nscript = "map(heap, 0x9000, 1, VM_PROT_READ, 4, 0, 100)"\n'
    scenario = load_text(text, "s", strings={"given": string_of([9])})
    assert scenario.run(scenario.start()) == "completed"


def test_pages_are_at_their_addresses_unless_no_user_has_them() -> None:
    assert places_of(string_of([7, 3, 7])).tolist() == [3, 7]
    assert places_of(string_of([(1 << 35) - 1])).tolist() == [(1 << 35) - 1]
    assert places_of(string_of([5, 1 << 35])).tolist() == [0, 1]


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    trace = tmp_path / "t"
    trace.write_text("3 4 3")
    name = absolute_name("t", tmp_path)
    assert name == str(trace)
    first = read_trace(name, Reading())
    assert read_trace(name, Reading()) is first
    trace.write_text("3 4 3 3")
    assert len(read_trace(name, Reading())) == 4
    assert distinct_pages([first, first]) == 4


def test_made_and_recorded_strings_are_not_files() -> None:
    names = ("made:loop", "recorded:true", "made", "a/b")
    assert [is_trace_file(name) for name in names] == [False, False, True, True]
    assert absolute_name("made:loop") == "made:loop"


def test_the_content_of_a_string_is_its_references_and_places() -> None:
    def sha(pages: list[int], writes: bool) -> str:
        text = SCENARIO.format(thread='process = "program"\ntrace = "given"', steps=0)
        (program,) = [
            one
            for one in load_text(text, "s", strings={"given": string_of(pages, writes)}).programs
            if one.string is not None
        ]
        assert program.string is not None
        return content(program.string)

    assert sha([3, 4], False) == sha([3, 4], False)
    assert len({sha([3, 4], False), sha([3, 4], True), sha([4, 3], False), sha([3, 5], False)}) == 4
