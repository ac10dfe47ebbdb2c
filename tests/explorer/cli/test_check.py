"""`pageq check`: a line or a JSON entry for each file; messages with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.scenario.some_pages import PAGES, written
from tests.explorer.cli.command_output import Run
from tests.explorer.cli.small_scenarios import HELD, WAKEUP_PANIC


def test_check_names_file_and_line(tmp_path: Path, run: Run) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(WAKEUP_PANIC)
    bad.write_text(WAKEUP_PANIC.replace("vm_page_wakeup(m)\nvm_page_wakeup(m)", "vm_page_wakeup(q)"))
    code, out, err = run("check", str(good), str(bad))
    assert code == 2
    assert str(good) in out
    assert err.startswith(f"{bad}:13: ")


def test_check_reports_for_each_file_whether_it_is_valid(run: Run, held: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(HELD.replace("vm_page_free(p)", "vm_page_free(q)"))
    code, out, err = run("check", held, str(bad), "--json")
    facts = json.loads(out)
    assert (code, list(facts), facts["format"]) == (2, ["format", "files"], 1)
    good, wrong = facts["files"]
    assert good == {"file": held, "ok": True, "title": "A holds a page, B frees it", "threads": 2}
    assert list(wrong) == ["file", "ok", "at", "line", "message", "errors"]
    assert (wrong["ok"], wrong["at"], wrong["line"]) == (False, str(bad), 23)
    assert err.startswith(f"{bad}:23: {wrong['message']}")


def test_one_thread_is_not_called_threads(run: Run, tmp_path: Path) -> None:
    one = tmp_path / "one.toml"
    one.write_text(WAKEUP_PANIC)
    assert run("check", str(one))[1] == f"{one}: Released twice: 1 thread, ok\n"


def test_check_reports_every_error_of_a_file(run: Run, held: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    text = HELD.replace("vm_page_free(p)", "vm_page_free(q)").replace('"4 MiB"', '"4 MiBs"')
    bad.write_text(text + '[[expect]]\nthat = "app.m"\n')
    code, out, err = run("check", str(bad), held, "--json")
    assert code == 2
    wrong, good = json.loads(out)["files"]
    assert good["ok"]
    lines = [error["line"] for error in wrong["errors"]]
    assert lines == sorted(lines)
    assert len(lines) == 3
    assert wrong["errors"][0] == {key: wrong[key] for key in ("at", "line", "message")}
    assert err.splitlines() == [f"{bad}:{error['line']}: {error['message']}" for error in wrong["errors"]]


def test_a_bad_machine_is_one_error(run: Run, held: str) -> None:
    code, out, err = run("check", held, "--machine", "no-such", "--json")
    assert code == 2
    (row,) = json.loads(out)["files"]
    assert [error["line"] for error in row["errors"]] == [None]
    assert err.count("\n") == 1


def test_a_setup_that_fails_after_a_stepped_boot_is_an_error_of_the_file(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "twice.toml"
    path.write_text(
        """format = 1
