"""The dump of the picture is the same every time, and is odd in the way that its picture shows."""

from __future__ import annotations

from engine.inputs.dumps.reader import dump_text
from engine.reports.dump_findings import findings
from explorer.tui.odd_dump import PAGES, odd_dump


def test_the_dump_is_odd_only_at_its_end() -> None:
    moments = odd_dump(6)
    assert findings(moments, 0) == ()
    words = findings(moments, 5)
    assert [
        any(part in text for text in words) for part in ("v_free_min", "v_free_reserved", "socket 1")
    ] == [
        True,
        True,
        True,
    ]
    assert dump_text(moments[5]) == dump_text(odd_dump()[5])
    assert moments[0].notes == ()
    assert moments[0].vmstats["v_page_count"] == PAGES
