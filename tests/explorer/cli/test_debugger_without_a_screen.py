"""The debugger without a screen: stops, causes, biographies and tokens on the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.constants import PQ_HOLD
from engine.debug.biography import biography
from engine.debug.why import cause_of
from engine.scenario.loader import load
from explorer.cli.entry import main

ROOT = Path(__file__).resolve().parents[3]

HELD = """format = 1
title = "A holds a page, B frees it"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "A"
cpu = 0
script = \"\"\"
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_hold(m)
vm_page_wakeup(m)
\"\"\"
[[thread]]
name = "B"
cpu = 1
script = \"\"\"
while A.m == NULL:
    pass
p = vm_page_lookup_busy_wait(heap, 0, 0)
vm_page_free(p)
\"\"\"
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command: its exit code, stdout and stderr."""

    def command(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def held(tmp_path: Path) -> str:
    path = tmp_path / "held.toml"
    path.write_text(HELD)
    return str(path)


def objects(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


# --- why --------------------------------------------------------------------------------------------------


def test_why_finds_the_free_that_sent_a_held_page_to_pq_hold(run: Run, held: str) -> None:
    code, out, _ = run("run", held, "--json", "--watch", "page[0x40].queue hits 2")
    last = objects(out)[-1]
    assert (code, last["outcome"], last["stop"]["text"]) == (0, "stopped", "watch page[0x40].queue hits 2")
    at = str(last["step"])
    code, out, _ = run("why", held, "--at", at, "page[0x40].queue", "--json")
    facts = json.loads(out)
    assert code == 0
    assert list(facts) == ["format", "cell", "at", "value", "chain"]
    assert (facts["cell"], facts["at"]) == ("page[0x40].queue", int(at))
    assert PQ_HOLD <= facts["value"] < PQ_HOLD + 1024
    cause = facts["chain"][0]
    assert list(cause) == [
        "step",
        "thread",
        "cpu",
        "function",
        "stack",
        "action",
        "cell",
        "old",
        "new",
        "reads",
    ]
    assert (cause["step"], cause["thread"], cause["cpu"]) == (int(at), "B", 1)
    assert cause["stack"][0] == "vm_page_free_toq"
    (hold,) = [read for read in cause["reads"] if read[0] == "page[0x40].hold_count"]
    assert hold[1] == 1
    holder = next(step for step in objects(run("run", held, "--json")[1])[1:] if step["step"] == hold[2])
    assert (holder["thread"], holder["function"]) == ("A", "vm_page_hold")


def test_why_tells_a_student_the_same_in_words(run: Run, held: str) -> None:
    code, out, _ = run("why", held, "page[0x40].queue", "--depth", "1")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("page[0x40].queue is 4161 (HOLD[64]) after step ")
    assert lines[2].endswith(": B:4 on cpu 1: join the queue")
    assert lines[3].startswith("  in vm_page_free_toq > ")
    assert lines[4] == "  page[0x40].queue: 0 (NONE) -> 4161 (HOLD[64])"
    (hold,) = [line for line in lines if line.strip().startswith("page[0x40].hold_count")]
    assert "= 1, written at step" in hold
    assert hold.endswith("by A")


def test_what_nothing_wrote_is_as_boot_and_setup_left_it(run: Run, held: str) -> None:
    code, out, _ = run("why", held, "page[0x41].queue")
    assert code == 0
    assert "nothing has written it: it is as boot and setup left it" in out
    facts = json.loads(run("why", held, "page[0x41].queue", "--json")[1])
    assert facts["chain"] == []


def test_locks_and_links_are_among_the_reads_only_when_all_are_asked_for(run: Run, held: str) -> None:
    def reads(*more: str) -> set[str]:
        facts = json.loads(run("why", held, "page[0x40].queue", "--json", "--depth", "1", *more)[1])
        return {cell for cell, _, _ in facts["chain"][0]["reads"]}

    assert "page[0x40].spin" not in reads()
    assert reads() < reads("--all")
    assert "page[0x40].spin" in reads("--all")


def test_the_reads_name_the_last_writer_of_each(run: Run, held: str) -> None:
    facts = json.loads(run("why", held, "object[heap].resident_page_count", "--json")[1])
    assert [(cause["old"], cause["new"]) for cause in facts["chain"]][:2] == [(1, 0), (0, 1)]
    history = load(held).start()
    history.extend(10_000)
    from_engine = cause_of(history, history.vm.memory.address("object.resident_page_count", 0), history.total)
    assert from_engine is not None
    assert [read[2] for read in facts["chain"][0]["reads"]] == [read.writer for read in from_engine.reads]


def test_the_address_of_a_page_that_left_its_object_is_still_known(run: Run, held: str) -> None:
    facts = json.loads(run("why", held, "object[heap].page[0]", "--json")[1])
    assert facts["value"] is None
    assert facts["chain"][0]["old"] == 0x40


def test_another_schedule_is_another_history(run: Run, held: str) -> None:
    steps = {
        json.loads(run("why", held, "page[0x40].queue", "--json", *more)[1])["chain"][0]["step"]
        for more in ((), ("--schedule", "A:end,B:end"))
    }
    assert len(steps) == 2


# --- biography --------------------------------------------------------------------------------------------


def test_the_life_of_a_page_is_a_table_and_its_line_across_queues(run: Run, held: str) -> None:
    code, out, _ = run("biography", held, "page", "0x40")
    lines = out.splitlines()
    assert code == 0
    assert lines[1] == "colour 64, node 0"
    stations = [station.split(" @")[0] for station in lines[2].removeprefix("on ").split(" -> ")]
    assert stations == ["FREE[64]", "NONE", "HOLD[64]"]
    facts = json.loads(run("biography", held, "page 0x40", "--json")[1])
    assert list(facts) == ["format", "subject", "at", "changes", "queues"]
    assert [list(stay.values()) for stay in facts["queues"]] == [
        [0, "FREE", 64, 0],
        [facts["queues"][1]["step"], "NONE", None, 0],
        [facts["queues"][2]["step"], "HOLD", 64, 0],
    ]
    assert len(lines) == 4 + len(facts["changes"])


def test_a_biography_has_every_change_that_a_run_shows(run: Run, held: str) -> None:
    steps = objects(run("run", held, "--json")[1])[1:-1]
    shown = {
        (step["step"], cell)
        for step in steps
        for cell, _, _ in step["changes"]
        if cell.startswith(("object[heap].", "page[0x40]."))
    }
    told = set()
    for subject in ("object heap", "page 0x40"):
        facts = json.loads(run("biography", held, subject, "--json", "--all")[1])
        told |= {(entry["step"], cell) for entry in facts["changes"] for cell, _, _ in entry["changes"]}
    assert told == shown


def test_a_queue_has_its_lengths_over_time(run: Run, held: str) -> None:
    facts = json.loads(run("biography", held, "queue HOLD[64]", "--json")[1])
    assert [length for _, length in facts["lengths"]] == [0, 1]
    step = facts["lengths"][1][0]
    earlier = json.loads(run("biography", held, "queue PQ_HOLD[64]", "--at", str(step - 1), "--json")[1])
    assert (earlier["changes"], earlier["lengths"]) == ([], [[0, 0]])
    assert "no steps up to step" in run("biography", held, "queue HOLD[65]")[1]


def test_a_biography_is_the_engines(run: Run, held: str) -> None:
    facts = json.loads(run("biography", held, "page 0x40", "--json")[1])
    history = load(held).start()
    history.extend(10_000)
    address = history.vm.memory.address("page.hold_count", history.vm.page_index(0x40))
    (held_at,) = biography(history, [address])
    assert [e["step"] for e in facts["changes"] if "hold_count" in e["changes"][0][0]] == [held_at.step]


# --- stops ------------------------------------------------------------------------------------------------


def test_the_first_of_several_stops_ends_the_run(run: Run, held: str) -> None:
    words = ["--break", "vm_page_free_toq", "--break", "vm_page_hold", "--watch", "page[0x40].queue hits 2"]
    code, out, _ = run("run", held, "--json", *words)
    *_, step, last = objects(out)
    assert code == 0
    assert list(last)[-1] == "stop"
    assert last["stop"] == {"step": step["step"], "text": "break vm_page_hold"}
    following = objects(run("run", held, "--json")[1])[step["step"] + 1]
    assert (following["thread"], following["function"]) == ("A", "vm_page_hold")
    assert f"at step {step['step']}: break vm_page_hold" in run("run", held, *words)[1]


def test_a_stop_on_the_first_call_stands_before_the_first_step(run: Run, held: str) -> None:
    code, out, _ = run("run", held, "--json", "--break", "vm_object_hold")
    _, last = objects(out)
    assert (code, last["outcome"], last["stop"]["step"]) == (0, "stopped", 0)


def test_a_stop_that_is_not_hit_lets_the_run_end(run: Run, held: str) -> None:
    code, out, _ = run("run", held, "--json", "--break", "panic", "--watch", "page[0x41].queue")
    last = objects(out)[-1]
    assert (code, last["outcome"], last["stop"]) == (0, "completed", None)
    assert "no stop was hit" in run("run", held, "--break", "panic")[1]


def test_what_comes_first_of_stops_steps_and_until_ends_the_run(run: Run, held: str) -> None:
    def end(*words: str) -> Any:
        return objects(run("run", held, "--json", *words)[1])[-1]

    hit = end("--break", "vm_page_free_toq")["step"]
    assert (end("--break", "vm_page_free_toq", "--steps", "5")["step"], hit > 5) == (5, True)
    assert end("--break", "vm_page_free_toq", "--steps", "5")["stop"] is None
    early = end("--break", "vm_page_free_toq", "--until", "A.m != NULL")
    assert (early["outcome"], early["stop"], early["step"] < hit) == ("stopped", None, True)


def test_a_panic_is_a_place_to_stop(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "panics.toml"
    path.write_text(HELD.replace("vm_page_hold(m)", "vm_page_wakeup(m)"))
    code, out, _ = run("run", str(path), "--json", "--break", "panic")
    last = objects(out)[-1]
    assert last["stop"]["text"] == "break panic"
    assert (last["outcome"], last["panic"]["function"]) == ("stopped", "vm_page_wakeup")
    assert code == 0


# --- tokens -----------------------------------------------------------------------------------------------


def test_a_run_goes_on_where_its_token_was_made(run: Run, held: str, tmp_path: Path) -> None:
    whole = objects(run("run", held, "--json", "--schedule", "random:4")[1])
    file = tmp_path / "moment"
    code, out, _ = run("run", held, "--json", "--schedule", "random:4", "--steps", "40", "--token", str(file))
    first_part = objects(out)
    code, out, _ = run("run", "--open", str(file), "--json")
    start, *rest = objects(out)
    assert code == 0
    assert (start["step"], start["digest"]) == (40, first_part[-1]["digest"])
    assert (start["schedule"], list(start)[-1]) == ("random:4", "step")
    assert rest == whole[41:]


def test_a_fresh_process_opens_a_token_from_the_command_line(run: Run) -> None:
    token = objects(run("run", "life-of-a-page", "--json", "--steps", "30", "--state", "-")[1])[-1]
    assert token["type"] == "token"
    assert len(token["token"]) < 120
    words = [sys.executable, "-m", "explorer.cli", "run", "--open", token["token"], "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    whole = objects(run("run", "life-of-a-page", "--json")[1])
    assert objects(done.stdout)[1:] == whole[31:]


def test_steps_are_counted_from_where_a_token_opens(run: Run) -> None:
    token = run("run", "life-of-a-page", "--steps", "30", "--state", "-")[1].splitlines()[-1]
    start, *steps, last = objects(run("run", "--open", token, "--steps", "3", "--json")[1])
    assert (start["step"], [step["step"] for step in steps], last["step"]) == (30, [31, 32, 33], 33)


# --- one object a command ---------------------------------------------------------------------------------


def test_check_says_of_each_file_whether_it_is_right(run: Run, held: str, tmp_path: Path) -> None:
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


def test_show_has_the_numbers_of_its_text(run: Run) -> None:
    for what in ("page", "pageq"):
        text = run("show", what, "life-of-a-page", "--at", "end")[1]
        facts = json.loads(run("show", what, "life-of-a-page", "--at", "end", "--json")[1])
        assert list(facts) == ["format", what]
        rows = [line.replace("vmstats.", "").split(":") for line in text.splitlines()]
        shown = {name: [int(word) for word in words.split()] for name, words in rows}
        values = {name: v if isinstance(v, list) else [v] for name, v in facts[what].items()}
        assert values == shown


def test_conform_has_its_counts_and_divergences(run: Run, tmp_path: Path) -> None:
    golden = ROOT.parent / "shared" / "golden" / "busy.jsonl.gz"
    if not golden.exists():
        pytest.skip("the traces of the real kernel do not lie beside this checkout")
    code, out, _ = run("conform", str(golden), "--json")
    facts = json.loads(out)
    assert code == 0
    assert list(facts) == [
        "format", "files", "segments", "operations", "comparisons", "not_covered", "divergences"
    ]  # fmt: skip
    assert facts["divergences"] == []
    assert facts["files"] == 1
    assert facts["comparisons"] > 0
    summary = run("conform", str(golden))[1].splitlines()[-1]
    assert summary.startswith(f"1 files, {facts['segments']} segments, {facts['operations']} operations")


def test_the_readme_has_the_keys_of_each_object_in_their_order(run: Run, held: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(why|biography|run`, a step|check)`? \| `(.*?)`", readme, re.MULTILINE))
    why = json.loads(run("why", held, "page[0x40].queue", "--json")[1])
    life = json.loads(run("biography", held, "object heap", "--json")[1])
    step = objects(run("run", held, "--json")[1])[1]
    check = json.loads(run("check", held, "--json")[1])
    shown = {
        "why": [*why, *why["chain"][0]],
        "biography": [*life, *life["changes"][0]],
        "run`, a step": list(step),
        "check": [*check, *check["files"][0]],
    }
    assert rows.keys() == shown.keys()
    for command, keys in shown.items():
        named = iter(re.findall(r"\w+", rows[command]))
        assert all(key in named for key in keys), f"{command}: {keys}"


def test_state_is_the_option_and_its_old_name_is_hidden_but_works(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    new, old = (
        run("run", "life-of-a-page", "--steps", "30", option, "-") for option in ("--state", "--token")
    )
    assert new == old
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    text = capsys.readouterr().out
    assert "--state FILE" in text
    assert "--token" not in text
