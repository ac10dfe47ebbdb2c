"""`pageq why`: the chain of causes of a cell, as text and as one JSON object."""

from __future__ import annotations

import json

import pytest

from engine.constants import PQ_HOLD
from engine.debug.why import cause_of
from engine.scenario.loader import load
from tests.explorer.cli.command_output import Run, objects, refused


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
        "line",
        "call",
        "because",
    ]
    assert (cause["line"], cause["call"]) == (4, "vm_page_free(p)")
    assert cause["because"] in cause["reads"]
    assert cause["because"][0] == "page[0x40].hold_count"
    assert facts["chain"][-1]["because"] is None
    assert (cause["step"], cause["thread"], cause["cpu"]) == (int(at), "B", 1)
    assert cause["stack"][0] == "vm_page_free_toq"
    (hold,) = [read for read in cause["reads"] if read[0] == "page[0x40].hold_count"]
    assert hold[1] == 1
    holder = next(step for step in objects(run("run", held, "--json")[1])[1:] if step["step"] == hold[2])
    assert (holder["thread"], holder["function"]) == ("A", "vm_page_hold")


def test_why_prints_the_same_as_text(run: Run, held: str) -> None:
    code, out, _ = run("why", held, "page[0x40].queue", "--depth", "1")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("page[0x40].queue is 4161 (HOLD[64]) after step ")
    assert lines[2].endswith(": B:4 on cpu 1: join the queue")
    assert lines[3] == "  called by: vm_page_free(p)"
    assert lines[4].startswith("  in vm_page_free_toq > ")
    assert lines[5] == "  page[0x40].queue: 0 (NONE) -> 4161 (HOLD[64])"
    longer = run("why", held, "page[0x40].queue", "--depth", "2")[1].splitlines()
    assert longer[6].startswith("  because page[0x40].hold_count was 1, written at step ")
    (hold,) = [line for line in lines if line.strip().startswith("page[0x40].hold_count")]
    assert "= 1, written at step" in hold
    assert hold.endswith("by A")


def test_a_cell_that_no_step_wrote_is_from_boot_or_setup(run: Run, held: str) -> None:
    code, out, _ = run("why", held, "page[0x41].queue")
    assert code == 0
    assert "no step changed it: the value is from boot or setup" in out
    facts = json.loads(run("why", held, "page[0x41].queue", "--json")[1])
    assert facts["chain"] == []


def test_locks_and_links_are_among_the_reads_only_with_all(run: Run, held: str) -> None:
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


BAD = [
    ("an invalid cell", ["why", "life-of-a-page", "page.queue"], "is not a cell; write page[N].FIELD"),
    (
        "a page that the object never had",
        ["why", "life-of-a-page", "object[heap].page[9]"],
        "it had pages at 0",
    ),
    ("an unknown object", ["why", "life-of-a-page", "object[pile].page[0]"], "there is no object 'pile'"),
    ("a depth of 0", ["why", "life-of-a-page", "global.ticks", "--depth", "0"], "use one like 8"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_an_unknown_cell_is_exit_2_with_a_message(words: list[str], message: str, run: Run) -> None:
    refused(run(*words), message)
