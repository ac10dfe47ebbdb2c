"""The text of a replay: aligned columns, notes, and the curve at powers of two."""

from __future__ import annotations

import json

from explorer.text.replay_output import csv_text, json_text, left_out_words, sized_lines, text_lines, title
from explorer.views.replay import COUNTED, KERNEL_COUNTED, LeftOut, Replay, ReplayRow

LRU = ReplayRow("lru", 1024, dict(zip(COUNTED, (1000, 20, 970, 30, 12, 3), strict=True)))
KERNEL = ReplayRow("kernel", 1024, {**LRU.counts, **dict.fromkeys(KERNEL_COUNTED, 7)})
HEAD = "frames  policy  hits  misses  miss %  evictions  write-backs"
SEVERAL = Replay(
    "a.lk", "lackey", 16384, 1000, 20, (KERNEL, LRU), (LeftOut("opt", "too large"),), {1024: "2 MiB"},
    ((1, 900), (3, 500), (11, 20)),
)  # fmt: skip


def test_the_text_has_the_kernels_columns_only_with_the_kernel() -> None:
    lines = list(text_lines(SEVERAL, 200))
    assert lines[:5] == [
        "a.lk: 1,000 references (lackey) to 20 pages of 16 KiB",
        "",
        f"{HEAD}  reactivations  rescues  page-ins  page-outs  passes",
        " 1,024  kernel   970      30   3.000         12            3              7        7         7"
        "          7       7",
        " 1,024  lru      970      30   3.000         12            3",
    ]
    alone = Replay("a", "pages", 4096, 1000, 20, (LRU,))
    assert list(text_lines(alone, 200))[2] == HEAD


def test_a_narrow_table_has_the_kernels_columns_below_and_is_divided_further() -> None:
    lines = list(text_lines(SEVERAL, 80))
    assert lines[2] == HEAD
    below = lines[6:8]
    assert below == [
        "frames  policy  reactivations  rescues  page-ins  page-outs  passes",
        " 1,024  kernel              7        7         7          7       7",
    ]
    narrow = list(text_lines(SEVERAL, 30))[2:]
    table = narrow[: next(n for n, line in enumerate(narrow) if line.startswith("misses of LRU"))]
    assert max(map(len, table)) <= 30
    assert "frames  policy  hits  misses" in table
    assert "frames  policy  passes" in table


def test_the_curve_is_shown_at_powers_of_two_and_its_end() -> None:
    lines = list(text_lines(SEVERAL, 200))
    at = lines.index("misses of LRU, which change at 3 numbers of frames:")
    assert [line.split() for line in lines[at + 1 : at + 6]] == [
        ["1", "900"], ["2", "900"], ["4", "500"], ["8", "500"], ["11", "20"],
    ]  # fmt: skip


def test_notes_say_what_is_missing_and_how_the_machine_was_sized() -> None:
    assert left_out_words(SEVERAL.left_out[0]) == "left out: opt: too large"
    assert left_out_words(LeftOut("kernel", "too few", 1)) == "left out: kernel with 1 frame: too few"
    assert list(sized_lines(SEVERAL)) == ["kernel with 1,024 frames: 2 MiB"]
    assert {"left out: opt: too large", "kernel with 1,024 frames: 2 MiB"} <= {*text_lines(SEVERAL, 80)}


def test_numbers_of_pages_have_no_size() -> None:
    assert title(Replay("a", "pages", 4096, 1, 1)) == "a: 1 reference (pages) to 1 page"


def test_json_and_csv_have_every_count() -> None:
    assert json.loads(json_text(SEVERAL))["rows"][0] == {
        "policy": "kernel", "frames": 1024, "hits": 970, "misses": 30, "evictions": 12, "writebacks": 3,
        **dict.fromkeys(KERNEL_COUNTED, 7),
    }  # fmt: skip
    assert csv_text(SEVERAL).splitlines()[:3] == [
        ",".join(("policy", "frames", *COUNTED, *KERNEL_COUNTED)),
        "kernel,1024,1000,20,970,30,12,3,7,7,7,7,7",
        "lru,1024,1000,20,970,30,12,3,,,,,",
    ]
