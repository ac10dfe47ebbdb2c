"""The lens `whynot` in sentences."""

from __future__ import annotations

from explorer.lenses.whynot import ConditionRow, WhynotRow
from explorer.text.whynot_sentences import whynot_lines


def test_what_is_not_met_comes_first() -> None:
    row = WhynotRow(
        "0xc03",
        "cache",
        140,
        "boot or setup",
        (
            ConditionRow("it is clean", True, "dirty", "00", 0, ""),
            ConditionRow("it is not wired", False, "wire_count", "1", 131, "app, vm_page_wire"),
        ),
    )
    assert whynot_lines(row) == [
        "Page 0xc03 cannot be cached now.",
        "Not met: it is not wired; wire_count is 1, since step 131 (app, vm_page_wire).",
        "Met: it is clean; dirty is 00, from boot or setup.",
    ]


def test_a_page_that_meets_all_can_be_wired_and_no_page_cannot_be_asked_about() -> None:
    assert whynot_lines(WhynotRow("0xc03", "wire", 1, "power-on")) == ["Page 0xc03 can be wired now."]
    assert whynot_lines(WhynotRow("", "wire", 1, "power-on")) == [
        "No step has changed a page yet; whynot free PAGE asks about one."
    ]
