"""The rows of a dump: what is unknown stays unknown, changes are those since the moment compared with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.inputs.dumps.moment import Grid
from engine.scenario.loader import load_text
from engine.scenario.settings import setting
from explorer.views.dump import (
    DUMP_TYPES,
    Figure,
    axis_row,
    cells_of,
    color_words,
    figures_of,
    findings_row,
    free_pages,
    full_count,
    length_of,
    map_rows,
    node_bands,
    place_words,
    status_of,
)
from explorer.views.queues import node_bands as bands_of_machine
from tests.explorer.dumps_by_hand import moment, three_moments

BARE = 'format = 1\ntitle = "a machine"\n'

ONE, TWO, THREE = three_moments()


def test_the_map_has_lengths_changes_and_what_is_unknown() -> None:
    rows = {row.name: row for row in map_rows(THREE, TWO, ("FREE", 5))}
    assert tuple(rows) == DUMP_TYPES
    free, active, hold = rows["FREE"], rows["ACTIVE"], rows["HOLD"]
    assert (free.counts.tolist(), free.total, free.delta) == ([4, 4, 4, 4, 0, 0, 0, 2], 18, -13)
    assert (free.changed, free.cursor, free.scale) == (frozenset({4, 5, 6, 7}), 5, "█ 8")
    assert (active.total, active.counts.tolist()[-3:], active.is_known) == (None, [9, -1, -1], True)
    assert (hold.total, hold.is_known, hold.scale, hold.delta) == (None, False, "", 0)
    assert [row.delta for row in map_rows(ONE, None, ("FREE", 0))] == [0] * 5


def test_a_dump_without_queues_has_a_map_of_unknown_cells() -> None:
    bare = moment({}, {"v_free_count": 5})
    assert cells_of(bare) == 1
    assert [row.counts.tolist() for row in map_rows(bare, None, ("FREE", 0))] == [[-1]] * 5
    assert axis_row(bare, 0).nodes == ()


def test_a_length_of_63_bits_is_drawn() -> None:
    (row, *_) = map_rows(moment({"FREE": [2**63 - 1, 0]}), None, ("FREE", 0))
    assert row.counts.tolist()[0] * 8 < 2**63
    assert row.full >= row.counts.max()


@pytest.mark.parametrize(("most", "full"), [(-1, 8), (0, 8), (8, 8), (9, 16), (1024, 1024), (1025, 2048)])
def test_a_full_cell_is_a_power_of_two(most: int, full: int) -> None:
    assert full_count(np.array([0, most], np.int64)) == full


@pytest.mark.parametrize(
    ("grid", "colors", "firsts"),
    [
        *((Grid(2, 2, None), 8, [0, 4]), (Grid(3, 1, 1), 8, [0, 2, 4]), (Grid(8, 1, 1), 4, [])),
        *((Grid(2, 0, 0), 8, []), (Grid(None, 4, 1), 8, []), (None, 8, [])),
    ],
)
def test_nodes_have_colours_where_boot_divides_them(
    grid: Grid | None, colors: int, firsts: list[int]
) -> None:
    assert [band.first for band in node_bands(grid, colors)] == firsts


@pytest.mark.parametrize(("topology", "colors"), [("2x2x1", 16), ("3x1x1", 16), ("8x1x1", 4), ("1x4x1", 16)])
def test_the_bands_are_those_of_a_machine_with_these_processors(topology: str, colors: int) -> None:
    settings = (setting("machine.topology", topology), setting("machine.colors", colors))
    vm = load_text(BARE, settings=settings).start().vm
    own = bands_of_machine(vm) if vm.topology.phys_ids > 1 and vm.colors_by_socket else ()
    assert node_bands(Grid(vm.topology.phys_ids, vm.topology.core_ids, vm.topology.ht_ids), colors) == own


def test_the_colour_under_the_cursor_is_described_in_forms_of_any_width() -> None:
    assert color_words(THREE, TWO, ("FREE", 7)) == (
        "colour 7 (node 1): FREE 2 (-2), INACTIVE 9 (+1), ACTIVE unknown, CACHE 1, HOLD unknown",
        "colour 7: FREE 2 (-2), INAC 9 (+1), ACTV ?, CACH 1, HOLD ?",
        "colour 7: FREE 2 (-2)",
    )
    assert length_of(THREE, "HOLD", 7) is None
    assert length_of(THREE, "FREE", 700) is None


def test_the_limits_are_in_order_with_the_pages_between_them() -> None:
    queues, ladder, alone, others, events, processors = figures_of(THREE, TWO)
    assert queues.rows[0] == Figure("FREE", 18, -13, ("in 4 colours", "in 4"))
    assert queues.rows[2] == Figure("ACTIVE", None, forms=("at least 54 in 6 of 8 colours", "at least 54"))
    assert [(one.name, one.value, one.below, one.here) for one in ladder.rows] == [
        ("v_free_target", 60, True, False),
        ("v_free_min", 30, True, False),
        ("free + cache", 26, False, True),
        ("v_free_severe", 15, False, False),
        ("v_pageout_free_min", None, False, False),
    ]
    assert [one.forms[0] for one in ladder.rows if one.forms] == ["below by 34", "below by 4", "above by 11"]
    assert [one.name for one in alone.rows] == ["free", "v_free_reserved", "v_interrupt_free_min"]
    assert Figure("v_page_count", None) in others.rows
    assert events.rows == (Figure("v_pdwakeups", 5, 0), Figure("v_vm_faults", 102, 1))
    assert processors.rows[2] == Figure("threads of each", None)
    size = figures_of(replace(THREE, physmem=64 << 20), None)[-1]
    assert size.rows == (Figure("hw.physmem / 4 KiB", 16_384),)


@pytest.mark.parametrize(
    ("lengths", "vmstats", "pages"),
    [
        ({"FREE": [1, 2], "CACHE": [3, 4]}, {}, 10),
        ({"FREE": [1, 2], "CACHE": [3, 4]}, {"v_free_count": 7, "v_cache_count": 1}, 8),
        ({"FREE": [1, 2]}, {"v_cache_count": 1}, 4),
        ({"FREE": [1, 2]}, {}, None),
        ({"FREE": [1, -1], "CACHE": [3, 4]}, {}, None),
    ],
    ids=["by the queues", "by the counters", "by both", "cache unknown", "a colour unknown"],
)
def test_free_pages_are_known_or_unknown(
    lengths: dict[str, list[int]], vmstats: dict[str, int], pages: int | None
) -> None:
    assert free_pages(moment(lengths, vmstats)) == pages


def test_the_status_names_the_moment_and_what_it_is_compared_with() -> None:
    status = status_of((ONE, TWO, THREE), 2, 0, marked=True)
    assert (status.number, status.total, status.since, status.marked) == (3, 3, 1, True)
    assert (status.place, status.free, status.minimum) == ("ddb.txt:3", 26, 30)


def test_what_a_file_says_cannot_control_the_terminal() -> None:
    evil = moment({}, events={"v_\x1b[31m": 1}, notes=("\x1b]0;title\x07",), file="a\x1b[2Jb\u202e.txt")
    said = [place_words(evil), *findings_row(evil, ["\x9b31m"]).notes]
    said += [*(findings_row(evil, ["\x9b31m"]).findings or ()), figures_of(evil, None)[-1].rows[0].name]
    assert all(text.isprintable() for text in said), said
    assert findings_row(evil, None).findings is None
