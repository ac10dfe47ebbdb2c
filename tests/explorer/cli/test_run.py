"""`pageq run`: one line or one JSON object per step, its end, and the state string of its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.run.slow_swap import SLOW_SWAP
from tests.explorer.cli.command_output import ROOT, Run, objects, refused
from tests.explorer.cli.small_scenarios import HELD, ONE_QUESTION, WAKEUP_PANIC


def test_a_json_run_has_a_start_dense_steps_and_an_end(run: Run) -> None:
    code, out, _ = run("run", "life-of-a-page", "--json")
    first, *steps, last = objects(out)
    assert code == 0
    assert list(first) == ["format", "type", "scenario", "rules", "schedule", "digest", "machine", "console"]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    keys = ["type", "step", "thread", "cpu", "function", "line", "action", "changes", "wakeups"]
    assert all(list(step) == keys for step in steps)
    assert list(last) == ["type", "outcome", "step", "digest", "panic", "expect", "questions"]
    assert (last["outcome"], last["step"]) == ("completed", len(steps))
    assert last["expect"]
    assert all(entry["ok"] for entry in last["expect"] + last["questions"])


def test_a_leak_and_a_wrong_order_are_outcomes_with_a_finding(run: Run, held: str, tmp_path: Path) -> None:
    code, out, _ = run("run", held, "--json")
    last = objects(out)[-1]
    # The file says `completed`, which accepts a leak.
    assert (code, last["outcome"], last["panic"]["kind"]) == (0, "leak", "leak")
    assert last["panic"]["condition"].startswith("not given back: page 0x40, held by A:2 at step ")
    assert "not given back: page 0x40, held by A:2 at step " in run("run", held)[1]
    path = tmp_path / "order.toml"
    path.write_text(HELD.replace("vm_page_hold(m)", """vm_page_queues_spin_lock(PQ_ACTIVE)
got = vm_page_spin_trylock(m)
vm_page_spin_unlock(m)
vm_page_queues_spin_unlock(PQ_ACTIVE)"""))  # fmt: skip
    code, out, _ = run("run", str(path), "--json")
    last = objects(out)[-1]
    assert (code, last["outcome"], last["panic"]["kind"]) == (1, "unlock_order", "unlock_order")
    assert last["panic"]["condition"].startswith("A:4 releases page 0x40 before queue ACTIVE[0] at step ")


def test_without_an_expected_outcome_a_leak_fails(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "leak.toml"
    path.write_text(HELD.partition("[[expect]]")[0])
    code, out, _ = run("run", str(path))
    assert (code, out.splitlines()[-1]) == (1, "expected outcome: completed")


def test_a_line_that_calls_nothing_is_in_no_kernel_function(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "assign.toml"
    path.write_text(HELD.replace("vm_page_hold(m)", "x = 1\nvm_page_hold(m)"))
    steps = [entry for entry in objects(run("run", str(path), "--json")[1]) if entry["type"] == "step"]
    (assign,) = [step for step in steps if (step["thread"], step["line"]) == ("A", 2)]
    assert (assign["function"], assign["action"]) == (None, "assign")
    text = run("run", str(path))[1].splitlines()
    assert [line.split()[2] for line in text if line.split()[1:2] == ["A:2"]] == ["-"]


def test_two_runs_are_identical_to_the_byte(run: Run) -> None:
    words = ["run", "hard-and-soft-busy", "--json", "--schedule", "random:3"]
    assert run(*words) == run(*words)


def test_the_header_names_the_switches_that_are_off(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "switches.toml"
    path.write_text(WAKEUP_PANIC.replace("[[object]]", "interlock = false\ntrylock = false\n[[object]]", 1))
    _, out, _ = run("run", str(path), "--json", "--steps", "0")
    assert objects(out)[0]["rules"] == "document+interlock=off,trylock=off"


def test_a_run_stops_after_steps_and_at_until(run: Run) -> None:
    code, out, _ = run("run", "life-of-a-page", "--json", "--steps", "7")
    last = objects(out)[-1]
    assert (code, last["outcome"], last["step"]) == (0, "stopped", 7)
    code, out, _ = run("run", "life-of-a-page", "--json", "--until", "queue_of(app.m) == PQ_ACTIVE")
    *_, step, last = objects(out)
    assert (code, last["outcome"]) == (0, "stopped")
    assert any(cell.endswith(".queue") for cell, _, _ in step["changes"])


def head_of(memory: str) -> str:
    """The head of a scenario up to its thread's script, on a machine with so much memory."""
    return WAKEUP_PANIC.replace("4 MiB", memory).split("script")[0]


