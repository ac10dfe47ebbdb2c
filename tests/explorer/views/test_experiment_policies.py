"""The table of an experiment over reference strings: policies side by side, or a table under each string."""

from __future__ import annotations

from engine.experiments.experiment import Experiment
from engine.experiments.table import Row
from explorer.views.experiment import grouped
from explorer.views.experiment_policies import policy_lines
from explorer.views.experiment_table import table_lines
from tests.explorer.measured_by_hand import experiment as by_hand

STRING = "made:zipf:pages=500,length=5000,seed=1"

TEXT = f"""format = 1
title = "Policies"
claim = "one misses less"
[vary]
trace = ["{STRING}", "recorded:ls"]
frames = [32, 64]
policy = ["kernel", "lru"]
[measure]
misses = "run.misses"
writebacks = "run.writebacks"
"""


def measured() -> tuple[Experiment, list[Row]]:
    one = by_hand(TEXT)
    found = [
        Row(
            point.settings,
            {"misses": 1000 + number, "writebacks": number if number > 3 else 0},
            ("a note",) if number == 2 else (),
            number=number,
        )
        for number, point in enumerate(one.points)
    ]
    return one, found


def test_each_string_has_a_heading_and_the_policies_are_side_by_side() -> None:
    one, found = measured()
    lines = table_lines(one, found, 80)
    assert [line.text for line in lines] == [
        f"misses of {STRING}",
        " row  frames  kernel    lru",
        "1..2      32   1,000  1,001",
        "3..4      64   1,002  1,003 !",
        f"writebacks of {STRING}: 0 in every row",
        "misses of recorded:ls",
        " row  frames  kernel    lru",
        "5..6      32   1,004  1,005",
        "7..8      64   1,006  1,007",
        "writebacks of recorded:ls",
        " row  frames  kernel  lru",
        "5..6      32       4    5",
        "7..8      64       6    7",
        "! row 3: a note",
    ]
    assert [line.number for line in lines[:4]] == [0, 0, 1, 3]


def test_a_table_that_is_not_complete_has_empty_cells() -> None:
    one, found = measured()
    assert table_lines(one, found[:3], 80)[3].text == "   3      64   1,002 !"


def test_where_they_do_not_fit_there_is_a_table_under_each_string() -> None:
    one, found = measured()
    assert policy_lines(one, grouped(one, found), 20, numbers=False) is None
    lines = [line.text for line in table_lines(one, found, 36, each=True, numbers=False)]
    assert lines[:4] == [
        STRING[:36],
        STRING[36:],
        "frames  policy  misses  writebacks",
        "    32  kernel   1,000           0",
    ]
    assert max(map(len, lines)) <= 36
