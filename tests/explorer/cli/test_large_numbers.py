"""Numbers of thousands of digits, at every door: exit 2 with a short message.

Python raises ValueError when it reads or prints more than 4,300 decimal digits.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.explorer.cli.command_output import Run

NUMBERS = {"decimal": "9" * 5000, "hexadecimal": "0x" + "f" * 5000, "negative": "-" + "9" * 5000}

RUN = ("run", "life-of-a-page")
OPTIONS = [
    *(
        (*RUN, f"--schedule={form}")
        for form in ("{}", "app:{}", "tick:{}", "io:{}", "preempt:{}", "random:{}")
    ),
    *((*RUN, f"--until={form}") for form in ("{}", "1 == {}", "1 << {}", "page[{}].flags", "{}.flags")),
    *((*RUN, f"--break={form}") for form in ("{}", "app:{}", "vm_page_alloc hits {}", "panic if {}")),
    *(
        (*RUN, f"--watch={form}")
        for form in ("page[{}].flags", "page {} leaves ACTIVE", "queue[FREE,{}].lcnt")
    ),
    *((*RUN, f"--set=limits.steps={form}") for form in ("{}", "[{}]", "'{}'", "{{a = [{}]}}")),
    *((*RUN, f"--machine={form}") for form in ("{}", "{}MiB:1x1x1", "16MiB:{}x1x1")),
    (*RUN, "--steps={}"),
    (*RUN, "--open={}"),
    (*RUN, "--rules={}"),
    ("why", "life-of-a-page", "--at={}", "vmstats.v_free_count"),
    ("why", "life-of-a-page", "--at=app:{}", "vmstats.v_free_count"),
    ("why", "life-of-a-page", "page[{}].flags"),
    ("biography", "life-of-a-page", "page {}"),
    ("biography", "life-of-a-page", "queue FREE[{}]"),
    ("show", "pageq", "life-of-a-page", "--at={}"),
    ("boot", "--machine={}MiB:1x1x1"),
    ("export", "life-of-a-page", "--at={}"),
    ("text", "life-of-a-page", "--at={}"),
    ("check", "{}"),
]


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("words", OPTIONS, ids=" ".join)
def test_an_option_is_refused(run: Run, words: tuple[str, ...], number: str) -> None:
    code, out, err = run(*(word.format(number) for word in words))
    assert (code, out) == (2, "")
    # argparse repeats the value that it refuses.
    assert len(err.splitlines()[-1]) < 1200 or "argument" in err


SCENARIO = """
format = 1
title = "t"
[[thread]]
name = "app"
script = "x = 1"
"""

KEYS = [
    ("covers = [{}]\n", ""),
    ("", "[machine]\nmemory = {}\n"),
    ("", "[machine]\nranges = [[0, {}]]\n"),
    ("", "[machine]\ntopology = [{}]\n"),
    ("", "[machine.thresholds]\nv_free_min = {}\n"),
    ("", "[limits]\nsteps = {}\n"),
    ("", '[schedule]\nitems = "app:{}"\n'),
    ("", "[[object]]\nname = 'o'\nsize = {}\n"),
    ("", "[[question]]\nbefore = {}\nask = 'a'\nanswer = 1\nvalue = '1'\n"),
    ("", "[[question]]\nbefore = 1\nask = 'a'\nanswer = {}\nvalue = '1'\n"),
    ("", "[[question]]\nbefore = 1\nask = 'a'\nanswer = 1\nvalue = '{}'\n"),
    ("", "[[expect]]\nat = {}\nthat = '1'\n"),
    ("", "[[expect]]\nat = 'app:{}'\nthat = '1'\n"),
    ("", "[[expect]]\nat = 1\nthat = '1 == {}'\n"),
    ("", "[[thread]]\nname = 'b'\nscript = 'vm_wait({})'\n"),
    ("", "[[thread]]\nname = 'b'\nscript = 'x = page[{}].flags'\n"),
    ("", "unknown = {}\n"),
]


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize(("head", "tail"), KEYS)
def test_a_key_of_a_scenario_is_refused_with_its_place(
    run: Run, tmp_path: Path, head: str, tail: str, number: str
) -> None:
    path = tmp_path / "large.toml"
    path.write_text(SCENARIO.replace("[[", head.format(number) + "[[", 1) + tail.format(number))
    code, out, err = run("check", str(path))
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}:")
    assert len(err) < 1000


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_a_config_file_is_refused_with_its_place(run: Run, config_file: Path, number: str) -> None:
    config_file.parent.mkdir()
    config_file.write_text(f"ascii = true\ntheme = {number}\n")
    code, _, err = run("config", "--check")
    assert (code, err.startswith(f"{config_file}:2: "), len(err) < 400) == (2, True, True), err[:500]


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_a_file_of_answers_is_refused_with_its_place(run: Run, tmp_path: Path, number: str) -> None:
    path = tmp_path / "answers.tsv"
    path.write_text(f"life-of-a-page\t{number}\tPQ_NONE\n")
    code, _, err = run("grade", str(path))
    assert (code, err.startswith(f"{path}:1: "), len(err) < 400) == (2, True, True), err[:500]
