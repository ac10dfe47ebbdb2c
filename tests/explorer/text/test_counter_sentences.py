"""Counters in sentences."""

from __future__ import annotations

from tests.explorer.text.said_lens import OpenRun, open_run, said

__all__ = ["open_run"]


def test_text_mode_says_what_every_cpu_sees(open_run: OpenRun) -> None:
    session = open_run("tour")
    session.history.extend(10_000)
    session.history.seek(session.history.total)
    seen = [line for line in said(session, "stats") if " free page" in line]
    assert seen == ["Cpu 0 sees 3,710 free pages and 0 cached.", "Cpu 1 sees 3,711 free pages and 0 cached."]
    session.history.seek(0)
    assert "Cpus 0 to 1 see 3,711 free pages and 0 cached." in said(session, "stats")
