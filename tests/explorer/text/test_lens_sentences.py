"""Every lens in text mode: sentences and numbers, and no drawing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

from explorer.lenses.kit.registry import LENSES, lens_named
from explorer.session.session import Session
from explorer.text.code_sentences import code_sentences
from explorer.text.lens_sentences import SAID
from explorer.text.sentences import joined
from explorer.text.stage_sentences import stage_sentences
from explorer.views.code import code_row
from explorer.views.glyphs import LEVELS, LINES
from explorer.views.stage import stage_row
from tests.explorer.text.said_lens import OpenRun, open_run, said
from tests.tiers import only_fast

__all__ = ["open_run"]

DRAWN: Final = set(LEVELS) | set(LINES) | set("█▒░▌▲▼◆●■□▪@")
"""Characters that only make sense in a drawing."""

ROW: Final = re.compile(r"([^\w\s])\1{3}|8{6}|(.)\2{11}")
"""A row of the same sign, also after the glyphs have become ASCII."""

RUNS: Final = ("life-of-a-page", "empty-colour", "hard-and-soft-busy", "dma-fragmentation", "colour-and-home")


def moments(session: Session) -> Iterator[int]:
    total = session.history.total
    for step in sorted({0, 1, 12, total // 3, total // 2, total}):
        session.history.seek(step)
        yield step


@pytest.mark.parametrize("run", only_fast(RUNS, RUNS[0]))
@pytest.mark.parametrize("name", LENSES[1:])
def test_no_lens_prints_a_drawing(name: str, run: str, open_run: OpenRun) -> None:
    session = open_run(run)
    for _ in moments(session):
        lines = said(session, name)
        assert lines
        for line in lines:
            assert not DRAWN & set(line), line
            assert not ROW.search(joined([line]).replace("...", "")), line
            if name in SAID:
                assert line.endswith("."), line
                assert len(line) < 2_000


@pytest.mark.parametrize("run", [*RUNS, "boot"])
def test_the_stage_and_the_code_print_no_drawing(run: str, open_run: OpenRun) -> None:
    session = open_run(run)
    for _ in moments(session):
        for lines in (stage_sentences(stage_row(session)), code_sentences(code_row(session))):
            assert lines
            for line in lines:
                assert not DRAWN & set(line), line
                assert not ROW.search(line), line
                assert line.endswith("."), line


@pytest.mark.parametrize("name", sorted(SAID))
def test_what_is_said_has_a_lens_and_does_not_move_the_cursor(name: str, open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    session.history.seek(30)
    row = lens_named(name).look(session)
    assert SAID[name](row) == said(session, name)
    assert session.history.step == 30


EXPECTED: Final = {
    "chart": "v_free_min is 84: FREE is never below it.",
    "console": 'Step 0: the kernel prints "DMA space used: 0k, remaining available: 1024k".',
    "ddb": "PQ_ACTIVE has 1 page; of the first 128 colours: colour 0 1.",
    "lanes": "app ran in 1 to 24, 33 to 47.",
    "life": "Queues: FREE from step 0, NONE from step 11, ACTIVE from step 41.",
    "moves": "FREE to NONE: 1 time by vm_page_alloc, the last at step 11.",
    "experiment": "No experiment is measured yet; experiment NAME measures one.",
    "explore": "No schedule is searched yet; explore searches all of them.",
    "frames": "Page 0xc03: active.",
    "reserve": "Nodes of 32 blocks: 8 free, 0 partly free, 0 taken or empty.",
    "queue": "Page 0xc03: locked, the inspected page.",
    "object": "Pindex 0: active, busy.",
    "hash": "Page 0xc03 of heap[0] is not found by the hash: not MAPPEDMULTI.",
    "search": "Step 5: FREE[0], window of 1 colour, took a page.",
    "numa": "Node 0: free 3,710, active 1, reserve 256.",
    "machine": "Cpu 0 of node 0 took 1 page of node 0, local; newest first 0xc03; the last at step 16.",
    "whynot": "Page app.m 0xc03 can be freed now.",
    "stats": "v_free_count is 3,711; not yet added: cpu 0 -1.",
    "pages": "Page 0xc03 (app.m): ",
    "compare": "No moments are compared yet: compare BRANCH:STEP compares this one with any other.",
    "branches": "Branch main: ends at step 145, completed; the cursor is here, at step 60.",
}


@pytest.mark.parametrize("name", sorted(SAID))
def test_a_lens_says_what_it_draws(name: str, open_run: OpenRun) -> None:
    session = open_run("life-of-a-page")
    session.history.seek(60)
    lines = said(session, name)
    assert EXPECTED[name] in lines or any(line.startswith(EXPECTED[name]) for line in lines)
