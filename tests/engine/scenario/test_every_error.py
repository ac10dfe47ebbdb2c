"""All errors of a file at once: each is found, none is invented, and the file's lines are right."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario import toml_positions
from engine.scenario.every_error import every_error
from engine.scenario.library import OWN
from engine.scenario.loader import load
from engine.scenario.settings import parse_setting
from engine.script.verbs import verbs
from tests.engine.scenario.small_scenarios import GOOD, WAKE
from tests.engine.scenario.some_pages import PAGES
from tests.tiers import only_fast

MANY = """format = 1
titel = "many errors"
minutes = 3
level = "hard"
[machine]
memory = "4 MiB"
colors = 3
[[object]]
name = "heap"
type = "wrong"
[[object]]
name = "heap"
[[process]]
name = "P"
maps = [{object = "heap", start = 4096, pages = 0}]
[[thread]]
name = "app"
cpu = 9
script = \"\"\"
m = 3
vm_page_wire(m)
p = vm_page_aloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_activate(p)
if p == heap and nothing:
    x = 1 +
q = vm_page_alloc(heap,
        1, "x")
for k in rang(3):
    y = w + k
while vm_page_hold():
    pass
z = (q
\"\"\"
[[thread]]
name = "b"
script = \"\"\"
z = app.p
z2 = app.none
z3 = page[app.q].queue
\"\"\"
[[question]]
before = "app:99"
ask = "?"
choices = ["0", "1 +"]
answer = "0"
value = "app.zz"
[[question]]
ask = 3
answer = "1"
value = "1"
[[expect]]
that = "count(FREE, 1) > 0"
[[expect]]
outcome = "done"
[limits]
steps = 0
minutes = 3
"""

FOUND = {
    2: "'titel' is not a key of a scenario; use title",
    3: "'minutes' is not a key of a scenario; use format, parameters, machine, object, process, title, ",
    4: "level = 'hard' is not possible; use one of beginner",
    7: "colors = 3 is not a power of two",
    10: "type = 'wrong' is not possible",
    12: "the name 'heap' is taken",
    15: "pages = 0 is out of range",
    16: "thread app: there is no cpu 9",
    21: "m of vm_page_wire must be a page, but m is a number; give page[N], or a variable with a page, such",
    22: "vm_page_aloc is not a function",
    25: "cannot read this",
    27: "a string is allowed only as an argument",
    28: "cannot loop over rang(3); use range(...)",
    29: "'w' is not a variable",
    30: "vm_page_hold returns nothing, so it has no value here",
    32: "cannot read this",
    38: "app has no variable 'none'",
    42: "line 99 of app has no code",
    44: "'1 +' is not an answer",
    46: "app has no variable 'zz'",
    47: "a question needs one moment",
    48: "ask = 3 has the wrong type",
    52: "count takes 1 argument; write count(BASE)",
    54: "'done' is not an outcome",
    56: "steps = 0 is out of range",
    57: "'minutes' is not a key of [limits]; use steps",
}
"""The line of each error, and how its message begins."""


def errors(tmp_path: Path, text: str) -> list[BadInput]:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    return every_error(str(path))


def test_each_error_is_found_at_its_line_and_none_is_invented(tmp_path: Path) -> None:
    # Line 24 uses `p`, which line 22 does not assign; line 39 reads `q`, which line 26 does not.
    found = errors(tmp_path, MANY)
    assert [error.line for error in found] == list(FOUND)
    wrong = [error.message for error in found if not error.message.startswith(FOUND[error.line or 0])]
    assert wrong == []


def test_each_missing_key_of_a_table_is_an_error(tmp_path: Path) -> None:
    found = errors(tmp_path, 'format = 1\ntitle = "t"\n[[question]]\nchoices = ["1"]\n[[thread]]\ncpu = 0\n')
    assert [str(error).partition(".toml:")[2] for error in found] == [
        '3: a question needs one moment; write before = "THREAD:LINE" or after = "THREAD:LINE"; '
        "one about all schedules has asked alone, and no value",
        '3: [[question]] has no answer; add answer = "..."',
        '3: [[question]] has no ask; add ask = "..."',
        '3: [[question]] has no value; add value = "..."',
        '5: [[thread]] has no name; add name = "..."',
        '5: [[thread]] has no script; add script = "..."',
    ]


def test_no_message_recommends_the_fault(tmp_path: Path) -> None:
    for name, verb in verbs().items():
        names = [parameter.name for parameter in verb.parameters]
        call = f"{name}({', '.join(names)})"
        lines = "\n".join([*(f"{word} = 3" for word in names), call])
        text = f"format = 1\ntitle = \"t\"\n[[thread]]\nname = \"app\"\nscript = '''\n{lines}\n'''\n"
        for error in errors(tmp_path, text):
            assert f"write {call}" not in error.message


@pytest.mark.parametrize("name", OWN.names[::6])
def test_a_right_file_has_none(name: str) -> None:
    assert every_error(name) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = ", ":1: this is not TOML"),
        (
            'format = 1\ntitle = "t"\n[setup]\nscript = "vm_page_wakeup(page[9])"\n',
            ":4: the setup did not complete",
        ),
        (
            'format = 1\ntitle = "t"\n[setup]\nscript = """\nx = 1\nvm_page_wakeup(page[0x40])\n"""\n',
            ":6: the setup",
        ),
    ],
)
def test_what_is_only_seen_at_the_start_of_a_run_is_found_too(tmp_path: Path, text: str, words: str) -> None:
    found = errors(tmp_path, text)
    assert len(found) == 1
    assert words in str(found[0])


def test_settings_and_a_missing_file_are_errors_without_a_line(tmp_path: Path) -> None:
    (error,) = every_error("life-of-a-page", settings=(parse_setting("machine.colors=3"),))
    assert str(error).startswith("--set machine.colors: colors = 3")
    (error,) = every_error(str(tmp_path / "none.toml"))
    assert "there is no scenario" in str(error)
    (error,) = every_error("life-of-a-page", machine="no-such")
    assert "there is no machine 'no-such'" in str(error)


WORDS = (
    *("m", "heap", "=", "3", '"', "(", ")", "[", "]", "vm_page_wire(q)", "if x:", "name", "NULL", "\n"),
    *("1 +", "app:9"),
)


@pytest.mark.parametrize("seed", only_fast(range(60), *range(20)))
def test_the_first_error_of_loading_is_among_them(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    text = (OWN.path / f"{chance.choice(OWN.names)}.toml").read_text()
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(WORDS) + text[at + chance.randint(0, 6) :]
    path = tmp_path / "mutated.toml"
    path.write_text(text)
    found = list(map(str, every_error(str(path))))
    first = first_error(str(path))
    assert (first in found) if first else found == []


def first_error(path: str) -> str:
    """The message with which loading stops, or ""."""
    try:
        load(path).start()
    except BadInput as error:
        return str(error)
    return ""


def test_all_attempts_share_one_scan_of_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scans = []
    scan = toml_positions._Scan.__init__

    def counted(self: toml_positions._Scan, document: str) -> None:
        scans.append(document)
        scan(self, document)

    monkeypatch.setattr(toml_positions._Scan, "__init__", counted)
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace("[machine]", "[machine.thresholds]\nv_a = 1\nv_b = 2\nv_c = 3\n[machine]"))
    found = every_error(str(path))
    assert [error.line for error in found] == [4, 5, 6]
    assert [error.__traceback__ for error in found] == [None, None, None]
    assert len(scans) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("wrong", "more", "errors"), [(50, 0, 50), (150, 0, 100), (15, 49_000, 10)])
def test_the_search_has_a_limit_and_says_so(tmp_path: Path, wrong: int, more: int, errors: int) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(WAKE, "\n".join(f"x{n} = unknown{n}" for n in range(wrong))) + "#\n" * more)
    found = every_error(str(path))
    limit = [BadInput("there may be more errors; correct these first", file=str(path))]
    assert [error.line for error in found[:errors]] == list(range(13, 13 + errors))
    assert list(map(str, found[errors:])) == list(map(str, limit if errors < wrong else []))


def test_bad_choices_are_each_an_error_and_none_is_invented(tmp_path: Path) -> None:
    text = """format = 1
title = "t"
[[question]]
before = 0
ask = "?"
choices = [
    "PQ_NONE",
    "the active queue",
    "on none",
    "no",
]
answer = "PQ_NONE"
value = "0"
"""
    found = errors(tmp_path, text)
    assert [(error.line, error.message.partition(";")[0]) for error in found] == [
        (8, "'the active queue' is not an answer"),
        (9, "'on none' is not an answer"),
        (10, "the choices 'PQ_NONE' and 'no' have the same value, so both would be right or wrong"),
    ]


def test_bad_parameters_are_found_together_and_what_they_cause_is_left_out(tmp_path: Path) -> None:
    text = PAGES.replace("n = [4, 6, 8]", 'n = []\napp = 3\nsize = [1, "x"]\nwhile = 2')
    text = text.replace("taken = 0", "taken = size\napp = 1\nn = 2").replace(
        '"{n}"', '"{n}"\nv_free_max = "{k}"'
    )
    text = text.replace('title = "Some pages"', 'title = ""')
    found = errors(tmp_path, text)
    assert [(error.line, error.message.partition(";")[0]) for error in found] == [
        (2, "title is empty or has several lines"),
        (5, "n has no value"),
        (6, "the name 'app' is taken"),
        (7, "size: 'x' is not an integer of 64 bits"),
        (8, "'while' is not a name"),
        (18, "{k} is not a parameter"),
        (28, "the name app is reserved or taken"),
        (29, "n is a parameter of the scenario"),
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            "a = [1, 2, 3, 4, 5, 6, 7, 8, 9]\nb = [1, 2, 3, 4, 5, 6, 7, 8]\nc = [8, 9]",
            "more than 64 variants",
        ),
        ("\n".join(f"p{n} = [{n}]" for n in range(70)), "more than 64 parameters"),
    ],
)
def test_after_too_many_values_the_other_errors_are_found(tmp_path: Path, table: str, words: str) -> None:
    last = table.rpartition("\n")[2].partition(" ")[0]
    text = f'format = 1\ntitle = ""\n[parameters]\n{table}\n[[expect]]\nthat = "{last} > 0 and x"\n'
    found = errors(tmp_path, text)
    assert words in found[1].message
    assert [error.message[:12] for error in (found[0], *found[2:])] in (
        ["title is emp", "'x' is not a"], ["title is emp"],
    )  # fmt: skip


def test_parameters_that_are_not_a_table_hide_no_other_error(tmp_path: Path) -> None:
    found = errors(tmp_path, 'format = 1\ntitle = ""\nparameters = 3\n')
    assert [error.line for error in found] == [2, 3]
