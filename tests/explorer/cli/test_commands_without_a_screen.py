"""The command line: what each command prints, its exit code, and what it never loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.constants import VMSTATS_FIELDS
from explorer.cli.entry import main

ROOT = Path(__file__).resolve().parents[3]

WAKEUP_PANIC = """format = 1
title = "Released twice"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
vm_page_wakeup(m)
\"\"\"
"""


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of one command."""
    try:
        code = main(words)
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_list_names_each_scenario_with_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["list"], capsys)
    assert code == 0
    names = {line.split()[0] for line in out.splitlines()}
    assert {"life-of-a-page", "colour-and-home", "hard-and-soft-busy", "empty-colour"} <= names


def test_the_json_list_has_the_contracts_keys(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["list", "--json"], capsys)
    assert code == 0
    assert all(list(entry) == ["name", "title", "level", "rules", "covers"] for entry in json.loads(out))


def test_a_json_run_has_a_start_dense_steps_and_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["run", "life-of-a-page", "--json"], capsys)
    first, *steps, last = lines_of(out)
    assert code == 0
    assert list(first) == ["format", "type", "scenario", "rules", "schedule", "digest"]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    keys = ["type", "step", "thread", "cpu", "function", "line", "action", "changes", "wakeups"]
    assert all(list(step) == keys for step in steps)
    assert list(last) == ["type", "outcome", "step", "digest", "panic", "expect", "questions"]
    assert (last["outcome"], last["step"]) == ("completed", len(steps))
    assert last["expect"]
    assert all(entry["ok"] for entry in last["expect"] + last["questions"])


def test_two_runs_are_the_same_to_the_byte(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "hard-and-soft-busy", "--json", "--schedule", "random:3"]
    assert run(words, capsys) == run(words, capsys)


def test_the_header_names_the_switches_that_are_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "switches.toml"
    path.write_text(WAKEUP_PANIC.replace("[[object]]", "interlock = false\ntrylock = false\n[[object]]", 1))
    _, out, _ = run(["run", str(path), "--json", "--steps", "0"], capsys)
    assert lines_of(out)[0]["rules"] == "document+interlock=off,trylock=off"


def test_a_run_stops_where_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["run", "life-of-a-page", "--json", "--steps", "7"], capsys)
    last = lines_of(out)[-1]
    assert (code, last["outcome"], last["step"]) == (0, "stopped", 7)
    code, out, _ = run(["run", "life-of-a-page", "--json", "--until", "queue_of(app.m) == PQ_ACTIVE"], capsys)
    *_, step, last = lines_of(out)
    assert (code, last["outcome"]) == (0, "stopped")
    assert any(cell.endswith(".queue") for cell, _, _ in step["changes"])


def test_a_run_tells_how_each_lock_fared(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["run", "life-of-a-page", "--json", "--locks"], capsys)
    last = lines_of(out)[-1]
    assert (code, last["type"]) == (0, "locks")
    taken = {lock["name"]: lock["acquisitions"] for lock in last["locks"]}
    assert taken["token of heap"] > 1
    code, out, _ = run(["run", "life-of-a-page", "--locks"], capsys)
    assert "steps waited" in out


def test_a_panics_stack_names_no_helper_of_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(["run", "usage-pattern-fault-race", "--json"], capsys)
    assert lines_of(out)[-1]["panic"]["stacks"] == {"now": ["vm_page_alloc"]}


def test_a_panic_is_exit_1_with_function_condition_and_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "twice.toml"
    path.write_text(WAKEUP_PANIC)
    code, out, _ = run(["run", str(path), "--json"], capsys)
    last = lines_of(out)[-1]
    assert (code, last["outcome"], last["panic"]["function"]) == (1, "panic", "vm_page_wakeup")
    assert last["panic"]["message"] == "vm_page_wakeup: page not busy!!!"
    assert last["panic"]["stacks"]["now"] == ["vm_page_wakeup"]
    path.write_text(WAKEUP_PANIC + '[[expect]]\noutcome = "panic:vm_page_wakeup"\n')
    assert run(["run", str(path)], capsys)[0] == 0


def test_an_expectation_that_fails_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.toml"
    text = WAKEUP_PANIC.replace("vm_page_wakeup(m)\nvm_page_wakeup(m)", "vm_page_wakeup(m)")
    path.write_text(text + '[[expect]]\nat = "end"\nthat = "app.m.valid == 0xff"\n')
    code, out, _ = run(["run", str(path)], capsys)
    assert code == 1
    assert "FAILS at end: app.m.valid == 0xff" in out