def test_the_longest_wait_is_one_jump_in_time(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "wait.toml"
    path.write_text(head_of("1 MiB") + 'script = "vm_wait(0x7fffffff)"\n')
    code, out, _ = run("run", str(path), "--json")
    events = [step for step in objects(out)[1:-1] if step["thread"] is None]
    assert [(step["action"], step["changes"][0]) for step in events] == [
        ("2147483647 ticks", ["global.ticks", 0, 0x7FFFFFFF])
    ]
    assert (code, objects(out)[-1]["outcome"]) == (0, "completed")


def test_a_run_can_be_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "endless.toml"
    path.write_text(
        head_of("1 MiB") + 'script = """\nn = 0\nwhile 1:\n    vm_wait(0)\n    n += 1 + n % 2\n"""\n'
    )
    words = [sys.executable, "-m", "explorer.cli", "run", str(path), "--set", "limits.steps=1_000_000_000"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdout=pipe, stderr=pipe) as child:
        assert child.stdout is not None
        while b"2 " not in child.stdout.readline():
            pass
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
    assert (child.returncode, b"Traceback" in errors) == (130, False)


def test_a_run_reports_lock_contention(run: Run) -> None:
    code, out, _ = run("run", "life-of-a-page", "--json", "--locks")
    last = objects(out)[-1]
    assert (code, last["type"]) == (0, "locks")
    taken = {lock["name"]: lock["acquisitions"] for lock in last["locks"]}
    assert taken["token of heap"] > 1
    code, out, _ = run("run", "life-of-a-page", "--locks")
    assert "steps waited" in out


def test_a_panics_stack_does_not_name_helpers_of_the_model(run: Run) -> None:
    _, out, _ = run("run", "usage-pattern-fault-race", "--json")
    assert objects(out)[-1]["panic"]["stacks"] == {"now": ["vm_page_alloc"]}


def test_a_panic_is_exit_1_with_function_condition_and_stack(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "twice.toml"
    path.write_text(WAKEUP_PANIC)
    code, out, _ = run("run", str(path), "--json")
    last = objects(out)[-1]
    assert (code, last["outcome"], last["panic"]["function"]) == (1, "panic", "vm_page_wakeup")
    assert last["panic"]["message"] == "vm_page_wakeup: page not busy!!!"
    assert last["panic"]["stacks"]["now"] == ["vm_page_wakeup"]
    path.write_text(WAKEUP_PANIC + '[[expect]]\noutcome = "panic:vm_page_wakeup"\n')
    assert run("run", str(path))[0] == 0


def test_an_expectation_that_fails_is_exit_1(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "wrong.toml"
    text = WAKEUP_PANIC.replace("vm_page_wakeup(m)\nvm_page_wakeup(m)", "vm_page_wakeup(m)")
    path.write_text(text + '[[expect]]\nat = "end"\nthat = "app.m.valid == 0xff"\n')
    code, out, _ = run("run", str(path))
    assert code == 1
    assert "FAILS at end: app.m.valid == 0xff" in out


def test_what_is_said_of_all_schedules_is_null_and_does_not_count(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "all.toml"
    said = '[[expect]]\nalways = "app.x < 0"\n[[expect]]\nsome = "end"\noutcome = "blocked"\n'
    path.write_text(ONE_QUESTION + said)
    code, out, _ = run("run", str(path), "--quiet")
    assert code == 0
    assert out.splitlines()[1:] == [
        "not checked, always: app.x < 0 (pageq explore checks it)",
        "not checked, some end: outcome == blocked (pageq explore checks it)",
    ]
    code, out, _ = run("run", str(path), "--quiet", "--json")
    assert code == 0
    assert json.loads(out.splitlines()[-1])["expect"] == [
        {"at": "always", "that": "app.x < 0", "ok": None},
        {"at": "some end", "that": "outcome == blocked", "ok": None},
    ]
    # A run that is stopped has not come to its expectations.
    code, out, _ = run("run", str(path), "--quiet", "--json", "--steps", "1")
    assert json.loads(out.splitlines()[-1])["expect"] == []


BAD = [
    ("an unknown scenario", ["run", "nowhere"], "there is no scenario 'nowhere'"),
    (
        "an invalid schedule",
        ["run", "life-of-a-page", "--schedule", "app:x"],
        "'app:x' is not a schedule item",
    ),
    ("steps that are not a number", ["run", "life-of-a-page", "--steps", "many"], "use one like 200"),
    ("an invalid expression", ["run", "life-of-a-page", "--until", "1 +"], "1 +"),
    ("nothing to run", ["run"], "give a SCENARIO, --all, --open STATE or --trace TRACE"),
    ("an unknown breakpoint", ["run", "life-of-a-page", "--break", "vm_page_fre"], "vm_page_free"),
    ("a line without a call", ["run", "life-of-a-page", "--break", "app:3"], "line 3 of app has no code"),
    ("an invalid watchpoint", ["run", "life-of-a-page", "--watch", "page[1]"], "--watch 'page[1]': "),
    ("an invalid state string", ["run", "--open", "pq1-AAAA"], "this state string is damaged"),
    ("a state string and a scenario", ["run", "life-of-a-page", "--open", "pq1-x"], "use --open alone"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_is_exit_2_with_a_message(words: list[str], message: str, run: Run) -> None:
    refused(run(*words), message)


def test_a_broken_pipe_ends_silently() -> None:
    command = f"{sys.executable} -m explorer.cli run life-of-a-page --json | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith('{"format":1,"type":"start"')
    assert done.stderr == ""


# --- breakpoints and watchpoints -------------------------------------------------------------------------


def test_the_first_of_several_breakpoints_ends_the_run(run: Run, held: str) -> None:
    words = ["--break", "vm_page_free_toq", "--break", "vm_page_hold", "--watch", "page[0x40].queue hits 2"]
    code, out, _ = run("run", held, "--json", *words)
    *_, step, last = objects(out)
    assert code == 0
    assert list(last)[-1] == "stop"
    assert last["stop"] == {"step": step["step"], "text": "break vm_page_hold"}
    following = objects(run("run", held, "--json")[1])[step["step"] + 1]
    assert (following["thread"], following["function"]) == ("A", "vm_page_hold")
    assert f"at step {step['step']}: break vm_page_hold" in run("run", held, *words)[1]


def test_a_breakpoint_on_an_action_stops_before_it(run: Run, held: str) -> None:
    code, out, _ = run("run", held, "--json", "--break", "vm_page_free_toq#2")
    *_, last = objects(out)
    assert code == 0
    following = objects(run("run", held, "--json")[1])[last["step"] + 1]
    assert (following["function"], following["action"]) == (
        "vm_page_free_toq",
        "check that the page may be freed",
    )
    code, _, err = run("run", held, "--break", "vm_page_free_toq#9")
    assert code == 2
    assert "vm_page_free_toq has 6 actions; write vm_page_free_toq#1 to #6" in err


def test_a_breakpoint_on_the_first_call_stops_before_the_first_step(run: Run, held: str) -> None:
    code, out, _ = run("run", held, "--json", "--break", "vm_object_hold")
    _, last = objects(out)
    assert (code, last["outcome"], last["stop"]["step"]) == (0, "stopped", 0)


def test_with_a_breakpoint_that_is_not_hit_the_run_ends(run: Run, held: str) -> None:
    code, out, _ = run("run", held, "--json", "--break", "panic", "--watch", "page[0x41].queue")
    last = objects(out)[-1]
    assert (code, last["outcome"], last["stop"]) == (0, "leak", None)
    assert "no breakpoint was hit" in run("run", held, "--break", "panic")[1]


def test_the_first_of_breakpoints_steps_and_until_ends_the_run(run: Run, held: str) -> None:
    def end(*words: str) -> Any:
        return objects(run("run", held, "--json", *words)[1])[-1]

    hit = end("--break", "vm_page_free_toq")["step"]
    assert (end("--break", "vm_page_free_toq", "--steps", "5")["step"], hit > 5) == (5, True)
    assert end("--break", "vm_page_free_toq", "--steps", "5")["stop"] is None
    early = end("--break", "vm_page_free_toq", "--until", "A.m != NULL")
    assert (early["outcome"], early["stop"], early["step"] < hit) == ("stopped", None, True)


def test_a_run_can_stop_at_a_panic(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "panics.toml"
    path.write_text(HELD.replace("vm_page_hold(m)", "vm_page_wakeup(m)"))
    code, out, _ = run("run", str(path), "--json", "--break", "panic")
    last = objects(out)[-1]
    assert last["stop"]["text"] == "break panic"
    assert (last["outcome"], last["panic"]["function"]) == ("stopped", "vm_page_wakeup")
    assert code == 0


# --- state strings --------------------------------------------------------------------------------------


def test_a_run_continues_from_a_state_string(run: Run, held: str, tmp_path: Path) -> None:
    whole = objects(run("run", held, "--json", "--schedule", "random:4")[1])
    file = tmp_path / "moment"
    code, out, _ = run("run", held, "--json", "--schedule", "random:4", "--steps", "40", "--token", str(file))
    first_part = objects(out)
    code, out, _ = run("run", "--open", str(file), "--json")
    start, *rest = objects(out)
    assert code == 0
    assert (start["step"], start["digest"]) == (40, first_part[-1]["digest"])
    assert (start["schedule"], list(start)[-2:]) == ("random:4", ["step", "machine"])
    assert rest == whole[41:]


def test_a_new_process_opens_a_state_string_from_the_command_line(run: Run) -> None:
    token = objects(run("run", "life-of-a-page", "--json", "--steps", "30", "--state", "-")[1])[-1]
    assert token["type"] == "token"
    assert len(token["token"]) < 120
    words = [sys.executable, "-m", "explorer.cli", "run", "--open", token["token"], "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    whole = objects(run("run", "life-of-a-page", "--json")[1])
    assert objects(done.stdout)[1:] == whole[31:]


def test_steps_are_counted_from_the_step_of_the_state_string(run: Run) -> None:
    token = run("run", "life-of-a-page", "--steps", "30", "--state", "-")[1].splitlines()[-1]
    start, *steps, last = objects(run("run", "--open", token, "--steps", "3", "--json")[1])
    assert (start["step"], [step["step"] for step in steps], last["step"]) == (30, [31, 32, 33], 33)


def test_the_old_name_of_state_is_hidden_but_works(run: Run) -> None:
    new, old = (
        run("run", "life-of-a-page", "--steps", "30", option, "-") for option in ("--state", "--token")
    )
    assert new == old
    text = run("run", "--help")[1]
    assert "--state FILE" in text
    assert "--token" not in text


FREE_BUSY = WAKEUP_PANIC.replace(
    "vm_page_wakeup(m)\nvm_page_wakeup(m)", "vm_page_io_start(m)\nvm_page_free(m)"
)
FREE_MAPPED = WAKEUP_PANIC.replace(
    "vm_page_wakeup(m)\nvm_page_wakeup(m)", "pmap_enter(m, 1)\nvm_page_free(m)"
)


@pytest.mark.parametrize(
    ("scenario", "printed", "found"),
    [
        (FREE_BUSY, "vm_page_free: freeing busy page", "1 soft busy is left"),
        (FREE_MAPPED, 'assertion "..." failed in vm_page_free_toq', "expected: an unmapped page"),
    ],
    ids=["a message", "an assertion without text"],
)
def test_at_a_panic_a_run_prints_what_the_kernel_prints_and_the_page(
    scenario: str, printed: str, found: str, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "panic.toml"
    path.write_text(scenario)
    _, out, _ = run("run", str(path), "--quiet")
    assert out.splitlines()[1:4] == [
        f"panic: {printed}",
        f"vm_page_free_toq, page 0x40: {found}",
        "current calls: vm_page_free_toq",
    ]
    panic = objects(run("run", str(path), "--json")[1])[-1]["panic"]
    assert (panic["message"], panic["page"], panic["condition"]) == (printed, 0x40, found)


def test_the_console_of_a_run_is_in_its_text_and_in_its_steps(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "slow.toml"
    path.write_text(SLOW_SWAP)
    _, out, _ = run("run", str(path))
    lines = [line.split("(console)")[1].strip() for line in out.splitlines() if "(console)" in line]
    assert [line.partition("buffer")[0] for line in lines[1:]] == ["swap_pager: indefinite wait "] * 2
    first, *steps, _ = objects(run("run", str(path), "--json")[1])
    assert [text for step in (first, *steps) for text in step.get("console", [])] == lines
    assert all(what in ("wakeup", "timeout") for step in steps for _, _, what in step["wakeups"])
    assert {what for step in steps for _, _, what in step["wakeups"]} == {"wakeup", "timeout"}
    assert all(step["zeroed"] == [[page, 0, 4096]] for step in steps for page, *_ in step.get("zeroed", []))


def test_the_limit_that_a_nice_process_is_compared_with_is_printed(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "nice.toml"
    path.write_text(
        SLOW_SWAP.replace("io_delay", 'nice_rule = "formula"\nio_delay')
        .replace("pid = 100", "pid = 100\nnice = 10")
        .replace("read(0x10000)\ndone = 1", "vm_wait_pfault()")
    )
    _, out, _ = run("run", str(path))
    limit = next(line for line in out.splitlines() if "reader:1" in line and "compares" in line)
    assert limit.endswith("the limit for nice value 10")


def test_a_long_sleep_in_one_step_is_one_short_line(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "tick.toml"
    path.write_text(WAKEUP_PANIC.replace("vm_page_wakeup(m)\nvm_page_wakeup(m)", "tick(2000)"))
    _, out, _ = run("run", str(path))
    line = next(line for line in out.splitlines() if "advance the clock" in line)
    assert "global.ticks 0 -> 2000;" in line
    assert len(line) < 400


def test_a_run_prints_answers_only_if_asked(run: Run) -> None:
    for words, printed in ((["--quiet"], False), (["--quiet", "--answers"], True)):
        code, out, _ = run("run", "life-of-a-page", *words)
        assert (code, "question 1: PQ_NONE" in out) == (0, printed)


@pytest.mark.parametrize(
    ("words", "oks"),
    [
        ([], [True] * 7),
        (["--schedule", "random:7"], [*[True] * 4, *[None] * 3]),  # it panics
        (["--set", "limits.steps=100"], [*[True] * 5, None, None]),
        (["--steps", "40"], [*[True] * 3, *[None] * 4]),
        (["--steps", "0"], [None] * 7),
    ],
)
def test_every_question_is_reported_and_one_that_is_not_asked_has_no_result(
    words: list[str], oks: list[bool | None], run: Run
) -> None:
    last = objects(run("run", "life-of-a-page", "--json", "--quiet", *words)[1])[-1]
    assert [entry["ok"] for entry in last["questions"]] == oks
    assert [entry["answer"] is None for entry in last["questions"]] == [ok is None for ok in oks]
    text = run("run", "life-of-a-page", "--quiet", *words)[1]
    assert text.count("not asked in this run") == (0 if "--steps" in words else oks.count(None))


def test_help_has_every_item_of_a_schedule(run: Run) -> None:
    assert "io[:K]" in run("run", "--help")[1]


@pytest.mark.parametrize("words", [[], ["--steps", "30"], ["--schedule", "random:5"], ["--until", "1 == 2"]])
def test_a_quiet_run_ends_as_one_with_steps_does(words: list[str], run: Run) -> None:
    first, *_, last = objects(run("run", "hard-and-soft-busy", "--json", *words)[1])
    assert objects(run("run", "hard-and-soft-busy", "--json", "--quiet", *words)[1]) == [first, last]