title = "Twice"
[machine]
memory = "16 MiB"
boot = "stepped"
[setup]
script = '''
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
vm_page_free(m)
vm_page_free(m)
'''
[[thread]]
name = "app"
script = "x = 1"
""",
        encoding="utf-8",
    )
    code, _, err = run("check", str(path))
    assert code == 2
    assert err.startswith(f"{path}:10: the setup did not complete: panic: vm_page_free_toq")


def test_a_lesson_that_leads_nowhere_is_an_error_of_the_file(tmp_path: Path, run: Run) -> None:
    bad = tmp_path / "bad.toml"
    page = '[[page]]\nsay = "See [the lens](lens:nolens)."\ndo = "stap"\n'
    bad.write_text(WAKEUP_PANIC + page)
    code, out, err = run("check", str(bad), "--json")
    (row,) = json.loads(out)["files"]
    assert (code, row["ok"], [error["line"] for error in row["errors"]]) == (2, False, [17, 18])
    assert err.startswith(f"{bad}:17: (lens:nolens): there is no lens called 'nolens'; there are ")
    assert f"{bad}:18: 'stap' cannot be carried out: unknown command 'stap'" in err
    bad.write_text(WAKEUP_PANIC + page.replace("nolens", "waits").replace("stap", "step"))
    assert run("check", str(bad))[0] == 0


# --- parameters -------------------------------------------------------------------------------------------


def test_each_variant_is_checked_and_counted(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path)
    assert run("check", path) == (0, f"{path}: Some pages: 1 thread, 6 variants, ok\n", "")
    (row,) = json.loads(run("check", path, "--json")[1])["files"]
    assert row == {"file": path, "ok": True, "title": "Some pages", "threads": 1, "variants": 6}


@pytest.mark.parametrize(
    ("more", "count"),
    [
        (("--set", "n=7"), "2 variants"),
        (("--set", "n=7", "--set", "colors=8"), "1 variant"),
        (("--seed", "0"), "1 variant"),
        (("--machine", "8MiB:1x2x1"), "6 variants"),
    ],
    ids=" ".join,
)
def test_what_is_given_is_the_same_in_each_variant(
    more: tuple[str, ...], count: str, run: Run, tmp_path: Path
) -> None:
    code, out, _ = run("check", written(tmp_path), *more)
    assert (code, out.rpartition(": ")[2]) == (0, f"1 thread, {count}, ok\n")


def _lines(text: str) -> dict[str, int]:
    """The line of each line of a text."""
    return {line: number for number, line in enumerate(text.split("\n"), 1)}


VARIANTS: list[tuple[str, dict[str, str], str, str]] = [
    (
        "a machine that does not boot",
        {"colors = [16, 32]": "colors = [16, 3]"},
        'colors = "{colors}"',
        "with n = 4, colors = 3 and 2 other variants: colors = 3 is not a power of two",
    ),
    (
        "a right answer that is not a choice",
        {'choices = ["n - 1", "n", "{colors}"]': 'choices = ["4", "6"]', 'answer = "n"': 'answer = "4"'},
        "[[question]]",
        "with n = 8, colors = 16 and 1 other variant: the value is 8, and the right answer is not among",
    ),
    (
        "choices of one value",
        {'"n - 1", "n", "{colors}"': '"n", "16 * n", "{colors}", "8"'},
        'choices = ["n", "16 * n", "{colors}", "8"]',
        "with n = 8, colors = 16 and 1 other variant: the choices 'n' and '8' have the same value",
    ),
    (
        "a moment of the lesson that does not come",
        {'at = "start"': 'at = "when app.taken == 6"'},
        'at = "when app.taken == 6"',
        "with n = 4, colors = 16 and 1 other variant: the run does not come to this moment",
    ),
    (
        "a link that leads nowhere in any variant",
        {"{{2}}": "[x](scenario:nowhere)"},
        'say = "It takes {n} pages of {colors} colours, {not_one} of [x](scenario:nowhere)."',
        "(scenario:nowhere): there is no scenario 'nowhere'",
    ),
    (
        "an overflow in a question",
        {'value = "app.taken"': 'value = "app.taken * (1 << (8 * n - 3))"'},
        "[[question]]",
        "with n = 8, colors = 16 and 1 other variant: the question is not asked: ",
    ),
]


@pytest.mark.parametrize(
    ("changes", "line", "words"), [row[1:] for row in VARIANTS], ids=[row[0] for row in VARIANTS]
)
def test_an_error_of_a_variant_names_the_values(
    changes: dict[str, str], line: str, words: str, run: Run, tmp_path: Path
) -> None:
    text = PAGES
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = written(tmp_path, text)
    code, out, err = run("check", path)
    assert (code, out) == (2, "")
    assert f"{path}:{_lines(text)[line]}: {words}" in err
    (row,) = json.loads(run("check", path, "--json")[1])["files"]
    assert any(error["message"].startswith(words) for error in row["errors"])
    assert "variants" not in row


def test_questions_are_not_required_under_another_machine(run: Run, tmp_path: Path) -> None:
    text = PAGES.replace('"n - 1", "n", "{colors}"', '"4", "6"').replace('answer = "n"', 'answer = "4"')
    assert run("check", written(tmp_path, text), "--rules", "source")[0] == 0