BAD = [
    ("a scenario that is not there", ["run", "nowhere"], "there is no scenario 'nowhere'"),
    (
        "a schedule that is none",
        ["run", "life-of-a-page", "--schedule", "app:x"],
        "schedule item 'app:x' is none",
    ),
    ("steps that are no number", ["run", "life-of-a-page", "--steps", "many"], "write one like 200"),
    ("an expression that is none", ["run", "life-of-a-page", "--until", "1 +"], "1 +"),
    ("a machine that is none", ["boot", "--machine", "toaster"], "toaster"),
    ("a machine that is too large", ["boot", "--machine", "128GiB:1x1x1"], "the model holds"),
    ("a machine that is too small", ["boot", "--machine", "4KiB:1x1x1"], "the least is 1MiB"),
    ("colours that are no power of two", ["boot", "--colors", "1000"], "a power of two from 1 to 1024"),
    ("rules that are none", ["boot", "--rules", "mine"], "document and source"),
    ("differences of no rules", ["differences", "--rules", "mine"], "document and source"),
    ("differences of no option", ["differences", "--rules", "source+x=1"], "no rule is called 'x'"),
    ("differences of no machine", ["differences", "--machine", "toaster"], "toaster"),
    ("a trace that is not there", ["conform", "/nowhere.jsonl"], "/nowhere.jsonl"),
    ("a moment that never comes", ["show", "page", "life-of-a-page", "--at", "app:99"], "line 99 of app"),
    ("a sysctl that is none", ["show", "sysctl", "vm.v_free_mim"], "did you mean vm.v_free_min"),
    ("a sysctl of another tree", ["show", "sysctl", "vn.v_free_min"], "there is no sysctl 'vn.v_free_min'"),
    ("a scenario too many", ["show", "page", "life-of-a-page", "other"], "give one scenario"),
    ("the hold queues of a page", ["show", "page", "--hold"], "leave it out"),
    ("a command that is none", ["frobnicate"], "invalid choice"),
    ("a screen without a terminal", ["tui"], "use `pageq run life-of-a-page`"),
    ("nothing to run", ["run"], "give a SCENARIO, --all, or --open TOKEN"),
    ("a breakpoint that is none", ["run", "life-of-a-page", "--break", "vm_page_fre"], "vm_page_free"),
    ("a line without a call", ["run", "life-of-a-page", "--break", "app:3"], "line 3 of app runs nothing"),
    ("a watchpoint that is none", ["run", "life-of-a-page", "--watch", "page[1]"], "--watch 'page[1]': "),
    ("a token that is none", ["run", "--open", "pq1-AAAA"], "this state string is damaged"),
    ("a token beside a scenario", ["run", "life-of-a-page", "--open", "pq1-x"], "give --open alone"),
    ("a cell that is none", ["why", "life-of-a-page", "page.queue"], "is no cell; write page[N].FIELD"),
    ("a page that never was", ["why", "life-of-a-page", "object[heap].page[9]"], "it had pages at 0"),
    ("a page of no object", ["why", "life-of-a-page", "object[pile].page[0]"], "no object is called 'pile'"),
    ("a depth of nothing", ["why", "life-of-a-page", "global.ticks", "--depth", "0"], "write one like 8"),
    ("a subject that is none", ["biography", "life-of-a-page", "heap"], "write page 0x40, queue FREE[5]"),
    ("a queue that is none", ["biography", "life-of-a-page", "queue", "NONE[3]"], "a type of FREE, INACTIVE"),
    ("a page that is none", ["biography", "life-of-a-page", "page", "0x999999"], "there is no page"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_is_exit_2_with_a_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(words, capsys)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_check_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(WAKEUP_PANIC)
    bad.write_text(WAKEUP_PANIC.replace("vm_page_wakeup(m)\nvm_page_wakeup(m)", "vm_page_wakeup(q)"))
    code, out, err = run(["check", str(good), str(bad)], capsys)
    assert code == 2
    assert str(good) in out
    assert err.startswith(f"{bad}:13: ")


def test_show_page_is_ddbs_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["show", "page", "--machine", "64MiB:1x1x1"], capsys)
    assert code == 0
    assert len(out.splitlines()) == 10
    assert out.startswith("vmstats.v_free_count: 14847\nvmstats.v_cache_count: 0\n")


def test_show_pageq_is_ddbs_four_lines(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["show", "pageq", "life-of-a-page", "--at", "end"], capsys)
    rows = [line.split(" ") for line in out.splitlines()]
    assert code == 0
    assert [row[0] for row in rows] == ["PQ_FREE:", "PQ_CACHE:", "PQ_ACTIVE:", "PQ_INACTIVE:"]
    assert all(len(row) == 1025 for row in rows)


def test_the_hold_queues_come_after_ddbs_lines_and_only_when_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, plain, _ = run(["show", "pageq", "life-of-a-page"], capsys)
    code, out, _ = run(["show", "pageq", "life-of-a-page", "--hold"], capsys)
    assert code == 0
    assert out.startswith(plain)
    assert out.removeprefix(plain).startswith("PQ_HOLD (an addition, not part of DDB's output): 0 ")


SHOWN = [
    ("a number at a moment", ["vm.stats.vm.v_free_count", "life-of-a-page", "--at", "end"], 1),
    ("a number of a machine", ["vm.dma_reserved", "--machine", "64MiB:2x4x2"], 1),
    ("a subtree", ["vm.stats", "life-of-a-page"], 22),
    ("a structure", ["vm.vmtotal"], 3),
    ("a scenario alone", ["life-of-a-page"], 82),
    ("nothing more", [], 82),
]


@pytest.mark.parametrize(("words", "lines"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_show_sysctl(words: list[str], lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(["show", "sysctl", *words], capsys)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == lines
    assert out.startswith(words[0] if words and words[0].startswith("vm.") else "vm.dma_reserved: ")


def test_boot_json_has_the_contracts_keys(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["boot", "--machine", "64MiB:2x4x2", "--rules", "source", "--json"], capsys)
    facts = json.loads(out)
    assert code == 0
    assert list(facts) == [
        "format", "phys_ids", "core_ids", "ht_ids", "cpus", "nodes", "colors", "rules", "vmstats",
        "set_assoc_mask", "alist_free", "hash_size", "queues", "warnings", "scaled", "digest",
    ]  # fmt: skip
    assert (facts["phys_ids"], facts["core_ids"], facts["ht_ids"]) == (2, 4, 2)
    assert list(facts["vmstats"]) == list(VMSTATS_FIELDS)
    assert sum(facts["queues"]["FREE"]) == facts["vmstats"]["v_free_count"]
    assert facts["set_assoc_mask"] == 63


def test_boot_in_words_has_a_line_for_each_node(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["boot", "--machine", "four-socket"], capsys)
    assert code == 0
    assert sum(line.startswith("node ") for line in out.splitlines()) == 4


def test_differences_are_46_rows_with_the_keys_that_programs_read(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["differences", "--machine", "64MiB:2x4x2", "--rules", "source", "--json"], capsys)
    facts = json.loads(out)
    assert code == 0
    assert list(facts) == ["format", "rules", "machine", "rows"]
    assert (facts["format"], facts["rules"], facts["machine"]) == (1, "source", "64MiB:2x4x2")
    assert [entry["row"] for entry in facts["rows"]] == list(range(1, 47))
    keys = ["row", "subject", "document", "source", "here", "option", "follows"]
    assert all(list(entry) == keys for entry in facts["rows"])
    assert {entry["option"] for entry in facts["rows"]} >= {None, "assoc_rule", "nice_rule, thresholds"}


def test_differences_in_words_fit_80_columns_and_say_what_decides(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["differences", "--machine", "64MiB:1x4x2", "--rules", "source+find2_full=on"], capsys)
    assert code == 0
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("    here ") for line in lines) == 46
    assert "    follows   the document, by the rule option find2_full = on" in lines
    assert "    follows   the source, by the rule option assoc_rule = source" in lines
    assert sum(line.startswith("====") for line in lines) == 9


WITHOUT_NUMPY = [["--version"], ["--help"], ["list"]]
WITHOUT_TEXTUAL = [
    *WITHOUT_NUMPY,
    ["run", "life-of-a-page", "--steps", "3"],
    ["check", "life-of-a-page"],
    ["boot"],
    ["show", "page", "life-of-a-page"],
    ["show", "sysctl"],
    ["differences"],
    ["why", "life-of-a-page", "vmstats.v_free_count"],
    ["biography", "life-of-a-page", "object heap"],
    ["run", "life-of-a-page", "--break", "panic"],
]


def loaded(words: list[str]) -> set[str]:
    """The packages that one command loads, in a fresh process."""
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr))\n"
        f"from explorer.cli.entry import main\nsys.exit(main({words!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", WITHOUT_TEXTUAL, ids=" ".join)
def test_a_headless_command_loads_no_screen(words: list[str]) -> None:
    assert not loaded(words) & {"textual", "rich", "networkx"}


@pytest.mark.parametrize("words", WITHOUT_NUMPY, ids=" ".join)
def test_the_quickest_commands_load_no_numpy(words: list[str]) -> None:
    assert "numpy" not in loaded(words)


def test_a_broken_pipe_ends_silently() -> None:
    command = f"{sys.executable} -m explorer.cli run life-of-a-page --json | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith('{"format":1,"type":"start"')
    assert done.stderr == ""
