"""`pageq biography`: the changes of a page, a queue or an object, as text and as one JSON object."""

from __future__ import annotations

import json

import pytest

from engine.debug.biography import biography
from engine.scenario.loader import load
from tests.explorer.cli.command_output import Run, objects, refused


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
    listed = set()
    for subject in ("object heap", "page 0x40"):
        facts = json.loads(run("biography", held, subject, "--json", "--all")[1])
        listed |= {(entry["step"], cell) for entry in facts["changes"] for cell, _, _ in entry["changes"]}
    assert listed == shown


def test_a_queue_has_its_lengths_over_time(run: Run, held: str) -> None:
    facts = json.loads(run("biography", held, "queue HOLD[64]", "--json")[1])
    assert [length for _, length in facts["lengths"]] == [0, 1]
    step = facts["lengths"][1][0]
    earlier = json.loads(run("biography", held, "queue PQ_HOLD[64]", "--at", str(step - 1), "--json")[1])
    assert (earlier["changes"], earlier["lengths"]) == ([], [[0, 0]])
    assert "changed by 0 steps up to step" in run("biography", held, "queue HOLD[65]")[1]


def test_a_biography_is_the_engines(run: Run, held: str) -> None:
    facts = json.loads(run("biography", held, "page 0x40", "--json")[1])
    history = load(held).start()
    history.extend(10_000)
    address = history.vm.memory.address("page.hold_count", history.vm.page_index(0x40))
    (held_at,) = biography(history, [address])
    assert [e["step"] for e in facts["changes"] if "hold_count" in e["changes"][0][0]] == [held_at.step]


BAD = [
    ("an unknown subject", ["biography", "life-of-a-page", "heap"], "use page 0x40, queue FREE[5]"),
    ("an unknown queue", ["biography", "life-of-a-page", "queue", "NONE[3]"], "the types FREE, INACTIVE"),
    ("an unknown page", ["biography", "life-of-a-page", "page", "0x999999"], "there is no page"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_an_unknown_subject_is_exit_2(words: list[str], message: str, run: Run) -> None:
    refused(run(*words), message)
