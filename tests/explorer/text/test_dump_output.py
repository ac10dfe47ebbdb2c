"""The text and the JSON of a dump: what is known of it, what changed, its findings; unknown is never 0."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

import numpy as np

from engine.inputs.dumps.moment import NOTHING_KNOWN, QUEUES, DumpMoment, Grid
from engine.machine.counters import UNKNOWN
from explorer.text.dump_output import WIDEST, json_parts, text_lines

LENGTHS: Final = {"FREE": [4, 0, 3, 3], "CACHE": [0, 0, 1, 2], "ACTIVE": [1, 1, UNKNOWN, UNKNOWN]}

FIRST: Final = DumpMoment(
    "ddb.txt",
    3,
    {name: np.array(LENGTHS[name]) if name in LENGTHS else None for name in QUEUES},
    {**NOTHING_KNOWN, "v_free_count": 10, "v_cache_count": 3, "v_free_min": 20, "v_free_reserved": 4},
    {"v_pdwakeups": 2},
    Grid(2, None, 1),
    notes=("line 5 ends early",),
)

SECOND: Final = replace(
    FIRST,
    line=9,
    queues={**FIRST.queues, "FREE": np.array([4, 0, 2, 3]), "ACTIVE": np.array([2, 1, 1, UNKNOWN])},
    vmstats={**FIRST.vmstats, "v_free_count": 9, "v_wire_count": 70},
    events={"v_pdwakeups": 5, "v_dfree": 1},
    notes=(),
)

WHOLE: Final = """\
ddb.txt:3
---------
type        pages  shortest  longest  empty  unknown
FREE           10         0        4      1        0
INACTIVE  unknown
ACTIVE    unknown         1        1      0        2
CACHE           3         0        2      2        0
HOLD      unknown

one character is 1 colour: · none, █ the number at the end, ? unknown
FREE      ▄·▃▃  █ 8
INACTIVE  ????
ACTIVE    ▁▁??  █ 8
CACHE     ··▁▂  █ 8
HOLD      ????

limits of free + cache:
  v_free_min                     20  free + cache is below by 7
> free + cache                   13
  v_free_target             unknown
  v_free_severe             unknown
  v_pageout_free_min        unknown
limits of free alone:
> free                           10
  v_free_reserved                 4  free is above by 6
  v_interrupt_free_min      unknown
counters and other limits: v_free_count 10, v_cache_count 3
  unknown: v_page_count, v_cache_min, v_cache_max, v_dma_pages, v_wire_count, v_active_count,
    v_inactive_target, v_inactive_count, v_dma_avail
events: v_pdwakeups 2
processors: sockets 2, threads of each 1
  unknown: cores of each
"""


def test_a_moment_is_what_is_known_of_it_and_the_rest_is_unknown() -> None:
    text = "".join(f"{line}\n" for line in text_lines((FIRST,)))
    assert text.startswith(WHOLE)
    assert text.endswith("\nnot read:\n- line 5 ends early\n")


def test_without_a_picture_there_are_only_words_and_numbers() -> None:
    lines = list(text_lines((FIRST,), picture=False))
    assert lines[:2] == WHOLE.splitlines()[::2][:2]
    assert "\n".join(lines).isascii()


def test_changes_are_those_of_what_both_moments_know() -> None:
    (line,) = [line for line in text_lines((FIRST, SECOND)) if line.startswith("since")]
    assert line == ("since moment 1: FREE -1 (1 colour), ACTIVE (1 colour), v_free_count -1, v_pdwakeups +3")
    other = replace(SECOND, queues={name: np.zeros(8, np.int64) for name in QUEUES})
    assert "since moment 1: 4 colours became 8, v_free_count -1, v_pdwakeups +3" in text_lines((FIRST, other))
    assert "since moment 1: nothing that is known in both has changed" in text_lines((FIRST, FIRST))


def test_a_machine_of_1024_colours_has_64_characters_with_its_nodes_below() -> None:
    lengths = np.arange(1024) % 16
    lengths[1000:] = UNKNOWN
    dump = DumpMoment("a", 1, dict.fromkeys(QUEUES, lengths), NOTHING_KNOWN, {}, Grid(4, 1, 1))
    lines = list(text_lines((dump,)))
    (drawn,) = [line for line in lines if line.startswith("HOLD  ") and "█" in line]
    assert drawn == f"HOLD      {'█' * 62}??  █ 16"
    assert (
        lines[lines.index(drawn) + 1] == f"{' ' * 10}|node 0         |node 1         |node 2         |node 3"
    )
    assert max(map(len, lines)) <= WIDEST
    narrow = [line for line in text_lines((replace(dump, grid=Grid(16, 1, 1)),)) if "|0" in line]
    assert narrow == [" " * 10 + "".join(f"|{node}".ljust(4) for node in range(16)).rstrip()]


def test_lengths_of_any_size_are_drawn_and_summed() -> None:
    dump = replace(FIRST, queues={name: np.full(1024, (1 << 63) - 1) for name in QUEUES})
    assert f"{1024 * ((1 << 63) - 1):,}" in "".join(text_lines((dump,)))


def test_the_json_is_the_contract_with_null_for_what_is_unknown() -> None:
    text = "".join(json_parts((FIRST, SECOND)))
    assert text.count("\n") == 1
    found = json.loads(text)
    first, second = found["moments"]
    assert list(found) == ["format", "moments"]
    assert list(first)[:3] == ["queues", "vmstats", "findings"]
    assert first["queues"] == {
        "FREE": [4, 0, 3, 3],
        "CACHE": [0, 0, 1, 2],
        "ACTIVE": [1, 1, None, None],
        "INACTIVE": None,
        "HOLD": None,
    }
    assert first["vmstats"] == FIRST.vmstats
    assert (first["changed"], second["changed"]["FREE"], second["changed"]["ACTIVE"]) == (None, [2], [0])
    assert first["grid"] == {"sockets": 2, "cores": None, "threads": 1}
    assert (first["place"], first["notes"]) == ({"file": "ddb.txt", "line": 3}, ["line 5 ends early"])
