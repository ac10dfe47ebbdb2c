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
    assert list(wrong) == ["file", "ok", "at", "line", "message"]
    assert (wrong["ok"], wrong["at"], wrong["line"]) == (False, str(bad), 23)
    assert err.startswith(f"{bad}:23: {wrong['message']}")


def test_one_thread_is_not_called_threads(run: Run, tmp_path: Path) -> None:
    one = tmp_path / "one.toml"
    one.write_text(WAKEUP_PANIC)
    assert run("check", str(one))[1] == f"{one}: Released twice: 1 thread, ok\n"
