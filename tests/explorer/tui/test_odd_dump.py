"""The dump of the picture is the same every time, and is odd in the way that its picture shows."""

from __future__ import annotations

from engine.inputs.dumps.reader import dump_text
from engine.reports.dump_findings import findings
from explorer.tui.odd_dump import PAGES, odd_dump


def test_the_dump_is_odd_at_its_end() -> None:
    moments = odd_dump()
    assert (findings(moments, 0), moments[0].notes, moments[0].vmstats["v_page_count"]) == ((), (), PAGES)
    words = " ".join(findings(moments, 5))
    assert all(part in words for part in ("v_free_min", "v_free_reserved", "socket 1 has")), words
    assert dump_text(moments[5]) == dump_text(odd_dump()[5])
