"""What a pasted text says, line by line."""

from __future__ import annotations

from engine.inputs.dumps.entries import Command, Note, Number, entries
from engine.inputs.dumps.wraps import ListRows


def said(text: str) -> list[object]:
    """The entries of a text, lists by their types and numbers of rows."""
    return [
        (one.line, one.queue, len(one.rows), one.ended) if isinstance(one, ListRows) else one
        for one in entries(text, "pasted")
    ]


def test_lines_are_lists_numbers_and_commands() -> None:
    assert said(
        "db> show pageq\nPQ_FREE: 1 2\n3 4\n\nPQ_HOLD (an addition): 5\nhello\nvm.v_free_min: 6\n"
    ) == [
        Command(1, "show pageq"),
        (2, "FREE", 2, True),
        (5, "HOLD", 1, True),
        Number(7, "sysctl", "vm.v_free_min", "v_free_min", 6),
    ]


def test_a_prompt_ends_a_list() -> None:
    assert said("PQ_FREE: 1 2\n$ sysctl -n vm.v_free_min\n69\n70\n") == [
        (1, "FREE", 1, True),
        Note(3, "the numbers in line 3 do not belong to a list; they are left out"),
    ]


def test_a_name_is_continued_in_the_next_line() -> None:
    wrapped = (
        "vmstats.v_inac\ntive_target: 960\nvm.v_free_min:\n  5\n   12 pages wired\ndown\nPQ_INAC\nTIVE: 1 2\n"
    )
    assert said(wrapped) == [
        Number(1, "show page", "vmstats.v_inactive_target", "v_inactive_target", 960),
        Number(3, "sysctl", "vm.v_free_min", "v_free_min", 5),
        Number(5, "vmstat -s", "pages wired down", "v_wire_count", 12),
        (7, "INACTIVE", 1, True),
    ]
    name = "Nov 30 12:00:00 dfly.example.org kernel: vmstats.v_inactive_target: "
    assert said(f"{name}96\n0\n") == [
        Number(1, "show page", "vmstats.v_inactive_target", "v_inactive_target", 960)
    ]


def test_a_field_belongs_to_the_structure_above_it() -> None:
    structs = "vm.cpu0.vmmeter:\n  v_tfree: 1\nvm.vmmeter:\n  v_tfree: 2\n\n"
    assert said(f"{structs}hello\nv_tfree: 3\n$1 = {{v_dfree = 4, x = 5}}\n") == [
        Number(4, "sysctl", "vm.vmmeter.v_tfree", "v_tfree", 2),
        Number(7, "fields", "v_tfree", "v_tfree", 3),
        Number(8, "fields", "v_dfree", "v_dfree", 4),
    ]


def test_a_value_that_is_not_a_whole_number_is_noted() -> None:
    assert said("vm.v_free_min: 1.5\n") == [
        Note(1, "vm.v_free_min (line 1): 1.5 is not a whole number; it is left out")
    ]
