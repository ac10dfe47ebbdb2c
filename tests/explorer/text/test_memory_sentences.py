"""The whole memory in sentences."""

from __future__ import annotations

import re

from explorer.text.listing import MOST
from tests.explorer.text.said_lens import OpenRun, open_run, said

__all__ = ["open_run"]


def test_a_long_list_is_cut_and_the_rest_counted(open_run: OpenRun) -> None:
    session = open_run("why-five-queues")
    lines = said(session, "frames")
    assert len(lines) < MOST + 20
    assert re.fullmatch(r"And [\d,]+ more runs of frames\.", lines[MOST + 1])


def test_the_reserve_during_boot(open_run: OpenRun) -> None:
    session = open_run("boot")
    session.history.seek(1)
    assert said(session, "reserve") == ["Boot has not set up the DMA reserve yet."]
    session.history.seek(session.history.total)
    assert said(session, "reserve")[0].startswith("1,024 of 1,024 blocks are free; ")
