"""`pageq check`: a line or a JSON entry for each file; messages with file and line."""

from __future__ import annotations

import json
from pathlib import Path

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
