"""What the rows say of themselves."""

from __future__ import annotations

from explorer.views.rows import Change, Tip, flag_difference


def test_flags_are_told_by_what_came_and_went() -> None:
    assert flag_difference("WRITEABLE|MAPPED|REFERENCED", "WRITEABLE|MAPPED") == "-REFERENCED"
    assert flag_difference("0", "MAPPED|ZERO") == "+MAPPED +ZERO"
    assert flag_difference("MAPPED", "0") == "-MAPPED"
    assert str(Change("page 0x40", "flags", "ZERO", "MAPPED")) == "page 0x40 flags +MAPPED -ZERO"
    assert str(Change("page 0x40", "queue", "none", "FREE[5]")) == "page 0x40 queue none→FREE[5]"


def test_only_a_cell_of_flags_has_a_difference() -> None:
    assert Change("page 0x40", "queue", "ZERO", "MAPPED").difference == ""


def test_a_tip_takes_the_columns_of_its_key_its_text_and_three_spaces() -> None:
    assert Tip("s", "step", "step").columns == 1 + 4 + 3
    assert Tip("页", "step", "step").columns == 2 + 4 + 3
